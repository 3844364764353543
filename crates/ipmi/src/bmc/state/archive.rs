//! One description of a cell's fields for both ways: out into bytes, and back.

use alloc::vec::Vec;

use crate::reader::Reader;

/// Where fields go to or come from.
pub(crate) struct Archive<'a> {
    way: Way<'a>,
    failed: bool,
}

enum Way<'a> {
    Out(Vec<u8>),
    In(Reader<'a>),
}

impl<'a> Archive<'a> {
    pub(super) const fn saving() -> Self {
        Self { way: Way::Out(Vec::new()), failed: false }
    }

    pub(super) const fn loading(value: &'a [u8]) -> Self {
        Self { way: Way::In(Reader::new("cell", value)), failed: false }
    }

    pub(super) fn into_saved(self) -> Vec<u8> {
        match self.way {
            Way::Out(bytes) => bytes,
            Way::In(_) => Vec::new(),
        }
    }

    /// Whether loading took all there was, and there was all it took.
    pub(super) fn fitted(&self) -> bool {
        !self.failed && matches!(&self.way, Way::In(rest) if rest.is_at_end())
    }

    /// What was loaded cannot be meant.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    /// Bytes, as many as there is place for.
    pub(crate) fn bytes(&mut self, place: &mut [u8]) {
        match &mut self.way {
            Way::Out(bytes) => bytes.extend_from_slice(place),
            Way::In(rest) => match rest.take(place.len()) {
                Ok(taken) => place.copy_from_slice(taken),
                Err(_) => self.failed = true,
            },
        }
    }

    /// Bytes to the end of the cell, as many as there are.
    pub(crate) fn rest(&mut self, place: &mut Vec<u8>) {
        match &mut self.way {
            Way::Out(bytes) => bytes.extend_from_slice(place),
            Way::In(rest) => *place = rest.rest().into(),
        }
    }

    pub(crate) fn byte(&mut self, place: &mut u8) {
        self.bytes(core::slice::from_mut(place));
    }

    pub(crate) fn flag(&mut self, place: &mut bool) {
        let mut byte = u8::from(*place);
        self.byte(&mut byte);
        *place = byte != 0;
    }

    pub(crate) fn u16(&mut self, place: &mut u16) {
        let mut bytes = place.to_le_bytes();
        self.bytes(&mut bytes);
        *place = u16::from_le_bytes(bytes);
    }

    pub(crate) fn u32(&mut self, place: &mut u32) {
        let mut bytes = place.to_le_bytes();
        self.bytes(&mut bytes);
        *place = u32::from_le_bytes(bytes);
    }

    pub(crate) fn u64(&mut self, place: &mut u64) {
        let mut bytes = place.to_le_bytes();
        self.bytes(&mut bytes);
        *place = u64::from_le_bytes(bytes);
    }

    pub(crate) fn optional_u64(&mut self, place: &mut Option<u64>) {
        let mut there = place.is_some();
        let mut value = place.unwrap_or(0);
        self.flag(&mut there);
        self.u64(&mut value);
        *place = there.then_some(value);
    }
}
