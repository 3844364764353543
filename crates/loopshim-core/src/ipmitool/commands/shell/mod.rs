//! `shell`, `exec`, `set` and `echo`: commands from standard input or a file,
//! and what makes sense only among them.

mod editor;
mod settings;
mod words;

use std::io::{BufRead, BufReader, Read};

pub use settings::run as set;

use crate::ipmitool::{Arg, Failed, Level, Outcome, Session, fallback, files, run_command, usage};
use crate::{log, out};
use editor::Editor;
use words::Blanks;

/// Most words of a command; `exec` drops the rest.
const MOST_WORDS: usize = 64;

/// Runs `ipmitool echo …`.
pub fn echo(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    for word in args {
        session.console.put(word);
        out!(session, " ");
    }
    out!(session, "\n");
    Ok(())
}

/// Runs `ipmitool exec FILE`. The outcome is that of the last command that
/// failed.
pub fn exec(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some(path) = args.first() else {
        log!(session, ERR, "Usage: exec <filename>");
        return Err(Failed);
    };
    // It stays open while its commands run: a file that executes itself ends
    // when no more files can be opened.
    let Some(file) = files::open(&mut session.console, path) else {
        return Err(Failed);
    };
    let mut file = BufReader::new(file);
    let mut outcome = Ok(());
    while let Some(line) = next_line(&mut file) {
        let line = line.split(|&byte| matches!(byte, b'#' | 0)).next().unwrap_or_default();
        let command = words::split(words::trim(line), Blanks::Space, MOST_WORDS);
        if words::trim(line).is_empty() {
            continue;
        }
        session.was_positive = false;
        let result = run_line(session, &command);
        outcome = if session.was_positive { result } else { result.and(outcome) };
    }
    outcome
}

/// Most bytes of a line; the rest is the next line's.
const LINE_MAX: u64 = 2047;

fn next_line(file: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    // What cannot be read (a directory, say) is empty.
    let _ = file.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
    (!line.is_empty()).then_some(line)
}

/// Runs one command. One that is not modelled is refused here: what came before
/// it has been printed already.
fn run_line(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    session.link.refresh();
    let outcome = run_command(session, words);
    if !std::mem::take(&mut session.met_unmodelled) {
        return outcome;
    }
    fallback::refuse(&mut session.console);
    Err(Failed)
}

/// The words without the empty ones: each leaves its place to the next, and
/// there is nothing in the last places, which `echo` shows.
fn with_places(words: Vec<Arg>) -> Vec<Arg> {
    let (mut command, places): (Vec<Arg>, Vec<Arg>) = words.into_iter().partition(|word| !word.is_empty());
    if command.first().is_some_and(|name| name == b"echo") {
        command.extend(places.iter().map(|_| b"(null)".to_vec()));
    }
    command.truncate(MOST_WORDS);
    command
}

const PROMPT: &str = "ipmitool> ";

/// Runs `ipmitool shell`.
pub fn run(session: &mut Session<'_>, _args: &[Arg]) -> Outcome {
    let mut outcome = Ok(());
    let mut editor = session
        .terminal_program
        .as_deref()
        .and_then(|program| (session.stdin_is_terminal)().then(|| Editor::beside(program, PROMPT)).flatten());
    while let Some(line) = read_command(session, editor.as_mut()) {
        let is = |word| session.personality.is_verb(&line, word);
        if line.is_empty() {
            continue;
        }
        if is("quit") || is("exit") {
            return Ok(());
        }
        if is("help") || is("?") {
            usage::commands().iter().for_each(|line| session.console.log_bytes(Level::NOTICE, line));
            continue;
        }
        let command = words::split(&line, Blanks::SpaceAndTab, MOST_WORDS);
        let command = with_places(command);
        if !command.is_empty() {
            outcome = run_line(session, &command);
        }
    }
    out!(session, "\n");
    outcome
}

/// Prompts for a line; `None` at the end of the input. Without a terminal that
/// echoes, the original's line editor shows what it reads.
fn read_command(session: &mut Session<'_>, editor: Option<&mut Editor>) -> Option<Vec<u8>> {
    if let Some(editor) = editor {
        session.console.flush();
        return editor.line();
    }
    out!(session, "{PROMPT}");
    session.console.flush();
    let line = read_line(session)?;
    if !(session.stdin_is_terminal)() {
        let shown = words::expand_tabs(&line, PROMPT.len());
        session.console.put(&shown);
        out!(session, "\n");
        session.console.flush();
    }
    Some(line)
}

fn read_line(session: &mut Session<'_>) -> Option<Vec<u8>> {
    let stdin = session.stdin.as_mut()?;
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        match stdin.read(&mut byte) {
            Ok(1) if matches!(byte[0], b'\n' | b'\r') => return Some(line),
            Ok(1) => line.push(byte[0]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => return (!line.is_empty()).then_some(line),
        }
    }
}
