//! Zstandard: one frame for a whole session, flushed at every block of the
//! basis and every file's end.

use structured_zstd::decoding::FrameDecoder;
use structured_zstd::encoding::{CompressionContext, CompressionLevel};

use crate::Violation;
use crate::violation::Field;

const BROKEN: Violation = Violation::OutOfRange(Field::CompressedData);

/// Compresses.
pub(super) struct Compressor(Box<CompressionContext>);

impl Compressor {
    pub(super) fn new(level: i32) -> Result<Self, Violation> {
        let mut context = CompressionContext::new(CompressionLevel::from_level(level));
        context.set_content_checksum(false).map_err(|_| BROKEN)?;
        Ok(Self(Box::new(context)))
    }

    pub(super) fn write(&mut self, output: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Violation> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = self.0.write(output, rest).map_err(|_| BROKEN)?;
            rest = rest.get(taken..).filter(|_| taken > 0).ok_or(BROKEN)?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self, output: &mut Vec<u8>) -> Result<(), Violation> {
        self.0.flush(output).map_err(|_| BROKEN)
    }
}

/// Most bytes that a block decompresses to (RFC 8878, 3.1.1.2.3).
const BLOCK_MAX: usize = 128 << 10;
/// Bytes of a block's header.
const BLOCK_HEADER: usize = 3;

/// Decompresses.
pub(super) struct Decompressor {
    decoder: Box<FrameDecoder>,
    /// Bytes of a header or block that has not arrived whole.
    pending: Vec<u8>,
    has_header: bool,
}

impl Decompressor {
    pub(super) fn new() -> Self {
        Self { decoder: Box::new(FrameDecoder::new()), pending: Vec::new(), has_header: false }
    }

    /// Takes a chunk as it arrived.
    pub(super) fn give(&mut self, chunk: &[u8]) {
        self.pending.extend_from_slice(chunk);
    }

    /// Replaces `output` by what comes next, nothing until more arrives.
    pub(super) fn next(&mut self, output: &mut Vec<u8>) -> Result<(), Violation> {
        output.clear();
        while output.is_empty() {
            if !self.has_header && !self.read_header()? {
                return Ok(());
            }
            let Some(header) = self.pending.first_chunk::<BLOCK_HEADER>().copied() else { return Ok(()) };
            let (length, is_last) = self.decoder.block_content_len(header).map_err(|_| BROKEN)?;
            // The one frame ends with the session, which does not say so.
            if is_last {
                return Err(BROKEN);
            }
            let end = BLOCK_HEADER + length;
            let Some(content) = self.pending.get(BLOCK_HEADER..end) else { return Ok(()) };
            output.resize(BLOCK_MAX, 0);
            let made = self.decoder.decode_block(header, content, output).map_err(|_| BROKEN)?;
            output.truncate(made);
            self.pending.drain(..end);
        }
        Ok(())
    }

    fn read_header(&mut self) -> Result<bool, Violation> {
        let Some(length) = header_length(&self.pending).filter(|length| *length <= self.pending.len()) else {
            return Ok(false);
        };
        self.decoder.init(&self.pending[..length]).map_err(|_| BROKEN)?;
        self.pending.drain(..length);
        self.has_header = true;
        Ok(true)
    }
}

/// Bytes of a frame's header, by its descriptor (RFC 8878, 3.1.1.1).
fn header_length(bytes: &[u8]) -> Option<usize> {
    let descriptor = *bytes.get(4)?;
    let is_single_segment = descriptor & 0x20 != 0;
    let content_size = match (descriptor >> 6, is_single_segment) {
        (0, false) => 0,
        (0, true) => 1,
        (power, _) => 1 << power,
    };
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    Some(5 + usize::from(!is_single_segment) + dictionary + content_size)
}
