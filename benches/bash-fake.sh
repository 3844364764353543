#!/bin/bash
# What people paste today instead of a shim: bash printing a board area.
if [[ "$*" == *"fru print"* ]]; then
    serial=$(hostname | md5sum | cut -c1-8)
    printf '%-22s: %s\n' 'Board Mfg Date' 'Mon Jan  1 00:00:00 2024' 'Board Mfg' 'VAST Data Loopback' \
        'Board Product' 'Virtual Platform' 'Board Serial' "LOOPBACK-$serial"
fi
