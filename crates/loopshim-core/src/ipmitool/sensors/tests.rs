//! Whole runs of `sdr` and `sensor` against controllers in memory.

use std::cell::Cell;
use std::rc::Rc;

use ipmi::Request;
use proptest::prelude::*;

use crate::ipmitool::Personality;
use crate::ipmitool::commands::{sdr, sensor};
use crate::ipmitool::testing::{Answer, Fake, NEW, OLD};

/// A controller with these records that answers every request about sensors
/// from a list, over and over.
#[derive(Debug, Clone, Default)]
struct Machine {
    /// Type and body of the records; their ids count from zero.
    records: Vec<(u8, Vec<u8>)>,
    /// Completion code and data, or no answer at all.
    answers: Vec<Option<(u8, Vec<u8>)>>,
    /// Whether the list also answers requests for records.
    wild: bool,
    asked: Rc<Cell<usize>>,
}

impl Fake for Machine {
    fn answer(&self, request: &Request) -> Answer {
        let answer = self.respond(request);
        self.asked.set(self.asked.get() + 1);
        answer
    }
}

impl Machine {
    fn respond(&self, request: &Request) -> Answer {
        match (request.netfn, request.cmd) {
            _ if self.wild => self.listed(),
            (0x06, 0x01) => Some((0, vec![0x20, 1, 3, 0, 2, 0xBF, 0x98, 0x3A, 0, 0, 0])),
            (0x0A, 0x20) => Some((0, [&[0x51, 1, 0][..], &[0; 11]].concat())),
            (0x0A, 0x22) => Some((0, vec![1, 0])),
            (0x0A, 0x23) => Some(self.record(&request.data)),
            _ => self.listed(),
        }
    }

    fn listed(&self) -> Option<(u8, Vec<u8>)> {
        let index = self.asked.get().checked_rem(self.answers.len());
        index.map_or(Some((0xC1, Vec::new())), |index| self.answers[index].clone())
    }

    fn record(&self, data: &[u8]) -> (u8, Vec<u8>) {
        let index = usize::from(data[2]);
        let Some((kind, body)) = self.records.get(index) else { return (0xCB, Vec::new()) };
        let next = if index + 1 < self.records.len() { index as u16 + 1 } else { 0xFFFF };
        let record = [&[index as u8, 0, 0x51, *kind, body.len() as u8][..], body].concat();
        let bytes = record.iter().skip(data[4].into()).take(data[5].into());
        (0, next.to_le_bytes().iter().chain(bytes).copied().collect())
    }

    fn run(&self, personality: Personality, verbose: i32, csv: bool, words: &[&str]) -> (String, bool) {
        let command = if words[0] == "sdr" { sdr::run } else { sensor::run };
        let (stdout, _, ok) =
            self.run_command(personality, verbose, |session| session.csv = csv, command, &words[1..]);
        (stdout, ok)
    }
}

/// A full record: degrees C, M = 1, and a name.
fn temperature(name: &[u8]) -> (u8, Vec<u8>) {
    let mut body = vec![0; 43];
    body[..9].copy_from_slice(&[0x20, 0, 7, 3, 1, 0x7F, 0x68, 1, 1]);
    body[13] = 0x38;
    (body[16], body[19]) = (1, 1);
    body[42] = 0xC0 | name.len() as u8;
    body.extend(name);
    (0x01, body)
}

fn reads(answer: &[u8]) -> Machine {
    Machine {
        records: vec![temperature(b"CPU Temp")],
        answers: vec![Some((0, answer.to_vec()))],
        ..Machine::default()
    }
}

#[test]
fn a_temperature_as_rows() {
    let machine = reads(&[45, 0xC0, 0x10]);
    let (row, ok) = machine.run(OLD, 0, false, &["sdr", "list"]);
    assert_eq!((row.as_str(), ok), ("CPU Temp         | 45 degrees C      | cr\n", true));
    let (row, _) = machine.run(OLD, 0, false, &["sdr", "elist"]);
    assert_eq!(row, "CPU Temp         | 07h | ucr |  3.1 | 45 degrees C\n");
    let (row, _) = machine.run(OLD, 0, true, &["sdr", "list"]);
    assert_eq!(row, "CPU Temp,45,degrees C,cr\n");
}

#[test]
fn a_sensor_that_is_off_or_has_nothing_yet() {
    let (row, _) = reads(&[45, 0x80]).run(OLD, 0, false, &["sdr"]);
    assert_eq!(row, "CPU Temp         | disabled          | ns\n");
    let (row, _) = reads(&[45, 0xE0]).run(OLD, 0, false, &["sdr"]);
    assert_eq!(row, "CPU Temp         | no reading        | ns\n");
    let (row, ok) = reads(&[0x05, 0x80, 0, 6, 0, 0, 0]).run(NEW, 0, true, &["sensor"]);
    assert_eq!((row.as_str(), ok), ("CPU Temp,na,,na,6.000,na,128.000,na,na,na\n", true));
}

#[test]
fn thresholds_come_from_the_bmc() {
    // The same bytes answer for the reading and the thresholds.
    let (row, _) = reads(&[0xFF, 0xC0, 0, 5, 6, 7, 8]).run(OLD, 0, false, &["sensor"]);
    assert_eq!(
        row,
        "CPU Temp         | 255.000    | degrees C  | ok    | 5.000     | 0.000     | 192.000   | 6.000     \
         | 7.000     | 8.000     \n"
    );
    let (nothing, ok) = reads(&[0xFF, 0xC0]).run(OLD, 0, true, &["sensor"]);
    assert_eq!((nothing.as_str(), ok), ("", true));
}

#[test]
fn unknown_names_fail_in_sensor_but_not_in_sdr() {
    let machine = reads(&[45, 0xC0]);
    assert!(machine.run(OLD, 0, false, &["sdr", "get", "cpu temp"]).1);
    assert!(!machine.run(OLD, 0, false, &["sensor", "get", "cpu temp"]).1);
    assert!(machine.run(OLD, 0, false, &["sensor", "get", "CPU Temp"]).1);
}

#[test]
fn verbs_are_prefixes_in_the_old_version_only() {
    let machine = reads(&[45, 0xC0]);
    assert!(machine.run(OLD, 0, false, &["sdr", "listx"]).1);
    assert!(!machine.run(NEW, 0, false, &["sdr", "listx"]).1);
}

const COMMANDS: &[&[&str]] = &[
    &["sdr"],
    &["sdr", "elist", "all"],
    &["sdr", "type", "0x01"],
    &["sdr", "entity", "3"],
    &["sdr", "info"],
    &["sdr", "get", "a", ""],
    &["sdr", "fill", "nosat"],
    &["sensor"],
    &["sensor", "get", "a", ""],
    &["sensor", "reading", "a", ""],
    &["sensor", "thresh", "", "ucr", "12.5"],
    &["sensor", "thresh", "", "lower", "1", "2", "3"],
];

fn answers() -> impl Strategy<Value = Vec<Option<(u8, Vec<u8>)>>> {
    let completion = prop_oneof![6 => Just(0_u8), 1 => Just(0xC5), 1 => Just(0xCA), 1 => any::<u8>()];
    let data = prop::collection::vec(any::<u8>(), 0..40);
    prop::collection::vec(prop::option::weighted(0.95, (completion, data)), 1..12)
}

fn records() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    let kind = prop::sample::select(&[0x01_u8, 0x01, 0x02, 0x03, 0x08, 0x10, 0x11, 0x12, 0xC0]);
    prop::collection::vec((kind, prop::collection::vec(any::<u8>(), 1..80)), 1..6)
}

/// More than any walk takes: records are asked for once, in bytes at worst.
const REQUESTS_MAX: usize = 200_000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_record_and_any_answer_come_to_an_end(
        records in records(),
        answers in answers(),
        wild in prop::bool::weighted(0.3),
        command in prop::sample::select(COMMANDS),
        (verbose, csv, new) in (0..4, any::<bool>(), any::<bool>()),
    ) {
        let machine = Machine { records, answers, wild, ..Machine::default() };
        machine.run(if new { NEW } else { OLD }, verbose, csv, command);
        prop_assert!(machine.asked.get() < REQUESTS_MAX, "{} requests", machine.asked.get());
    }
}
