//! Texts that are packed in the program (see `build.rs`).

use miniz_oxide::inflate::decompress_slice_iter_to_slice;

/// A text, deflated.
pub(crate) struct Packed {
    deflated: &'static [u8],
    length: usize,
}

impl Packed {
    /// The text of `length` bytes that was deflated to these.
    pub(crate) const fn new(deflated: &'static [u8], length: usize) -> Self {
        Self { deflated, length }
    }

    /// The text.
    pub(crate) fn text(&self) -> String {
        let mut text = vec![0; self.length];
        let unpacked = decompress_slice_iter_to_slice(&mut text, [self.deflated].into_iter(), false, false);
        debug_assert_eq!(unpacked, Ok(self.length));
        String::from_utf8(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let packed: Packed = include!(concat!(env!("OUT_DIR"), "/products.packed.rs"));
        assert_eq!(packed.text(), include_str!("ipmitool/text/products.txt"));
    }
}
