//! Digests of a source folder: all of it, and all but what pip itself adds when
//! it builds there.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Largest folder digested: what is larger is neither shared nor collected.
const FILES_MAX: usize = 50_000;
const SIZE_MAX: u64 = 512 << 20;
const DEPTH_MAX: usize = 64;

/// The digests of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// Of everything: names, kinds, modes, contents, targets of links.
    pub all: String,
    /// Without `build`, `dist`, `*.egg-info` and `__pycache__`.
    pub sources: String,
}

struct Walk {
    all: Sha256,
    sources: Sha256,
    files: usize,
    bytes: u64,
    /// When a source file was last touched.
    changed: (i64, i64),
}

/// Digests the folder at `path`. `None` when it is none, cannot be read, is too
/// large, or holds what is neither file, folder nor link.
pub fn digest(path: &Path) -> Option<Digests> {
    let walk = Walk::through(path)?;
    let hex = |digest: Sha256| super::target::hex(&digest.finalize());
    Some(Digests { all: hex(walk.all), sources: hex(walk.sources) })
}

/// When one of the files in the folder was last changed in any way, except for
/// what pip adds: seconds since 1970 and nanoseconds, by the kernel's word, which
/// nobody can set. `None` as [`digest`].
pub fn changed(path: &Path) -> Option<(i64, i64)> {
    Walk::through(path).map(|walk| walk.changed)
}

impl Walk {
    fn through(path: &Path) -> Option<Self> {
        if !std::fs::symlink_metadata(path).ok()?.is_dir() {
            return None;
        }
        let mut walk =
            Self { all: Sha256::new(), sources: Sha256::new(), files: 0, bytes: 0, changed: (0, 0) };
        walk.directory(path, &[], true, DEPTH_MAX)?;
        Some(walk)
    }

    fn directory(&mut self, path: &Path, below: &[u8], is_source: bool, depth: usize) -> Option<()> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path).ok()? {
            names.push(entry.ok()?.file_name());
        }
        names.sort();
        for name in names {
            let is_source = is_source && !is_of_a_build(&name);
            let inside = [below, b"/", name.as_bytes()].concat();
            self.entry(&path.join(&name), &inside, is_source, depth.checked_sub(1)?)?;
        }
        Some(())
    }

    fn entry(&mut self, path: &Path, inside: &[u8], is_source: bool, depth: usize) -> Option<()> {
        let found = std::fs::symlink_metadata(path).ok()?;
        self.files += 1;
        self.bytes += found.size();
        if self.files > FILES_MAX || self.bytes > SIZE_MAX {
            return None;
        }
        let kind = found.file_type();
        // A folder changes when pip adds something to it.
        if is_source && !kind.is_dir() {
            self.changed = self.changed.max((found.ctime(), found.ctime_nsec()));
        }
        let contents = if kind.is_symlink() {
            std::fs::read_link(path).ok()?.as_os_str().as_bytes().to_vec()
        } else if kind.is_file() {
            contents(path, found.size())?
        } else if kind.is_dir() && !kind.is_fifo() {
            Vec::new()
        } else {
            return None;
        };
        let head = format!("{} {} {:o} ", inside.len(), contents.len(), found.mode());
        for digest in [Some(&mut self.all), is_source.then_some(&mut self.sources)].into_iter().flatten() {
            digest.update(head.as_bytes());
            digest.update(inside);
            digest.update(&contents);
        }
        if kind.is_dir() { self.directory(path, inside, is_source, depth) } else { Some(()) }
    }
}

fn contents(path: &Path, size: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size as usize);
    super::patiently(|| super::open_plain(path)).ok()?.take(SIZE_MAX).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What a build leaves in the folder (setuptools, in-tree, pip ≥ 21.3).
pub fn is_of_a_build(name: &OsStr) -> bool {
    let name = name.as_bytes();
    matches!(name, b"build" | b"dist" | b"__pycache__") || name.ends_with(b".egg-info")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn any_change_shows_and_a_build_is_told_apart() {
        let folder = std::env::temp_dir().join(format!("loopshim-tree-{}", super::super::random()));
        std::fs::create_dir_all(folder.join("p")).expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
        write("setup.py", "a");
        let first = digest(&folder).expect("digests");
        assert_eq!(digest(&folder), Some(first.clone()));
        let mut seen = vec![first.all.clone()];
        let mut differs = || {
            let now = digest(&folder).expect("digests").all;
            assert!(!seen.contains(&now));
            seen.push(now);
        };
        write("setup.py", "b");
        differs();
        std::fs::set_permissions(folder.join("setup.py"), PermissionsExt::from_mode(0o600))
            .expect("permissions");
        differs();
        std::os::unix::fs::symlink("setup.py", folder.join("p/link")).expect("a link");
        differs();
        let before = digest(&folder).expect("digests");
        std::fs::create_dir_all(folder.join("build/lib")).expect("a folder");
        std::fs::create_dir_all(folder.join("x.egg-info")).expect("a folder");
        write("build/lib/y", "z");
        let after = digest(&folder).expect("digests");
        assert_eq!(before.sources, after.sources);
        assert_ne!(before.all, after.all);
        std::fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(digest(&folder), None);
    }
}
