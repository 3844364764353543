//! AdvancedMC clock records (AMC.0 R2.0 section 3.9).

use super::Cursor;
use crate::ipmitool::Session;
use crate::out;

/// Carrier clock point-to-point connectivity (record 2Ch).
pub(super) fn print_carrier(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_PICMG_CLK_CARRIER_P2P\n");
    for _ in 0..cursor.u8() {
        let (resource, channels) = (cursor.u8(), cursor.u8());
        let kind = ["On-Carrier-Device", "AMC slot", "Backplane", "reserved"][usize::from(resource >> 6)];
        out!(session, "\n      Clock Resource ID: 0x{resource:02x}  Type: {kind}\n");
        out!(session, "      Channel Count: 0x{channels:02x}\n");
        for _ in 0..channels {
            let (local, remote, resource) = (cursor.u8(), cursor.u8(), cursor.u8());
            let kind = ["[ Carrier-Dev", "[ AMC slot   ", "[ Backplane  ", "reserved         "]
                [usize::from(resource >> 6)];
            out!(session, "        CLK-ID: 0x{local:02x}    -> remote CLKID: 0x{remote:02x}   ");
            out!(session, "{kind} 0x{:02x} ]\n", resource & 0xF);
        }
    }
    out!(session, "\n");
}

/// Clock configuration (record 2Dh).
pub(super) fn print_configuration(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    out!(session, "    FRU_PICMG_CLK_CONFIG\n");
    let (resource, count) = (cursor.u8(), cursor.u8());
    out!(session, "\n      Clock Resource ID: 0x{resource:02x}\n");
    out!(session, "      Descr. Count:      0x{count:02x}\n");
    for _ in 0..count {
        print_channel(session, cursor);
    }
    out!(session, "\n");
}

fn print_channel(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    let (channel, control) = (cursor.u8(), cursor.u8());
    let owner = if control & 1 == 0 { "Carrier IPMC" } else { "Application" };
    out!(session, "        CLK-ID: 0x{channel:02x}  -  CTRL 0x{control:02x} [ {owner:>12} ]\n");
    let (indirect, direct) = (cursor.u8(), cursor.u8());
    out!(session, "         Cnt: Indirect 0x{indirect:02x}  /  Direct 0x{direct:02x}\n");
    for _ in 0..indirect {
        let (feature, channel) = (cursor.u8(), cursor.u8());
        out!(session, "          Feature: 0x{feature:02x} [{:>8}] - ", role(feature));
        out!(session, "          Dep. CLK-ID: 0x{channel:02x}\n");
    }
    for _ in 0..direct {
        print_direct(session, cursor);
    }
    out!(session, "\n");
}

fn print_direct(session: &mut Session<'_>, cursor: &mut Cursor<'_>) {
    let (feature, family, accuracy) = (cursor.u8(), cursor.u8(), cursor.u8());
    let (frequency, min, max) = (cursor.u32(), cursor.u32(), cursor.u32());
    // The PLL bit is meant; a comparison is what the original prints.
    let pll = u8::from(feature > 1);
    out!(session, "          - Feature: 0x{feature:02x}  - PLL: {pll:x} / Asym: {}\n", role(feature));
    out!(session, "            Family:  0x{family:02x}  - AccLVL: 0x{accuracy:02x}\n");
    out!(session, "            FRQ: {frequency:<9} - min: {min:<9} - max: {max:<9}\n");
}

fn role(feature: u8) -> &'static str {
    if feature & 1 != 0 { "Source" } else { "Receiver" }
}
