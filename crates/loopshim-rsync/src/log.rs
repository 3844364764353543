//! Lines for the user, wherever the user is: a client prints them, a server
//! sends them to its client.

/// What kind of line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For standard output.
    Info,
    /// For standard error; the run goes on.
    Warning,
    /// For standard error.
    Error,
    /// For standard error; the run ends with status 23 or more.
    TransferError,
}

/// Takes lines, from any thread.
pub trait Log: Send + Sync {
    /// Takes text, which brings its own line end.
    fn line(&self, kind: Kind, text: &[u8]);
}
