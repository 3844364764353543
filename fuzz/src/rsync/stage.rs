//! The folder in which sessions take place.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rustix::fs::{AtFlags, CWD, FileType, Timespec, Timestamps};

use crate::folder;

/// What a session starts from, in [`folder`]: `from`, `to`, and a `victim` that
/// nothing may touch. What is there before is as recorded sessions had it
/// (`tests/rsync/sessions`).
pub struct Stage {
    /// What no session may change.
    beside: Vec<Signature>,
    /// `to` and what is in it, as it was made.
    destination: Vec<Signature>,
}

const BESIDE: &[&str] = &[
    "victim/secret",
    "victim/sub/deeper",
    "victim/sub",
    "victim",
    "from/a",
    "from/d/b",
    "from/d/e/big",
    "from/d/e",
    "from/d/hard",
    "from/d",
    "from/x",
    "from/l",
    "from/out",
    "from",
    ".",
];
const DESTINATION: &[&str] = &["to/d/e/big", "to/d/e", "to/d", "to/gone", "to/out", "to"];

/// When all of it was changed last: whatever is changed by a session has
/// another time then. The clock of files alone goes too slowly for that.
const CHANGED: Timespec = Timespec { tv_sec: 1_234_567_890, tv_nsec: 123_456_789 };

/// What shows whether a file or folder is still the same: of a folder also that
/// nothing was added or removed.
#[derive(Debug, PartialEq, Eq)]
struct Signature {
    inode: u64,
    length: u64,
    mode: u32,
    modified: (i64, i64),
    /// Bytes of the names of extended attributes, lists of access among them.
    attributes: usize,
}

impl Signature {
    /// `None` where nothing is there.
    fn of(path: &str) -> Option<Self> {
        let found = fs::symlink_metadata(path).ok()?;
        Some(Self {
            inode: found.ino(),
            length: found.len(),
            mode: found.mode(),
            modified: (found.mtime(), found.mtime_nsec()),
            attributes: rustix::fs::llistxattr(path, &mut [0_u8; 0][..]).unwrap_or(0),
        })
    }

    /// Of files that were made now.
    fn of_new(paths: &[&str]) -> Vec<Self> {
        let times = Timestamps { last_access: CHANGED, last_modification: CHANGED };
        paths.iter().for_each(|path| {
            rustix::fs::utimensat(CWD, *path, &times, AtFlags::SYMLINK_NOFOLLOW).expect("times");
        });
        paths.iter().map(|path| Self::of(path).expect("a file")).collect()
    }

    /// Which of `paths` is not as its signature says.
    fn changed<'p>(signatures: &[Self], paths: &[&'p str]) -> Option<&'p str> {
        let mut signatures = signatures.iter();
        paths.iter().copied().find(|path| {
            let was = signatures.next();
            was.is_none() || was != Self::of(path).as_ref()
        })
    }
}

static STAGE: LazyLock<Mutex<Stage>> = LazyLock::new(|| Mutex::new(Stage::new()));

impl Stage {
    /// The only one, in the current directory.
    pub fn enter() -> MutexGuard<'static, Self> {
        STAGE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new() -> Self {
        // Makes it the current directory.
        folder();
        // What no program of Rust's has to say: its start-up does.
        signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::default()).expect("a handler");
        refuse_who_makes_devices();
        let write = |path: &str, contents: &[u8]| {
            fs::create_dir_all(Path::new(path).parent().expect("a folder")).expect("a folder");
            fs::write(path, contents).expect("a file");
        };
        write("victim/secret", b"secret");
        write("victim/sub/deeper", b"secret too");
        write("from/a", b"hello\n");
        write("from/d/b", b"world!\n");
        write("from/d/e/big", &big(3000));
        write("from/x", b"with an attribute");
        fs::hard_link("from/a", "from/d/hard").expect("a link");
        symlink("a", "from/l").expect("a link");
        symlink("../victim", "from/out").expect("a link");
        fs::create_dir("to").expect("a folder");
        Self { beside: Signature::of_new(BESIDE), destination: Vec::new() }
    }

    /// Makes `to` anew, if it is not as it is to be.
    pub fn make_destination(&mut self) {
        if Signature::changed(&self.destination, DESTINATION).is_none() {
            return;
        }
        clear(Path::new("to"));
        fs::create_dir_all("to/d/e").expect("a folder");
        ["to", "to/d", "to/d/e"].iter().for_each(|path| {
            fs::set_permissions(path, Permissions::from_mode(0o755)).expect("permissions");
        });
        fs::write("to/d/e/big", big(2800)).expect("a file");
        fs::write("to/gone", "gone\n").expect("a file");
        symlink("../victim", "to/out").expect("a link");
        self.destination = Signature::of_new(DESTINATION);
        Signature::of_new(&["."]);
    }

    /// Fails where a session has changed what is not in `to`.
    pub fn assert_untouched(&self, call: &[&str]) {
        let changed = Signature::changed(&self.beside, BESIDE);
        assert_eq!(changed, None, "beside the destination of {call:?}");
    }
}

/// A hostile list has devices in it, and a device is the whole machine.
fn refuse_who_makes_devices() {
    let number = rustix::fs::makedev(0xfff, 0);
    let made = rustix::fs::mknodat(CWD, "device", FileType::BlockDevice, 0o600.into(), number);
    assert!(made.is_err(), "not as somebody who can make devices: see README.md");
}

fn big(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * at >> 3) as u8).collect()
}

/// Removes a folder, whatever modes a peer gave to what is in it.
fn clear(path: &Path) {
    if fs::remove_dir_all(path).is_ok() || fs::symlink_metadata(path).is_err() {
        return;
    }
    open_up(path);
    fs::remove_dir_all(path).expect("a removal");
}

fn open_up(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o700)).expect("permissions");
    for entry in fs::read_dir(path).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}
