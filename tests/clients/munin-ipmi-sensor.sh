#!/bin/sh
# Munin's ipmi_sensor_ plugin, which parses `sensor` and `sensor get -- NAME…`.
plugin=/usr/share/munin/plugins/ipmi_sensor_
[ -e "$plugin" ] || { echo "package munin-plugins-core"; exit 77; }
export MUNIN_PLUGSTATE="$PWD"
# The plugin's list of sensors is a fixed file of the machine's; ours stands here.
sed "s|'/etc/munin/ipmi'|'$PWD/sensors'|" "$plugin" > here
chmod +x here
printf '%s\n' 'degrees_c = CPU Temp, No Such' 'rpm = FAN1, FAN2' > sensors
for unit in degrees_c rpm volts; do
    ln -s here "ipmi_sensor_u_$unit"
    "./ipmi_sensor_u_$unit" autoconf
    "./ipmi_sensor_u_$unit" suggest
    "./ipmi_sensor_u_$unit" config
    "./ipmi_sensor_u_$unit"
done
