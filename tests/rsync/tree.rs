//! Trees from a compact description, one entry a line:
//!
//! ```text
//! d PATH                 a directory (parents come by themselves)
//! f PATH =text           a file; \n and \xNN are bytes
//! f PATH size=70000 seed=3   a file of random bytes, the same for the same seed
//! l PATH -> TARGET       a symbolic link
//! h PATH -> FIRST        a hard link
//! p PATH, s PATH         a FIFO, a socket
//! c PATH dev=1,3         a character device; b: a block device
//! ```
//! with `mode=`, `own=UID:GID`, `t=` (seconds, also with a fraction, from
//! [`BASE`]), `at=` (the same, access time) and `x:NAME=VALUE` (an extended
//! attribute) after the path.

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, Timespec, Timestamps, XattrFlags};
use rustix::io::Errno;

/// When everything happened that the description does not date:
/// 2024-01-02 03:04:05 UTC.
pub const BASE: i64 = 1_704_164_645;

/// An owner and a group, by number.
pub type Owner = (u32, u32);

/// One line of a description.
#[derive(Debug, Clone)]
pub struct Entry {
    path: PathBuf,
    kind: Kind,
    mode: Option<u32>,
    owner: Option<Owner>,
    modified: Timespec,
    accessed: Option<Timespec>,
    attributes: Vec<(String, Vec<u8>)>,
}

#[derive(Debug, Clone)]
enum Kind {
    Directory,
    File(Content),
    Link(PathBuf),
    HardLink(PathBuf),
    Fifo,
    Socket,
    Device(FileType, u32, u32),
}

#[derive(Debug, Clone)]
enum Content {
    Text(Vec<u8>),
    Random { size: usize, seed: u64 },
    Unchanged,
}

impl Entry {
    /// Parses a line; panics where it is none, for a test's author to see.
    pub fn parse(line: &str) -> Self {
        let (head, text) = match line.split_once(" =") {
            Some((head, text)) => (head, Some(unescape(text))),
            None => (line, None),
        };
        let (head, target) = match head.split_once(" -> ") {
            Some((head, rest)) => {
                let (target, options) = rest.split_once(' ').unwrap_or((rest, ""));
                (format!("{head} {options}"), Some(path(target)))
            }
            None => (head.to_owned(), None),
        };
        let mut words = head.split_whitespace();
        let letter = words.next().expect("a kind");
        let mut entry = Self {
            path: path(words.next().expect("a path")),
            kind: Kind::Directory,
            mode: None,
            owner: None,
            modified: Timespec { tv_sec: BASE, tv_nsec: 0 },
            accessed: None,
            attributes: Vec::new(),
        };
        let (mut size, mut seed, mut device) = (None, 1, (0, 0));
        for word in words {
            let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("{word} in {line}"));
            match key {
                "mode" => entry.mode = Some(u32::from_str_radix(value, 8).expect("a mode")),
                "own" => entry.owner = Some(pair(value, ':')),
                "t" => entry.modified = time(value),
                "at" => entry.accessed = Some(time(value)),
                "size" => size = Some(value.parse().expect("a size")),
                "seed" => seed = value.parse().expect("a seed"),
                "dev" => device = pair(value, ','),
                _ => {
                    let name = key.strip_prefix("x:").unwrap_or_else(|| panic!("{key} in {line}"));
                    entry.attributes.push((name.to_owned(), unescape(value)));
                }
            }
        }
        entry.kind = match letter {
            "d" => Kind::Directory,
            "f" => Kind::File(match (text, size) {
                (Some(text), _) => Content::Text(text),
                (None, Some(size)) => Content::Random { size, seed },
                (None, None) => Content::Text(Vec::new()),
            }),
            // Only what is said of the file changes.
            "m" => Kind::File(Content::Unchanged),
            "l" => Kind::Link(target.expect("a target")),
            "h" => Kind::HardLink(target.expect("a first name")),
            "p" => Kind::Fifo,
            "s" => Kind::Socket,
            "c" => Kind::Device(FileType::CharacterDevice, device.0, device.1),
            "b" => Kind::Device(FileType::BlockDevice, device.0, device.1),
            _ => panic!("no kind {letter}: {line}"),
        };
        entry
    }
}

fn pair(text: &str, between: char) -> (u32, u32) {
    let (first, second) = text.split_once(between).expect("two numbers");
    (first.parse().expect("a number"), second.parse().expect("a number"))
}

fn time(text: &str) -> Timespec {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let nanoseconds: i64 = format!("{fraction:0<9}").parse().expect("a fraction");
    Timespec { tv_sec: BASE + seconds.parse::<i64>().expect("seconds"), tv_nsec: nanoseconds }
}

fn path(text: &str) -> PathBuf {
    PathBuf::from(std::ffi::OsString::from_vec(unescape(text)))
}

/// `\n`, `\r`, `\t`, `\s` (a space), `\\` and `\xNN`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next().expect("an escape") {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b's' => b' ',
            b'x' => {
                let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                u8::from_str_radix(std::str::from_utf8(&digits).expect("digits"), 16).expect("hexadecimal")
            }
            other => other,
        });
    }
    bytes
}

/// Bytes that look random and are the same each time.
pub fn random(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// Makes all `entries` below `root`, or changes what is there into them;
/// what is not owned otherwise belongs to `owner`.
pub fn build(root: &Path, entries: &[Entry], owner: Owner) {
    let mut parents = Vec::new();
    for entry in entries {
        make_parents(root, &entry.path, owner, &mut parents);
        make(root, entry);
    }
    for entry in entries {
        finish(root, entry, owner);
    }
    // Making a child dated its parent. The deepest first, or nothing would keep.
    parents.retain(|parent| !entries.iter().any(|entry| entry.path == *parent));
    for parent in parents {
        set_times(&root.join(parent), Timespec { tv_sec: BASE, tv_nsec: 0 }, None);
    }
    for entry in entries.iter().filter(|entry| matches!(entry.kind, Kind::Directory)) {
        set_times(&root.join(&entry.path), entry.modified, entry.accessed);
    }
}

fn make_parents(root: &Path, path: &Path, owner: Owner, touched: &mut Vec<PathBuf>) {
    let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) else { return };
    if !touched.iter().any(|known| known == parent) {
        if !root.join(parent).exists() {
            make_parents(root, parent, owner, touched);
            fs::create_dir(root.join(parent)).expect("a parent");
            chown(&root.join(parent), owner);
        }
        touched.push(parent.to_owned());
    }
}

fn make(root: &Path, entry: &Entry) {
    let path = root.join(&entry.path);
    if let Ok(found) = fs::symlink_metadata(&path) {
        match entry.kind {
            Kind::Directory if found.is_dir() => return,
            Kind::File(_) if found.is_file() => {}
            _ if found.is_dir() => fs::remove_dir_all(&path).expect("removed"),
            _ => fs::remove_file(&path).expect("removed"),
        }
    }
    match &entry.kind {
        Kind::Directory => fs::create_dir(&path).expect("a directory"),
        Kind::File(Content::Unchanged) => {}
        Kind::File(content) => {
            let bytes = match content {
                Content::Text(text) => text.clone(),
                Content::Random { size, seed } => random(*size, *seed),
                Content::Unchanged => Vec::new(),
            };
            let mut file = fs::File::create(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            file.write_all(&bytes).expect("written");
        }
        Kind::Link(target) => symlink(target, &path).expect("a link"),
        Kind::HardLink(first) => fs::hard_link(root.join(first), &path).expect("a hard link"),
        Kind::Fifo => mknod(&path, FileType::Fifo, 0),
        Kind::Socket => mknod(&path, FileType::Socket, 0),
        Kind::Device(kind, major, minor) => mknod(&path, *kind, rustix::fs::makedev(*major, *minor)),
    }
}

fn mknod(path: &Path, kind: FileType, device: u64) {
    rustix::fs::mknodat(CWD, path, kind, Mode::from_raw_mode(0o644), device).expect("a node");
}

fn finish(root: &Path, entry: &Entry, owner: Owner) {
    let path = root.join(&entry.path);
    if matches!(entry.kind, Kind::HardLink(_)) {
        return;
    }
    chown(&path, entry.owner.unwrap_or(owner));
    if !matches!(entry.kind, Kind::Link(_)) {
        let default = match entry.kind {
            Kind::Directory => 0o755,
            Kind::File(Content::Unchanged) => fs::metadata(&path).expect("a file").mode() & 0o7777,
            _ => 0o644,
        };
        let mode = fs::Permissions::from_mode(entry.mode.unwrap_or(default));
        fs::set_permissions(&path, mode).expect("a mode");
    }
    for (name, value) in &entry.attributes {
        let set = || rustix::fs::lsetxattr(&path, name.as_str(), value, XattrFlags::empty());
        match set() {
            // Who may not write to a file may not give it any, super-user apart.
            Err(Errno::ACCESS) => with_permission(&path, 0o200, || set().expect("an attribute")),
            outcome => outcome.expect("an attribute"),
        }
    }
    set_times(&path, entry.modified, entry.accessed);
}

/// Acts while a file has a permission more.
fn with_permission(path: &Path, permission: u32, act: impl FnOnce()) {
    let own = fs::metadata(path).expect("a file").permissions();
    fs::set_permissions(path, fs::Permissions::from_mode(own.mode() | permission)).expect("a mode");
    act();
    fs::set_permissions(path, own).expect("its mode");
}

fn chown(path: &Path, (owner, group): Owner) {
    let found = fs::symlink_metadata(path).expect("what was made");
    if (found.uid(), found.gid()) != (owner, group) {
        std::os::unix::fs::lchown(path, Some(owner), Some(group)).expect("an owner");
    }
}

fn set_times(path: &Path, modified: Timespec, accessed: Option<Timespec>) {
    let times = Timestamps { last_access: accessed.unwrap_or(modified), last_modification: modified };
    rustix::fs::utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW).expect("times");
}

/// Dates directories that were changed just now, at `now` or later (in seconds),
/// back: whether two are of the same second must not depend on chance.
pub fn redate_directories(root: &Path, now: i64) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            redate_directories(&entry.path(), now);
        }
    }
    if fs::metadata(root).is_ok_and(|found| found.mtime() >= now) {
        set_times(root, Timespec { tv_sec: BASE + 1000, tv_nsec: 0 }, None);
    }
}
