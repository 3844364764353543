//! Deflate without a header, anew for each file; what ends every flush
//! (an empty stored block) is left out on the wire.

use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush, Status};

use crate::Violation;
use crate::violation::Field;

/// What a flush ends with, and the wire does not carry.
const FLUSH_END: [u8; 4] = [0, 0, 0xff, 0xff];
/// The largest window there is: 2¹⁵ bytes.
const WINDOW_BITS: u8 = 15;
/// Room made for output at a time, in bytes.
const STEP: usize = 16 << 10;

const BROKEN: Violation = Violation::OutOfRange(Field::CompressedData);

/// Compresses.
pub(super) struct Compressor(Deflate);

impl Compressor {
    /// At `level`, 0 to 9, or −1 for the usual one.
    pub(super) fn new(level: i32) -> Self {
        Self(Deflate::new(level.clamp(-1, 9), false, WINDOW_BITS))
    }

    /// A new file begins.
    pub(super) fn begin(&mut self) {
        self.0.reset();
    }

    /// Compresses bytes; some may be kept back until the flush.
    pub(super) fn write(&mut self, output: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Violation> {
        self.run(output, bytes, DeflateFlush::NoFlush)
    }

    /// Compresses all that was kept back.
    pub(super) fn flush(&mut self, output: &mut Vec<u8>) -> Result<(), Violation> {
        self.run(output, &[], DeflateFlush::SyncFlush)?;
        let end = output.len().checked_sub(FLUSH_END.len()).filter(|&end| output[end..] == FLUSH_END);
        output.truncate(end.ok_or(BROKEN)?);
        Ok(())
    }

    /// Takes bytes into the history that the receiver has from elsewhere.
    pub(super) fn matched(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        self.0.set_dictionary(bytes).map(drop).map_err(|_| BROKEN)
    }

    fn run(&mut self, output: &mut Vec<u8>, mut bytes: &[u8], flush: DeflateFlush) -> Result<(), Violation> {
        loop {
            let start = output.len();
            output.resize(start + STEP, 0);
            let (read, written) = (self.0.total_in(), self.0.total_out());
            self.0.compress(bytes, &mut output[start..], flush).map_err(|_| BROKEN)?;
            bytes = &bytes[(self.0.total_in() - read) as usize..];
            let made = (self.0.total_out() - written) as usize;
            output.truncate(start + made);
            if made < STEP && bytes.is_empty() {
                return Ok(());
            }
        }
    }
}

/// Decompresses.
pub(super) struct Decompressor {
    inflate: Inflate,
    /// What arrived, and how much of it has been read.
    chunk: Vec<u8>,
    at: usize,
    /// Data arrived since the last flush's end.
    is_open: bool,
}

impl Decompressor {
    pub(super) fn new() -> Self {
        Self { inflate: Inflate::new(false, WINDOW_BITS), chunk: Vec::new(), at: 0, is_open: false }
    }

    /// A new file begins.
    pub(super) fn begin(&mut self) {
        self.inflate.reset(false);
        self.is_open = false;
    }

    /// Takes a chunk as it arrived; the one before has been read.
    pub(super) fn give(&mut self, chunk: Vec<u8>) {
        (self.chunk, self.at, self.is_open) = (chunk, 0, true);
    }

    /// Something else than data follows: what ended the flush is given back.
    pub(super) fn close(&mut self) {
        if std::mem::take(&mut self.is_open) {
            (self.chunk, self.at) = (FLUSH_END.to_vec(), 0);
        }
    }

    /// Replaces `output` by what comes next, nothing once all has been read.
    pub(super) fn next(&mut self, output: &mut Vec<u8>) -> Result<(), Violation> {
        output.resize(2 * STEP, 0);
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        let chunk = &self.chunk[self.at..];
        let status = self.inflate.decompress(chunk, output, InflateFlush::SyncFlush).map_err(|_| BROKEN)?;
        self.at += (self.inflate.total_in() - read) as usize;
        output.truncate((self.inflate.total_out() - written) as usize);
        // A stream that ends, or stands still, before all has been read.
        let is_stuck = output.is_empty() && self.at < self.chunk.len();
        if status == Status::StreamEnd || is_stuck { Err(BROKEN) } else { Ok(()) }
    }

    /// Takes bytes of the basis into the history, as the sender did.
    pub(super) fn matched(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        self.inflate.set_dictionary(bytes).map(drop).map_err(|_| BROKEN)
    }
}
