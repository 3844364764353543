//! The real pip and ours, asked the same in the same place: the same streams
//! and the same status. One body for both subjects.

use std::io::Write;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::environment::{Environment, PIP, wait_for};
use crate::support::say::say;

/// One line of `invocations.txt`.
struct Invocation {
    line: &'static str,
    with_demo: bool,
    variables: Vec<(String, String)>,
    words: Vec<String>,
    stdin: String,
}

impl Invocation {
    fn of(line: &'static str, environment: &Environment) -> Self {
        let (state, rest) = line.split_at(1);
        let (words, stdin) = rest.split_once('<').unwrap_or((rest, ""));
        let path = |path: &str| environment.path(path).display().to_string();
        let put = |word: &str| {
            let word = word.replace("{wheel}", &environment.wheel().display().to_string());
            let word = word.replace("{src}", &path("src")).replace("{broken}", &path("broken"));
            let word = word.replace("{work}", &path("work")).replace("{wheels}", &path("wheels"));
            word.replace("{python}", &environment.python())
        };
        let mut words: Vec<String> = words.split_whitespace().map(put).collect();
        let is_variable = |word: &String| word.starts_with("PIP_");
        let first = words.iter().position(|word| !is_variable(word)).unwrap_or(words.len());
        let variables = words.drain(..first).filter_map(|word| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        });
        Self {
            line,
            with_demo: state == "+",
            variables: variables.collect(),
            words,
            stdin: if stdin.is_empty() { String::new() } else { format!("{stdin}\n") },
        }
    }

    /// What a pip answers, in a fresh place.
    fn answer(&self, environment: &Environment, mut command: Command) -> Answer {
        start_anew(environment);
        if self.with_demo {
            environment.with_demo();
        }
        let work = environment.path("work");
        for (name, text) in [("requirements.txt", "demo\n"), ("constraints.txt", "demo<2\n")] {
            std::fs::write(work.join(name), text).expect("a file");
        }
        std::os::unix::fs::symlink(environment.path("wheels"), work.join("wheels")).expect("a link");
        command.env("PIP_NO_INDEX", "1").envs(self.variables.iter().map(|(name, value)| (name, value)));
        if self.words.iter().any(|word| word == "-r" || word == "-c") {
            command.env("PIP_FIND_LINKS", environment.path("wheels"));
        }
        command.args(&self.words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("started");
        // Who does not ask may be gone before it has been told.
        let _ = child.stdin.take().expect("a pipe").write_all(self.stdin.as_bytes());
        Answer::of(child)
    }

    /// How the real pip's answer and ours differ, if they do.
    fn difference(&self, environment: &Environment) -> Option<String> {
        let real = self.answer(environment, environment.real());
        let ours = self.answer(environment, environment.ours());
        (real != ours).then(|| format!("{}\nreal: {real:#?}\nours: {ours:#?}", self.line))
    }
}

/// What a caller sees, without what chance has its part in.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

impl Answer {
    fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("an end");
        let (stdout, stderr) = (without_chance(&output.stdout), without_chance(&output.stderr));
        Self { status: output.status, stdout, stderr }
    }
}

/// Nothing of demo, and empty folders.
fn start_anew(environment: &Environment) {
    environment.without_demo();
    for folder in ["work", "tmp"] {
        std::fs::create_dir_all(environment.path(folder)).expect("a folder");
    }
}

/// What differs from one run of the same pip to the next: random names, and
/// digests and sizes of wheels with times in them.
pub fn without_chance(text: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(text).into_owned();
    for (before, length) in [
        ("pip-ephem-wheel-cache-", 8),
        ("pip-req-build-", 8),
        ("pip-req-tracker-", 8),
        ("pip-modern-metadata-", 8),
        ("pip-wheel-", 8),
        ("pip-pip-egg-info-", 8),
        ("pip-record-", 8),
        ("pip-install-", 8),
        ("pip-uninstall-", 8),
        ("pip-unpack-", 8),
        ("sha256=", 64),
    ] {
        let mut from = 0;
        while let Some(at) = text[from..].find(before).map(|at| from + at + before.len()) {
            let end = (at + length).min(text.len());
            if text.is_char_boundary(end) {
                text.replace_range(at..end, "#");
            }
            from = at;
        }
    }
    let is_kept = |line: &&str| !line.contains("Created wheel for");
    text.split_inclusive('\n').filter(is_kept).collect()
}

/// How many compare at once: pip computes, and a machine has few processors.
const WORKERS: usize = 3;

#[test]
fn the_same_words_get_the_same_answer() {
    let Some(environment) = Environment::with_pip(PIP, "pip's answers and ours") else { return };
    start_anew(&environment);
    environment.with_demo();
    let lines: Vec<&str> =
        include_str!("invocations.txt").lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() >= 60);
    let next = AtomicUsize::new(0);
    let differences = Mutex::new(Vec::new());
    let compare = |environment: &Environment| {
        while let Some(line) = lines.get(next.fetch_add(1, Ordering::Relaxed)) {
            let difference = Invocation::of(line, environment).difference(environment);
            differences.lock().expect("no panic").extend(difference);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..WORKERS {
            let another = environment.another();
            scope.spawn(move || compare(&another));
        }
        compare(&environment);
    });
    let differences = differences.into_inner().expect("no panic");
    let (count, all) = (differences.len(), lines.len());
    assert!(differences.is_empty(), "{count} of {all} differ:\n{}", differences.join("\n"));
    say(format_args!("pip3 and pip {PIP}: {all} of {all} invocations answered alike"));
}

/// Nobody reads what is printed: pip says so, and stops where it is; ours says
/// so, and leaves what was asked for.
#[test]
fn a_closed_standard_output_is_told_of_alike() {
    let Some(environment) = Environment::with_pip(PIP, "pip without a reader") else { return };
    let unread = |mut command: Command, words: &[&str]| {
        start_anew(&environment);
        command.args(words).arg(environment.wheel()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("started");
        drop(child.stdout.take());
        Answer::of(child)
    };
    assert_eq!(unread(environment.ours(), &["hash"]), unread(environment.real(), &["hash"]));
    // Behind this line and in the status, Python may add that it could not write
    // the rest either: that depends on how much it had in its buffer.
    for command in [environment.real(), environment.ours()] {
        let answer = unread(command, &["install", "--no-index"]);
        assert!(answer.stderr.starts_with("ERROR: Pipe to stdout was broken\n"), "{answer:?}");
        assert!(matches!(answer.status.code(), Some(1 | 120)), "{answer:?}");
    }
    assert_eq!(environment.faults(), [""; 0]);
}

/// Both streams into one pipe: their lines must come in pip's order.
#[test]
fn lines_of_both_streams_keep_their_order() {
    let Some(environment) = Environment::with_pip(PIP, "the order of pip's lines") else { return };
    let both = |command: &Command| {
        start_anew(&environment);
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$@\" 2>&1", "sh"]).arg(command.get_program()).args(command.get_args());
        shell
            .args(["install", "--no-index", "--no-build-isolation"])
            .arg(environment.path("broken"))
            .env_clear();
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(environment.path("work"));
        let output = shell.output().expect("started");
        (output.status, without_chance(&output.stdout))
    };
    assert_eq!(both(&environment.ours()), both(&environment.real()));
}

/// Ctrl-C, or a termination, while the package is being built: nothing has been
/// changed yet.
#[test]
fn an_interrupted_build_ends_as_pips_does() {
    let Some(environment) = Environment::with_pip(PIP, "an interrupted pip") else { return };
    let marker = environment.path("marker");
    let slow = environment.source("slow");
    let setup =
        format!("import time\nopen({:?}, 'w').close()\ntime.sleep(30)\n", marker.display().to_string());
    std::fs::write(slow.join("setup.py"), setup).expect("a file");
    let interrupted = |mut command: Command, signal: &str| {
        start_anew(&environment);
        let _ = std::fs::remove_file(&marker);
        command.args(["install", "--no-index", "--no-deps", "--no-cache-dir"]).arg(&slow);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        wait_for("the build does not begin", || marker.exists());
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        Answer::of(child)
    };
    for signal in ["-INT", "-TERM"] {
        assert_eq!(
            interrupted(environment.ours(), signal),
            interrupted(environment.real(), signal),
            "{signal}"
        );
    }
}
