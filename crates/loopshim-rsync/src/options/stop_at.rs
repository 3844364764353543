//! When a run is to stop: `--stop-after`, `--stop-at`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loopshim_core::ipmitool::time::Moment;

use super::Surroundings;

/// So many minutes after `now`; `None` where the text begins with no number above 0.
pub(super) fn after(minutes: &[u8], now: SystemTime) -> Option<SystemTime> {
    let digits = minutes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let minutes: u64 = std::str::from_utf8(&minutes[..digits]).ok()?.parse().ok()?;
    (minutes > 0).then(|| now + Duration::from_secs(minutes.min(u32::MAX.into()) * 60))
}

/// The next point in time that `text` is about, in local time: any part of
/// `year-month-dayThour:minute` from some part on.
pub(super) fn at(text: &[u8], surroundings: &Surroundings<'_>) -> Option<SystemTime> {
    let when = When::parse(text)?;
    let zone = (surroundings.zone)();
    let now = surroundings.now.duration_since(UNIX_EPOCH).ok()?.as_secs() as i64;
    let clock = zone.local(now);
    let moment = when.next(clock.moment)?;
    let seconds = zone.seconds_at(moment, clock.zone.offset.into())?;
    u64::try_from(seconds).ok().map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds))
}

/// What was said of a point in time.
#[derive(Debug, PartialEq, Eq)]
struct When {
    year: Option<i64>,
    /// 0 to 11.
    month: Option<u8>,
    day: Option<u8>,
    hour: Option<u8>,
    minute: u8,
}

impl When {
    fn parse(text: &[u8]) -> Option<Self> {
        let (date, time) = match text.iter().position(|&byte| byte == b'T') {
            Some(at) => (&text[..at], &text[at + 1..]),
            None if text.contains(&b':') => (&b""[..], text),
            None => (text, &b""[..]),
        };
        if date.is_empty() && time.is_empty() {
            return None;
        }
        let mut when = Self { year: None, month: None, day: None, hour: Some(0), minute: 0 };
        when.set_date(date)?;
        when.set_time(time)?;
        Some(when)
    }

    fn set_date(&mut self, date: &[u8]) -> Option<()> {
        if date.is_empty() {
            return Some(());
        }
        let mut parts = date.rsplit(|byte| matches!(byte, b'-' | b'/')).map(number);
        self.day = Some(parts.next()??).filter(|day| (1..=31).contains(day)).map(|day| day as u8);
        self.day?;
        if let Some(month) = parts.next() {
            self.month = Some((1..=12).contains(&month?).then(|| month.unwrap_or(1) as u8 - 1)?);
        }
        if let Some(year) = parts.next() {
            let year = i64::from(year?);
            self.year = Some(if year < 100 { year + 2000 } else { year });
        }
        parts.next().is_none().then_some(())
    }

    fn set_time(&mut self, time: &[u8]) -> Option<()> {
        if time.is_empty() {
            return Some(());
        }
        let at = time.iter().position(|&byte| byte == b':')?;
        self.hour = match &time[..at] {
            b"" => None,
            hour => Some(number(hour).filter(|&hour| hour < 24)? as u8),
        };
        self.minute = number(&time[at + 1..]).filter(|&minute| minute < 60)? as u8;
        Some(())
    }

    /// The first such moment after `now`; a whole date is taken as it is.
    fn next(&self, now: Moment) -> Option<Moment> {
        let date = |year, month, day, hour| {
            // A day beyond the month's end is one of the next month.
            let days =
                Moment { year, month, day: 1, hour, minute: self.minute, second: 0, weekday: 0, year_day: 0 };
            Moment::from_seconds(days.to_seconds() + (i64::from(day) - 1) * 86_400)
        };
        if let (Some(year), Some(month), Some(day)) = (self.year, self.month, self.day) {
            return Some(date(year, month, day, self.hour.unwrap_or(0)));
        }
        let range = |given: Option<u8>, all: std::ops::RangeInclusive<u8>| given.map_or(all, |one| one..=one);
        for year in now.year..=now.year + YEARS {
            for month in range(self.month, 0..=11) {
                for day in range(self.day, 1..=31) {
                    for hour in range(self.hour, 0..=23) {
                        let moment = date(year, month, day, hour);
                        if moment.day == day && moment.to_seconds() > now.to_seconds() {
                            return Some(moment);
                        }
                    }
                }
            }
        }
        None
    }
}

/// A 29th of February comes within so many.
const YEARS: i64 = 8;

/// A number of up to four digits.
fn number(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 4 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Tuesday, 2026-03-31, 13:30:15.
    const NOW: i64 = 1_774_963_815;

    fn next(text: &str) -> Option<String> {
        let moment = When::parse(text.as_bytes())?.next(Moment::from_seconds(NOW))?;
        let Moment { year, month, day, hour, minute, .. } = moment;
        Some(format!("{year}-{:02}-{day:02}T{hour:02}:{minute:02}", month + 1))
    }

    #[test]
    fn what_is_left_out_is_what_comes_next() {
        for (text, expected) in [
            ("2030-12-31T23:59", "2030-12-31T23:59"),
            ("30/1/2", "2030-01-02T00:00"),
            ("2020-1-1", "2020-01-01T00:00"),
            ("1-30", "2027-01-30T00:00"),
            ("14:00", "2026-03-31T14:00"),
            ("T13:30", "2026-04-01T13:30"),
            ("1", "2026-04-01T00:00"),
            ("31", "2026-05-31T00:00"),
            ("31T20:00", "2026-03-31T20:00"),
            (":59", "2026-03-31T13:59"),
            (":30", "2026-03-31T14:30"),
            ("2-29", "2028-02-29T00:00"),
            ("2030-2-30", "2030-03-02T00:00"),
            ("2030-1-1T", "2030-01-01T00:00"),
        ] {
            assert_eq!(next(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "x",
            "T",
            "2030",
            "25:00",
            "12:60",
            "2030-13-1",
            "2030-1-1T5",
            "0",
            "1-2-3-4",
            "1-1t05:06",
            "-1",
        ] {
            assert_eq!(next(text), None, "{text}");
        }
    }

    #[test]
    fn minutes_are_those_in_front() {
        assert_eq!(after(b"5m", UNIX_EPOCH), Some(UNIX_EPOCH + Duration::from_secs(300)));
        assert_eq!(
            (after(b"0", UNIX_EPOCH), after(b"", UNIX_EPOCH), after(b"-1", UNIX_EPOCH)),
            (None, None, None)
        );
    }
}
