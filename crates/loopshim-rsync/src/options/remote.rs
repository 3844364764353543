//! How the other side is reached.

use super::Bytes;

/// How the other side is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remote {
    /// `-e`, not yet split into words: it starts daemons too.
    pub shell: Option<Bytes>,
    /// `RSYNC_RSH`: what starts servers where no `-e` is said; else `ssh`.
    pub usual_shell: Option<Bytes>,
    /// `--rsync-path`, else `rsync`.
    pub program: Option<Bytes>,
    /// `-M`: options for the other side only, in the order given.
    pub options: Vec<Bytes>,
    /// How operands are guarded from the remote shell.
    pub quoting: Quoting,
    /// `--blocking-io` or its opposite, where it was said.
    pub blocking_io: Option<bool>,
    /// `--address`: from where a daemon is called.
    pub address: Option<Bytes>,
    /// `--port` of a daemon, else 873.
    pub port: Option<u16>,
    /// `--sockopts`
    pub socket_options: Option<Bytes>,
    /// `-4` or `-6`
    pub address_family: AddressFamily,
    /// `--password-file`; `-` is standard input.
    pub password_file: Option<Bytes>,
    /// `--early-input`
    pub early_input: Option<Bytes>,
    /// `--no-motd`
    pub hides_motd: bool,
}

/// Which kind of address a daemon is called at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressFamily {
    /// Either.
    #[default]
    Any,
    /// `-4`
    V4,
    /// `-6`
    V6,
}

/// How operands are guarded from the remote shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quoting {
    /// Backslashes before what it would take for its own, but for wildcards.
    #[default]
    Escaped,
    /// `--old-args`: operands are not, one may be several.
    Old,
    /// `--old-args` twice: nor are the values of options.
    None,
    /// `-s`: they never meet it, and go over the wire.
    Secluded,
}
