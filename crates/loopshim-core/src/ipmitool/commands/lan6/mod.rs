//! `lan6`: the IPv6 configuration of LAN channels (IPMI 2.0 section 23).
//!
//! Completion codes that end a command do not fail it: to the original they are
//! positive results.

mod parameter;
mod parse;
mod print;
mod request;
mod words;

use crate::ipmitool::attempt::Refusal;
use crate::ipmitool::commands::channel::request::first_lan;
use crate::ipmitool::printf::cut;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};
use parameter::{Parameter, TABLE};
use request::{SET_IN_PROGRESS, Value};

/// A sub-command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Help,
    Save,
    Set,
    Print,
    Lock,
    Commit,
    Discard,
}

/// The sub-commands in the order of the help, with what follows each.
const VERBS: [(Verb, &str, &str); 7] = [
    (Verb::Help, "help", "[command]"),
    (Verb::Save, "save", "<channel> [<parameter> [<set_sel> [<block_sel>]]]"),
    (Verb::Set, "set", "<channel> [nolock] <parameter> [<set_sel> [<block_sel>]] <values...>"),
    (Verb::Print, "print", "<channel> [<parameter> [<set_sel> [<block_sel>]]]"),
    (Verb::Lock, "lock", "<channel>"),
    (Verb::Commit, "commit", "<channel>"),
    (Verb::Discard, "discard", "<channel>"),
];

fn verb_named(word: &[u8]) -> Option<Verb> {
    let named = |(_, name, _): &&(Verb, &str, &str)| name.as_bytes().eq_ignore_ascii_case(word);
    VERBS.iter().find(named).map(|(verb, ..)| *verb)
}

/// Runs `ipmitool lan6 …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((word, rest)) = args.split_first() else {
        help(session, None);
        return Ok(());
    };
    let Some(verb) = verb_named(word) else { return Err(usage(session, None)) };
    if verb == Verb::Help {
        help(session, rest.first().and_then(|word| verb_named(word)));
        return Ok(());
    }
    let (channel, rest) = match rest.split_first() {
        Some((word, rest)) => {
            let channel = number::to_i32(word);
            (channel.map_err(|_| session.complain("Invalid channel: ", word, ""))?, rest)
        }
        None if matches!(verb, Verb::Save | Verb::Print) => (some_channel(session)?, rest),
        None => return Err(usage(session, Some(verb))),
    };
    match verb {
        Verb::Lock => {
            log!(session, NOTICE, "Lock parameter(s)...");
            let done = change_lock(session, channel, LOCKED);
            outcome(session, done)
        }
        Verb::Commit => {
            log!(session, NOTICE, "Commit parameter(s)...");
            let done = commit(session, channel);
            outcome(session, done)
        }
        Verb::Discard => {
            log!(session, NOTICE, "Discard parameter(s)...");
            let done = change_lock(session, channel, UNLOCKED);
            outcome(session, done)
        }
        Verb::Set => set(session, channel, rest),
        Verb::Print => {
            for value in read(session, verb, channel, rest)? {
                print::print(session, &value);
            }
            Ok(())
        }
        _ => save(session, channel, rest),
    }
}

fn some_channel(session: &mut Session<'_>) -> Result<i32, Failed> {
    match first_lan(session) {
        0 => {
            log!(session, ERR, "No LAN channel found");
            Err(Failed)
        }
        channel => Ok(channel.into()),
    }
}

/// Values of "set in progress".
const UNLOCKED: u8 = 0;
const LOCKED: u8 = 1;
const COMMIT: u8 = 2;

fn change_lock(session: &mut Session<'_>, channel: i32, state: u8) -> Result<(), Refusal> {
    request::put(session, channel as u8, SET_IN_PROGRESS, &[state])
}

fn commit(session: &mut Session<'_>, channel: i32) -> Result<(), Refusal> {
    change_lock(session, channel, COMMIT)?;
    change_lock(session, channel, UNLOCKED)
}

fn outcome(session: &mut Session<'_>, result: Result<(), Refusal>) -> Outcome {
    match result {
        Ok(()) => Ok(()),
        Err(Refusal::Completion(_)) => session.positive(),
        Err(_) => Err(Failed),
    }
}

/// Which values a command is about.
#[derive(Debug, Clone, Copy, Default)]
struct Selection {
    /// `None`: all parameters.
    parameter: Option<&'static Parameter>,
    /// `None`: all sets.
    set: Option<i32>,
    /// `None`: all blocks.
    block: Option<i32>,
}

/// Reads a parameter and its selectors; also the words that follow.
fn select<'a>(
    session: &mut Session<'_>,
    verb: Verb,
    words: &'a [Arg],
) -> Result<(Selection, &'a [Arg]), Failed> {
    let mut selection = Selection::default();
    let Some((word, mut rest)) = words.split_first() else { return Ok((selection, words)) };
    let invalid = |session: &mut Session<'_>, what: &str| {
        log!(session, ERR, "invalid {what}");
        usage(session, Some(verb))
    };
    let parameter = Parameter::find(word).ok_or_else(|| invalid(session, "parameter"))?;
    selection.parameter = Some(parameter);
    // Where there are no sets or blocks, the first is meant.
    selection.set = parameter.first_set.is_none().then_some(0);
    selection.block = (!parameter.has_blocks).then_some(0);
    if let (Some(first), Some((word, after))) = (parameter.first_set, rest.split_first()) {
        let set = selector(word, first).ok_or_else(|| invalid(session, "set selector"))?;
        (selection.set, rest) = (Some(set), after);
        if let (true, Some((word, after))) = (parameter.has_blocks, rest.split_first()) {
            let block = selector(word, 0).ok_or_else(|| invalid(session, "block selector"))?;
            (selection.block, rest) = (Some(block), after);
        }
    }
    Ok((selection, rest))
}

/// A selector that is not below the first.
fn selector(word: &[u8], first: i32) -> Option<i32> {
    number::to_i32(word).ok().filter(|selector| *selector >= first)
}

/// Reads the values that `words` select.
fn read(session: &mut Session<'_>, verb: Verb, channel: i32, words: &[Arg]) -> Result<Vec<Value>, Failed> {
    let (selection, _) = select(session, verb, words)?;
    log!(session, NOTICE, "Getting parameter(s)...");
    let channel = channel as u8;
    let mut values = Vec::new();
    match selection.parameter {
        Some(parameter) => read_sets(session, channel, parameter, selection, false, &mut values)?,
        None => {
            for parameter in TABLE {
                let parts = Selection {
                    parameter: Some(parameter),
                    set: parameter.first_set.is_none().then_some(0),
                    block: (!parameter.has_blocks).then_some(0),
                };
                read_sets(session, channel, parameter, parts, true, &mut values)?;
            }
        }
    }
    Ok(values)
}

/// Sets and blocks are numbered by a byte. To a BMC that has them all the
/// original goes on asking forever.
const MOST: i32 = 256;

/// Reads the selected sets of a parameter, or all up to the first that there
/// is not. Unless `quietly`, the first must be there.
fn read_sets(
    session: &mut Session<'_>,
    channel: u8,
    parameter: &'static Parameter,
    selection: Selection,
    mut quietly: bool,
    values: &mut Vec<Value>,
) -> Outcome {
    let sets = match selection.set {
        Some(set) => set..=set,
        None => parameter.first_set.unwrap_or(0)..=MOST - 1,
    };
    for set in sets {
        let blocks = match selection.block {
            Some(block) => block..=block,
            None => 0..=MOST - 1,
        };
        let before = values.len();
        for block in blocks {
            let Some(value) = Value::get(session, channel, parameter, (set, block), quietly) else {
                if !quietly {
                    return Err(Failed);
                }
                break;
            };
            values.push(value);
            quietly = true;
        }
        if values.len() == before {
            break;
        }
    }
    Ok(())
}

/// Prints commands that set what is set now.
fn save(session: &mut Session<'_>, channel: i32, words: &[Arg]) -> Outcome {
    /// What fits into the original's buffer.
    const COMMAND: usize = 18;
    let values = read(session, Verb::Save, channel, words)?;
    let command = cut(format!("lan6 set {channel} nolock"), COMMAND);
    out!(session, "lan6 lock {channel}\n");
    for value in values.iter().filter(|value| value.parameter.format.is_some()) {
        out!(session, "{command} {} ", value.parameter.word);
        if value.parameter.first_set.is_some() {
            out!(session, "{} ", value.set);
        }
        if value.parameter.has_blocks {
            out!(session, "{} ", value.block);
        }
        out!(session, "{}\n", print::saved(value));
    }
    out!(session, "lan6 commit {channel}\nlan6 discard {channel}\nexit\n");
    Ok(())
}

fn set(session: &mut Session<'_>, channel: i32, words: &[Arg]) -> Outcome {
    let (locks, words) = match words.split_first() {
        Some((word, rest)) if word.eq_ignore_ascii_case(b"nolock") => (false, rest),
        _ => (true, words),
    };
    let (selection, words) = select(session, Verb::Set, words)?;
    let value = value_of(session, selection, words)?;
    log!(session, NOTICE, "Setting parameter(s)...");
    if locks && let Err(refusal) = change_lock(session, channel, LOCKED) {
        return outcome(session, Err(refusal));
    }
    // What can only be read is not written, which is no failure.
    let written = match value.parameter.format {
        Some(_) => value.put(session, channel as u8).map_err(|_| Failed),
        None => Ok(()),
    };
    if !locks {
        return written;
    }
    match written {
        Ok(()) => {
            let done = commit(session, channel);
            outcome(session, done)
        }
        Err(Failed) => {
            // The failure is what counts, whether it can be discarded or not.
            let _ = change_lock(session, channel, UNLOCKED);
            Err(Failed)
        }
    }
}

/// The value that `words` spell.
fn value_of(session: &mut Session<'_>, selection: Selection, words: &[Arg]) -> Result<Value, Failed> {
    let Some(parameter) = selection.parameter else {
        log!(session, ERR, "invalid parameter, must be one of:");
        TABLE.iter().for_each(|parameter| explain(session, parameter, true));
        return Err(Failed);
    };
    let missing = |session: &mut Session<'_>, what: &str| {
        log!(session, ERR, "{what} selector is not specified");
        Failed
    };
    let set = selection.set.ok_or_else(|| missing(session, "set"))?;
    let block = selection.block.ok_or_else(|| missing(session, "block"))?;
    let mut value = Value::empty(parameter, set, block);
    parse::parse(session, &mut value, words).inspect_err(|_| explain(session, parameter, true))?;
    Ok(value)
}

/// Prints how a parameter is named, with what sets it if it is `to_set`.
fn explain(session: &mut Session<'_>, parameter: &Parameter, to_set: bool) {
    let format = match parameter.format {
        None if to_set => return,
        Some(format) if to_set => format,
        _ => "",
    };
    let set = if parameter.first_set.is_some() { " <set_sel>" } else { "" };
    let block = if parameter.has_blocks { " <block_sel>" } else { "" };
    out!(session, "    {}{set}{block} {format}\n", parameter.word);
}

fn usage(session: &mut Session<'_>, verb: Option<Verb>) -> Failed {
    help(session, verb);
    Failed
}

/// Prints the help of a sub-command, or of all.
fn help(session: &mut Session<'_>, about: Option<Verb>) {
    for (verb, name, words) in VERBS {
        if about.is_none_or(|about| about == verb) {
            out!(session, "  {name} {words}\n");
        }
    }
    if let Some(verb @ (Verb::Save | Verb::Print | Verb::Set)) = about {
        out!(session, "\n   available parameters:\n");
        // What is saved is commands that set.
        TABLE.iter().for_each(|parameter| explain(session, parameter, verb != Verb::Print));
    }
}
