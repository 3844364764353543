//! `sunoem led`: lamps, each a generic device locator (IPMI 2.0 section 43.7).
//! One that is logical stands for those of the entities it is associated with.

use super::{OEM, usage};
use crate::ipmitool::sdr_repository::{Record, kind};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Names, name_of, names};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

const KINDS: Names = names![(0, "OK2RM"), (1, "SERVICE"), (2, "ACT"), (3, "LOCATE")];
const MODES: Names = names![(0, "OFF"), (1, "ON"), (2, "STANDBY"), (3, "SLOW"), (4, "FAST")];
const LONG_MODES: Names =
    names![(0, "STEADY_OFF"), (1, "STEADY_ON"), (2, "STANDBY_BLINK"), (3, "SLOW_BLINK"), (4, "FAST_BLINK")];

/// What the BMC says of a lamp whose device is not there.
const ABSENT: u8 = 0xD3;

/// What is done to lamps.
#[derive(Clone, Copy)]
struct Job<'a> {
    /// The lamp's kind; if not given, the record tells.
    kind: Option<u8>,
    /// The mode to set; `None`: to be asked for.
    mode: Option<u8>,
    /// A single lamp's name as typed.
    typed: &'a [u8],
}

/// Runs `led get [ID [KIND]]`.
pub(super) fn get(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let id = words.first().map_or(&b"all"[..], Vec::as_slice);
    if session.personality.is_verb(id, "help") {
        session.help(super::help::LINES);
        return Ok(());
    }
    let kind = lamp_kind(session, words.get(1));
    run(session, id, Job { kind, mode: None, typed: id })
}

/// Runs `led set ID MODE [KIND]`. The kind counts only if yet another word follows.
pub(super) fn set(session: &mut Session<'_>, id: &[u8], mode: &[u8], rest: &[Arg]) -> Outcome {
    if session.personality.is_verb(id, "help") {
        let _ = usage(session);
        return Ok(());
    }
    let Some(code) = MODES.code_of(mode).or_else(|| LONG_MODES.code_of(mode)) else {
        let line = [b"Invalid LED Mode: ", mode].concat();
        session.console.log_bytes(crate::ipmitool::Level::NOTICE, &line);
        return Err(Failed);
    };
    let kind = lamp_kind(session, rest.first().filter(|_| rest.len() > 1));
    run(session, id, Job { kind, mode: Some(code as u8), typed: id })
}

fn lamp_kind(session: &mut Session<'_>, word: Option<&Arg>) -> Option<u8> {
    let code = KINDS.code_of(word?);
    if code.is_none() {
        log!(session, ERR, "Unknown ledtype, will use data from the SDR oem field");
    }
    code.map(|code| code as u8)
}

fn run(session: &mut Session<'_>, id: &[u8], job: Job<'_>) -> Outcome {
    if session.personality.is_word_in_any_case(id, "all") {
        for record in find_all(session, |record| record.kind == kind::GENERIC_LOCATOR)? {
            if !is_logical(&record) {
                let done = job.single(session, &record, Place::Listed);
                job.note(session, done);
            }
        }
        return job.outcome(session);
    }
    let Some(number) = session.find_sdr_by_name(id) else {
        return Err(session.complain("No Sensor Data Record found for ", id, ""));
    };
    let lamp = session.sdr.records()[number].clone();
    if lamp.kind != kind::GENERIC_LOCATOR {
        log!(session, ERR, "Invalid SDR type {}", lamp.kind);
        return Err(Failed);
    }
    if !is_logical(&lamp) {
        let done = job.single(session, &lamp, Place::Named);
        if job.mode.is_some() {
            return done;
        }
        job.note(session, done);
        return job.outcome(session);
    }
    log!(session, INFO, "LED {} is logical device", String::from_utf8_lossy(id));
    for group in find_all(session, |record| record.kind == kind::ENTITY_ASSOCIATION)? {
        // The instances with their top bit: the original's fields have none there.
        if group.entity() == lamp.entity() {
            members(&group).for_each(|entity| job.on_entity(session, entity));
        }
    }
    job.outcome(session)
}

/// Whether a locator's entity is a logical one.
fn is_logical(record: &Record) -> bool {
    record.at(8) & 0x80 != 0
}

fn find_all(session: &mut Session<'_>, matches: impl Fn(&Record) -> bool) -> Result<Vec<Record>, Failed> {
    let numbers = session.find_all_sdrs(matches)?;
    let records = session.sdr.records();
    Ok(numbers.into_iter().filter_map(|number| records.get(number).cloned()).collect())
}

/// Entities that an association names, one by one or as two ranges.
fn members(group: &Record) -> impl Iterator<Item = (u8, u8)> {
    let pair = |index: usize| (group.at(3 + 2 * index), group.at(4 + 2 * index));
    let is_range = group.at(2) & 0x80 != 0;
    let entities: Vec<(u8, u8)> = if is_range {
        let ranges = [[pair(0), pair(1)], [pair(2), pair(3)]];
        let within = |[(id, first), (other, last)]: [(u8, u8); 2]| {
            let end = if id == other { usize::from(last) + 1 } else { 0 };
            (usize::from(first)..end).map(move |instance| (id, instance as u8))
        };
        ranges.into_iter().flat_map(within).collect()
    } else {
        (0..4).map(pair).collect()
    };
    entities.into_iter().filter(|(id, _)| *id != 0)
}

/// How a lamp was come upon.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Named,
    Listed,
    Member,
}

impl Job<'_> {
    fn on_entity(self, session: &mut Session<'_>, (id, instance): (u8, u8)) {
        // Any instance is meant by 7Fh; one of more bits is nobody's.
        let is_member = move |record: &Record| {
            record.entity().is_some_and(|(its, its_instance)| {
                its == id && (instance == 0x7F || its_instance == instance)
            })
        };
        match find_all(session, is_member) {
            Err(failed) => self.note(session, Err(failed)),
            Ok(records) => {
                for record in records.iter().filter(|record| record.kind == kind::GENERIC_LOCATOR) {
                    let done = self.single(session, record, Place::Member);
                    self.note(session, done);
                }
            }
        }
    }

    /// Asks for or sets one lamp.
    fn single(self, session: &mut Session<'_>, lamp: &Record, place: Place) -> Outcome {
        match self.mode {
            None => self.show(session, lamp),
            Some(mode) => self.change(session, lamp, mode, place),
        }
    }

    fn request(self, lamp: &Record) -> [u8; 4] {
        let oem = lamp.at(9);
        [lamp.at(1), self.kind.unwrap_or(oem), lamp.at(0), oem]
    }

    fn show(self, session: &mut Session<'_>, lamp: &Record) -> Outcome {
        let data = [&self.request(lamp)[..], &[lamp.at(7), lamp.at(8), 0]].concat();
        let reply = session.send_lun(OEM, lamp.at(2) >> 3 & 3, 0x21, &data);
        let mode = reply.as_ref().filter(|reply| reply.is_ok() && reply.len() == 1);
        print(session, lamp.raw_name(), mode.map(|reply| reply.at(0)));
        let is_fine = mode.is_some() || reply.is_some_and(|reply| reply.completion == ABSENT);
        if is_fine { Ok(()) } else { Err(Failed) }
    }

    fn change(self, session: &mut Session<'_>, lamp: &Record, mode: u8, place: Place) -> Outcome {
        let data = [&self.request(lamp)[..], &[mode, lamp.at(7), lamp.at(8), 0, 0]].concat();
        let reply = match session.send_lun(OEM, lamp.at(2) >> 3 & 3, 0x22, &data) {
            Some(reply) if reply.is_ok() => reply,
            Some(reply) => {
                let why = completion_name(reply.completion);
                log!(session, ERR, "Sun OEM Set LED command failed: {why}");
                return Err(Failed);
            }
            None => {
                log!(session, ERR, "Sun OEM Set LED command failed.");
                return Err(Failed);
            }
        };
        if place != Place::Member || reply.len() == 0 {
            let name = if place == Place::Named { self.typed } else { lamp.raw_name() };
            print(session, name, Some(mode));
        }
        Ok(())
    }

    /// A failure is remembered until the end, and in a file of commands longer.
    fn note(self, session: &mut Session<'_>, done: Outcome) {
        session.sun_leds_failed[usize::from(self.mode.is_some())] |= done.is_err();
    }

    fn outcome(self, session: &Session<'_>) -> Outcome {
        if session.sun_leds_failed[usize::from(self.mode.is_some())] { Err(Failed) } else { Ok(()) }
    }
}

/// Name and mode; none where it could not be read.
fn print(session: &mut Session<'_>, name: &[u8], mode: Option<u8>) {
    let mode = mode.map_or("na".into(), |mode| name_of(mode.into(), MODES));
    session.console.put(name);
    let csv = session.csv;
    match 16_usize.saturating_sub(name.len()) {
        _ if csv => out!(session, ",{mode}\n"),
        gap => out!(session, "{:gap$} | {mode}\n", ""),
    }
}
