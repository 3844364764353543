#!/bin/sh
# python-ipmi over its ipmitool interface: every request is one `ipmitool raw`.
python=${LOOPSHIM_PYTHON:-python3}
"$python" -c 'import pyipmi' 2>/dev/null || { echo "python-ipmi (from the package index)"; exit 77; }
"$python" - <<'PYTHON'
import pyipmi, pyipmi.interfaces

interface = pyipmi.interfaces.create_interface("ipmitool", interface_type="open")
ipmi = pyipmi.create_connection(interface)
ipmi.session.set_session_type_rmcp("localhost")
ipmi.target = pyipmi.Target(ipmb_address=0x20)
ipmi.session.establish()

device = ipmi.get_device_id()
print("device", device.device_id, device.fw_revision.version_to_string(), device.ipmi_version.version_to_string())
inventory = ipmi.get_fru_inventory(fru_id=0)
board = inventory.board_info_area
print("board", board.manufacturer, board.product_name, board.serial_number, board.mfg_date)
print("product", inventory.product_info_area.manufacturer, inventory.product_info_area.name)
chassis = ipmi.get_chassis_status()
print("power on", chassis.power_on)
for sdr in ipmi.sdr_repository_entries():
    line = [hex(sdr.type)]
    if hasattr(sdr, "device_id_string"):
        line.append(str(sdr.device_id_string))
    if sdr.type == pyipmi.sdr.SDR_TYPE_FULL_SENSOR_RECORD:
        raw, states = ipmi.get_sensor_reading(sdr.number)
        line.append(str(sdr.convert_sensor_raw_to_value(raw)))
    print(*line)
print("sel entries", len(list(ipmi.sel_entries())))
PYTHON
