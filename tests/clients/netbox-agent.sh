#!/bin/sh
# netbox-agent's look for the BMC's interface: `lan print`.
python=${LOOPSHIM_PYTHON:-python3}
"$python" -c 'import netaddr, importlib.metadata as m; m.version("netbox-agent")' 2>/dev/null || { echo "netbox-agent (from the package index)"; exit 77; }
PYTHONPATH=$(dirname "$0") PYTHONDONTWRITEBYTECODE=1 "$python" - <<'PYTHON'
import absent_modules

print(sorted(absent_modules.load("netbox_agent", "ipmi.py").IPMI().parse().items()))
PYTHON
