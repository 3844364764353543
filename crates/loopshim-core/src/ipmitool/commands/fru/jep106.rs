//! Manufacturers of memory modules by their JEDEC identification (JEP-106, as
//! of the edition the original carries: banks 1 to 9).

use std::borrow::Cow;

use crate::packed::Packed;

/// The byte that stands for "see the next bank".
pub(super) const CONTINUATION: u8 = 0x7F;

/// Names in the order of their codes, a blank line between banks.
const BANKS: Packed = include!(concat!(env!("OUT_DIR"), "/jep106.packed.rs"));

/// The manufacturer with odd-parity `code` in the bank after `continuations`
/// continuation codes.
pub(super) fn name(continuations: u8, code: u8) -> Cow<'static, str> {
    let banks = BANKS.text();
    let Some(bank) = banks.split("\n\n").nth(usize::from(continuations)) else {
        return "JEDEC JEP106 update required".into();
    };
    let index = usize::from(code & 0x7F);
    let known = code.count_ones() % 2 == 1 && index > 0;
    match bank.lines().nth(index.wrapping_sub(1)) {
        Some(name) if known => name.to_owned().into(),
        _ => format!("Unknown (0x{code:02X})").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_by_bank_and_parity() {
        assert_eq!(name(0, 0x01), "AMD");
        assert_eq!(name(0, 0xCE), "Samsung");
        assert_eq!(name(8, 0x6D), "Guangzhou Si Nuo Electronic Technology.");
    }

    #[test]
    fn refuses_what_no_table_has() {
        assert_eq!(name(0, 0x81), "Unknown (0x81)");
        assert_eq!(name(0, 0x00), "Unknown (0x00)");
        assert_eq!(name(0, 0x7F), "Unknown (0x7F)");
        assert_eq!(name(8, 0xEE), "Unknown (0xEE)");
        assert_eq!(name(9, 0x01), "JEDEC JEP106 update required");
    }

    #[test]
    fn every_bank_is_whole() {
        let sizes: Vec<_> = BANKS.text().split("\n\n").map(|bank| bank.lines().count()).collect();
        assert_eq!(sizes, [126, 126, 126, 126, 126, 126, 126, 126, 109]);
    }
}
