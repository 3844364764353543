//! Reading a file's data.

use crate::negotiation::Compression;
use crate::{Input, Violation};

use super::frames::{Frame, Runs};
use super::plain::{self, LITERAL_MAX, Token};
use super::{deflate, lz4, zstd};

/// What comes next in a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'r> {
    /// Bytes, not empty, at most 128 KiB.
    Data(&'r [u8]),
    /// Blocks of the basis, to be checked against its count.
    Blocks {
        /// The first.
        first: u32,
        /// The last, at least the first.
        last: u32,
    },
    /// The end.
    End,
}

/// Reads the files of a session, one after the other.
pub struct Reader {
    method: Method,
    runs: Runs,
    /// What follows once the data before it are delivered.
    queued: Option<Frame>,
    output: Vec<u8>,
}

enum Method {
    /// How many bytes of a literal are still to come.
    Plain(u32),
    Deflate {
        decompressor: Box<deflate::Decompressor>,
        keeps_history: bool,
    },
    Zstd(Box<zstd::Decompressor>),
    /// A chunk that has arrived.
    Lz4(Option<Vec<u8>>),
}

impl Reader {
    /// For a session with that compression.
    pub fn new(compression: Option<Compression>) -> Self {
        let deflate = |keeps_history| {
            let decompressor = Box::new(deflate::Decompressor::new());
            Method::Deflate { decompressor, keeps_history }
        };
        let method = match compression {
            None => Method::Plain(0),
            Some(Compression::Zlib) => deflate(true),
            Some(Compression::Zlibx) => deflate(false),
            Some(Compression::Zstd) => Method::Zstd(Box::new(zstd::Decompressor::new())),
            Some(Compression::Lz4) => Method::Lz4(None),
        };
        Self { method, runs: Runs::default(), queued: None, output: Vec::new() }
    }

    /// The file's next piece. After [`Piece::End`] another file may follow.
    ///
    /// # Errors
    /// A [`Violation`], or those of the input.
    pub fn read<I: Input>(&mut self, input: &mut I) -> Result<Piece<'_>, I::Error> {
        loop {
            self.fill_output(input)?;
            if !self.output.is_empty() {
                return Ok(Piece::Data(&self.output));
            }
            let frame = match self.queued.take() {
                Some(frame) => frame,
                None => self.next_frame(input)?,
            };
            match frame {
                Frame::Blocks { first, last } => return Ok(Piece::Blocks { first, last }),
                Frame::End => {
                    self.begin();
                    return Ok(Piece::End);
                }
                Frame::Data(_) => {}
            }
        }
    }

    /// Takes the bytes of a block that [`Reader::read`] named: some
    /// compressions go on from them.
    ///
    /// # Errors
    /// Where the decompressor fails.
    pub fn matched(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        match &mut self.method {
            Method::Deflate { decompressor, keeps_history: true } => decompressor.matched(bytes),
            _ => Ok(()),
        }
    }

    fn begin(&mut self) {
        self.runs = Runs::default();
        if let Method::Deflate { decompressor, .. } = &mut self.method {
            decompressor.begin();
        }
    }

    /// Replaces the output by what follows from what has arrived.
    fn fill_output<I: Input>(&mut self, input: &mut I) -> Result<(), I::Error> {
        self.output.clear();
        match &mut self.method {
            Method::Plain(left) => {
                let length = (*left as usize).min(LITERAL_MAX);
                self.output.resize(length, 0);
                *left -= length as u32;
                input.fill(&mut self.output)
            }
            Method::Deflate { decompressor, .. } => Ok(decompressor.next(&mut self.output)?),
            Method::Zstd(decompressor) => Ok(decompressor.next(&mut self.output)?),
            Method::Lz4(chunk) => match chunk.take() {
                Some(chunk) => Ok(lz4::decompress(&chunk, &mut self.output)?),
                None => Ok(()),
            },
        }
    }

    /// Reads a frame; the contents of one with data are kept for the output,
    /// and what follows data waits for them.
    fn next_frame<I: Input>(&mut self, input: &mut I) -> Result<Frame, I::Error> {
        if let Method::Plain(left) = &mut self.method {
            return Ok(match plain::read(input)? {
                Token::End => Frame::End,
                Token::Block(index) => Frame::Blocks { first: index, last: index },
                Token::Literal(length) => {
                    *left = length;
                    Frame::Data(length as usize)
                }
            });
        }
        let frame = self.runs.read(input)?;
        let chunk = if let Frame::Data(length) = frame { Some(input.bytes(length)?) } else { None };
        match (&mut self.method, chunk) {
            (Method::Deflate { decompressor, .. }, Some(chunk)) => decompressor.give(chunk),
            (Method::Zstd(decompressor), Some(chunk)) => decompressor.give(&chunk),
            (Method::Lz4(slot), Some(chunk)) => *slot = Some(chunk),
            (Method::Deflate { decompressor, .. }, None) => {
                decompressor.close();
                self.queued = Some(frame);
                return Ok(Frame::Data(0));
            }
            _ => {}
        }
        Ok(frame)
    }
}
