//! A file's data on the wire: bytes as they are or compressed, and blocks of
//! the basis.
//!
//! A [`Writer`] and a [`Reader`] last for a session, since Zstandard is one
//! stream from the first file to the last.

mod deflate;
mod frames;
mod lz4;
mod plain;
mod reader;
#[cfg(test)]
mod tests;
mod writer;
mod zstd;

pub use frames::{CHUNK_MAX, Frame, Runs};
pub use plain::{LITERAL_MAX, Token, plain_length, read};
pub use reader::{Piece, Reader};
pub use writer::Writer;
