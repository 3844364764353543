//! Whole sessions of rsync against a peer of bytes, in a throwaway folder.
//!
//! An input is a byte of choices (see [`Script`]), a byte that chooses the call,
//! and what the peer says, in pieces between [`PAUSE`]s: at each it waits until
//! ours has taken everything and is silent, as a peer that waits for requests.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, UNIX_EPOCH};

use loopshim_core::ipmitool::locale::Environment;
use loopshim_core::ipmitool::time::Zone;
use loopshim_rsync::connection::{Algorithms, Link};
use loopshim_rsync::fs::Temporaries;
use loopshim_rsync::log::{Kind, Log};
use loopshim_rsync::options::{Bytes, Invocation, Surroundings, parse};
use loopshim_rsync::roles::{Client, Quiet, Route, serve_over};
use rsync_proto::multiplex::{Code, Header};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::pipe;

use crate::folder;

/// Between what a peer says and what it says once it has been answered.
pub const PAUSE: &[u8] = &[0xfa, 0xce, 0xfa];

/// How long ours says nothing before it is taken to wait for its peer. Too
/// short a time makes a peer that says what comes later too early.
const SILENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000 };

/// What a peer says.
pub struct Script {
    pieces: Vec<Vec<u8>>,
    /// What is left of the byte of choices.
    pub choice: u8,
    /// The byte that chooses the call.
    pub call: u8,
}

impl Script {
    /// Of an input. With the lowest bit set, all pieces but the first are put
    /// into frames of data; else they are said as they are.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let [how, call, said @ ..] = bytes else { return None };
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        let mut rest = said;
        while let Some(at) = rest.windows(PAUSE.len()).position(|window| window == PAUSE) {
            pieces.push(rest[..at].to_vec());
            rest = &rest[at + PAUSE.len()..];
        }
        pieces.push(rest.to_vec());
        if how & 1 != 0 {
            for piece in pieces.iter_mut().skip(1) {
                let header = Header { code: Code::Data, length: piece.len() }.encode();
                piece.splice(..0, header);
            }
        }
        Some(Self { pieces, choice: how >> 1, call: *call })
    }

    /// The two ends of a connection, one of which says this in a thread. It
    /// hears until ours has ended.
    fn play(self, waits: bool) -> Link {
        let (hears, says) = pipe().expect("a pipe");
        let (heard, said) = pipe().expect("a pipe");
        let (mut says, mut heard) = (File::from(says), File::from(heard));
        std::thread::spawn(move || {
            for (number, piece) in self.pieces.iter().enumerate() {
                if number > 0 && waits && !settle(&says, &mut heard) {
                    return;
                }
                // Nobody hears it any more.
                if says.write_all(piece).is_err() {
                    return;
                }
            }
            drop(says);
            let mut buffer = [0; 1 << 16];
            while heard.read(&mut buffer).is_ok_and(|length| length > 0) {}
        });
        Link::over(File::from(hears), File::from(said), None, None)
    }
}

/// Waits until the other end has taken what was said and is silent; whether it
/// is still there.
fn settle(says: &File, heard: &mut File) -> bool {
    let mut buffer = [0; 1 << 16];
    loop {
        let is_heard = rustix::io::ioctl_fionread(says).is_ok_and(|left| left == 0);
        let is_silent =
            poll(&mut [PollFd::new(&*heard, PollFlags::IN)], Some(&SILENCE)).is_ok_and(|count| count == 0);
        match is_silent {
            true if is_heard => return true,
            true => {}
            false if heard.read(&mut buffer).is_ok_and(|length| length > 0) => {}
            false => return false,
        }
    }
}

/// Calls rsync with `arguments`, and has `script` for its peer.
pub fn converse(arguments: &[&str], script: Script, waits: bool) {
    let arguments: Vec<Bytes> = arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect();
    let zone =
        || Zone::of(&Environment::new(folder().to_owned(), loopshim_core::Variables::Given(Vec::new())));
    let surroundings = Surroundings { variable: &|_| None, now: UNIX_EPOCH, zone: &zone };
    let Ok(Invocation { options, operands }) = parse(&arguments, &surroundings) else {
        panic!("a call of ours is refused");
    };
    let (algorithms, temporaries) = (Algorithms::default(), Temporaries::default());
    let before = threads();
    let link = script.play(waits);
    if options.role.is_server() {
        serve_over(link, options, &operands, &algorithms, temporaries, Box::new(zone));
        return await_threads(before);
    }
    let Ok(route) = Route::new(&operands) else { panic!("a route of ours is refused") };
    let options = Arc::new(options);
    let client = Client {
        options: Arc::clone(&options),
        local_receiver: options,
        algorithms,
        temporaries,
        log: Arc::new(Nowhere),
        sent: Arc::new(Quiet),
        received: Arc::new(Quiet),
    };
    // A peer that lies is a failure; that ours says so is all there is to it.
    let _ = client.run_over(link, route);
    await_threads(before);
}

/// How many threads there are.
fn threads() -> usize {
    fs::read_dir("/proc/self/task").expect("proc").count()
}

/// Waits for the threads that a session began: none may stay behind, and none
/// may still write when the next session begins.
fn await_threads(before: usize) {
    let begun = Instant::now();
    while threads() > before {
        assert!(begun.elapsed() < Duration::from_secs(10), "a thread outlives its session");
        std::thread::yield_now();
    }
}

struct Nowhere;

impl Log for Nowhere {
    fn line(&self, _: Kind, _: &[u8]) {}
}

/// A call starts in [`folder`] with `from`, `to` and a `victim` that nothing
/// may touch. What is there before is as recorded sessions had it
/// (`tests/rsync/sessions`).
pub fn prepare() {
    static READY: OnceLock<()> = OnceLock::new();
    READY.get_or_init(|| {
        let folder = folder();
        // What no program of Rust's has to say: its start-up does.
        signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::default()).expect("a handler");
        // A hostile list has devices in it, and a device is the whole machine.
        let device = folder.join("device");
        let made = rustix::fs::mknodat(
            rustix::fs::CWD,
            &device,
            rustix::fs::FileType::BlockDevice,
            0o600.into(),
            rustix::fs::makedev(0xfff, 0),
        );
        assert!(made.is_err(), "not as somebody who can make devices: see README.md");
        let random = |length: usize| -> Vec<u8> { (0..length).map(|at| (at * at >> 3) as u8).collect() };
        let write = |path: &str, contents: &[u8]| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, contents).expect("a file");
        };
        write("victim/secret", b"secret");
        write("victim/sub/deeper", b"secret too");
        write("from/a", b"hello\n");
        write("from/d/b", b"world!\n");
        write("from/d/e/big", &random(3000));
        write("from/x", b"with an attribute");
        fs::hard_link(folder.join("from/a"), folder.join("from/d/hard")).expect("a link");
        symlink("a", folder.join("from/l")).expect("a link");
        symlink("../victim", folder.join("from/out")).expect("a link");
    });
}

/// Makes `to` anew.
pub fn prepare_destination() {
    let to = folder().join("to");
    clear(&to);
    fs::DirBuilder::new().mode(0o755).create(&to).expect("a folder");
    fs::create_dir_all(to.join("d/e")).expect("a folder");
    fs::write(to.join("d/e/big"), (0..2800_usize).map(|at| (at * at >> 3) as u8).collect::<Vec<u8>>())
        .expect("a file");
    fs::write(to.join("gone"), "gone\n").expect("a file");
    symlink("../victim", to.join("out")).expect("a link");
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

/// Everything in [`folder`] but for what is in `to`: path, length, mode, time.
pub fn beside() -> BTreeMap<String, (u64, u32, i64, i64)> {
    let mut all = BTreeMap::new();
    list(folder(), "", &mut all);
    all
}

fn list(folder: &Path, prefix: &str, all: &mut BTreeMap<String, (u64, u32, i64, i64)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if name == "to" {
            continue;
        }
        let found = fs::symlink_metadata(entry.path()).expect("an entry");
        if found.is_dir() {
            list(&entry.path(), &format!("{name}/"), all);
        }
        all.insert(name, (found.len(), found.mode(), found.mtime(), found.mtime_nsec()));
    }
}
