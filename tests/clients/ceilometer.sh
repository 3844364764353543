#!/bin/sh
# OpenStack Ceilometer's sensor collection: `sdr -v type …` into dictionaries.
python=${LOOPSHIM_PYTHON:-python3}
"$python" -c 'import importlib.metadata as m; m.version("ceilometer")' 2>/dev/null || { echo "ceilometer (from the package index)"; exit 77; }
PYTHONPATH=$(dirname "$0") PYTHONDONTWRITEBYTECODE=1 "$python" - <<'PYTHON'
import json
import sys

import absent_modules

parser = absent_modules.load("ceilometer", "ipmi/platform/ipmitool.py", "oslo_concurrency")
parser.ceilometer.privsep.ipmitool.ipmi = absent_modules.execute


class Sensors:
    """Each command as ipmi_sensor.py has it."""

    @parser.execute_ipmi_cmd({"translate": 1})
    def all(self):
        return "sdr -v"

    @parser.execute_ipmi_cmd({"translate": 1})
    def kind(self, name):
        return "sdr -v type " + name

    @parser.execute_ipmi_cmd({"translate": 1})
    def power(self):
        return "sensor get 'PS1 Input Power'"

    @parser.execute_ipmi_cmd()
    def info(self):
        return "sdr info"


def show(what, call, **arguments):
    try:
        result = json.dumps(call(**arguments), indent=1, sort_keys=True)
    except (parser.ipmiexcept.IPMIException, absent_modules.ProcessExecutionError) as error:
        result = "%s: %s" % (type(error).__name__, error)
    print(what, result)


sensors = Sensors()
show("info", sensors.info)
show("all", sensors.all)
for name in ("Temperature", "Current", "Fan", "Voltage"):
    show(name, sensors.kind, name=name)
show("power", sensors.power)
PYTHON
