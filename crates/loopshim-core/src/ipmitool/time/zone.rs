//! The time zone in force: `TZ`, or `/etc/localtime`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::calendar::Moment;
use super::posix_rules::{NamedOffset, PosixRules};
use super::tzfile::ZoneFile;
use crate::file;
use crate::ipmitool::locale::Environment;

/// Largest zone file read; real ones have a few thousand bytes.
const FILE_MAX: u64 = 1 << 20;

/// Rules from UTC to local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Zone {
    /// A compiled zone.
    File(ZoneFile),
    /// A POSIX `TZ` string.
    Rules(PosixRules),
}

/// A moment on a wall clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallClock {
    /// What calendar and clock show.
    pub moment: Moment,
    /// Name and distance of the zone.
    pub zone: NamedOffset,
    /// Whether it is daylight saving time.
    pub is_dst: bool,
}

impl Zone {
    /// The zone that glibc would use in this environment.
    pub fn of(environment: &Environment) -> Self {
        let variable = environment.var("TZ");
        let name = match variable.as_deref() {
            None => b"/etc/localtime".as_slice(),
            Some(b"") => b"Universal",
            Some([b':', name @ ..]) => name,
            Some(name) => name,
        };
        if let Some(file) = read(environment, name) {
            return Self::File(file);
        }
        if name.is_empty() || name == b"/etc/localtime" {
            return Self::Rules(PosixRules::utc());
        }
        let rules = PosixRules::parse(name);
        let default = rules.lacks_rule.then(|| read(environment, b"posixrules")?.renamed(&rules));
        default.flatten().map_or(Self::Rules(rules), Self::File)
    }

    /// Local time at `seconds` since 1970 UTC.
    pub fn local(&self, seconds: i64) -> WallClock {
        let (zone, is_dst) = match self {
            Self::File(file) => file.at(seconds),
            Self::Rules(rules) => {
                let which = rules.in_force(seconds);
                (rules.times[which].clone(), which == 1)
            }
        };
        self.clock(seconds, zone, is_dst)
    }

    /// UTC at `seconds` since 1970; the zone's leap seconds count here too.
    pub fn utc(&self, seconds: i64) -> WallClock {
        self.clock(seconds, NamedOffset { name: b"GMT".to_vec(), offset: 0 }, false)
    }

    /// Seconds since 1970 UTC at which local clocks show `moment`; of two the
    /// one found first from `guess` (seconds east of Greenwich), of none one
    /// next to the gap, as `mktime` chooses with `tm_isdst` unknown.
    pub fn seconds_at(&self, moment: Moment, guess: i64) -> Option<i64> {
        let wanted = moment.to_seconds();
        let (mut before, mut last, mut seconds) = (wanted - guess, wanted - guess, wanted - guess);
        let mut was_dst = false;
        for _ in 0..6 {
            let clock = self.local(seconds);
            let next = seconds + wanted - clock.moment.to_seconds();
            if next == seconds || (seconds == before && seconds != last && was_dst <= clock.is_dst) {
                return Some(seconds);
            }
            (before, last, seconds, was_dst) = (last, seconds, next, clock.is_dst);
        }
        None
    }

    fn clock(&self, seconds: i64, zone: NamedOffset, is_dst: bool) -> WallClock {
        let (leaps, hit) = match self {
            Self::File(file) => file.leap_seconds(seconds),
            Self::Rules(_) => (0, 0),
        };
        let mut moment = Moment::from_seconds(seconds + i64::from(zone.offset) - leaps);
        moment.second += hit;
        WallClock { moment, zone, is_dst }
    }
}

fn read(environment: &Environment, name: &[u8]) -> Option<ZoneFile> {
    let name = Path::new(OsStr::from_bytes(name));
    if name.as_os_str().is_empty() {
        return None;
    }
    let folder = environment.var("TZDIR").filter(|folder| !folder.is_empty());
    let folder = folder.as_deref().unwrap_or(b"/usr/share/zoneinfo");
    let path: PathBuf = environment.path(&Path::new(OsStr::from_bytes(folder)).join(name));
    ZoneFile::parse(&file::read_start(file::open(&path).ok()?, FILE_MAX).ok()?)
}
