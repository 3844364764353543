//! The way to a daemon: a program or a web proxy that the user names in variables,
//! or its socket.

use std::fs::File;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use super::{program, proxy, socket};
use crate::Failure;
use crate::options::{AddressFamily, Debug};

/// Takes a line for those who debug that to that level.
pub(super) type Tell<'r> = &'r dyn Fn((Debug, u8), &[u8]);

/// How a daemon is to be reached, and who hears of it.
pub struct Reaching<'r> {
    /// At which kind of address.
    pub family: AddressFamily,
    /// How long that may take.
    pub limit: Option<Duration>,
    /// Who of ours reaches it (`sender`, `Receiver`).
    pub role: &'static str,
    /// Takes lines for those who debug so much, without their ends.
    pub tell: Tell<'r>,
}

impl Reaching<'_> {
    /// Reaches the daemon at a host's port: by the program in `RSYNC_CONNECT_PROG`,
    /// through the proxy in `RSYNC_PROXY`, or directly.
    ///
    /// # Errors
    /// Where it is not reached.
    pub fn reach(&self, target: (&[u8], u16)) -> Result<(File, File), Failure> {
        let variable = |name| std::env::var_os(name).map(OsStringExt::into_vec);
        let (host, port) = (target.0, format!(" port {}", target.1));
        let place = [b"opening tcp connection to ", host, port.as_bytes()].concat();
        if let Some(command) = variable("RSYNC_CONNECT_PROG") {
            let line = [b"Using RSYNC_CONNECT_PROG instead of ", &place[..]].concat();
            (self.tell)((Debug::Connect, 1), &line);
            let shell = variable("RSYNC_SHELL").unwrap_or_else(|| b"/bin/sh".to_vec());
            return program::run(&shell, &command, host, self);
        }
        (self.tell)((Debug::Connect, 1), &place);
        let proxy = variable("RSYNC_PROXY").filter(|proxy| !proxy.is_empty());
        match proxy.map(|proxy| proxy::Proxy::parse(&proxy)).transpose()? {
            Some(proxy) => {
                (self.tell)((Debug::Connect, 1), &proxy.shown());
                let connection = socket::connect(proxy.place()?, self)?;
                proxy.ask(connection, target, self.role)
            }
            None => socket::connect(target, self),
        }
    }
}
