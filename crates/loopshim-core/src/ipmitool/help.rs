//! What commands say about themselves, line by line: the files in `help/`, a
//! constant for each section.

use crate::packed::Packed;

/// A section of a command's help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Help {
    start: u16,
    end: u16,
}

impl Help {
    const fn new(start: u16, end: u16) -> Self {
        Self { start, end }
    }

    /// Its lines, without the last line's end.
    pub fn text(self) -> String {
        let all = ALL.text();
        let section = all.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default();
        section.strip_suffix('\n').unwrap_or(section).to_owned()
    }
}

const ALL: Packed = include!(concat!(env!("OUT_DIR"), "/help.packed.rs"));

include!(concat!(env!("OUT_DIR"), "/help.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_unpacked_as_they_were_written() {
        assert_eq!(lan::SET_ACCESS.text(), "lan set access <on|off>");
        let section = format!("\n=== LED_SET\n{}\n=== ", vita::LED_SET.text());
        assert!(include_str!("help/vita.txt").contains(&section));
    }
}
