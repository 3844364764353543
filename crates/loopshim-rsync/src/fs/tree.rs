//! A tree of directories below one that is held, with the way to the last
//! visited kept open.

use rustix::io::Errno;

use super::directory::Directory;
use super::facts::Facts;
use super::walk::{self, Links};

/// Directories of the way that are held: the last one, and the one to which a
/// walk goes back. A tree may be deeper than a process may have descriptors.
const HELD_MAX: usize = 2;

/// The tree that names of a file list are relative to.
#[derive(Debug, Clone)]
pub struct Tree {
    /// `None`: there is none, and nothing in it.
    root: Option<Directory>,
    /// Its path as messages show it.
    shown: Vec<u8>,
    links: Links,
    /// The last [`HELD_MAX`] directories on the way to the one asked for last,
    /// each with the length of its path.
    way: Vec<(usize, Directory)>,
    path: Vec<u8>,
}

impl Tree {
    /// The tree below `root`, whose path is shown as `shown`.
    pub fn new(root: Directory, shown: Vec<u8>, links: Links) -> Self {
        Self { root: Some(root), shown, links, way: Vec::new(), path: Vec::new() }
    }

    /// A tree that is not there, as a dry run sees what it would make.
    pub fn missing(shown: Vec<u8>) -> Self {
        Self { root: None, shown, links: Links::Refused, way: Vec::new(), path: Vec::new() }
    }

    /// Its root.
    ///
    /// # Errors
    /// [`Errno::NOENT`] where there is none.
    pub fn root(&self) -> Result<&Directory, Errno> {
        self.root.as_ref().ok_or(Errno::NOENT)
    }

    /// The path of `name` as messages show it.
    pub fn shown(&self, name: &[u8]) -> Vec<u8> {
        match name {
            b"." | b"" => self.shown.clone(),
            _ if self.shown.ends_with(b"/") => [&self.shown[..], name].concat(),
            _ => [&self.shown[..], name].join(&b'/'),
        }
    }

    /// The directory that `name` lies in, and its last component; for the root
    /// the root and `.`.
    ///
    /// # Errors
    /// What the system says of the way there.
    pub fn parent<'n>(&mut self, name: &'n [u8]) -> Result<(Directory, &'n [u8]), Errno> {
        match name.iter().rposition(|&byte| byte == b'/') {
            Some(at) => Ok((self.directory(&name[..at])?, &name[at + 1..])),
            None => Ok((self.root()?.clone(), if name.is_empty() { b"." } else { name })),
        }
    }

    /// The directory `path`; the root for `.` and an empty one.
    ///
    /// # Errors
    /// What the system says of the way there.
    pub fn directory(&mut self, path: &[u8]) -> Result<Directory, Errno> {
        if matches!(path, b"" | b".") {
            return self.root().cloned();
        }
        // So the system sees all links on the way, and ends a circle of them.
        if self.links == Links::Followed {
            return walk::below(self.root()?, path, self.links);
        }
        self.leave_for(path);
        let (from, done) = match self.way.last() {
            Some((done, directory)) if *done == path.len() => return Ok(directory.clone()),
            Some((done, directory)) => (directory, done + 1),
            None => (self.root()?, 0),
        };
        let opened = walk::below(from, &path[done..], self.links)?;
        self.path = path.to_vec();
        if self.way.len() == HELD_MAX {
            self.way.remove(0);
        }
        self.way.push((path.len(), opened.clone()));
        Ok(opened)
    }

    /// What `name` is; `None` where it is nothing.
    ///
    /// # Errors
    /// What the system says, but that there is no such name.
    pub fn facts(&mut self, name: &[u8]) -> Result<Option<Facts>, Errno> {
        let found = self.parent(name).and_then(|(directory, leaf)| directory.facts(leaf));
        match found {
            Ok(facts) => Ok(Some(facts)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Forgets the way below `path`, where something else is now.
    pub fn forget(&mut self, path: &[u8]) {
        if self.path.starts_with(path) {
            self.way.retain(|(length, _)| *length < path.len());
        }
    }

    /// Keeps of the way what leads to `path` too.
    fn leave_for(&mut self, path: &[u8]) {
        let known = &self.path;
        self.way.retain(|(length, _)| {
            known[..*length] == path[..(*length).min(path.len())]
                && (path.len() == *length || path.get(*length) == Some(&b'/'))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Trust, open_directory};
    use super::*;

    fn tree(links: Links) -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        std::fs::create_dir_all(path.join("in/a/b")).expect("made");
        std::fs::create_dir_all(path.join("out/c")).expect("made");
        std::fs::write(path.join("in/a/b/f"), "x").expect("written");
        std::os::unix::fs::symlink("../out", path.join("in/leaving")).expect("linked");
        std::os::unix::fs::symlink("a/b", path.join("in/staying")).expect("linked");
        std::os::unix::fs::symlink(path.join("out"), path.join("in/absolute")).expect("linked");
        let root = path.join("in");
        let root = root.as_os_str().as_encoded_bytes();
        let held = open_directory(root, Trust::Owned).expect("opened");
        let tree = Tree::new(held, root.to_vec(), links);
        (folder, tree)
    }

    #[test]
    fn links_on_the_way_are_refused() {
        let (_folder, mut tree) = tree(Links::Refused);
        for path in ["leaving", "leaving/c", "staying", "absolute/c", "a/../..", "..", "a/../../out"] {
            assert!(tree.directory(path.as_bytes()).is_err(), "{path}");
        }
        assert_eq!(tree.facts(b"a/b/f").expect("looked").map(|facts| facts.length), Some(1));
        assert_eq!(tree.facts(b"a/x/f"), Ok(None));
    }

    #[test]
    fn the_walk_by_component_refuses_the_same() {
        let (_folder, mut tree) = tree(Links::Refused);
        super::walk::tests_only_without_openat2(|| {
            for path in ["leaving", "leaving/c", "staying", "absolute/c", "a/../..", ".."] {
                assert!(tree.directory(path.as_bytes()).is_err(), "{path}");
            }
            assert!(tree.directory(b"a/b").is_ok());
        });
    }

    #[test]
    fn our_own_links_are_followed_where_asked() {
        let (_folder, mut tree) = tree(Links::Trusted);
        for path in ["leaving/c", "staying", "absolute/c"] {
            assert!(tree.directory(path.as_bytes()).is_ok(), "{path}");
        }
    }

    #[test]
    fn the_way_is_kept_and_left() {
        let (_folder, mut tree) = tree(Links::Refused);
        tree.directory(b"a").expect("there");
        tree.directory(b"a/b").expect("there");
        assert_eq!(tree.way.len(), 2);
        assert!(tree.directory(b"a/bc").is_err());
        tree.directory(b"a/b").expect("there");
        tree.forget(b"a/b");
        assert_eq!(tree.way.len(), 1);
    }

    #[test]
    fn of_a_long_way_the_end_is_held() {
        let (folder, mut tree) = tree(Links::Refused);
        let mut path = "a".to_owned();
        for _ in 0..9 {
            path += "/b";
            std::fs::create_dir_all(folder.path().join("in").join(&path)).expect("made");
            tree.directory(path.as_bytes()).expect("there");
        }
        assert_eq!(tree.way.len(), HELD_MAX);
        tree.directory(b"a/b").expect("there");
        assert_eq!(tree.way.len(), 1);
    }
}
