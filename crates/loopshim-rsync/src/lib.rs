//! rsync: one program that is client or server, sender or receiver, against
//! any peer of protocol 30 to 32, and that copies locally.
//!
//! ```text
//!  options ─► client ──remote shell, socket, or a server in this process──► server
//!                │                                                            │
//!                └──────────── connection (handshake, frames) ────────────────┘
//!                   sender                          receiver + generator
//!                      └──────────────── fs ───────────────┘
//! ```
//!
//! The wire is `rsync-proto`'s. This crate is the outside: files, processes,
//! threads, the command line and what is printed. It is a crate of its own so
//! that no other program of the workspace is built with its compressors.

mod checksum;
pub mod connection;
pub mod counting;
mod crossing;
pub mod failure;
pub mod filters;
pub mod fs;
pub mod generator;
pub mod log;
pub mod options;
mod program;
pub mod receiver;
pub mod remote;
pub mod report;
pub mod roles;
pub mod sender;
mod signals;
pub mod symlinks;

use loopshim_core::{Config, Ending, FindOriginal, World};

pub use failure::{Failure, Status};

/// Answers an invocation of `rsync`. The original is never asked to: this
/// stand-in is for where there is none.
pub fn run(world: &mut World, _: &Config, _: FindOriginal) -> Ending {
    Ending::Status(program::run(world))
}
