//! Reading files of rules that are in directories.

use std::fmt;
use std::io::Read as _;
use std::sync::Arc;

use rustix::io::Errno;

use crate::failure::UNTRUSTED;
use crate::fs::{Access, Trust, WayError, open_named};
use crate::log::{Kind, Log};
use crate::options::Options;

/// Longest file of rules that is read, in bytes.
pub(super) const FILE_MAX: u64 = 16 << 20;

/// Whose links are followed on the way to a file of rules, and who hears of those
/// that are not.
#[derive(Clone)]
pub struct Files {
    trust: Trust,
    log: Arc<dyn Log>,
}

impl fmt::Debug for Files {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Files").field("trust", &self.trust).finish_non_exhaustive()
    }
}

impl Files {
    /// As the options say.
    pub fn new(options: &Options, log: Arc<dyn Log>) -> Self {
        Self { trust: options.links.trust(), log }
    }

    /// What is in the regular file at an absolute path.
    ///
    /// # Errors
    /// What the system says; of a link that is not followed is told here.
    pub(super) fn read(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        let file = open_named(path, Access::ReadRegular, self.trust).inspect_err(|&error| {
            if error == WayError::Untrusted {
                self.log.line(Kind::Warning, format!("{UNTRUSTED}\n").as_bytes());
            }
        })?;
        let mut text = Vec::new();
        let read = file.take(FILE_MAX).read_to_end(&mut text);
        read.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        Ok(text)
    }
}
