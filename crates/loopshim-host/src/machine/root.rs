//! A file tree that is never left. Symbolic links on the way are followed
//! within it, as the machine itself would once the tree is its `/`; the last
//! name is followed only by what reads. Everything is done through handles on
//! directories, so that nothing put in a directory's place meanwhile is meant.
//! (`openat2(2)` would do; EL8's kernel, 4.18, does not have it.)

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, Stat, StatVfsMountFlags, fstatvfs, openat, readlinkat, statat,
};
use rustix::io::Errno;

/// Most symbolic links on one way, as the kernel's own bound (`path_resolution(7)`).
const LINKS_MAX: usize = 40;
/// Largest file that is read whole, in bytes.
const SIZE_MAX: u64 = 64 << 20;

/// A tree.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    handle: OwnedFd,
}

/// A name in a directory that is held open; whether there is such a file is
/// another matter.
#[derive(Debug)]
pub struct Place {
    /// The directory, opened with `O_PATH`.
    pub directory: OwnedFd,
    /// The name in it.
    pub name: OsString,
}

const DIRECTORY: OFlags =
    OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Root {
    /// The tree at `path`.
    ///
    /// # Errors
    /// When it is no directory that can be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { path: path.to_owned(), handle: rustix::fs::open(path, flags, Mode::empty())? })
    }

    /// Where `inside`, a path in the tree, is seen from outside: for messages,
    /// and for `/proc`, where nothing can be planted.
    pub fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        let inside = inside.as_ref();
        self.path.join(inside.strip_prefix("/").unwrap_or(inside))
    }

    /// The place of `inside`, its last name not followed.
    ///
    /// # Errors
    /// When a directory on the way is missing or cannot be entered.
    pub fn place(&self, inside: impl AsRef<Path>) -> io::Result<Place> {
        self.walk(inside.as_ref(), false)
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// When it is missing, no plain file, too large or cannot be read.
    pub fn read(&self, inside: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        self.walk(inside.as_ref(), true)?.read()
    }

    /// A file's text, with what is no text replaced; `None` when it cannot be read.
    pub fn text(&self, inside: impl AsRef<Path>) -> Option<String> {
        self.read(inside).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file's text without blanks around it, as values in `/proc` and `/sys` are.
    pub fn value(&self, inside: impl AsRef<Path>) -> Option<String> {
        self.text(inside).map(|text| text.trim().to_owned())
    }

    /// What is there, a link followed.
    ///
    /// # Errors
    /// When there is nothing, or it cannot be seen.
    pub fn stat(&self, inside: impl AsRef<Path>) -> io::Result<Stat> {
        self.walk(inside.as_ref(), true)?.stat()
    }

    /// Whether something is there, a link followed.
    pub fn exists(&self, inside: impl AsRef<Path>) -> bool {
        self.stat(inside).is_ok()
    }

    /// Whether a directory is there, a link followed.
    pub fn is_directory(&self, inside: impl AsRef<Path>) -> bool {
        self.stat(inside).is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_dir())
    }

    /// Whether what is there lies on a file system that is mounted read-only.
    pub fn is_read_only(&self, inside: impl AsRef<Path>) -> bool {
        let found = self.place(inside).and_then(|place| Ok(fstatvfs(&place.directory)?));
        found.is_ok_and(|found| found.f_flag.contains(StatVfsMountFlags::RDONLY))
    }

    /// Where the link at `inside` leads, unchanged.
    ///
    /// # Errors
    /// When it is no link.
    pub fn link(&self, inside: impl AsRef<Path>) -> io::Result<PathBuf> {
        self.place(inside)?.link()
    }

    /// The names in a directory, sorted; none when it cannot be read.
    pub fn list(&self, inside: impl AsRef<Path>) -> Vec<OsString> {
        self.try_list(inside.as_ref()).unwrap_or_default()
    }

    /// The names in a directory that are text, sorted.
    pub fn names(&self, inside: impl AsRef<Path>) -> Vec<String> {
        self.list(inside).into_iter().filter_map(|name| name.into_string().ok()).collect()
    }

    fn try_list(&self, inside: &Path) -> io::Result<Vec<OsString>> {
        let place = self.walk(inside, true)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        names_in(openat(&place.directory, &place.name, flags, Mode::empty())?)
    }

    fn walk(&self, inside: &Path, follow_last: bool) -> io::Result<Place> {
        let mut ahead: VecDeque<OsString> = names_of(inside);
        let mut way = vec![self.handle.try_clone()?];
        let mut links = 0;
        loop {
            let name = ahead.pop_front().unwrap_or_else(|| ".".into());
            let here = way.last().ok_or(io::ErrorKind::NotFound)?;
            let is_last = ahead.is_empty();
            if name == ".." {
                // The root's own parent is the root.
                if way.len() > 1 {
                    way.pop();
                }
                if is_last {
                    ahead.push_back(".".into());
                }
                continue;
            }
            if is_last && (!follow_last || !is_link(here, &name)?) {
                let directory = way.pop().ok_or(io::ErrorKind::NotFound)?;
                return Ok(Place { directory, name });
            }
            match openat(here, &name, DIRECTORY, Mode::empty()) {
                Ok(directory) => way.push(directory),
                Err(Errno::NOTDIR | Errno::LOOP) => {
                    let target = read_link(here, &name)?;
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(Errno::LOOP.into());
                    }
                    if target.is_absolute() {
                        way.truncate(1);
                    }
                    for name in names_of(&target).into_iter().rev() {
                        ahead.push_front(name);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Place {
    /// What is there, not followed.
    ///
    /// # Errors
    /// When there is nothing, or it cannot be seen.
    pub fn stat(&self) -> io::Result<Stat> {
        Ok(statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Opens a plain file to be read: no link, and no waiting for a FIFO's other end.
    ///
    /// # Errors
    /// When it is missing, no plain file or cannot be opened.
    pub fn open(&self) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(openat(&self.directory, &self.name, flags, Mode::empty())?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    /// Reads a plain file whole.
    ///
    /// # Errors
    /// As [`Place::open`], and when it is too large.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.take(SIZE_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > SIZE_MAX { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }

    /// Where a link leads.
    ///
    /// # Errors
    /// When it is no link.
    pub fn link(&self) -> io::Result<PathBuf> {
        read_link(&self.directory, &self.name)
    }

    /// Waits until the names in the directory are on the disk.
    ///
    /// # Errors
    /// Any error of `fsync(2)`.
    pub fn sync_directory(&self) -> io::Result<()> {
        // A handle of O_PATH cannot be synced.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(rustix::fs::fsync(openat(&self.directory, ".", flags, Mode::empty())?)?)
    }

    /// The place of another name in the same directory.
    ///
    /// # Errors
    /// When no more files can be open.
    pub fn beside(&self, name: impl Into<OsString>) -> io::Result<Self> {
        Ok(Self { directory: self.directory.try_clone()?, name: name.into() })
    }
}

/// The names in an open directory, sorted, without `.` and `..`.
///
/// # Errors
/// When it cannot be read.
pub fn names_in(directory: impl AsFd) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(OsStr::from_bytes(name).to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn names_of(path: &Path) -> VecDeque<OsString> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    });
    names.collect()
}

fn is_link(directory: impl AsFd, name: &OsStr) -> io::Result<bool> {
    match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(FileType::from_raw_mode(found.st_mode).is_symlink()),
        Err(error) => Err(error.into()),
    }
}

fn read_link(directory: impl AsFd, name: &OsStr) -> io::Result<PathBuf> {
    match readlinkat(directory, name, Vec::new()) {
        Ok(target) => Ok(OsString::from_vec(target.into_bytes()).into()),
        Err(Errno::INVAL) => Err(io::ErrorKind::NotADirectory.into()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn tree() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("usr/lib")).expect("a folder");
        fs::create_dir_all(at("etc")).expect("a folder");
        fs::write(at("usr/lib/os-release"), "ID=x\n").expect("a file");
        symlink("usr/lib", at("lib")).expect("a link");
        symlink("../usr/lib/os-release", at("etc/os-release")).expect("a link");
        symlink("/etc/os-release", at("etc/absolute")).expect("a link");
        symlink("../../../../../../etc/passwd", at("etc/out")).expect("a link");
        symlink("loop", at("etc/loop")).expect("a link");
        let root = Root::open(folder.path()).expect("a root");
        (folder, root)
    }

    #[test]
    fn links_are_followed_within_the_tree_and_never_out_of_it() {
        let (_folder, root) = tree();
        for path in [
            "/usr/lib/os-release",
            "/lib/os-release",
            "/etc/os-release",
            "/etc/absolute",
            "etc/../lib/os-release",
        ] {
            assert_eq!(root.text(path).as_deref(), Some("ID=x\n"), "{path}");
        }
        assert!(root.text("/etc/out").is_none());
        assert!(root.text("/etc/passwd").is_none());
        assert_eq!(root.read("/etc/loop").map_err(|error| error.raw_os_error()), Err(Some(40)));
        assert_eq!(root.names("/../.."), ["etc", "lib", "usr"]);
        assert_eq!(root.names("/lib/.."), ["lib"]);
        assert_eq!(root.link("/etc/absolute").ok(), Some("/etc/os-release".into()));
    }

    #[test]
    fn what_is_no_plain_file_is_not_read() {
        let (_folder, root) = tree();
        assert!(root.read("/usr/lib").is_err());
        assert!(root.read("/usr/lib/os-release/x").is_err());
        assert!(
            root.is_directory("/lib") && !root.is_directory("/etc/os-release") && !root.exists("/nowhere")
        );
    }
}
