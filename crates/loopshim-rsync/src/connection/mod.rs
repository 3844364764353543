//! The conversation with the peer: handshake, frames, messages and time limits.
