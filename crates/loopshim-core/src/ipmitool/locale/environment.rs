//! The environment variables that decide on locale and time zone.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::Variables;

/// Variables, and the root that absolute paths are looked up in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    root: PathBuf,
    vars: Variables,
}

impl Environment {
    /// An environment of given variables below `root`.
    pub fn new(root: PathBuf, vars: Variables) -> Self {
        Self { root, vars }
    }

    /// A variable's value.
    pub fn var(&self, name: &str) -> Option<Vec<u8>> {
        self.vars.get(name).map(OsString::into_vec)
    }

    /// The locale named for one category (`LC_TIME`, …); `C` when none is.
    pub fn locale_name(&self, category: &str) -> Vec<u8> {
        let name = ["LC_ALL", category, "LANG"].into_iter().filter_map(|name| self.var(name));
        name.into_iter().find(|value| !value.is_empty()).unwrap_or_else(|| b"C".to_vec())
    }

    /// `path` below the root; a relative path stays relative.
    pub fn path(&self, path: &Path) -> PathBuf {
        match path.strip_prefix("/") {
            Ok(inner) => self.root.join(inner),
            Err(_) => path.to_path_buf(),
        }
    }
}
