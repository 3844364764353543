//! Reading what a BMC stores as records: the SDR repository and the event log.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::source::{Source, Target, is_missing};
use crate::bmc::hex;

const STORAGE: u8 = 0x0A;
const SENSOR_EVENT: u8 = 0x04;
/// Record id that means the last record; also "no next record".
const LAST: u16 = 0xFFFF;
/// Byte count that means the whole record.
const WHOLE: u8 = 0xFF;
const RESERVATION_CANCELLED: u8 = 0xC5;
const NOT_PRESENT: u8 = 0xCB;
const INVALID_COMMAND: u8 = 0xC1;
/// Reservations lost in one record before it is given up.
const RESERVATIONS: usize = 16;
/// Bytes of an SDR's header; the last is the length of the rest.
const HEADER: usize = 5;

/// Numbers of the commands on records: information, reservation, reading.
#[derive(Clone, Copy)]
struct Commands {
    netfn: u8,
    reserve: u8,
    get: u8,
}

const REPOSITORY: Commands = Commands { netfn: STORAGE, reserve: 0x22, get: 0x23 };
const DEVICE: Commands = Commands { netfn: SENSOR_EVENT, reserve: 0x22, get: 0x21 };
const LOG: Commands = Commands { netfn: STORAGE, reserve: 0x42, get: 0x43 };

/// Why a record could not be read.
enum Refusal {
    Code(u8),
    CutOff(usize),
    Silence,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "completion code {code:02x}h"),
            Self::CutOff(len) => write!(f, "cut off after {len} bytes"),
            Self::Silence => write!(f, "no answer"),
        }
    }
}

/// A walk along records that name the one that follows.
struct Walk<'s> {
    source: &'s mut Source,
    commands: Commands,
    reservation: [u8; 2],
    /// Bytes asked for at a time.
    portion: u8,
}

impl<'s> Walk<'s> {
    fn new(source: &'s mut Source, commands: Commands) -> Self {
        let mut walk = Self { source, commands, reservation: [0; 2], portion: WHOLE };
        walk.reserve();
        walk
    }

    fn reserve(&mut self) {
        let Commands { netfn, reserve, .. } = self.commands;
        let response = self.source.ask_anew(Target::BMC, netfn, reserve, &[]);
        if let Some([low, high, ..]) = response.as_ref().map(|response| &response.data[..]) {
            self.reservation = [*low, *high];
        }
    }

    /// All records from the first on, as far as they can be read.
    fn records(&mut self, what: &str, length: impl Fn(&[u8]) -> Option<usize>) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        let mut seen = BTreeSet::new();
        let mut id = 0;
        while id != LAST && seen.insert(id) {
            self.source.progress(&format!("{what} {}", records.len() + 1));
            match self.record(id, &length) {
                Ok((next, mut record)) => {
                    // Some controllers have a record's id only in their index.
                    if id != 0 && record.len() > 1 {
                        record[..2].copy_from_slice(&id.to_le_bytes());
                    }
                    records.push(record);
                    id = next;
                }
                // An empty store, or none.
                Err(Refusal::Code(code)) if id == 0 && matches!(code, NOT_PRESENT | INVALID_COMMAND) => break,
                Err(problem) => {
                    self.source.note(&format!("{what} {id:04x}h and what follows: {problem}"));
                    break;
                }
            }
        }
        records
    }

    /// A record and the id of the next.
    fn record(
        &mut self,
        id: u16,
        length: &impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<(u16, Vec<u8>), Refusal> {
        let mut record: Vec<u8> = Vec::new();
        let mut lost = 0;
        loop {
            let wanted = length(&record);
            let missing = wanted.map_or(usize::MAX, |wanted| wanted.saturating_sub(record.len()));
            if missing == 0 {
                return Err(Refusal::CutOff(record.len()));
            }
            let portion = match (self.portion, wanted) {
                (WHOLE, _) if record.is_empty() => WHOLE,
                // The header says how much there is.
                (portion, None) => portion.min(HEADER as u8),
                (portion, Some(_)) => portion.min(u8::try_from(missing).unwrap_or(portion)),
            };
            let offset = u8::try_from(record.len()).map_err(|_| Refusal::CutOff(record.len()))?;
            let answer = self.portion_of(id, offset, portion);
            let (completion, data) = answer.ok_or(Refusal::Silence)?;
            match (completion, data.get(2..)) {
                (0, Some([_, ..])) => {
                    record.extend(&data[2..]);
                    if let Some(wanted) = length(&record).filter(|wanted| record.len() >= *wanted) {
                        record.truncate(wanted);
                        return Ok((u16::from_le_bytes([data[0], data[1]]), record));
                    }
                }
                (0, _) => return Err(Refusal::CutOff(record.len())),
                (RESERVATION_CANCELLED, _) if lost < RESERVATIONS => {
                    lost += 1;
                    self.reserve();
                }
                // Too much at once, in the words of one controller or another.
                _ if portion > 1 && self.smaller(portion) => {}
                (code, _) => return Err(Refusal::Code(code)),
            }
        }
    }

    fn portion_of(&mut self, id: u16, offset: u8, portion: u8) -> Option<(u8, Vec<u8>)> {
        let [low, high] = id.to_le_bytes();
        let [reserved_low, reserved_high] = self.reservation;
        let Commands { netfn, get, .. } = self.commands;
        let data = [reserved_low, reserved_high, low, high, offset, portion];
        let response = self.source.ask_anew(Target::BMC, netfn, get, &data)?;
        Some((response.completion.0, response.data))
    }

    /// Asks for less from now on; false when it was the least already.
    fn smaller(&mut self, portion: u8) -> bool {
        const LESS: [u8; 5] = [64, 32, 22, 16, 8];
        let less = LESS.into_iter().find(|less| *less < portion.min(self.portion));
        self.portion = less.unwrap_or(self.portion);
        less.is_some()
    }
}

/// The records of a controller.
pub(super) struct Repository {
    /// As `bmc.json` has it.
    pub(super) json: Value,
    pub(super) records: Vec<Vec<u8>>,
}

/// Reads the repository, or where there is none the BMC's own device SDRs.
pub(super) fn repository(source: &mut Source, device_id: &[u8]) -> Repository {
    /// Additional device support: an SDR repository; device revision: device SDRs.
    const REPOSITORY_DEVICE: u8 = 0x02;
    const PROVIDES_SDRS: u8 = 0x80;
    let info = source.get(STORAGE, 0x20, &[], 14);
    let allocation = source.get(STORAGE, 0x21, &[], 9);
    let has_repository = device_id.get(5).is_none_or(|support| support & REPOSITORY_DEVICE != 0);
    let is_empty = info.as_ref().is_none_or(|info| info[1..3] == [0, 0]);
    let provides = device_id.get(1).is_some_and(|revision| revision & PROVIDES_SDRS != 0);
    let commands = if provides && (!has_repository || is_empty) { DEVICE } else { REPOSITORY };
    if commands.netfn == SENSOR_EVENT {
        source.ask(SENSOR_EVENT, 0x20, &[]);
        source.ask(SENSOR_EVENT, 0x20, &[1]);
    }
    let mut walk = Walk::new(source, commands);
    let length = |record: &[u8]| record.get(HEADER - 1).map(|len| HEADER + usize::from(*len));
    let records = walk.records("SDR", length);
    let largest_read = walk.portion;
    let listed: Vec<Value> = records.iter().map(|record| commented(record)).collect();
    let mut json = json!({"records": listed, "largest_read": largest_read});
    if let Some(info) = info {
        let word = |at: usize| u16::from_le_bytes([info[at], info[at + 1]]);
        let time = |at: usize| u32::from(word(at)) | u32::from(word(at + 2)) << 16;
        json["version"] = json!(info[0]);
        json["free"] = json!(word(3));
        json["added"] = json!(time(5));
        json["erased"] = json!(time(9));
        json["operations"] = json!(info[13]);
    }
    if let Some(allocation) = allocation {
        json["allocation"] = json!(hex(&allocation[..9]));
    }
    Repository { json, records }
}

/// A record with what it is about beside it.
fn commented(record: &[u8]) -> Value {
    match describe(record) {
        Some(comment) => json!({"bytes": hex(record), "comment": comment}),
        None => json!(hex(record)),
    }
}

/// What a record is about: its kind and, where it has one, its name.
pub(crate) fn describe(record: &[u8]) -> Option<String> {
    let (kind, name) = match record.get(3)? {
        0x01 => ("full sensor", 47),
        0x02 => ("compact sensor", 31),
        0x03 => ("event-only sensor", 16),
        0x10 => ("generic device", 15),
        0x11 => ("FRU device", 15),
        0x12 => ("management controller", 15),
        _ => return None,
    };
    let length = usize::from(record.get(name)? & 0x1F);
    let name: String = record.get(name + 1..)?.iter().take(length).map(|byte| char::from(*byte)).collect();
    Some(format!("{kind}: {}", name.trim_end_matches('\0')))
}

/// Reads the event log, as `bmc.json` has it. `now` is in seconds since 1970.
pub(super) fn event_log(source: &mut Source, now: u64) -> Value {
    /// Bytes of an entry; a free space of FFFFh is "as much or more".
    const ENTRY: usize = 16;
    const PLENTY: u16 = 0xFFFF;
    let mut json = json!({});
    let info = source.get(STORAGE, 0x40, &[], 14);
    let allocation = source.get(STORAGE, 0x41, &[], 9);
    let missing = source.ask(STORAGE, 0x40, &[]).is_none_or(|answer| is_missing(answer.completion));
    let is_empty = info.as_ref().is_some_and(|info| info[1..3] == [0, 0]);
    let entries = if missing || is_empty {
        Vec::new()
    } else {
        Walk::new(source, LOG).records("event", |record| (!record.is_empty()).then_some(ENTRY))
    };
    let whole: Vec<String> =
        entries.iter().filter(|entry| entry.len() == ENTRY).map(|entry| hex(entry)).collect();
    json["entries"] = json!(whole);
    if let Some(info) = info {
        let word = |at: usize| u16::from_le_bytes([info[at], info[at + 1]]);
        let time = |at: usize| u32::from(word(at)) | u32::from(word(at + 2)) << 16;
        let room = match (word(3), &allocation) {
            (PLENTY, Some(allocation)) => u16::from_le_bytes([allocation[4], allocation[5]]),
            (free, _) => free / ENTRY as u16,
        };
        json["version"] = json!(info[0]);
        json["capacity"] = json!(room.saturating_add(u16::try_from(whole.len()).unwrap_or(PLENTY)));
        json["added"] = json!(time(5));
        json["erased"] = json!(time(9));
        json["operations"] = json!(info[13]);
    }
    if let Some(allocation) = allocation {
        json["largest_record"] = json!(allocation[8]);
    }
    let clock = source.ask_anew(Target::BMC, STORAGE, 0x48, &[]).filter(|answer| answer.completion.is_ok());
    if let Some([a, b, c, d, ..]) = clock.as_ref().map(|answer| &answer.data[..]) {
        let clock = i64::from(u32::from_le_bytes([*a, *b, *c, *d]));
        json["ahead"] = json!(clock - now as i64);
    }
    if let Some(offset) = source.get(STORAGE, 0x5C, &[], 2) {
        json["utc_offset"] = json!(i16::from_le_bytes([offset[0], offset[1]]));
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_named() {
        let mut record = vec![1, 0, 0x51, 0x11, 15, 0x20, 3, 0x80, 0, 0, 0x10, 0, 7, 1, 0, 0xC4];
        record.extend(b"PSU1");
        assert_eq!(describe(&record).as_deref(), Some("FRU device: PSU1"));
        assert_eq!(describe(&record[..14]), None);
    }
}
