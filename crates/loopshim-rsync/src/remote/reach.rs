//! The way to a daemon: a program or a web proxy that the user names in variables,
//! or its socket.

use std::fs::File;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use super::{program, proxy, socket};
use crate::Failure;
use crate::options::AddressFamily;

/// Reaches the daemon at a host's port as `role`: by the program in
/// `RSYNC_CONNECT_PROG`, through the proxy in `RSYNC_PROXY`, or directly.
///
/// # Errors
/// Where it is not reached.
pub fn reach(
    target: (&[u8], u16),
    family: AddressFamily,
    limit: Option<Duration>,
    role: &str,
) -> Result<(File, File), Failure> {
    let variable = |name| std::env::var_os(name).map(OsStringExt::into_vec);
    if let Some(command) = variable("RSYNC_CONNECT_PROG") {
        let shell = variable("RSYNC_SHELL").unwrap_or_else(|| b"/bin/sh".to_vec());
        return program::run(&shell, &command, target.0, role);
    }
    let proxy = variable("RSYNC_PROXY").filter(|proxy| !proxy.is_empty());
    match proxy.map(|proxy| proxy::Proxy::parse(&proxy)).transpose()? {
        Some(proxy) => {
            let connection = socket::connect(proxy.place()?, family, limit, role)?;
            proxy.ask(connection, target, role)
        }
        None => socket::connect(target, family, limit, role),
    }
}
