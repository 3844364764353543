#!/bin/sh
# Checkmk's agent: the pipelines of its IPMI sections.
# Quietly, as the agent runs them: of a missing tool or BMC there is no section.
echo '<<<ipmi>>>'
ipmitool sensor list 2>/dev/null |
    grep -v 'command failed' |
    sed -e 's/ *| */|/g' -e 's/ /_/g' -e 's/_*$//' -e 's/|/ /g' |
    grep -E -v '^[^ ]+ na ' |
    grep -v ' discrete '
echo '<<<ipmi:sep(124)>>>'
ipmitool sensor list 2>/dev/null | grep -v 'command failed' | grep -E -v '^[^ ]+ na ' | grep -v ' discrete '
echo '<<<ipmi_discrete:sep(124)>>>'
ipmitool sdr elist compact 2>/dev/null
