#!/bin/sh
# Munin's ipmi_ plugin under each of its four names: configuration, then values.
plugin=/usr/share/munin/plugins/ipmi_
[ -e "$plugin" ] || { echo "package munin-plugins-core"; exit 77; }
command -v gawk >/dev/null || { echo "package gawk"; exit 77; }
for measure in temp fans power volts; do
    ln -s "$plugin" "ipmi_$measure"
    "./ipmi_$measure" autoconf
    "./ipmi_$measure" config
    "./ipmi_$measure"
done
