//! The frames between which compressed data lie: the same for every
//! compression.

use crate::integers::{read_int, read_shortint, write_int, write_shortint};
use crate::violation::Field;
use crate::{Input, Violation};

/// Most bytes of compressed data in a frame.
pub const CHUNK_MAX: usize = 0x3fff;

const END: u8 = 0x00;
const BLOCK: u8 = 0x20;
const RUN: u8 = 0x21;
/// The other six bits, and a byte, are the chunk's length.
const DATA: u8 = 0x40;
/// The other six bits are how far the block is from the last run's end.
const NEAR_BLOCK: u8 = 0x80;
const NEAR_RUN: u8 = 0xc0;
const LOW_BITS: u8 = 0x3f;

/// One frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// So many bytes of compressed data follow, at most [`CHUNK_MAX`].
    Data(usize),
    /// Blocks `first` to `last` of the basis, to be checked against its count.
    Blocks {
        /// The first.
        first: u32,
        /// The last; at most 65,535 more.
        last: u32,
    },
    /// The file's end.
    End,
}

/// Where the last run of blocks ended: near ones are said by their distance.
/// Begun anew for each file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Runs(u32);

impl Runs {
    /// Reads a frame.
    ///
    /// # Errors
    /// [`Violation::OutOfRange`] for a block that no basis has, or those of the
    /// input.
    pub fn read<I: Input>(&mut self, input: &mut I) -> Result<Frame, I::Error> {
        let flag = input.byte()?;
        let near = self.0.checked_add(u32::from(flag & LOW_BITS));
        let (first, is_run) = match flag {
            END => return Ok(Frame::End),
            BLOCK | RUN => (u32::try_from(read_int(input)?).ok(), flag == RUN),
            NEAR_RUN.. => (near, true),
            NEAR_BLOCK.. => (near, false),
            DATA.. => return Ok(Frame::Data(usize::from(flag & LOW_BITS) << 8 | usize::from(input.byte()?))),
            _ => return Err(OUT_OF_RANGE.into()),
        };
        let more = if is_run { read_shortint(input)? } else { 0 };
        let last =
            first.and_then(|first| first.checked_add(more.into())).filter(|last| *last <= i32::MAX as u32);
        let (Some(first), Some(last)) = (first, last) else { return Err(OUT_OF_RANGE.into()) };
        self.0 = last;
        Ok(Frame::Blocks { first, last })
    }

    /// Writes that blocks `first` to `last` come next.
    pub fn write_blocks(&mut self, output: &mut Vec<u8>, mut first: u32, last: u32) {
        loop {
            let end = last.min(first.saturating_add(u16::MAX.into()));
            self.write_run(output, first, end);
            if end >= last {
                return;
            }
            first = end + 1;
        }
    }

    fn write_run(&mut self, output: &mut Vec<u8>, first: u32, last: u32) {
        let is_run = last > first;
        match first.checked_sub(self.0).and_then(|distance| u8::try_from(distance).ok()) {
            Some(distance @ 0..=LOW_BITS) => {
                output.push(distance | if is_run { NEAR_RUN } else { NEAR_BLOCK });
            }
            _ => {
                output.push(if is_run { RUN } else { BLOCK });
                write_int(output, first as i32);
            }
        }
        if is_run {
            write_shortint(output, (last - first) as u16);
        }
        self.0 = last;
    }
}

/// Writes the frame of a chunk of compressed data, at most [`CHUNK_MAX`] bytes.
pub(super) fn write_chunk(output: &mut Vec<u8>, chunk: &[u8]) {
    debug_assert!(chunk.len() <= CHUNK_MAX);
    output.push(DATA | (chunk.len() >> 8) as u8);
    output.push(chunk.len() as u8);
    output.extend_from_slice(chunk);
}

/// Writes the file's end.
pub(super) fn write_end(output: &mut Vec<u8>) {
    output.push(END);
}

const OUT_OF_RANGE: Violation = Violation::OutOfRange(Field::Token);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;
    use proptest::prelude::*;

    #[test]
    fn a_run_beyond_every_basis_is_refused() {
        let refused = Err(SliceError::Violation(OUT_OF_RANGE));
        assert_eq!(Runs::default().read(&mut &[RUN, 0xff, 0xff, 0xff, 0x7f, 1, 0][..]), refused);
        assert_eq!(Runs::default().read(&mut &[BLOCK, 0xff, 0xff, 0xff, 0xff][..]), refused);
        assert_eq!(Runs(i32::MAX as u32).read(&mut &[NEAR_BLOCK | 1][..]), refused);
        assert_eq!(Runs::default().read(&mut &[0x01][..]), refused);
    }

    proptest! {
        #[test]
        fn blocks_written_are_read_again(runs in proptest::collection::vec((0_u32..200_000, 0_u32..150_000), 0..20)) {
            let (mut writer, mut bytes) = (Runs::default(), Vec::new());
            for &(first, more) in &runs {
                writer.write_blocks(&mut bytes, first, first + more);
            }
            write_end(&mut bytes);
            let (mut reader, mut rest) = (Runs::default(), &bytes[..]);
            for (first, more) in runs {
                let mut next = first;
                while next <= first + more {
                    match reader.read(&mut rest) {
                        Ok(Frame::Blocks { first, last }) if first == next => next = last + 1,
                        other => prop_assert!(false, "{:?}", other),
                    }
                }
            }
            prop_assert_eq!(reader.read(&mut rest), Ok(Frame::End));
        }

        #[test]
        fn any_bytes_are_frames_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let (mut runs, mut rest) = (Runs::default(), &bytes[..]);
            while runs.read(&mut rest).is_ok_and(|frame| frame != Frame::End) {}
        }
    }
}
