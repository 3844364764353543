//! What a tree is: every property that a transfer may have to keep.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::hash::Hasher;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::SeekFrom;

/// What is not compared, or compared too.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// Times from here on are "now": when it was run, not what it copied.
    pub now: i64,
    /// Whether access times count.
    pub access_times: bool,
}

/// Every entry below a folder, by path, each described in a line.
pub type Snapshot = BTreeMap<String, String>;

/// Takes it.
pub fn take(root: &Path, scope: Scope) -> Snapshot {
    let mut paths = Vec::new();
    list(root, root, &mut paths);
    let mut groups: HashMap<(u64, u64), String> = HashMap::new();
    let mut entries = Snapshot::new();
    for path in paths {
        let found = fs::symlink_metadata(root.join(&path)).expect("an entry");
        let name = escaped(path.as_os_str().as_bytes());
        let mut line = describe(&root.join(&path), &found, scope);
        if found.nlink() > 1 && !found.is_dir() {
            let first = groups.entry((found.dev(), found.ino())).or_insert_with(|| name.clone());
            line.push_str(&format!(" linked {first} {}", found.nlink()));
        }
        entries.insert(name, line);
    }
    entries
}

fn list(root: &Path, folder: &Path, paths: &mut Vec<PathBuf>) {
    let mut names: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    for path in names {
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        paths.push(path.strip_prefix(root).expect("below the root").to_owned());
        if is_folder {
            list(root, &path, paths);
        }
    }
}

fn describe(path: &Path, found: &fs::Metadata, scope: Scope) -> String {
    let kind = found.file_type();
    let (letter, value) = if kind.is_dir() {
        ('d', String::new())
    } else if kind.is_symlink() {
        ('l', format!(" -> {}", escaped(fs::read_link(path).expect("a link").as_os_str().as_bytes())))
    } else if kind.is_file() {
        ('f', content(path, found))
    } else if kind.is_fifo() {
        ('p', String::new())
    } else if kind.is_socket() {
        ('s', String::new())
    } else {
        let letter = if kind.is_block_device() { 'b' } else { 'c' };
        (letter, format!(" {},{}", rustix::fs::major(found.rdev()), rustix::fs::minor(found.rdev())))
    };
    let mut line = format!(
        "{letter}{:04o} {}:{} {}{value}{}",
        found.mode() & 0o7777,
        found.uid(),
        found.gid(),
        time(found.mtime(), found.mtime_nsec(), scope),
        attributes(path),
    );
    if scope.access_times && kind.is_file() {
        line.push_str(&format!(" read {}", time(found.atime(), found.atime_nsec(), scope)));
    }
    line
}

fn time(seconds: i64, nanoseconds: i64, scope: Scope) -> String {
    if seconds >= scope.now { "now".to_owned() } else { format!("{seconds}.{nanoseconds:09}") }
}

/// Size, a hash of what is not zero, and whether most of it is holes.
fn content(path: &Path, found: &fs::Metadata) -> String {
    const SHOWN: u64 = 40;
    let file = open_unnoticed(path);
    if found.size() <= SHOWN {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut &file, &mut bytes).expect("its bytes");
        return format!(" {} {:?}", found.size(), escaped(&bytes));
    }
    let holes = if found.blocks() * 512 * 2 < found.size() { " holes" } else { "" };
    format!(" {} {:016x}{holes}", found.size(), hash(&file, found.size()))
}

/// Reading must not change when the file was last read.
fn open_unnoticed(path: &Path) -> fs::File {
    use rustix::fs::{Mode, OFlags};
    fs::File::from(
        rustix::fs::open(path, OFlags::RDONLY | OFlags::NOATIME, Mode::empty()).expect("a readable file"),
    )
}

fn hash(file: &fs::File, size: u64) -> u64 {
    const PIECE: usize = 4096;
    let mut hasher = DefaultHasher::new();
    let mut buffer = vec![0; PIECE * 64];
    let mut position = 0;
    while let Ok(data) = rustix::fs::seek(file, SeekFrom::Data(position)) {
        let end = rustix::fs::seek(file, SeekFrom::Hole(data)).unwrap_or(size);
        position = data - data % PIECE as u64;
        while position < end {
            let read = file.read_at(&mut buffer, position).expect("data");
            if read == 0 {
                break;
            }
            for (number, piece) in buffer[..read].chunks(PIECE).enumerate() {
                if piece.iter().any(|&byte| byte != 0) {
                    hasher.write_u64(position + (number * PIECE) as u64);
                    hasher.write(piece);
                }
            }
            position += read as u64;
        }
        position = position.max(end);
    }
    hasher.finish()
}

/// Extended attributes, access control lists among them, as name=value.
fn attributes(path: &Path) -> String {
    let mut names = vec![0; 4096];
    let Ok(length) = rustix::fs::llistxattr(path, &mut names[..]) else { return String::new() };
    let mut names: Vec<&[u8]> =
        names[..length].split(|&byte| byte == 0).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    let mut text = String::new();
    for name in names {
        let mut value = vec![0; 1 << 16];
        let length = rustix::fs::lgetxattr(path, name, &mut value[..]).expect("an attribute's value");
        text.push_str(&format!(" {}={}", escaped(name), escaped(&value[..length])));
    }
    text
}

fn escaped(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// The first differences between two, for a person.
pub fn differences(expected: &Snapshot, got: &Snapshot) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, line) in expected {
        match got.get(path) {
            None => lines.push(format!("missing {path}: {line}")),
            Some(other) if other != line => lines.push(format!("{path}: expected {line}\n    got {other}")),
            Some(_) => {}
        }
    }
    for (path, line) in got.iter().filter(|(path, _)| !expected.contains_key(*path)) {
        lines.push(format!("not expected {path}: {line}"));
    }
    lines
}
