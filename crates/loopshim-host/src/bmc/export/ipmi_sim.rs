//! A configuration of OpenIPMI's `ipmi_sim` (ipmi_lan(5), ipmi_sim_cmd(5)):
//! `lan.conf` for its network side, `bmc.emu` with the commands that build the
//! machine, and the FRU images beside them.

use std::fmt::Write;

use ipmi::Bmc;
use ipmi::bmc::{Sensor, ThresholdSet};

use super::{Folder, sensors};
use crate::bmc::{file, hex, print};

/// Event/reading type code of threshold sensors.
const THRESHOLD: u8 = 0x01;
/// The watchdog's sensor number, which `ipmi_sim` takes for itself.
const WATCHDOG_SENSOR: u8 = 0;
/// Name and password of the one user, who is to change them.
const USER: &str = "loopshim";

pub(super) fn export(bmc: &Bmc, folder: &Folder, port: u16) -> Result<(), String> {
    let mut commands = machine(bmc);
    for (id, image) in bmc.frus.iter() {
        let path = folder.write(&format!("fru{id}.bin"), image)?;
        let _ = writeln!(commands, "mc_add_fru_data 0x20 {id} {} file 0 \"{}\"", image.len(), path.display());
    }
    commands.push_str("mc_enable 0x20\n");
    let commands = folder.write("bmc.emu", commands.as_bytes())?;
    let lan = folder.write("lan.conf", network(bmc, port).as_bytes())?;
    let state = folder.path("state");
    file::make_folder(&state)?;
    print(&format!(
        "ipmi_sim -n -c {} -f {} -s {} &\n\
         ipmitool -I lanplus -C 3 -H 127.0.0.1 -p {port} -U {USER} -P {USER} mc info\n",
        lan.display(),
        commands.display(),
        state.display(),
    ));
    Ok(())
}

fn network(bmc: &Bmc, port: u16) -> String {
    let guid = bmc
        .system_guid
        .or(bmc.device_guid)
        .map_or(String::new(), |guid| format!("    guid {}\n", hex(&guid)));
    format!(
        "# Written by loopshim. Change the password before you change the address.\n\
         name \"loopshim\"\n\
         set_working_mc 0x20\n\
         \x20 startlan 1\n\
         \x20   addr 127.0.0.1 {port}\n\
         \x20   priv_limit admin\n\
         \x20   allowed_auths_user md5\n\
         \x20   allowed_auths_operator md5\n\
         \x20   allowed_auths_admin md5\n\
         {guid}\
         \x20 endlan\n\
         \x20 # For a virtual machine: -chardev socket,id=ipmi0,host=127.0.0.1,port={vm},reconnect=10\n\
         \x20 #   -device ipmi-bmc-extern,id=bmc0,chardev=ipmi0 -device isa-ipmi-kcs,bmc=bmc0\n\
         \x20 serial 15 127.0.0.1 {vm} codec VM\n\
         \x20 startnow false\n\
         \x20 user 2 true \"{USER}\" \"{USER}\" admin 10 md5\n",
        vm = port.wrapping_add(1),
    )
}

/// The commands for the controller, its log, records and sensors.
fn machine(bmc: &Bmc) -> String {
    let byte = |at: usize| bmc.device_id.get(at).copied().unwrap_or(0);
    let manufacturer = u32::from_le_bytes([byte(6), byte(7), byte(8), 0]);
    let product = u16::from_le_bytes([byte(9), byte(10)]);
    let provides = if byte(1) & 0x80 != 0 { "has-device-sdrs" } else { "no-device-sdrs" };
    let mut text = format!(
        "# Written by loopshim.\n\
         mc_setbmc 0x20\n\
         mc_add 0x20 {:#04x} {provides} {:#04x} {:#04x} {:#04x} {:#04x} {manufacturer:#x} {product:#x}\n\
         sel_enable 0x20 {} {:#04x}\n",
        byte(0),
        byte(1) & 0x0F,
        byte(2) & 0x7F,
        byte(3),
        byte(5),
        bmc.sel.capacity,
        bmc.sel.operations & 0x7F,
    );
    for entry in &bmc.sel.entries {
        let _ = writeln!(text, "sel_add 0x20 {:#04x} {}", entry[2], listed(&entry[3..]));
    }
    for record in &bmc.sdr.records {
        let _ = writeln!(text, "main_sdr_add 0x20 {}", listed(record));
    }
    // The simulator has no way to say that a reading cannot be had; of a sensor
    // that is not there clients say the same.
    for (lun, number, sensor) in sensors(bmc).filter(|(_, _, sensor)| !sensor.unavailable) {
        add_sensor(&mut text, lun, number, sensor);
    }
    text
}

/// Bytes as the simulator's numbers.
fn listed(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:#04x}")).collect::<Vec<_>>().join(" ")
}

fn add_sensor(text: &mut String, lun: u8, number: u8, sensor: &Sensor) {
    let place = format!("0x20 {lun} {number}");
    if (lun, number) != (0, WATCHDOG_SENSOR) {
        let events = if sensor.event_only { " event-only" } else { "" };
        let (kind, event_type) = (sensor.sensor_type, sensor.event_type);
        let _ = writeln!(text, "sensor_add {place} {kind:#04x} {event_type:#04x}{events}");
    }
    if sensor.event_only {
        return;
    }
    if sensor.event_type == THRESHOLD {
        add_thresholds(text, &place, sensor);
    }
    // All of a threshold sensor's: the simulator has compared values by itself,
    // without regard to signs.
    let states = sensor.current_states();
    let bits_of = if sensor.event_type == THRESHOLD { 0..6 } else { 0..15 };
    for bit in bits_of {
        let _ = writeln!(text, "sensor_set_bit {place} {bit} {} 0", states >> bit & 1);
    }
    let enabled = if sensor.events_disabled { "disable" } else { "enable" };
    let scanning = if sensor.scanning_disabled { "no-scanning" } else { "scanning" };
    let (assert, deassert) = (bits(sensor.assertions), bits(sensor.deassertions));
    let _ = writeln!(
        text,
        "sensor_set_event_support {place} {enabled} {scanning} per-state {assert} {deassert} {assert} {deassert}"
    );
}

fn add_thresholds(text: &mut String, place: &str, sensor: &Sensor) {
    let _ = writeln!(text, "sensor_set_value {place} {:#04x} 0", sensor.raw);
    if let Some(ThresholdSet { readable, settable, mut values }) = sensor.thresholds {
        let access = if settable != 0 { "settable" } else { "readable" };
        // The highest first.
        values.reverse();
        let _ = writeln!(text, "sensor_set_threshold {place} {access} {readable:06b} {}", listed(&values));
    }
    if let Some([positive, negative]) = sensor.hysteresis {
        let _ = writeln!(text, "sensor_set_hysteresis {place} settable {positive} {negative}");
    }
}

/// The fifteen event bits, the highest first.
fn bits(events: u16) -> String {
    format!("{:015b}", events & 0x7FFF)
}
