//! Serial presence detect: the EEPROM of a memory module, reached as a FRU
//! device (JEDEC standard 21-C, annexes for each memory type).

use super::device::{Device, present};
use super::jep106;
use crate::ipmitool::text::{Names, name_of, names};
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Failed, Outcome, Session};
use crate::out;

/// Bytes asked for at once, whatever the interface allows.
const READ: u8 = 16;

/// Reads and prints the module behind FRU device `id`.
pub(super) fn print(session: &mut Session<'_>, id: u8) -> Outcome {
    let device = Device::open(session, id)?;
    let Some(data) = read(session, &device)? else { return Ok(()) };
    print_data(session, &data);
    Ok(())
}

/// The device's bytes; `None` when reading timed out, which the original takes
/// for an empty socket.
fn read(session: &mut Session<'_>, device: &Device) -> Result<Option<Vec<u8>>, Failed> {
    let size = usize::from(device.size);
    let mut data = Vec::with_capacity(size);
    while data.len() < size {
        let reply = device.request(session, data.len() as u16, READ);
        let timed_out = reply.as_ref().is_some_and(|reply| reply.completion == 0xC3);
        let reply = match present(session, reply) {
            Ok(reply) => reply,
            Err(_) if timed_out => return Ok(None),
            Err(failed) => return Err(failed),
        };
        let len = usize::from(reply.at(0));
        match reply.data().get(1..=len) {
            Some(bytes) if len <= size - data.len() => data.extend_from_slice(bytes),
            _ => {
                out!(session, " Not enough buffer size");
                return Err(Failed);
            }
        }
        if len == 0 {
            // The original asks again for ever.
            break;
        }
    }
    Ok(Some(data))
}

/// Bytes without which nothing is printed.
const LEAST: usize = 92;

/// Prints what the bytes of a module say.
pub fn print_data(session: &mut Session<'_>, data: &[u8]) {
    if data.len() < LEAST {
        return;
    }
    let kind = data[2];
    out!(session, " Memory Type           : {}\n", name_of(u16::from(kind), MEMORY_TYPES));
    let printed = match kind {
        0x0B => data.first_chunk().map(|data| print_ddr3(session, data)),
        0x0C if data.len() >= DDR4_LEAST => {
            print_ddr4(session, data);
            Some(())
        }
        0x0C => None,
        _ => data.first_chunk().map(|data| print_older(session, data)),
    };
    if printed.is_some() && session.verbose > 0 {
        out!(session, "\n");
        session.dump("SPD DATA", data);
    }
}

/// Size in megabytes of a module: density of a chip in megabits, width of bus
/// and chip, and ranks. Overflow wraps, as it does in the original.
fn module_size(density: i32, bus: i32, chip: i32, ranks: i32) -> i32 {
    (density / 8).wrapping_mul(bus / chip).wrapping_mul(ranks)
}

fn print_ddr3(session: &mut Session<'_>, data: &[u8; 148]) {
    let density = 256 << (data[4] & 0xF);
    let bus = 8 << (data[8] & 7);
    let chip = 4 << (data[7] & 7);
    let ranks = 1 << (data[7] >> 3 & 7);
    out!(session, " SDRAM Capacity        : {density} MB\n");
    out!(session, " Memory Banks          : {}\n", name_of(u16::from(data[4] >> 4), DDR3_BANKS));
    out!(session, " Primary Bus Width     : {bus} bits\n");
    out!(session, " SDRAM Device Width    : {chip} bits\n");
    out!(session, " Number of Ranks       : {ranks}\n");
    out!(session, " Memory size           : {} MB\n", module_size(density, bus, chip, ranks));
    out!(session, " 1.5 V Nominal Op      : {}\n", yes(data[6] & 1 == 0));
    out!(session, " 1.35 V Nominal Op     : {}\n", yes(data[6] & 2 == 0));
    out!(session, " 1.2X V Nominal Op     : {}\n", yes(data[6] & 4 == 0));
    out!(session, " Error Detect/Cor      : {}\n", name_of(u16::from(data[8] >> 3), ECC_BITS));
    out!(session, " Manufacturer          : {}\n", jep106::name(data[117] & 0x7F, data[118]));
    let digit = |nibble: u8| char::from(b'0' + nibble);
    let [year, week] = [data[120], data[121]].map(|bcd| [digit(bcd >> 4), digit(bcd & 0xF)]);
    out!(session, " Manufacture Date      : year {}{} week {}{}\n", year[0], year[1], week[0], week[1]);
    print_serial(session, &data[122..126]);
    print_part(session, &data[128..146]);
}

/// Bytes without which a DDR4 module is not described.
const DDR4_LEAST: usize = 348;

fn print_ddr4(session: &mut Session<'_>, data: &[u8]) {
    let dies = i32::from(data[6] >> 4 & 3) + 1;
    let stacked = data[6] & 3 == 2;
    let ranks = (i32::from(data[12] >> 3 & 3) + 1) * if stacked { dies } else { 1 };
    let density = 256 << (data[4] & 0xF);
    let bus = 8 << (data[13] & 7);
    let chip = 4 << (data[12] & 7);
    out!(session, " SDRAM Package Type    : {}\n", name_of(u16::from(data[6] >> 7), DDR4_PACKAGES));
    out!(session, " Technology            : {}\n", DDR4_MODULES.at(data[3] & 0xF));
    out!(session, " SDRAM Die Count       : {dies}\n");
    out!(session, " SDRAM Capacity        : {density} Mb\n");
    out!(session, " Memory Bank Group     : {}\n", name_of(u16::from(data[4] >> 6), DDR4_BANK_GROUPS));
    out!(session, " Memory Banks          : {}\n", name_of(u16::from(data[4] >> 4 & 3), DDR4_BANKS));
    out!(session, " Primary Bus Width     : {bus} bits\n");
    out!(session, " SDRAM Device Width    : {chip} bits\n");
    out!(session, " Logical Rank per DIMM : {ranks}\n");
    out!(session, " Memory size           : {} MB\n", module_size(density, bus, chip, ranks));
    out!(session, " Memory Density        : {}\n", name_of(u16::from(data[4] & 0xF), DDR4_DENSITIES));
    out!(session, " 1.2 V Nominal Op      : {}\n", yes(data[11] & 3 == 3));
    out!(session, " TBD1 V Nominal Op     : {}\n", yes(data[11] >> 2 & 3 == 3));
    out!(session, " TBD2 V Nominal Op     : {}\n", yes(data[11] >> 4 & 3 == 3));
    out!(session, " Error Detect/Cor      : {}\n", name_of(u16::from(data[13] >> 3), ECC_BITS));
    out!(session, " Manufacturer          : {}\n", jep106::name(data[320] & 0x7F, data[321]));
    let [year, week] = [data[323], data[324]].map(|bcd| u32::from(bcd >> 4) * 10 + u32::from(bcd & 0xF));
    out!(session, " Manufacture Date      : year {:4} week {week:2}\n", 2000 + year);
    print_serial(session, &data[325..329]);
    // The original takes one byte more than it has made sure of.
    let last = data.get(348).copied().unwrap_or(0);
    let mut part = data[329..348].to_vec();
    part.push(last);
    print_part(session, &part);
}

/// SDRAM, DDR, DDR2 and whatever else is not described otherwise.
fn print_older(session: &mut Session<'_>, data: &[u8; 100]) {
    let [rows, columns, ranks, banks] = [data[3], data[4], data[5], data[17]];
    let bits = i32::from(rows & 0xF) + i32::from(columns & 0xF) - 17;
    let banks_of_module = (i32::from(ranks & 7) + 1) * i32::from(banks);
    if (1..=12).contains(&bits) && banks_of_module > 0 {
        out!(session, " Memory Size           : {} MB\n", (1 << bits) * banks_of_module);
    } else {
        out!(session, " Memory Size    INVALID: {rows}, {columns}, {ranks}, {banks}\n");
    }
    out!(session, " Voltage Intf          : {}\n", name_of(u16::from(data[8]), VOLTAGES));
    out!(session, " Error Detect/Cor      : {}\n", name_of(u16::from(data[11]), ERROR_CORRECTION));
    let bank = data[64..72].iter().take_while(|&&byte| byte == jep106::CONTINUATION).count();
    out!(session, " Manufacturer          : {}\n", jep106::name(bank as u8, data[64 + bank]));
    let part = data[73..91].split(|&byte| byte == 0).next().unwrap_or_default();
    if !part.is_empty() {
        print_part(session, part);
    }
    print_serial(session, &data[95..99]);
}

fn print_serial(session: &mut Session<'_>, serial: &[u8]) {
    out!(session, " Serial Number         : ");
    for byte in serial {
        out!(session, "{byte:02x}");
    }
    out!(session, "\n");
}

fn print_part(session: &mut Session<'_>, part: &[u8]) {
    out!(session, " Part Number           : ");
    session.console.put(part);
    out!(session, "\n");
}

fn yes(value: bool) -> &'static str {
    if value { "Yes" } else { "No" }
}

const MEMORY_TYPES: Names = names![
    (0x01, "STD FPM DRAM"),
    (0x02, "EDO"),
    (0x04, "SDRAM"),
    (0x05, "ROM"),
    (0x06, "DDR SGRAM"),
    (0x07, "DDR SDRAM"),
    (0x08, "DDR2 SDRAM"),
    (0x09, "DDR2 SDRAM FB-DIMM"),
    (0x0A, "DDR2 SDRAM FB-DIMM Probe"),
    (0x0B, "DDR3 SDRAM"),
    (0x0C, "DDR4 SDRAM"),
];

const DDR3_BANKS: Names =
    names![(0, "3 (8 Banks)"), (1, "4 (16 Banks)"), (2, "5 (32 Banks)"), (3, "6 (64 Banks)")];

const ECC_BITS: Names = names![(0, "0 bits"), (1, "8 bits")];

const DDR4_DENSITIES: Names = names![
    (0, "256 Mb"),
    (1, "512 Mb"),
    (2, "1 Gb"),
    (3, "2 Gb"),
    (4, "4 Gb"),
    (5, "8 Gb"),
    (6, "16 Gb"),
    (7, "32 Gb"),
];

const DDR4_BANKS: Names = names![(0, "2 (4 Banks)"), (1, "3 (8 Banks)")];

const DDR4_BANK_GROUPS: Names =
    names![(0, "0 (no Bank Groups)"), (1, "1 (2 Bank Groups)"), (2, "2 (4 Bank Groups)")];

const DDR4_PACKAGES: Names = names![(0, "Monolithic DRAM Device"), (1, "Non-Monolithic Device")];

const DDR4_MODULES: Words = words![
    "Extended module type, see byte 15",
    "RDIMM",
    "UDIMM",
    "SO-DIMM",
    "LRDIMM",
    "Mini-RDIMM",
    "Mini-UDIMM",
    "7 - Reserved",
    "72b-SO-RDIMM",
    "72b-SO-UDIMM",
    "10 - Reserved",
    "11 - Reserved",
    "16b-SO-DIMM",
    "32b-SO-DIMM",
    "14 - Reserved",
    "No base memory present",
];

const ERROR_CORRECTION: Names =
    names![(0x00, "None"), (0x01, "Parity"), (0x02, "ECC"), (0x04, "Addr Cmd Parity")];

const VOLTAGES: Names = names![
    (0x00, "5.0V TTL"),
    (0x01, "LVTTL"),
    (0x02, "HSTL 1.5V"),
    (0x03, "SSTL 3.3V"),
    (0x04, "SSTL 2.5V"),
    (0x05, "SSTL 1.8V"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_counts_chips_on_the_bus_and_ranks() {
        assert_eq!(module_size(4096, 64, 8, 2), 8192);
        assert_eq!(module_size(256, 8, 16, 1), 0);
    }

    #[test]
    fn size_wraps_like_a_c_int() {
        assert_eq!(module_size(256 << 15, 8 << 7, 4, 1 << 7), 0);
    }
}
