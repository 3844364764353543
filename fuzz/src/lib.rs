//! What the fuzz targets share: choices drawn from bytes, a machine of buffers
//! and one temporary folder, and BMCs that answer whatever the bytes say.

#[path = "../../tests/support/grammar.rs"]
pub mod grammar;
pub mod rsync;

use std::ffi::OsString;
use std::io::{self, Cursor, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ipmi::{CompletionCode, Request, Response};
use loopshim_core::ipmitool::transport::model::Controller;
use loopshim_core::{Variables, World};

use grammar::Draw;

/// Choices drawn from bytes, two for each; zero once they are used up.
pub struct Choices<'b>(pub &'b [u8]);

impl Draw for Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        let [low, high, rest @ ..] = self.0 else { return 0 };
        self.0 = rest;
        usize::from(u16::from_le_bytes([*low, *high])) % count
    }
}

/// The folder that stands for `/`, and the one that relative names start from:
/// no target touches another.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let shared = Path::new("/dev/shm");
        let parent = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
        let folder = parent.join(format!("loopshim-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::env::set_current_dir(&folder).expect("the folder");
        folder
    })
}

/// Writes a file below [`folder`].
pub fn put(name: &str, contents: &[u8]) {
    let path = folder().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, contents).expect("a file");
}

/// Most bytes an invocation may print. The longest honest outputs, lists of
/// thousands of events with every trace, stay below.
const OUTPUT_MAX: usize = 64 << 20;

/// Counts what is written and forgets it.
#[derive(Default)]
struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        assert!(self.0 < OUTPUT_MAX, "output without end");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An invocation in [`folder`] with these variables and this input.
pub fn world(args: Vec<String>, vars: &[(&str, &str)], stdin: Vec<u8>) -> World {
    let vars = vars.iter().map(|(name, value)| (name.into(), value.into())).collect();
    World {
        program: "ipmitool".into(),
        args: args.into_iter().map(OsString::from).collect(),
        vars: Variables::Given(vars),
        stdin: Box::new(Cursor::new(stdin)) as Box<dyn Read>,
        stdin_is_terminal: || false,
        stdout: Box::new(Counted::default()),
        stdout_is_terminal: false,
        stderr: Box::new(Counted::default()),
        clock: || UNIX_EPOCH + Duration::from_secs(1_709_647_749),
        root: folder().to_owned(),
        proc: PathBuf::from("/proc"),
    }
}

/// Seconds since 1970 that all fuzzed machines live at.
pub fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_709_647_749)
}

/// What a BMC of bytes does when its bytes are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Refuses everything.
    Refuse,
    /// Begins again.
    Repeat,
    /// Lets the BMC behind it answer, as it does between the bytes.
    Honest,
}

/// Most requests of an invocation: all records of the largest repository, read
/// a few bytes at a time.
const REQUESTS_MAX: usize = 1_500_000;

/// A BMC that answers from bytes.
pub struct Answers {
    bytes: Vec<u8>,
    at: usize,
    after: After,
    honest: Box<dyn Controller>,
    requests: usize,
    invocation: String,
}

impl Answers {
    /// Answers from `bytes`; with [`After::Honest`] they change what `honest`
    /// answers. `invocation` is for messages.
    pub fn new(bytes: &[u8], after: After, honest: Box<dyn Controller>, invocation: String) -> Self {
        Self { bytes: bytes.to_vec(), at: 0, after, honest, requests: 0, invocation }
    }

    fn next(&mut self) -> Option<u8> {
        if self.at == self.bytes.len() && self.after == After::Repeat {
            self.at = 0;
        }
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn made_up(&mut self) -> Response {
        let Some(completion) = self.next() else { return Response::from(CompletionCode(0xC1)) };
        // Most answers are successes, or little of the client is seen.
        let completion = if completion < 0xE0 { 0 } else { completion };
        let len = self.next().unwrap_or(0);
        let len = if len < 0xF8 { len % 40 } else { len };
        let data = (0..len).map_while(|_| self.next()).collect();
        Response { completion: CompletionCode(completion), data }
    }

    /// `response`, changed as the next bytes say.
    fn disturbed(&mut self, mut response: Response) -> Response {
        let Some(how) = self.next() else { return response };
        match how % 8 {
            0 => return self.made_up(),
            1 => response.data.truncate(usize::from(how >> 3)),
            2 => response.data.extend(std::iter::repeat_n(how, usize::from(how >> 3))),
            3 => {
                let at = usize::from(how >> 3) % response.data.len().max(1);
                let byte = self.next().unwrap_or(0);
                response.data.get_mut(at).map(|old| *old = byte);
            }
            4 => response = Response::from(CompletionCode(how)),
            _ => {}
        }
        response
    }
}

impl Controller for Answers {
    fn answer(&mut self, request: &Request, clock: &dyn Fn() -> u64) -> Response {
        self.requests += 1;
        assert!(self.requests < REQUESTS_MAX, "requests without end: {}: {request:02x?}", self.invocation);
        match self.after {
            After::Honest => {
                let response = self.honest.answer(request, clock);
                self.disturbed(response)
            }
            After::Refuse | After::Repeat => self.made_up(),
        }
    }
}

/// Sends `frames` to whoever connects to a socket in [`folder`] next, and reads
/// what comes back until it leaves. The socket's path.
pub fn frames(frames: Vec<u8>) -> PathBuf {
    static LISTENER: OnceLock<UnixListener> = OnceLock::new();
    let path = folder().join("bmc");
    let listener = LISTENER.get_or_init(|| UnixListener::bind(&path).expect("a socket"));
    let listener = listener.try_clone().expect("the socket");
    std::thread::spawn(move || {
        if let Ok((stream, _)) = listener.accept() {
            // A client that leaves early is what is being tried.
            let _ = converse(stream, &frames);
        }
    });
    path
}

fn converse(mut stream: UnixStream, frames: &[u8]) -> io::Result<()> {
    stream.write_all(frames)?;
    stream.shutdown(std::net::Shutdown::Write)?;
    io::copy(&mut stream, &mut io::sink()).map(drop)
}
