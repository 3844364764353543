//! Which environment an invocation changes: asked from the pip itself, by its
//! own interpreter and option parser, so that configuration files, variables
//! and a distribution's patches count; remembered as long as none of these
//! changes, since asking takes longer than all else we do.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::pip::arguments::Change;
use crate::pip::fields::Fields;
use crate::trusted::TrustedDir;
use crate::{Original, World};

const QUERY: &str = include_str!("query.py");

/// Largest answer read, in bytes.
const ANSWER_MAX: u64 = 1 << 20;

/// Most answers kept.
const ANSWERS_MAX: usize = 200;

/// An answer's name: this and its key.
const CACHED: &str = "target-";

/// Held by the one who asks.
const ASKING: &str = "asking";

/// How long another who asks is waited for: many times as long as it takes.
const ASKING_MAX: Duration = Duration::from_secs(10);

/// The environment that an invocation changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where packages go, or come from; the first is the usual place. Empty
    /// where the pip could not be asked.
    pub sites: Vec<PathBuf>,
    /// Where scripts go.
    pub scripts: Option<PathBuf>,
    /// The interpreter that runs pip, as it calls itself.
    pub interpreter: Option<PathBuf>,
    /// Whether it is what `--target` names: pip moves packages there after
    /// installing them elsewhere, and leaves a `RECORD` that is wrong in part.
    pub is_target_option: bool,
    /// What it depends on that a request can have in its favour or against it:
    /// names of options that are in force, from wherever.
    pub options: Vec<String>,
    /// Digest of what identifies pip, interpreter and configuration.
    pub identity: String,
}

impl Target {
    /// A name for the queue of this environment.
    pub fn queue_name(&self) -> String {
        let mut digest = Sha256::new();
        match self.sites.first() {
            Some(site) => digest
                .update(std::fs::canonicalize(site).unwrap_or_else(|_| site.clone()).as_os_str().as_bytes()),
            None => digest.update(&self.identity),
        }
        format!("queue-{}", hex(&digest.finalize()[..10]))
    }

    /// The directories to lock themselves: those that exist, in a fixed order.
    pub fn lockable(&self) -> Vec<PathBuf> {
        let mut sites: Vec<PathBuf> =
            self.sites.iter().filter_map(|site| std::fs::canonicalize(site).ok()).collect();
        sites.sort();
        sites.dedup();
        sites
    }

    fn of_answer(answer: &Fields, identity: String) -> Self {
        let path = |value| PathBuf::from(OsStr::from_bytes(value));
        let mut sites: Vec<PathBuf> = Vec::new();
        for site in answer.all("site").map(path) {
            if !sites.contains(&site) {
                sites.push(site);
            }
        }
        let options = answer.all("has").map(|option| String::from_utf8_lossy(option).into_owned());
        Self {
            sites,
            scripts: answer.bytes("scripts").map(path),
            interpreter: answer.bytes("executable").map(path),
            is_target_option: answer.bytes("target").is_some(),
            options: options.collect(),
            identity,
        }
    }

    /// It as a record, for another process.
    pub fn handed_down(&self) -> Fields {
        let path = |path: &PathBuf| path.as_os_str().as_bytes().to_vec();
        let mut all: Vec<(&str, Vec<u8>)> = self.sites.iter().map(|site| ("site", path(site))).collect();
        all.extend(self.scripts.iter().map(|scripts| ("scripts", path(scripts))));
        all.extend(self.interpreter.iter().map(|interpreter| ("executable", path(interpreter))));
        all.extend(self.is_target_option.then(|| ("target", Vec::new())));
        all.extend(self.options.iter().map(|option| ("has", option.clone().into_bytes())));
        all.push(("identity", self.identity.clone().into_bytes()));
        all.into_iter().fold(Fields::default(), |fields, (name, value)| fields.with(name, value))
    }

    /// The one that another process has handed down; `None` where it is none.
    pub fn taken_over(fields: &Fields) -> Option<Self> {
        Some(Self::of_answer(fields, fields.text("identity")?.to_owned()))
    }

    /// Whether an option is in force.
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|given| given == option)
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// How to ask: the interpreter with its options, and the folder that comes
/// first in its path.
struct Interpreter {
    words: Vec<OsString>,
    folder: OsString,
}

/// Finds the environment that the arguments `args`, which are this `change`, change.
pub fn find(
    world: &World,
    args: &[OsString],
    original: &Original,
    change: &Change,
    runtime: Option<&TrustedDir>,
) -> Target {
    let interpreter = interpreter(original);
    let identity = identity(world, original, interpreter.as_ref());
    let mut key = Sha256::new();
    key.update(&identity);
    key.update(change.action.name());
    for (at, arg) in args.iter().enumerate() {
        let is_operand = change.is_understood && change.operands.contains(&at);
        let word = if is_operand { OsStr::new("operand") } else { arg.as_os_str() };
        key.update((word.len() as u64).to_le_bytes());
        key.update(word.as_bytes());
    }
    let name = format!("{CACHED}{}", hex(&key.finalize()[..16]));
    let cached = || runtime.and_then(|runtime| cached(runtime, &name));
    let answer = cached().or_else(|| {
        // Many come at once, and an interpreter that has pip loaded holds many
        // files: one asks, and the others find what it was told.
        let _turn = runtime.and_then(turn_to_ask);
        if let Some(answer) = cached() {
            return Some(answer);
        }
        let answer = ask(world, args, &interpreter?, change)?;
        if let Some(runtime) = runtime {
            keep(runtime, &name, &answer);
        }
        Some(answer)
    });
    Target::of_answer(&answer.unwrap_or_default(), identity)
}

/// A digest of everything but the arguments that the answer may depend on.
fn identity(world: &World, original: &Original, interpreter: Option<&Interpreter>) -> String {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    let file = |path: &Path| std::fs::metadata(path).map(|found| stamp(&found)).unwrap_or_default();
    add(original.path.as_os_str().as_bytes());
    add(file(&original.path).as_bytes());
    original.words.iter().for_each(|word| add(word.as_bytes()));
    for word in interpreter.iter().flat_map(|interpreter| &interpreter.words) {
        add(word.as_bytes());
        let path = Path::new(word);
        if path.is_absolute() {
            add(file(path).as_bytes());
            let environment = path.parent().and_then(Path::parent).unwrap_or(path);
            add(file(&environment.join("pyvenv.cfg")).as_bytes());
        }
    }
    add(rustix::process::geteuid().as_raw().to_string().as_bytes());
    let relevant = |name: &OsStr| {
        let name = name.as_bytes();
        let names: [&[u8]; 8] = [
            b"HOME",
            b"PATH",
            b"VIRTUAL_ENV",
            b"XDG_CONFIG_HOME",
            b"XDG_CONFIG_DIRS",
            b"XDG_DATA_HOME",
            b"RPM_BUILD_ROOT",
            b"SUDO_USER",
        ];
        name.starts_with(b"PIP_") || name.starts_with(b"PYTHON") || names.contains(&name)
    };
    let mut variables: Vec<_> = world.vars.all().into_iter().filter(|(name, _)| relevant(name)).collect();
    variables.sort();
    for (name, value) in variables {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    hex(&digest.finalize())
}

/// Which file it is and when it was last changed.
fn stamp(found: &Metadata) -> String {
    format!("{}:{}:{}:{}:{}", found.dev(), found.ino(), found.size(), found.mtime(), found.mtime_nsec())
}

/// The interpreter that runs the real pip: the one in front of `-m pip`, or the
/// one that the script names.
fn interpreter(original: &Original) -> Option<Interpreter> {
    if let Some(at) = original.words.iter().position(|word| word == "-m") {
        let mut words = vec![original.path.clone().into_os_string()];
        words.extend_from_slice(&original.words[..at]);
        return Some(Interpreter { words, folder: OsString::new() });
    }
    let script = [original.path.clone()].into_iter().chain(original.words.iter().map(PathBuf::from));
    script.filter(|path| path.is_file()).find_map(|script| {
        let words = named_by(&script)?;
        let resolved = std::fs::canonicalize(&script).unwrap_or(script);
        Some(Interpreter { words, folder: resolved.parent()?.as_os_str().to_owned() })
    })
}

/// The words of a script's first line: `#!` and a program, maybe an argument,
/// or, where that program's path is too long for a first line, as distlib
/// writes it: `#!/bin/sh` and `'''exec' PROGRAM "$0" "$@"`.
fn named_by(script: &Path) -> Option<Vec<OsString>> {
    let mut head = Vec::new();
    std::fs::File::open(script).ok()?.take(4096).read_to_end(&mut head).ok()?;
    let mut lines = head.strip_prefix(b"#!")?.split(|&byte| byte == b'\n');
    let words = |line: &[u8]| -> Vec<OsString> {
        let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        words.map(|word| OsString::from_vec(word.to_vec())).collect()
    };
    let first = words(lines.next()?);
    if first.first()? == "/bin/sh" {
        let line = lines.next()?.strip_prefix(b"'''exec' ")?;
        let program = match line.strip_prefix(b"\"") {
            Some(quoted) => quoted.split(|&byte| byte == b'"').next()?,
            None => line.split(|&byte| byte == b' ').next()?,
        };
        return Some(vec![OsString::from_vec(program.to_vec())]);
    }
    Some(first)
}

/// Has the interpreter ask its pip.
fn ask(world: &World, args: &[OsString], interpreter: &Interpreter, change: &Change) -> Option<Fields> {
    let (program, options) = interpreter.words.split_first()?;
    let start = || {
        let mut command = Command::new(program);
        command.args(options).args(["-c", QUERY, change.action.name()]).arg(&interpreter.folder);
        command.args(without_command(args, change)).env_clear().envs(world.vars.all());
        command.stdin(Stdio::null()).stderr(Stdio::null()).output()
    };
    let output = super::patiently(start).ok()?;
    if !output.status.success() {
        return None;
    }
    let mut answer = Fields::default();
    for line in output.stdout.split(|&byte| byte == 0) {
        if let Some(at) = line.iter().position(|&byte| byte == b'=') {
            let (name, value) = (String::from_utf8_lossy(&line[..at]), &line[at + 1..]);
            answer = answer.with(&name, value);
        }
    }
    let files: Vec<&[u8]> = answer.all("package").chain(answer.all("config")).collect();
    let stamps: Vec<String> = files.into_iter().map(stamped).collect();
    Some(stamps.into_iter().fold(answer, |answer, stamp| answer.with("stamp", stamp)))
}

/// A file's name and its state now: what makes an answer void when it changes.
fn stamped(path: &[u8]) -> String {
    let path = Path::new(OsStr::from_bytes(path));
    let state = std::fs::metadata(path).map(|found| stamp(&found)).unwrap_or_default();
    format!("{state}={}", path.display())
}

/// The arguments as pip's own parser of the command takes them.
fn without_command(args: &[OsString], change: &Change) -> Vec<OsString> {
    let mut args = args.to_vec();
    if let Some(at) = args.iter().position(|arg| arg == change.action.name()) {
        args.remove(at);
    }
    args
}

/// Waits until nobody else asks; whoever takes too long is not waited for.
fn turn_to_ask(runtime: &TrustedDir) -> Option<File> {
    let file = runtime.update(ASKING).ok()?;
    if file.try_lock().is_ok() {
        return Some(file);
    }
    let (sender, turn) = mpsc::channel();
    super::start(move || {
        if file.lock().is_ok() {
            // Who waits no longer drops it.
            let _ = sender.send(file);
        }
    })
    .ok()?;
    turn.recv_timeout(ASKING_MAX).ok()
}

fn cached(runtime: &TrustedDir, name: &str) -> Option<Fields> {
    let mut text = Vec::new();
    runtime.read(name).ok()?.take(ANSWER_MAX).read_to_end(&mut text).ok()?;
    let answer = Fields::decode(&text)?;
    let is_current = answer.all("stamp").all(|stamp| {
        let path = stamp.iter().position(|&byte| byte == b'=').map(|at| &stamp[at + 1..]);
        path.is_some_and(|path| stamped(path).as_bytes() == stamp)
    });
    is_current.then_some(answer)
}

fn keep(runtime: &TrustedDir, name: &str, answer: &Fields) {
    let names: Vec<String> = runtime.names().unwrap_or_default();
    let kept = names.iter().filter(|name| name.starts_with(CACHED));
    if kept.clone().count() >= ANSWERS_MAX {
        for old in kept {
            // One that stays is one more.
            let _ = runtime.remove(old);
        }
    }
    super::shared::replace(runtime, name, answer);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Option<Vec<OsString>> {
        let path = std::env::temp_dir().join(format!("loopshim-script-{}", super::super::random()));
        std::fs::write(&path, text).expect("a file");
        let found = named_by(&path);
        std::fs::remove_file(&path).expect("removed");
        found
    }

    #[test]
    fn one_asks_at_a_time() {
        let folder = std::env::temp_dir().join(format!("loopshim-asking-{}", super::super::random()));
        std::fs::create_dir(&folder).expect("a folder");
        let runtime = TrustedDir::at(&folder).expect("a folder of ours");
        let first = turn_to_ask(&runtime).expect("the turn");
        let (sender, turns) = mpsc::channel();
        let another = runtime.clone();
        std::thread::spawn(move || sender.send(turn_to_ask(&another).is_some()).expect("sent"));
        assert!(turns.recv_timeout(Duration::from_millis(100)).is_err(), "two at once");
        drop(first);
        assert_eq!(turns.recv_timeout(ASKING_MAX / 2), Ok(true));
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn another_process_knows_it_as_this_one_does() {
        let target = Target {
            sites: vec!["/a".into(), OsStr::from_bytes(b"/b\n\xff").into()],
            scripts: Some("/bin".into()),
            interpreter: None,
            is_target_option: true,
            options: vec!["no-deps".into(), "user".into()],
            identity: "0f".into(),
        };
        let text = target.handed_down().encode();
        let read = Fields::decode(&text).and_then(|fields| Target::taken_over(&fields));
        assert_eq!(read, Some(target));
        assert_eq!(Target::taken_over(&Fields::default()), None);
    }

    #[test]
    fn the_interpreter_is_the_one_the_script_names() {
        assert_eq!(script("#!/usr/bin/python3.6\nimport sys"), Some(vec!["/usr/bin/python3.6".into()]));
        assert_eq!(script("#! /usr/bin/env python3 \n"), Some(vec!["/usr/bin/env".into(), "python3".into()]));
        assert_eq!(script("#!/bin/sh\n'''exec' /a/b \"$0\" \"$@\"\n' '''\n"), Some(vec!["/a/b".into()]));
        assert_eq!(script("#!/bin/sh\n'''exec' \"/a b/c\" \"$0\" \"$@\"\n"), Some(vec!["/a b/c".into()]));
        assert_eq!(script("#!/bin/sh\necho pip\n"), None);
        assert_eq!(script("\x7fELF"), None);
        assert_eq!(script("#!\n"), None);
    }
}
