#!/bin/sh
# Pacemaker's external/ipmi fencing agent: a remote BMC over `-I lan -H`.
agent=/usr/lib/stonith/plugins/external/ipmi
[ -x "$agent" ] || { echo "package cluster-glue"; exit 77; }
export hostname=node1 ipaddr=127.0.0.1 userid=admin passwd=secret interface=lan
export PATH="$PATH:/usr/sbin:/usr/share/cluster-glue:/usr/lib/heartbeat"
for action in gethosts getinfo-devid status on reset off; do
    "$agent" $action 2>/dev/null
    echo "$action: $?"
done
