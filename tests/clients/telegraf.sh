#!/bin/sh
# Telegraf's ipmi_sensor input: its expressions over `sdr`, `sdr elist`, `chassis
# power status` and `dcmi power reading`. (Telegraf is one large Go program; the
# expressions are as it publishes them, what it does with the parts is in brief.)
python=${LOOPSHIM_PYTHON:-python3}
command -v "$python" >/dev/null || { echo "python3"; exit 77; }
for command in "sdr" "sdr elist" "chassis power status" "dcmi power reading"; do
    # shellcheck disable=SC2086 # words
    ipmitool $command > "$(echo "$command" | tr ' ' -)"
    echo "$command: $?"
done
"$python" - <<'PYTHON'
import re

V1 = re.compile(r"^(?P<name>[^|]*)\|(?P<description>[^|]*)\|(?P<status_code>.*)")
V2 = re.compile(
    r"^(?P<name>[^|]*)\|[^|]+\|(?P<status_code>[^|]*)\|(?P<entity_id>[^|]*)\|(?:(?P<description>[^|]+))?"
)
DESCRIPTION = re.compile(r"^(?P<analogValue>-?[0-9.]+)\s(?P<analogUnit>.*)|(?P<status>.+)|^$")
UNIT = re.compile(r"^(?P<realAnalogUnit>[^,]+)(?:,\s*(?P<statusDesc>.*))?")
POWER = re.compile(r"^(?P<name>[^|]*)\:(?P<value>.* Watts)?")


def parts(expression, text):
    found = expression.match(text)
    return {name: value.strip() for name, value in found.groupdict().items() if value} if found else None


def transform(text):
    return text.strip().lower().replace(" ", "_")


for file, expression in (("sdr", V1), ("sdr-elist", V2)):
    for line in open(file, encoding="latin-1").read().split("\n"):
        fields = parts(expression, line)
        if not fields:
            continue
        description = fields.get("description", "").strip()
        value = parts(DESCRIPTION, description) or {}
        unit = parts(UNIT, value.get("analogUnit", ""))
        status = 1 if fields.get("status_code") == "ok" else 0
        print(file, transform(fields["name"]), status, fields.get("entity_id"), sorted(value.items()), unit)
print(open("chassis-power-status").read().endswith("on\n"))
for line in open("dcmi-power-reading"):
    # The time of a reading differs from run to run.
    if "timestamp" not in line:
        print(parts(POWER, line))
PYTHON
