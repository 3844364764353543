#!/bin/sh
# ironic-python-agent's look for the BMC's addresses: `lan print` of channels 1 to
# 11, and `lan6 print`.
python=${LOOPSHIM_PYTHON:-python3}
"$python" -c 'import importlib.metadata as m; m.version("ironic-python-agent")' 2>/dev/null || { echo "ironic-python-agent (from the package index)"; exit 77; }
PYTHONPATH=$(dirname "$0") PYTHONDONTWRITEBYTECODE=1 "$python" - <<'PYTHON'
import absent_modules

agent = absent_modules.load(
    "ironic_python_agent", "hardware.py",
    "oslo_concurrency", "oslo_config", "oslo_log", "oslo_utils", "stevedore", "packaging", "requests",
    "pyudev", "psutil", "tenacity", "yaml", "netifaces", "dmidecode", "pint",
)


class Manager(agent.GenericHardwareManager):
    def __init__(self):
        pass

    def any_ipmi_device_exists(self):
        return True


for name in ("get_bmc_address", "get_bmc_mac", "get_bmc_v6address"):
    try:
        print(name, getattr(Manager(), name)())
    except agent.errors.IncompatibleHardwareMethodError:
        print(name, "not to be had")
PYTHON
for channel in 1 2 3 4 5 6 7 8 9 10 11; do
    ipmitool lan print $channel | awk '/(IP|MAC) Address[ \t]*:/ {print $4}'
done
