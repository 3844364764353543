//! LZ4: each chunk is a block by itself.

use lz4_flex::block;

use crate::Violation;
use crate::violation::Field;

/// Bytes compressed at a time: the worst that becomes of them fits a chunk.
pub(super) const PIECE_MAX: usize = 16_000;
/// Most bytes that a chunk decompresses to: peers compress less at a time.
const OUTPUT_MAX: usize = 64 << 10;

pub(super) fn compress(piece: &[u8]) -> Vec<u8> {
    block::compress(piece)
}

/// Replaces `output` by what a chunk decompresses to.
pub(super) fn decompress(chunk: &[u8], output: &mut Vec<u8>) -> Result<(), Violation> {
    output.resize(OUTPUT_MAX, 0);
    let made =
        block::decompress_into(chunk, output).map_err(|_| Violation::OutOfRange(Field::CompressedData))?;
    output.truncate(made);
    Ok(())
}
