//! Writing a file's data.

use crate::Violation;
use crate::negotiation::Compression;

use super::frames::{self, CHUNK_MAX, Runs};
use super::{deflate, lz4, plain, zstd};

/// Writes the files of a session, one after the other.
pub struct Writer {
    method: Method,
    runs: Runs,
    /// Blocks in a row that are not written yet.
    run: Option<(u32, u32)>,
    /// Compressed bytes that do not fill a chunk yet.
    pending: Vec<u8>,
    /// Bytes went into the compressor since it was flushed.
    is_dirty: bool,
}

enum Method {
    Plain,
    Deflate { compressor: Box<deflate::Compressor>, keeps_history: bool },
    Zstd(zstd::Compressor),
    Lz4,
}

impl Writer {
    /// For a session with that compression, at `level` where one was chosen.
    ///
    /// # Errors
    /// Where the compressor cannot be made.
    pub fn new(compression: Option<Compression>, level: Option<i32>) -> Result<Self, Violation> {
        let deflate = |keeps_history| Method::Deflate {
            compressor: Box::new(deflate::Compressor::new(level.unwrap_or(-1))),
            keeps_history,
        };
        let method = match compression {
            None => Method::Plain,
            Some(Compression::Zlib) => deflate(true),
            Some(Compression::Zlibx) => deflate(false),
            Some(Compression::Zstd) => Method::Zstd(zstd::Compressor::new(level.unwrap_or(3))?),
            Some(Compression::Lz4) => Method::Lz4,
        };
        Ok(Self { method, runs: Runs::default(), run: None, pending: Vec::new(), is_dirty: false })
    }

    /// Writes bytes of the file.
    ///
    /// # Errors
    /// Where the compressor fails.
    pub fn literal(&mut self, output: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Violation> {
        if let Method::Plain = self.method {
            plain::write_literal(output, bytes);
            return Ok(());
        }
        self.write_run(output);
        match &mut self.method {
            Method::Plain => {}
            Method::Deflate { compressor, .. } => compressor.write(&mut self.pending, bytes)?,
            Method::Zstd(compressor) => compressor.write(&mut self.pending, bytes)?,
            Method::Lz4 => {
                for piece in bytes.chunks(lz4::PIECE_MAX) {
                    frames::write_chunk(output, &lz4::compress(piece));
                }
                return Ok(());
            }
        }
        self.is_dirty = true;
        // What a flush will take off the end must not have gone before.
        let kept = self.pending.len().min(CHUNK_MAX);
        self.write_chunks(output, kept);
        Ok(())
    }

    /// Writes that block `index` of the basis comes next, whose `bytes` the
    /// receiver has.
    ///
    /// # Errors
    /// Where the compressor fails.
    pub fn block(&mut self, output: &mut Vec<u8>, index: u32, bytes: &[u8]) -> Result<(), Violation> {
        if let Method::Plain = self.method {
            plain::write_block(output, index);
            return Ok(());
        }
        self.flush(output)?;
        match &mut self.run {
            Some((_, last)) if last.checked_add(1) == Some(index) => *last = index,
            _ => {
                self.write_run(output);
                self.run = Some((index, index));
            }
        }
        if let Method::Deflate { compressor, keeps_history: true } = &mut self.method {
            compressor.matched(bytes)?;
        }
        Ok(())
    }

    /// Writes the file's end; another file may begin.
    ///
    /// # Errors
    /// Where the compressor fails.
    pub fn end(&mut self, output: &mut Vec<u8>) -> Result<(), Violation> {
        if let Method::Plain = self.method {
            plain::write_end(output);
            return Ok(());
        }
        self.flush(output)?;
        self.write_run(output);
        frames::write_end(output);
        self.runs = Runs::default();
        if let Method::Deflate { compressor, .. } = &mut self.method {
            compressor.begin();
        }
        Ok(())
    }

    fn flush(&mut self, output: &mut Vec<u8>) -> Result<(), Violation> {
        if !std::mem::take(&mut self.is_dirty) {
            return Ok(());
        }
        match &mut self.method {
            Method::Plain | Method::Lz4 => {}
            Method::Deflate { compressor, .. } => compressor.flush(&mut self.pending)?,
            Method::Zstd(compressor) => compressor.flush(&mut self.pending)?,
        }
        self.write_chunks(output, 0);
        Ok(())
    }

    /// Writes chunks until at most `kept` bytes are pending.
    fn write_chunks(&mut self, output: &mut Vec<u8>, kept: usize) {
        let mut written = 0;
        while self.pending.len() - written > kept {
            let chunk = &self.pending[written..];
            let chunk = &chunk[..chunk.len().min(CHUNK_MAX)];
            frames::write_chunk(output, chunk);
            written += chunk.len();
        }
        self.pending.drain(..written);
    }

    fn write_run(&mut self, output: &mut Vec<u8>) {
        if let Some((first, last)) = self.run.take() {
            self.runs.write_blocks(output, first, last);
        }
    }
}
