//! The single changes that fixes are made of. They are data: what is planned,
//! shown, carried out, written down and taken back is the same value.

use serde::{Deserialize, Serialize};

use crate::machine::files::{Image, Metadata, digest};
use crate::machine::packages::Manager;

/// One change. Paths are as seen inside the root, and text: ours are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Step {
    /// A directory that is missing.
    MakeDirectory {
        /// Its path.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// A file with these contents, in place of any that is there.
    Write {
        /// Its path.
        path: String,
        /// What is to be in it.
        contents: String,
        /// Its permission bits.
        mode: u32,
    },
    /// A symbolic link, in place of any that is there.
    Link {
        /// Its path.
        path: String,
        /// Where it is to lead.
        target: String,
    },
    /// A file or a link goes.
    Remove {
        /// Its path.
        path: String,
    },
    /// Whatever is there goes, with all in it, and is kept in the journal.
    SetAside {
        /// Its path.
        path: String,
        /// The file system's number: only this very one goes.
        device: u64,
        /// Its own number.
        inode: u64,
    },
    /// A value of the running kernel, below `/proc/sys` or `/sys`.
    Set {
        /// Its path.
        path: String,
        /// What is to be written.
        value: String,
    },
    /// Stand-ins are put in place, which [`crate::install`] does and takes back.
    Shims {
        /// Their names.
        only: Vec<String>,
        /// The folder with the static programs, as seen from outside the root.
        binaries: String,
    },
    /// Packages are installed, which [`crate::machine::packages`] does and takes back.
    Packages {
        /// By whom.
        manager: Manager,
        /// Their names, none of them installed yet.
        names: Vec<String>,
        /// All packages of which the configuration is there: it stays.
        configured: Vec<String>,
    },
    /// A program is run.
    Run {
        /// Its words; none: only taking back has something to run.
        words: Vec<String>,
        /// The programs that take it back, one after the other.
        undo: Vec<Vec<String>>,
    },
}

impl Step {
    /// Runs `words`; `undo` takes it back.
    pub fn run(words: &[&str], undo: &[&[&str]]) -> Self {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Self::Run { words: owned(words), undo: undo.iter().map(|words| owned(words)).collect() }
    }

    /// The path it is about.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::MakeDirectory { path, .. }
            | Self::Write { path, .. }
            | Self::Link { path, .. }
            | Self::Remove { path }
            | Self::SetAside { path, .. }
            | Self::Set { path, .. } => Some(path),
            Self::Shims { .. } | Self::Packages { .. } | Self::Run { .. } => None,
        }
    }

    /// What it does, in words.
    pub fn words(&self) -> String {
        match self {
            Self::MakeDirectory { path, .. } => format!("make the directory {path}"),
            Self::Write { path, .. } => format!("write {path}"),
            Self::Link { path, target } => format!("link {path} to {target}"),
            Self::Remove { path } => format!("remove {path}"),
            Self::SetAside { path, .. } => format!("set {path} aside"),
            Self::Set { path, value } => format!("set {} to {value}", value_name(path)),
            Self::Shims { only, .. } => format!("put {} in place", only.join(" and ")),
            Self::Packages { manager, names, .. } => format!("run {}", manager.install(names).join(" ")),
            Self::Run { words, .. } if words.is_empty() => "note what takes the next steps back".to_owned(),
            Self::Run { words, .. } => format!("run {}", words.join(" ")),
        }
    }

    /// What is at its path once it is done, where `before` is there now.
    pub fn after(&self, before: &Image) -> Image {
        match self {
            // Which one it will be shows only then.
            Self::MakeDirectory { .. } | Self::Shims { .. } | Self::Packages { .. } | Self::Run { .. } => {
                Image::Special
            }
            Self::Write { contents, mode, .. } => {
                Image::File { sha256: digest(contents.as_bytes()), metadata: Self::metadata(*mode, before) }
            }
            Self::Link { target, .. } => {
                let Metadata { uid, gid, .. } = Metadata::fresh(0);
                Image::Link { target: target.clone(), uid, gid, modified: (0, 0) }
            }
            Self::Remove { .. } | Self::SetAside { .. } => Image::Absent,
            Self::Set { value, .. } => Image::Value { text: value.clone() },
        }
    }

    /// A file that takes another's place keeps its attributes, a security
    /// label for one.
    pub fn metadata(mode: u32, before: &Image) -> Metadata {
        let attributes = match before {
            Image::File { metadata, .. } => metadata.attributes.clone(),
            _ => Default::default(),
        };
        Metadata { attributes, ..Metadata::fresh(mode) }
    }
}

/// A kernel value's usual name: `fs.file-max`, or the path of others.
pub fn value_name(path: &str) -> String {
    path.strip_prefix("/proc/sys/").map_or_else(|| path.to_owned(), |key| key.replace('/', "."))
}

/// The value in a file below `/proc/sys` or `/sys`: where it lists the choices,
/// as `always [madvise] never`, the chosen one.
pub fn chosen(text: &str) -> String {
    let in_brackets =
        text.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(chosen, _)| chosen);
    in_brackets.map_or_else(|| text.split_whitespace().collect::<Vec<_>>().join(" "), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are_written() {
        assert_eq!(chosen("always madvise [never]\n"), "never");
        assert_eq!(chosen("[mq-deadline] none\n"), "mq-deadline");
        assert_eq!(chosen("8388608\n"), "8388608");
        assert_eq!(chosen("32768\t60999\n"), "32768 60999");
        assert_eq!(value_name("/proc/sys/fs/file-max"), "fs.file-max");
        assert_eq!(value_name("/sys/block/sda/queue/scheduler"), "/sys/block/sda/queue/scheduler");
    }
}
