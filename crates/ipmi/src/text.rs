//! The packed character sets of type/length-coded text, shared by FRU fields
//! (FRU 1.0 r1.3 section 13) and SDR id strings (IPMI 2.0 section 43.15).

/// BCD plus: two characters a byte, the high nibble first.
pub mod bcd_plus {
    use alloc::vec::Vec;

    const CHARACTERS: &[u8; 16] = b"0123456789 -.:,_";

    /// The character of a nibble; bits above the low four are ignored.
    ///
    /// FRU 1.0 leaves Dh–Fh reserved; IPMI 2.0 section 43.15 names them `:`, `,` and `_`.
    pub const fn character(nibble: u8) -> u8 {
        CHARACTERS[(nibble & 0x0F) as usize]
    }

    /// Two characters for each byte.
    pub fn decode(bytes: &[u8]) -> Vec<u8> {
        bytes.iter().flat_map(|byte| [character(byte >> 4), character(*byte)]).collect()
    }

    /// Packs text; an odd last character is followed by a space. `None` when a
    /// character is not one of the sixteen.
    pub fn encode(text: &[u8]) -> Option<Vec<u8>> {
        text.chunks(2)
            .map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair.get(1).copied().unwrap_or(b' '))?))
            .collect()
    }

    fn nibble(character: u8) -> Option<u8> {
        (0..).zip(CHARACTERS).find_map(|(nibble, known)| (*known == character).then_some(nibble))
    }
}

/// 6-bit packed ASCII: 20h–5Fh less 20h, least significant bits first, so that
/// four characters take three bytes.
pub mod six_bit {
    use alloc::vec::Vec;

    /// Every character that lies wholly in the bytes: 4 for 3 bytes, 2 for 2, 1 for 1.
    pub fn decode(bytes: &[u8]) -> Vec<u8> {
        let mut text = decode_groups(bytes);
        text.truncate(bytes.len() * 8 / 6);
        text
    }

    /// Four characters for each started group of three bytes, missing bits read
    /// as zero: what ipmitool prints (1.8.18 and 1.8.19, `get_fru_area_str`).
    pub fn decode_groups(bytes: &[u8]) -> Vec<u8> {
        bytes.chunks(3).flat_map(|group| group_characters(group_bits(group))).collect()
    }

    /// Packs text, zero bits filling the last byte. `None` when a character lies
    /// outside 20h–5Fh (lower case does).
    pub fn encode(text: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity((text.len() * 6).div_ceil(8));
        for group in text.chunks(4) {
            let mut bits = 0;
            for (place, character) in group.iter().enumerate() {
                bits |= u32::from(code(*character)?) << (6 * place);
            }
            bytes.extend_from_slice(&bits.to_le_bytes()[..(group.len() * 6).div_ceil(8)]);
        }
        Some(bytes)
    }

    fn group_bits(group: &[u8]) -> u32 {
        group.iter().rev().fold(0, |bits, byte| bits << 8 | u32::from(*byte))
    }

    fn group_characters(bits: u32) -> [u8; 4] {
        [0, 6, 12, 18].map(|shift| (bits >> shift & 0x3F) as u8 + b' ')
    }

    fn code(character: u8) -> Option<u8> {
        (0x20..0x60).contains(&character).then(|| character - 0x20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_six_bit_example() {
        assert_eq!(six_bit::decode(&[0x29, 0xDC, 0xA6]), b"IPMI");
        assert_eq!(six_bit::encode(b"IPMI"), Some([0x29, 0xDC, 0xA6].to_vec()));
    }

    #[test]
    fn an_unfinished_six_bit_group() {
        assert_eq!(six_bit::decode(&[0x29, 0xDC]), b"IP");
        assert_eq!(six_bit::decode_groups(&[0x29, 0xDC]), b"IP- ");
        assert_eq!(six_bit::encode(b"a"), None);
    }

    #[test]
    fn bcd_plus_keeps_order_and_pads_with_a_space() {
        assert_eq!(bcd_plus::decode(&[0x12, 0xC3, 0x4B, 0xDE, 0xFA]), b"12.34-:,_ ");
        assert_eq!(bcd_plus::encode(b"12.34"), Some([0x12, 0xC3, 0x4A].to_vec()));
        assert_eq!(bcd_plus::encode(b"1x"), None);
    }
}
