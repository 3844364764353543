//! Compiled time zones (TZif, RFC 8536), checked and applied as glibc 2.36
//! does it.

use super::posix_rules::{NamedOffset, PosixRules};

/// A zone read from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFile {
    /// When the type changes (seconds since 1970 UTC, ascending), and to which.
    transitions: Vec<(i64, usize)>,
    types: Vec<LocalType>,
    /// Leap seconds: when, and the correction from then on.
    leaps: Vec<(i64, i32)>,
    /// What holds after the last transition.
    footer: Option<PosixRules>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct LocalType {
    time: NamedOffset,
    is_dst: bool,
    /// Transitions to this type are given in standard time.
    is_standard: bool,
    /// Transitions to this type are given in UTC.
    is_utc: bool,
}

impl ZoneFile {
    /// Reads a zone; `None` where glibc would not use the file.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let first = Header::read(bytes)?;
        if bytes.get(4) == Some(&0) {
            return Self::parse_body(&first, bytes.get(Header::SIZE..)?, 4);
        }
        let second = bytes.get(Header::SIZE + first.body_size(4)?..)?;
        Self::parse_body(&Header::read(second)?, second.get(Header::SIZE..)?, 8)
    }

    /// The local time in force at `seconds` since 1970 UTC.
    pub fn at(&self, seconds: i64) -> (NamedOffset, bool) {
        let passed = self.transitions.partition_point(|&(when, _)| when <= seconds);
        if passed == 0 {
            let first = self.types.iter().position(|kind| !kind.is_dst).unwrap_or(0);
            return self.local(first);
        }
        match &self.footer {
            Some(rules) if passed == self.transitions.len() => {
                let which = rules.in_force(seconds);
                (rules.times[which].clone(), which == 1)
            }
            _ => self.local(self.transitions[passed - 1].1),
        }
    }

    /// Leap seconds inserted up to `seconds`, and how many of them right then.
    pub fn leap_seconds(&self, seconds: i64) -> (i64, u8) {
        let count = self.leaps.partition_point(|&(when, _)| when <= seconds);
        let Some(&(when, correction)) = self.leaps[..count].last() else {
            return (0, 0);
        };
        let before = count.checked_sub(2).map_or(0, |index| self.leaps[index].1);
        let hit = when == seconds && correction > before;
        (i64::from(correction), u8::from(hit))
    }

    /// This zone's changes under the names and offsets of `rules`: how glibc
    /// completes a `TZ` that names a daylight saving time without a rule. After
    /// the last transition the file's own names and offsets come back.
    pub fn renamed(mut self, rules: &PosixRules) -> Option<Self> {
        if self.types.len() < 2 {
            return None;
        }
        let standard =
            self.transitions.iter().rev().map(|&(_, kind)| &self.types[kind]).find(|kind| !kind.is_dst);
        // glibc 2.36 takes the file's daylight saving time for UTC (observed).
        let own = [standard.map_or(0, |kind| kind.time.offset), 0];
        let mut was_dst = false;
        for (when, kind) in &mut self.transitions {
            let to = &self.types[*kind];
            let flavour = usize::from(was_dst && !to.is_standard);
            if !to.is_utc {
                *when = when.saturating_add(i64::from(rules.times[flavour].offset - own[flavour]));
            }
            was_dst = to.is_dst;
            *kind = usize::from(to.is_dst);
        }
        self.types = [0, 1]
            .map(|which: usize| LocalType {
                time: rules.times[which].clone(),
                is_dst: which == 1,
                is_standard: false,
                is_utc: false,
            })
            .into();
        Some(self)
    }

    fn local(&self, kind: usize) -> (NamedOffset, bool) {
        let kind = &self.types[kind];
        (kind.time.clone(), kind.is_dst)
    }

    fn parse_body(header: &Header, body: &[u8], width: usize) -> Option<Self> {
        let mut body = Reader(body);
        let times = body.take(header.transitions.checked_mul(width)?)?;
        let kinds = body.take(header.transitions)?;
        let types = body.take(header.types.checked_mul(6)?)?;
        let names = body.take(header.chars)?;
        let leaps = body.take(header.leaps.checked_mul(width + 4)?)?;
        let standard = body.take(header.standard)?;
        let utc = body.take(header.utc)?;
        let mut types = parse_types(types, names)?;
        for (index, kind) in types.iter_mut().enumerate() {
            kind.is_standard = standard.get(index).is_some_and(|&flag| flag != 0);
            kind.is_utc = utc.get(index).is_some_and(|&flag| flag != 0);
        }
        if types.is_empty() || kinds.iter().any(|&kind| usize::from(kind) >= types.len()) {
            return None;
        }
        let transitions =
            times.chunks(width).map(integer).zip(kinds.iter().map(|&kind| kind.into())).collect();
        let leaps =
            leaps.chunks(width + 4).map(|leap| (integer(&leap[..width]), integer(&leap[width..]) as i32));
        let leaps = leaps.collect();
        let footer = if width == 8 { footer(body.0)? } else { None };
        Some(Self { transitions, types, leaps, footer })
    }
}

struct Header {
    utc: usize,
    standard: usize,
    leaps: usize,
    transitions: usize,
    types: usize,
    chars: usize,
}

impl Header {
    const SIZE: usize = 44;

    fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..Self::SIZE)?;
        let count = |index: usize| usize::try_from(integer(&bytes[20 + 4 * index..24 + 4 * index])).ok();
        let header = Self {
            utc: count(0)?,
            standard: count(1)?,
            leaps: count(2)?,
            transitions: count(3)?,
            types: count(4)?,
            chars: count(5)?,
        };
        let usable =
            bytes.starts_with(b"TZif") && header.standard <= header.types && header.utc <= header.types;
        usable.then_some(header)
    }

    fn body_size(&self, width: usize) -> Option<usize> {
        [(self.transitions, width + 1), (self.types, 6), (self.chars, 1), (self.leaps, width + 4)]
            .into_iter()
            .chain([(self.standard, 1), (self.utc, 1)])
            .try_fold(0, |sum: usize, (count, size)| sum.checked_add(count.checked_mul(size)?))
    }
}

fn parse_types(types: &[u8], names: &[u8]) -> Option<Vec<LocalType>> {
    let mut parsed = Vec::with_capacity(types.len() / 6);
    for entry in types.chunks(6) {
        let name = names.get(usize::from(entry[5])..)?;
        let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
        if entry[4] > 1 {
            return None;
        }
        let time = NamedOffset { name: name[..end].to_vec(), offset: integer(&entry[..4]) as i32 };
        parsed.push(LocalType { time, is_dst: entry[4] == 1, is_standard: false, is_utc: false });
    }
    Some(parsed)
}

/// The rules after the data; `None` when the file is cut before them.
fn footer(text: &[u8]) -> Option<Option<PosixRules>> {
    let (&first, rest) = text.split_first()?;
    let text = rest.split_last().map_or(rest, |(_, text)| text);
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    let text = &text[..end];
    Some((first == b'\n' && !text.is_empty()).then(|| PosixRules::parse(text)))
}

/// A big-endian two's complement number of at most eight bytes.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|&byte| byte >= 0x80);
    bytes.iter().fold(-i64::from(negative), |value, &byte| value << 8 | i64::from(byte))
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A version 2 file with one change from LMT to a zone named by `footer`.
    fn file(footer: &str) -> Vec<u8> {
        let header = |counts: [u32; 6]| {
            let mut bytes = b"TZif2".to_vec();
            bytes.resize(20, 0);
            counts.iter().for_each(|count| bytes.extend(count.to_be_bytes()));
            bytes
        };
        let mut bytes = header([0; 6]);
        bytes.extend(header([0, 0, 1, 1, 2, 8]));
        bytes.extend(1_000_000_i64.to_be_bytes());
        bytes.push(1);
        bytes.extend([0, 0, 0x0C, 0x88, 0, 0]);
        bytes.extend([0, 0, 0x0E, 0x10, 0, 4]);
        bytes.extend(b"LMT\0CET\0");
        bytes.extend(78_796_800_i64.to_be_bytes());
        bytes.extend(1_u32.to_be_bytes());
        bytes.extend(format!("\n{footer}\n").as_bytes());
        bytes
    }

    #[test]
    fn applies_transitions_then_the_footer() {
        let zone = ZoneFile::parse(&file("CET-1CEST,M3.5.0,M10.5.0/3")).expect("a valid file");
        assert_eq!(zone.at(0).0, NamedOffset { name: b"LMT".to_vec(), offset: 3208 });
        assert_eq!(zone.at(1_704_067_200).0.name, b"CET");
        assert_eq!(zone.at(1_719_792_000), (NamedOffset { name: b"CEST".to_vec(), offset: 7200 }, true));
        let zone = ZoneFile::parse(&file("")).expect("a valid file");
        assert_eq!(zone.at(1_719_792_000).0.name, b"CET");
    }

    #[test]
    fn counts_leap_seconds() {
        let zone = ZoneFile::parse(&file("")).expect("a valid file");
        assert_eq!(zone.leap_seconds(78_796_799), (0, 0));
        assert_eq!(zone.leap_seconds(78_796_800), (1, 1));
        assert_eq!(zone.leap_seconds(78_796_801), (1, 0));
    }

    #[test]
    fn every_cut_is_refused_or_read() {
        let whole = file("CET-1CEST,M3.5.0,M10.5.0/3");
        for len in 0..whole.len() {
            if let Some(zone) = ZoneFile::parse(&whole[..len]) {
                zone.at(0);
            }
        }
        assert_eq!(ZoneFile::parse(&whole[..100]), None);
    }

    proptest::proptest! {
        #[test]
        fn damaged_files_are_refused_or_read(at: proptest::sample::Index, byte: u8, seconds: i32) {
            let mut bytes = file("CET-1CEST,M3.5.0,M10.5.0/3");
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Some(zone) = ZoneFile::parse(&bytes) {
                zone.at(seconds.into());
                zone.leap_seconds(seconds.into());
            }
        }
    }
}
