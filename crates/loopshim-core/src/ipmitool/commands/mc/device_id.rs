//! `mc info`: Get Device ID (IPMI 2.0 section 20.1).

use super::APP;
use crate::ipmitool::text::products::product_name;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Outcome, Reply, Session};
use crate::out;

/// Bits of "additional device support", lowest first.
const SUPPORT: Words = words![
    "Sensor Device",
    "SDR Repository Device",
    "SEL Device",
    "FRU Inventory Device",
    "IPMB Event Receiver",
    "IPMB Event Generator",
    "Bridge",
    "Chassis Device",
];

/// Length of a response with the auxiliary firmware revision.
const WITH_AUXILIARY: usize = 15;

pub(super) fn print(session: &mut Session<'_>) -> Outcome {
    let failed = "Get Device ID command failed";
    let reply = session.ask((APP, 0x01), &[], failed, failed)?;
    print_identity(session, &reply);
    print_product(session, &reply);
    let yes_no = |set: bool| if set { "yes" } else { "no" };
    out!(session, "Device Available          : {}\n", yes_no(reply.at(2) & 0x80 == 0));
    out!(session, "Provides Device SDRs      : {}\n", yes_no(reply.at(1) & 0x80 != 0));
    out!(session, "Additional Device Support :\n");
    for (bit, name) in SUPPORT.iter().enumerate() {
        if reply.at(5) & 1 << bit != 0 {
            out!(session, "    {name}\n");
        }
    }
    if reply.len() == WITH_AUXILIARY {
        out!(session, "Aux Firmware Rev Info     : \n");
        (11..WITH_AUXILIARY).for_each(|index| out!(session, "    0x{:02x}\n", reply.at(index)));
    }
    Ok(())
}

fn print_identity(session: &mut Session<'_>, reply: &Reply) {
    out!(session, "Device ID                 : {}\n", reply.at(0));
    out!(session, "Device Revision           : {}\n", reply.at(1) & 0x0F);
    let major = reply.at(2) & session.personality.firmware_major_mask();
    out!(session, "Firmware Revision         : {major}.{:02x}\n", reply.at(3));
    out!(session, "IPMI Version              : {:x}.{:x}\n", reply.at(4) & 0x0F, reply.at(4) >> 4);
}

fn print_product(session: &mut Session<'_>, reply: &Reply) {
    let maker = session.personality.manufacturer_id([reply.at(6), reply.at(7), reply.at(8)]);
    let product = u16::from_le_bytes([reply.at(9), reply.at(10)]);
    out!(session, "Manufacturer ID           : {maker}\n");
    out!(session, "Manufacturer Name         : ");
    let name = session.manufacturers.name(maker);
    session.console.put(&name);
    out!(session, "\nProduct ID                : {product} (0x{product:04x})\n");
    out!(session, "Product Name              : {}\n", product_name(session.personality, maker, product));
}

#[cfg(test)]
mod tests {
    use ipmi::Request;

    use crate::ipmitool::testing::{Fake, NEW, OLD};

    #[test]
    fn the_old_version_shows_six_bits_of_the_major_revision() {
        let bmc = |_: &Request| Some((0, vec![0x20, 1, 0x49, 0x11, 2, 0, 0, 0, 0, 0, 0]));
        let revision = |personality| {
            let (stdout, ..) =
                bmc.run_command(personality, 0, |_| (), crate::ipmitool::commands::mc::run, &["info"]);
            stdout.lines().nth(2).map(str::to_owned)
        };
        assert_eq!(revision(OLD).as_deref(), Some("Firmware Revision         : 9.11"));
        assert_eq!(revision(NEW).as_deref(), Some("Firmware Revision         : 73.11"));
    }
}
