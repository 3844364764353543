//! The real pip and ours, asked the same in the same place: the same streams
//! and the same status. One body for both subjects.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::environment::{Environment, PIP};

/// One line of `invocations.txt`.
struct Invocation {
    line: &'static str,
    with_demo: bool,
    words: Vec<String>,
    stdin: String,
}

fn invocations(environment: &Environment) -> Vec<Invocation> {
    let parse = |line: &'static str| {
        let (state, rest) = line.split_at(1);
        let (words, stdin) = rest.split_once('<').unwrap_or((rest, ""));
        let put = |word: &str| {
            let path = |path: &str| environment.path(path).display().to_string();
            let word = word.replace("{wheel}", &environment.wheel().display().to_string());
            word.replace("{src}", &path("src"))
                .replace("{broken}", &path("broken"))
                .replace("{work}", &path("work"))
        };
        Invocation {
            line,
            with_demo: state == "+",
            words: words.split_whitespace().map(put).collect(),
            stdin: if stdin.is_empty() { String::new() } else { format!("{stdin}\n") },
        }
    };
    include_str!("invocations.txt").lines().filter(|line| !line.starts_with('#')).map(parse).collect()
}

fn answer(environment: &Environment, mut command: Command, invocation: &Invocation) -> Output {
    environment.without_demo();
    if invocation.with_demo {
        environment.with_demo();
    }
    let work = environment.path("work");
    std::fs::create_dir_all(&work).expect("a folder");
    std::fs::create_dir_all(environment.path("tmp")).expect("a folder");
    for (name, text) in [("requirements.txt", "demo\n"), ("constraints.txt", "demo<2\n")] {
        std::fs::write(work.join(name), text).expect("a file");
    }
    std::os::unix::fs::symlink(environment.path("wheels"), work.join("wheels")).expect("a link");
    command.env("PIP_NO_INDEX", "1");
    if invocation.words.iter().any(|word| word == "-r") {
        command.env("PIP_FIND_LINKS", environment.path("wheels"));
    }
    command.args(&invocation.words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("started");
    child.stdin.take().expect("a pipe").write_all(invocation.stdin.as_bytes()).expect("written");
    child.wait_with_output().expect("an end")
}

/// What differs from one run of the same pip to the next: random names, and
/// digests and sizes of wheels with times in them.
fn without_chance(text: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(text).into_owned();
    for (before, length) in [
        ("pip-ephem-wheel-cache-", 8),
        ("pip-req-build-", 8),
        ("pip-modern-metadata-", 8),
        ("pip-wheel-", 8),
        ("pip-pip-egg-info-", 8),
        ("pip-record-", 8),
        ("pip-install-", 8),
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

#[test]
fn the_same_words_get_the_same_answer() {
    let Some(environment) = Environment::with_pip(PIP, "pip's answers and ours") else { return };
    let invocations = invocations(&environment);
    assert!(invocations.len() >= 60);
    let mut differences = Vec::new();
    for invocation in &invocations {
        let real = answer(&environment, environment.real(), invocation);
        let ours = answer(&environment, environment.ours(), invocation);
        let shown =
            |output: &Output| (output.status, without_chance(&output.stdout), without_chance(&output.stderr));
        if shown(&real) != shown(&ours) {
            differences.push(format!(
                "{}\nreal: {:#?}\nours: {:#?}",
                invocation.line,
                shown(&real),
                shown(&ours)
            ));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        differences.len(),
        invocations.len(),
        differences.join("\n")
    );
}

/// Both streams into one pipe: their lines must come in pip's order.
#[test]
fn lines_of_both_streams_keep_their_order() {
    let Some(environment) = Environment::with_pip(PIP, "the order of pip's lines") else { return };
    let both = |command: &Command| {
        environment.without_demo();
        std::fs::create_dir_all(environment.path("work")).expect("a folder");
        std::fs::create_dir_all(environment.path("tmp")).expect("a folder");
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

/// Ctrl-C while the package is being built: nothing has been changed yet.
#[test]
fn an_interrupted_build_ends_as_pips_does() {
    let Some(environment) = Environment::with_pip(PIP, "an interrupted pip") else { return };
    let marker = environment.path("marker");
    let slow = environment.source("slow");
    let setup =
        format!("import time\nopen({:?}, 'w').close()\ntime.sleep(120)\n", marker.display().to_string());
    std::fs::write(slow.join("setup.py"), setup).expect("a file");
    let interrupted = |mut command: Command| {
        environment.without_demo();
        std::fs::create_dir_all(environment.path("work")).expect("a folder");
        std::fs::create_dir_all(environment.path("tmp")).expect("a folder");
        let _ = std::fs::remove_file(&marker);
        command.args(["install", "--no-index", "--no-deps", "--no-cache-dir"]).arg(&slow);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        let end = Instant::now() + Duration::from_secs(100);
        while !marker.exists() {
            assert!(Instant::now() < end, "the build does not begin");
            std::thread::sleep(Duration::from_millis(20));
        }
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        let output = child.wait_with_output().expect("an end");
        (output.status, without_chance(&output.stdout), without_chance(&output.stderr))
    };
    assert_eq!(interrupted(environment.ours()), interrupted(environment.real()));
}
