//! `mc guid`: Get System GUID (IPMI 2.0 section 22.14).

use crate::ipmitool::text::{Words, words};
use std::time::{Duration, SystemTime};

use super::APP;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::time::OldClock;
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// A byte order in which a GUID may be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// All fields most significant byte first.
    Rfc4122,
    /// All bytes reversed, the node first.
    Ipmi,
    /// The time fields least significant byte first, the rest as RFC 4122.
    Smbios,
}

impl Encoding {
    /// In the order in which the original tries them; the last fit wins.
    const ALL: [Self; 3] = [Self::Rfc4122, Self::Ipmi, Self::Smbios];

    fn name(self) -> &'static str {
        match self {
            Self::Rfc4122 => "RFC4122",
            Self::Ipmi => "IPMI",
            Self::Smbios => "SMBIOS",
        }
    }

    /// The fields most significant byte first.
    fn decode(self, raw: &[u8; 16]) -> Guid {
        let mut bytes = *raw;
        match self {
            Self::Rfc4122 => {}
            Self::Ipmi => bytes.reverse(),
            Self::Smbios => {
                bytes[..4].reverse();
                bytes[4..6].reverse();
                bytes[6..8].reverse();
            }
        }
        Guid(bytes)
    }
}

/// A GUID in RFC 4122's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Guid([u8; 16]);

/// Seconds from the Gregorian calendar's start to 1970.
const GREGORIAN_TO_UNIX: i64 = 12_219_292_800;
const TIME_BASED: u8 = 1;
const VERSIONS: Words = words![
    "Unknown/unsupported",
    "Time-based",
    "DCE Security with POSIX UIDs (not for IPMI)",
    "Name-based using MD5",
    "Random or pseudo-random",
    "Name-based using SHA-1",
];

impl Guid {
    fn version(&self) -> u8 {
        self.0[6] >> 4
    }

    fn is_versioned(&self) -> bool {
        self.version() != 0 && VERSIONS.get(self.version().into()).is_some()
    }

    /// Seconds since 1970, for a time-based GUID.
    fn unix_time(&self) -> i64 {
        let b = &self.0;
        let ticks = u64::from_be_bytes([b[6] & 0x0F, b[7], b[4], b[5], b[0], b[1], b[2], b[3]]);
        (ticks / 10_000_000) as i64 - GREGORIAN_TO_UNIX
    }
}

impl std::fmt::Display for Guid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let dash = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

pub(super) fn print(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let raw = read(session)?;
    if !session.personality.knows_guid_encodings() {
        let guid = Encoding::Smbios.decode(&raw);
        let stamp = u32::from_be_bytes([guid.0[0], guid.0[1], guid.0[2], guid.0[3]]);
        let time = session.times.numeric(stamp, OldClock::Local);
        out!(session, "System GUID  : {guid}\nTimestamp    : ");
        session.console.put(&time);
        out!(session, "\n");
        return Ok(());
    }
    // The help says "rfc4122", the original looks for "rfc".
    let asked = match args.first().map(Vec::as_slice) {
        Some(b"rfc") => Some(Encoding::Rfc4122),
        Some(b"smbios") => Some(Encoding::Smbios),
        Some(b"ipmi") => Some(Encoding::Ipmi),
        _ => None,
    };
    let dump = args.first().is_some_and(|word| word == b"dump");
    let encoding = if dump { None } else { asked.or_else(|| detect(session, &raw)) };
    out!(session, "System GUID   : ");
    let Some(encoding) = encoding else {
        raw.iter().for_each(|byte| out!(session, "{byte:02X}"));
        out!(session, "\n");
        return Ok(());
    };
    print_decoded(session, encoding.decode(&raw), asked.is_none().then_some(encoding));
    Ok(())
}

fn print_decoded(session: &mut Session<'_>, guid: Guid, detected: Option<Encoding>) {
    out!(session, "{guid}\n");
    if let Some(encoding) = detected {
        let warning = match encoding {
            Encoding::Ipmi => "",
            _ => " (WARNING: IPMI Specification violation!)",
        };
        out!(session, "GUID Encoding : {}{warning}\n", encoding.name());
    }
    let version = if guid.is_versioned() { usize::from(guid.version()) } else { 0 };
    out!(session, "GUID Version  : {}", VERSIONS.at(version));
    if version == 0 {
        out!(session, " ({})\n", guid.version());
    } else if guid.version() == TIME_BASED {
        let time = session.times.numeric(guid.unix_time() as u32, OldClock::Local);
        out!(session, "\nTimestamp     : ");
        session.console.put(&time);
        out!(session, "\n");
    } else {
        out!(session, "\n");
    }
}

/// The last encoding with a known version, unless an earlier one is time-based
/// with a time between 1970 and this year.
fn detect(session: &Session<'_>, raw: &[u8; 16]) -> Option<Encoding> {
    let mut found = None;
    for encoding in Encoding::ALL {
        let guid = encoding.decode(raw);
        if guid.is_versioned() {
            found = Some(encoding);
            if guid.version() == TIME_BASED && is_past((session.clock)(), guid.unix_time()) {
                break;
            }
        }
    }
    found
}

fn is_past(now: SystemTime, time: i64) -> bool {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    u64::try_from(time).is_ok_and(|time| year(time) <= year(now))
}

/// The year a time since 1970 falls in, in UTC.
fn year(seconds: u64) -> u64 {
    // Days are counted from 1 March 2000 backwards by whole eras, so that a
    // leap day ends its year.
    let days = seconds / 86_400 + 719_468;
    let day = days % 146_097;
    let of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
    days / 146_097 * 400 + of_era + u64::from(day_of_year >= 306)
}

fn read(session: &mut Session<'_>) -> Result<[u8; 16], Failed> {
    let Some(reply) = session.send(APP, 0x37, &[]) else {
        log!(session, ERR, "IPMI response is NULL.");
        return Err(Failed);
    };
    if !reply.is_ok() {
        log!(session, ERR, "IPMI command failed: {}", completion_name(reply.completion));
        return Err(Failed);
    }
    reply.data().try_into().map_err(|_| {
        log!(session, ERR, "Unexpected data length received.");
        Failed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: [u8; 16] =
        [0xA1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xA1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];

    #[test]
    fn decodes_each_byte_order() {
        let text = |encoding: Encoding| encoding.decode(&RAW).to_string();
        assert_eq!(text(Encoding::Rfc4122), "a1234567-89ab-cdef-a123-456789abcdef");
        assert_eq!(text(Encoding::Ipmi), "efcdab89-6745-23a1-efcd-ab89674523a1");
        assert_eq!(text(Encoding::Smbios), "674523a1-ab89-efcd-a123-456789abcdef");
    }

    #[test]
    fn years_turn_at_new_year() {
        assert_eq!(year(0), 1970);
        assert_eq!(year(951_782_400), 2000); // 29 February
        assert_eq!(year(1_704_067_199), 2023);
        assert_eq!(year(1_704_067_200), 2024);
    }

    #[test]
    fn reads_the_time_in_a_guid() {
        // 1998-02-04 22:13:53.151182 UTC, RFC 4122's own example of a namespace.
        let guid = Guid([
            0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
        ]);
        assert_eq!(guid.unix_time(), 886_630_433);
        assert_eq!(guid.version(), TIME_BASED);
    }
}
