#!/bin/sh
# FusionInventory's FRU parser: `ipmitool fru print` into inventory records.
library=/usr/share/fusioninventory/lib
[ -e "$library/FusionInventory/Agent/Tools/IpmiFru.pm" ] || { echo "package fusioninventory-agent"; exit 77; }
perl -I"$library" -MData::Dumper -MFusionInventory::Agent::Tools::IpmiFru -e '
    $Data::Dumper::Sortkeys = 1;
    print Dumper(getIpmiFru());
'
