//! Sessions that the original had with itself, byte by byte, in `sessions/`:
//! `NAME.argv` is what the remote shell was to run, `NAME.c2s` what the client
//! sent, `NAME.s2c` what came back. Ours sends to the recorded clients that
//! pull. What a recorded client pushed cannot be played without its waiting for
//! requests: data that came before would be refused, as they should be.
//!
//! `LOOPSHIM_RSYNC_RECORD=1` records them anew, from the original only.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::call::write_script;
use super::pending;
use super::subject::Subject;
use super::tree::{self, Entry};
use crate::support::skip::skip;

/// What was sent.
const TREE: &str = "\
f a mode=0640 =hello\\n
f d/b t=1 =world!\\n
f d/e/big size=3000 seed=4
h d/hard -> a
l l -> a
f x x:user.n=v =with an attribute
d none mode=0700 t=-7
";

/// What was there before: a basis for a difference, and something to delete.
const BEFORE: &str = "\
f d/e/big size=2800 seed=4 t=-1
f gone =gone
";

/// Options of the recorded sessions, by their names without direction and
/// version.
const KINDS: [(&str, &str); 3] =
    [("plain", "-a --no-i-r"), ("rich", "-aHX --delete --no-i-r --no-W"), ("packed", "-az --no-i-r --no-W")];

const VERSIONS: [u32; 3] = [30, 31, 32];

fn sessions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rsync/sessions")
}

/// A folder with what is sent in `from` and what was there in `to`.
fn prepare() -> tempfile::TempDir {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    for (name, text) in [("from", TREE), ("to", BEFORE)] {
        let root = folder.path().join(name);
        fs::create_dir(&root).expect("a folder");
        let entries: Vec<Entry> = text.lines().map(Entry::parse).collect();
        tree::build(&root, &entries, (0, 0));
        tree::redate_directories(&root, 0);
    }
    folder
}

fn name(kind: &str, push: bool, version: u32) -> String {
    format!("{kind}-{}{version}", if push { "push" } else { "pull" })
}

fn each(mut act: impl FnMut(&str, &str, bool, u32)) {
    for (kind, options) in KINDS {
        for version in VERSIONS {
            for push in [true, false] {
                act(kind, options, push, version);
            }
        }
    }
}

/// The client's call of a session.
fn client(program: &Path, options: &str, push: bool, version: u32, shell: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let ends = if push { ["from/", "lh:to/"] } else { ["lh:from/", "to/"] };
    command
        .args(options.split(' '))
        .arg(format!("--protocol={version}"))
        .args(["--checksum-seed=32761", "-e"])
        .arg(shell)
        .args(ends)
        .env("LC_ALL", "C")
        .current_dir(folder);
    command
}

fn record(sessions: &Path) {
    each(|kind, options, push, version| {
        let folder = prepare();
        let shell = folder.path().join("shell");
        let to = sessions.join(name(kind, push, version));
        let to = to.display();
        write_script(
            &shell,
            // A tee that ends with its input would wait for the client, which waits for it.
            &format!(
                "#!/bin/sh\nshift\necho \"$*\" >{to}.argv\ncd {}\nmkfifo in\nexec 3<&0\n\
                 tee {to}.c2s <&3 >in &\n\"$@\" <in | tee {to}.s2c\n",
                folder.path().display()
            ),
        );
        let program = Subject::Theirs.program();
        let done = client(&program, options, push, version, &shell, folder.path()).output().expect("a run");
        assert!(done.status.success(), "{done:?}");
    });
}

/// A remote shell that says what is in `file` and hears everything: also after
/// its own end, which the client waits for.
pub fn plays(file: &Path) -> String {
    format!("#!/bin/sh\nexec 3<&0\ncat <&3 >/dev/null &\ncat {}\n", file.display())
}

#[test]
fn recorded_peers_are_understood() {
    if !rustix::process::geteuid().is_root() {
        return skip("recorded sessions", "root, whose files they are of");
    }
    let sessions = sessions();
    if std::env::var_os("LOOPSHIM_RSYNC_RECORD").is_some() {
        record(&sessions);
    }
    let mut failures = Vec::new();
    each(|kind, _, push, version| {
        if push {
            return;
        }
        let name = name(kind, push, version);
        let path = |end: &str| sessions.join(format!("{name}.{end}"));
        let folder = prepare();
        let mut found = Vec::new();
        let output = serve(&Subject::Ours.program(), &path("argv"), &path("c2s"), folder.path());
        if !output.status.success() {
            found.push(format!("{:?} {}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
        if output.stdout.len() < fs::read(path("s2c")).expect("a recording").len() * 9 / 10 {
            found.push(format!("sent {} bytes only", output.stdout.len()));
        }
        if !found.is_empty() {
            failures.push((name, found.join("\n  ")));
        }
    });
    pending::settle("recorded_peers_are_understood", &failures);
}

/// A server as the recorded client called it, given all that client sent. The
/// client's end comes after the server's.
fn serve(program: &Path, argv: &Path, input: &Path, folder: &Path) -> std::process::Output {
    let argv = fs::read_to_string(argv).expect("a recording");
    let mut command = Command::new("/usr/bin/timeout");
    command.args(["-s", "KILL", "30"]).arg(program).args(argv.split_whitespace().skip(1)).env("LC_ALL", "C");
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a server");
    let mut stdin = child.stdin.take().expect("its input");
    // One that does not read to the end is judged by how it ends.
    let _ = stdin.write_all(&fs::read(input).expect("a recording"));
    let output = child.wait_with_output().expect("a run");
    drop(stdin);
    output
}
