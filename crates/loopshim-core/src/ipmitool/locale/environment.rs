//! The environment variables that decide on locale and time zone.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Variables, and the root that absolute paths are looked up in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    root: PathBuf,
    vars: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// An environment of given variables below `root`.
    pub fn new(root: PathBuf, vars: BTreeMap<OsString, OsString>) -> Self {
        Self { root, vars }
    }

    /// What `vars` say about locale and time zone.
    pub fn of(root: &Path, vars: &BTreeMap<OsString, OsString>) -> Self {
        let wanted = |name: &OsStr| {
            name.as_bytes().starts_with(b"LC_")
                || ["LANG", "LOCPATH", "TZ", "TZDIR"].iter().any(|wanted| *wanted == name)
        };
        let vars = vars.iter().filter(|(name, _)| wanted(name));
        Self::new(root.to_path_buf(), vars.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// A variable's value.
    pub fn var(&self, name: &str) -> Option<&[u8]> {
        self.vars.get(OsStr::new(name)).map(|value| value.as_bytes())
    }

    /// The locale named for one category (`LC_TIME`, …); `C` when none is.
    pub fn locale_name(&self, category: &str) -> &[u8] {
        let name = ["LC_ALL", category, "LANG"].into_iter().filter_map(|name| self.var(name));
        name.into_iter().find(|value| !value.is_empty()).unwrap_or(b"C")
    }

    /// `path` below the root; a relative path stays relative.
    pub fn path(&self, path: &Path) -> PathBuf {
        match path.strip_prefix("/") {
            Ok(inner) => self.root.join(inner),
            Err(_) => path.to_path_buf(),
        }
    }
}
