//! Who we are in a run: a client, or what one has called.

mod call;
mod client;
mod names;
mod remote_log;
mod route;
mod secrets;
mod server;
mod wildcards;

pub use client::{Client, Done, Outcome};
pub use names::{from_file, from_peer, open_names};
pub use remote_log::RemoteLog;
pub use route::{Route, Server};
pub use server::{serve, serve_over};

use rsync_proto::file_list::Entry;
use rsync_proto::item::Item;

use crate::fs::FileType;
use crate::{receiver, sender};

/// Tells nobody of items and progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl sender::Observer for Quiet {
    fn item(&self, _: u32, _: &Entry, _: &Item) {}
    fn deleted(&self, _: &[u8], _: bool) {}
    fn progress(&self, _: &Entry, _: u64, _: bool) {}
}

impl receiver::Observer for Quiet {
    fn listed(&self, _: &Entry) {}
    fn item(&self, _: u32, _: &Entry, _: &Item) {}
    fn deleted(&self, _: &[u8], _: FileType) {}
    fn progress(&self, _: &Entry, _: u64, _: bool) {}
}
