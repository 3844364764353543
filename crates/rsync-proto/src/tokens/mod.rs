//! A file's data on the wire: bytes as they are, and blocks of the basis.

mod compressed;
mod plain;

pub use compressed::{CHUNK_MAX, Frame, Runs, write_chunk, write_end as write_frames_end};
pub use plain::{Token, read, write_block, write_end, write_literal};
