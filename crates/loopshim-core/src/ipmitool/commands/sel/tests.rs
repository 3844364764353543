//! Whole runs of `sel` against logs in memory.

use std::cell::RefCell;
use std::rc::Rc;

use ipmi::Request;
use proptest::prelude::*;

use crate::ipmitool::Personality;
use crate::ipmitool::testing::{Answer, Fake, NEW, OLD, Ran};

/// A BMC with a log and nothing else.
#[derive(Clone, Default)]
struct Machine {
    records: Vec<[u8; 16]>,
    manufacturer: u32,
    /// What every other request is answered with, cut or not.
    other: Vec<u8>,
    /// Most bytes of a record that are returned.
    most: Option<usize>,
    requests: Rc<RefCell<Vec<Request>>>,
}

impl Fake for Machine {
    fn answer(&self, request: &Request) -> Answer {
        Some(self.respond(request))
    }

    fn requests(&self) -> Option<Rc<RefCell<Vec<Request>>>> {
        Some(Rc::clone(&self.requests))
    }
}

impl Machine {
    fn respond(&self, request: &Request) -> (u8, Vec<u8>) {
        match (request.netfn, request.cmd) {
            (0x06, 0x01) => {
                let [low, middle, high, _] = self.manufacturer.to_le_bytes();
                (0, vec![0x20, 1, 3, 0, 2, 0xBF, low, middle, high, 0, 0])
            }
            (0x0A, 0x40) => {
                let [low, high] = (self.records.len() as u16).to_le_bytes();
                (0, vec![0x51, low, high, 0, 1, 1, 0, 0, 0x60, 0, 0, 0, 0, 2])
            }
            (0x0A, 0x42) => (0, vec![1, 0]),
            (0x0A, 0x43) => self.record(u16::from_le_bytes([request.data[2], request.data[3]])),
            _ if self.other.is_empty() => (0xC1, Vec::new()),
            _ => (0, self.other.clone()),
        }
    }

    fn record(&self, id: u16) -> (u8, Vec<u8>) {
        let is_wanted = |record: &&[u8; 16]| id == 0 || record[..2] == id.to_le_bytes();
        let Some(index) = self.records.iter().position(|record| is_wanted(&record)) else {
            return (0xCB, Vec::new());
        };
        let next = self.records.get(index + 1).map_or([0xFF; 2], |record| [record[0], record[1]]);
        let record = &self.records[index][..self.most.unwrap_or(16).min(16)];
        (0, [next.as_slice(), record].concat())
    }

    fn run(&self, personality: Personality, verbose: i32, args: &[&str]) -> Ran {
        self.run_command(personality, verbose, |session| session.times.utc = true, super::run, args)
    }

    fn commands(&self) -> Vec<u8> {
        self.requests.borrow().iter().map(|request| request.cmd).collect()
    }
}

/// A record with this id, type and time; the rest is an event of sensor 5, a
/// processor, that throttles.
fn record(id: u8, record_type: u8, time: u32) -> [u8; 16] {
    let [a, b, c, d] = time.to_le_bytes();
    [id, 0, record_type, a, b, c, d, 0x20, 0, 4, 7, 5, 0x6F, 0x0A, 0xFF, 0xFF]
}

fn machine(records: &[[u8; 16]]) -> Machine {
    Machine { records: records.to_vec(), manufacturer: 42, ..Machine::default() }
}

const MARCH: u32 = 1_709_647_749;

#[test]
fn lists_events_as_each_version_does() {
    let log = machine(&[record(1, 2, MARCH), record(2, 2, 30)]);
    let (stdout, ..) = log.run(OLD, 0, &["list"]);
    assert_eq!(
        stdout,
        "   1 | 03/05/2024 | 14:09:09 | Processor #0x05 | Throttled | Asserted\n   \
         2 |  Pre-Init  |0000000030| Processor #0x05 | Throttled | Asserted\n"
    );
    assert!(log.commands().contains(&0x42));
    let log = machine(&[record(1, 2, MARCH)]);
    let (stdout, ..) = log.run(NEW, 0, &["list"]);
    assert_eq!(stdout, "   1 | 03/05/24 | 14:09:09 GMT | Processor #0x05 | Throttled | Asserted\n");
    assert!(!log.commands().contains(&0x42));
}

#[test]
fn lists_the_records_of_manufacturers() {
    let log = machine(&[record(1, 0xC1, MARCH), record(2, 0xE5, MARCH), record(3, 0xF0, MARCH)]);
    let (stdout, ..) = log.run(OLD, 0, &["list"]);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[0], "   1 | 03/05/2024 | 14:09:09 | OEM record c1 | 040020 | 07056f0affff");
    assert_eq!(lines[1], "   2 | OEM record e5 | 8527e76520000407056f0affff");
    assert!(lines[2].starts_with("   3 | Linux kernel panic: "));
}

#[test]
fn picks_the_first_and_the_last() {
    let log = machine(&[record(1, 2, MARCH), record(2, 2, MARCH), record(3, 2, MARCH)]);
    let ids = |args: &[&str]| {
        let (stdout, ..) = log.run(NEW, 0, args);
        stdout.lines().map(|line| line[3..4].to_owned()).collect::<String>()
    };
    assert_eq!(ids(&["list", "2"]), "12");
    assert_eq!(ids(&["list", "last", "2"]), "23");
    assert_eq!(ids(&["list", "first", "1"]), "1");
    assert_eq!(ids(&["list", "last", "0"]), "123");
    assert_eq!(
        log.run(NEW, 0, &["list", "last"]),
        (String::new(), "Numeric argument required; got 'last'\n".into(), false)
    );
}

#[test]
fn an_empty_log_is_no_failure() {
    assert_eq!(machine(&[]).run(OLD, 0, &["elist"]), (String::new(), "SEL has no entries\n".into(), true));
}

#[test]
fn a_ring_of_records_ends() {
    let log = machine(&[record(1, 2, MARCH), record(2, 2, MARCH), record(1, 2, MARCH)]);
    // It goes on as the original does, but not for ever.
    assert!(log.run(OLD, 0, &["list"]).0.lines().count() > 1000);
}

#[test]
fn the_new_version_shows_the_date_twice() {
    let log = machine(&[record(1, 2, MARCH)]);
    assert!(log.run(NEW, 1, &["list"]).0.contains(" Timestamp             : 03/05/24 03/05/24\n"));
    assert!(log.run(OLD, 1, &["list"]).0.contains(" Timestamp             : 03/05/2024 14:09:09\n"));
}

proptest! {
    #[test]
    fn any_record_of_any_maker_can_be_printed(
        bytes in any::<[u8; 16]>(),
        maker in prop::sample::select(vec![0_u32, 674, 7244, 9237, 10876, 15000, 47488, 0xF_FFFF]),
        other in prop::collection::vec(any::<u8>(), 0..24),
        most in 0_usize..20,
        style in 0..3_i32,
    ) {
        let log = Machine { records: vec![bytes], manufacturer: maker, other, most: Some(most), ..Machine::default() };
        for personality in Personality::ALL {
            log.run(personality, style, &["list"]);
            log.run(personality, style, &["elist"]);
            log.run(personality, style, &["get", "0"]);
        }
    }
}

#[test]
fn cuts_long_lines() {
    let text = [vec![b'1'; 1500], b"\nab\0c\n".to_vec()].concat();
    let lens: Vec<usize> = super::lines(&text, 1023).map(<[u8]>::len).collect();
    assert_eq!(lens, [1023, 478, 2]);
}
