#!/bin/sh
# OpenStack Ironic's parser of `sdr -v` for its sensor notifications.
python=${LOOPSHIM_PYTHON:-python3}
"$python" -c 'import importlib.metadata as m; m.version("ironic")' 2>/dev/null || { echo "ironic (from the package index)"; exit 77; }
ipmitool -v sdr > sensors
echo "sdr: $?"
PYTHONPATH=$(dirname "$0") PYTHONDONTWRITEBYTECODE=1 "$python" - <<'PYTHON'
import json

import absent_modules

parser = absent_modules.load(
    "ironic", "drivers/modules/ipmitool.py",
    "oslo_concurrency", "oslo_log", "oslo_utils", "oslo_config",
)
output = open("sensors", encoding="latin-1").read()
print(json.dumps(parser._parse_ipmi_sensors_data(None, output), indent=1, sort_keys=True))
PYTHON
