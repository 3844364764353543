//! `pip3 --loopshim-status`: what is going on, in words; and
//! `pip3 --loopshim-status restore NAME`, which puts back what was set aside.

use std::io::{Read, Seek, SeekFrom, Write};

use super::places::Places;
use super::queue::Queue;
use super::supervisor::breaker::Known;
use super::{ledger, quarantine, shared, supervisor};
use crate::pip::breaker::State;
use crate::pip::settings::Settings;
use crate::trusted::TrustedDir;
use crate::{Ending, World};

/// How many of the last requests are looked through for failures, in bytes of
/// the ledger.
const LEDGER_TAIL: u64 = 64 << 10;
/// How many failures are shown.
const FAILURES_MAX: usize = 5;

/// Shows the state, or restores.
pub fn show(world: &mut World, settings: &Settings) -> Ending {
    let places = Places::prepare(world);
    let words: Vec<String> = world.args[1..].iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let (text, status) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => (in_words(world, settings, &places), 0),
        ["restore", name] => restore(&places, name),
        _ => ("Usage: pip3 --loopshim-status [restore NAME]\n".to_owned(), 2),
    };
    // A closed standard output loses the text; the status remains.
    let _ = world.stdout.write_all(text.as_bytes());
    Ending::Status(status)
}

fn restore(places: &Places, name: &str) -> (String, u8) {
    let Some(quarantine) = &places.quarantine else { return ("there is no quarantine here\n".to_owned(), 1) };
    let Some(kept) = quarantine::list(quarantine).into_iter().find(|kept| kept.name == name) else {
        return (format!("{name} is not in quarantine\n"), 1);
    };
    match quarantine::restore(quarantine, &kept) {
        Ok(()) => (format!("{} is back\n", kept.origin.display()), 0),
        Err(error) => (format!("{} stays in quarantine: {error}\n", kept.origin.display()), 1),
    }
}

fn in_words(world: &World, settings: &Settings, places: &Places) -> String {
    let mut text = String::new();
    match &places.runtime {
        Some(runtime) => queues(world, runtime, &mut text),
        None => text
            .push_str("No directory for queues can be written: environments are locked, not queued for.\n"),
    }
    match &places.state {
        Some(state) => breakers(world, settings, state, &mut text),
        None => text.push_str("No directory for state can be written: failures are not remembered.\n"),
    }
    for kept in places.quarantine.as_ref().map(quarantine::list).unwrap_or_default() {
        text.push_str(&format!("In quarantine: {} from {}\n", kept.name, kept.origin.display()));
    }
    failures(places, &mut text);
    text
}

fn queues(world: &World, runtime: &TrustedDir, text: &mut String) {
    let names = runtime.names().unwrap_or_default();
    let mut is_idle = true;
    for name in names.into_iter().filter(|name| name.starts_with("queue-")) {
        let Ok(directory) = runtime.below(&name, 0o700) else { continue };
        let site = shared::record(&directory, supervisor::ABOUT);
        let site = site.and_then(|about| about.text("site").map(str::to_owned)).unwrap_or(name);
        for (at, holder) in Queue::new(directory).holders().into_iter().enumerate() {
            is_idle = false;
            let age = super::now(world).saturating_sub(holder.since).as_secs();
            let what = if at == 0 { "Changing" } else { "Waiting for" };
            text.push_str(&format!(
                "{what} {site}: {} (process {}, since {age} s)\n",
                holder.command, holder.pid
            ));
        }
    }
    if is_idle {
        text.push_str("Nobody is changing an environment.\n");
    }
}

fn breakers(world: &World, settings: &Settings, state: &TrustedDir, text: &mut String) {
    for Known { breaker, command } in supervisor::breaker::list(state) {
        let when = match breaker.state(super::now(world), settings.delay_max) {
            State::Closed => continue,
            State::HalfOpen => "the next one is tried at once".to_owned(),
            State::Open(left) => format!("the next one waits {} s", left.as_secs()),
        };
        text.push_str(&format!("Failed {} times in a row: {command}; {when}\n", breaker.failures));
    }
}

/// The last lines of the ledger that tell of no success.
fn failures(places: &Places, text: &mut String) {
    let Some(mut file) = places.log.as_ref().and_then(|log| log.read(ledger::FILE).ok()) else { return };
    let length = file.metadata().map_or(0, |found| found.len());
    let mut tail = Vec::new();
    let read = file
        .seek(SeekFrom::Start(length.saturating_sub(LEDGER_TAIL)))
        .and_then(|_| file.read_to_end(&mut tail));
    if read.is_err() {
        return;
    }
    let tail = String::from_utf8_lossy(&tail);
    let failed: Vec<&str> = tail
        .lines()
        .filter(|line| {
            line.starts_with('{')
                && !line.contains("\"result\":\"ok\"")
                && !line.contains("\"result\":\"shared\"")
        })
        .collect();
    if !failed.is_empty() {
        text.push_str("The last that did not succeed:\n");
    }
    for line in failed.iter().rev().take(FAILURES_MAX).rev() {
        text.push_str(&format!("  {line}\n"));
    }
}
