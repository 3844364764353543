//! POSIX `TZ` strings (`CET-1CEST,M3.5.0,M10.5.0/3`), read as leniently as
//! glibc 2.36 reads them: what follows a slip is dropped, what came before
//! counts.

use super::calendar::{Moment, days_to, is_leap};

const HOUR: i32 = 3600;

/// Standard and daylight saving time, and when one turns into the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosixRules {
    /// Standard time, then daylight saving time.
    pub times: [NamedOffset; 2],
    /// When daylight saving time begins and ends, each on the clock before it.
    changes: [Change; 2],
    /// The text names a daylight saving time but no rule for it.
    pub lacks_rule: bool,
}

/// An abbreviation and its distance from UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedOffset {
    /// What `%Z` prints.
    pub name: Vec<u8>,
    /// Seconds east of Greenwich.
    pub offset: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    day: Day,
    /// Seconds after midnight, within ±65535 hours.
    seconds: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    /// Day of the year, 1–365, leap days not counted.
    Julian(u16),
    /// Day of the year from 0, leap days counted.
    Zero(u16),
    /// Month, week (5 is the last), weekday from Sunday: 1–12, 1–5 and 0–6 in
    /// a good rule.
    Month(u16, u16, u16),
}

impl PosixRules {
    /// Reads a `TZ` string. What cannot be read is UTC, named by what could.
    pub fn parse(text: &[u8]) -> Self {
        let never = Change { day: Day::Zero(0), seconds: 0 };
        let mut rules = Self { times: Default::default(), changes: [never; 2], lacks_rule: false };
        // `None` only means that reading stopped early.
        let _ = rules.read(&mut Cursor(text));
        rules
    }

    /// UTC under the name glibc gives it when `TZ` names nothing.
    pub fn utc() -> Self {
        Self::parse(b"UTC0")
    }

    /// Whether daylight saving time is in force (0 or 1, an index of
    /// [`times`](Self::times)) at `seconds` since 1970 UTC.
    pub fn in_force(&self, seconds: i64) -> usize {
        let year = Moment::from_seconds(seconds).year;
        let at = |which: usize| {
            let change = self.changes[which];
            change.day.in_year(year) * 86_400 - i64::from(self.times[which].offset)
                + i64::from(change.seconds)
        };
        let (begin, end) = (at(0), at(1));
        usize::from(match begin > end {
            // South of the equator summer spans the new year.
            true => seconds < end || seconds >= begin,
            false => (begin..end).contains(&seconds),
        })
    }

    fn read(&mut self, text: &mut Cursor<'_>) -> Option<()> {
        self.times[0].name = text.name()?;
        self.times[0].offset = text.standard_offset()?;
        if text.0.is_empty() {
            self.times[1] = self.times[0].clone();
            return Some(());
        }
        if let Some(name) = text.name() {
            self.times[1].name = name;
            self.times[1].offset = text.offset().unwrap_or(self.times[0].offset + HOUR);
            self.lacks_rule = matches!(text.0, b"" | b",");
        }
        for (change, default) in self.changes.iter_mut().zip([Day::Month(3, 2, 0), Day::Month(11, 1, 0)]) {
            text.change(change, default)?;
        }
        Some(())
    }
}

impl Day {
    /// Days from 1970-01-01 to this day of `year`.
    fn in_year(self, year: i64) -> i64 {
        let first = days_to(year, 0, 1);
        match self {
            Self::Zero(day) => first + i64::from(day),
            Self::Julian(day) => first + i64::from(day) - 1 + i64::from(day >= 60 && is_leap(year)),
            Self::Month(month @ 1..=13, week, weekday) => {
                // A thirteenth month, which only a bad rule has, has no weeks.
                let month_start = |month: u16| match month {
                    1..=12 => days_to(year, month as u8 - 1, 1),
                    _ => days_to(year + 1, 0, 1),
                };
                let len = if month > 12 { 0 } else { month_start(month + 1) - month_start(month) };
                let mut day = i64::from(weekday) - (month_start(month) + 4).rem_euclid(7);
                if day < 0 {
                    day += 7;
                }
                for _ in 1..week {
                    if day + 7 >= len {
                        break;
                    }
                    day += 7;
                }
                month_start(month) + day
            }
            // glibc looks such months up beyond its table: anything may happen.
            Self::Month(..) => first + 365,
        }
    }
}

/// The part of the text not read yet.
struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    fn take_while(&mut self, accept: impl Fn(&u8) -> bool) -> &[u8] {
        let len = self.0.iter().position(|byte| !accept(byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        self.0 = &self.0[usize::from(found)..];
        found
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        let start = self.0;
        let name = self.take_while(u8::is_ascii_alphabetic).to_vec();
        if name.len() >= 3 {
            return Some(name);
        }
        self.0 = start;
        let quoted = self.skip(b'<').then(|| {
            self.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-')).to_vec()
        });
        match quoted {
            Some(name) if self.skip(b'>') && name.len() >= 3 => Some(name),
            _ => {
                self.0 = start;
                None
            }
        }
    }

    fn standard_offset(&mut self) -> Option<i32> {
        matches!(self.0.first()?, b'+' | b'-' | b'0'..=b'9').then(|| self.offset())?
    }

    /// `[+-]h[h][:mm[:ss]]`, positive west; `None` when there is no number.
    fn offset(&mut self) -> Option<i32> {
        let sign = if self.skip(b'-') { 1 } else { -1 };
        if sign < 0 {
            self.skip(b'+');
        }
        let [hours, minutes, seconds] = self.clock([0; 3])?;
        Some(sign * (hours.min(24) * HOUR + minutes.min(59) * 60 + seconds.min(59)))
    }

    /// Hours, minutes and seconds; `None` when there are no hours.
    fn clock(&mut self, mut clock: [i32; 3]) -> Option<[i32; 3]> {
        clock[0] = self.scan_u16()?;
        for part in &mut clock[1..] {
            let start = self.0;
            match self.skip(b':').then(|| self.scan_u16()).flatten() {
                Some(value) => *part = value,
                None => {
                    self.0 = start;
                    break;
                }
            }
        }
        Some(clock)
    }

    /// A number as `scanf("%hu")` takes it: blanks, a sign, sixteen bits.
    fn scan_u16(&mut self) -> Option<i32> {
        let start = self.0;
        self.take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r'));
        let negative = self.skip(b'-');
        if !negative {
            self.skip(b'+');
        }
        let digits = self.take_while(u8::is_ascii_digit);
        if digits.is_empty() {
            self.0 = start;
            return None;
        }
        let value = decimal(digits);
        let value = if negative { value.wrapping_neg() } else { value };
        Some(i32::from(value as u16))
    }

    /// Reads a rule into `change`; on `None` as much of it as was good.
    fn change(&mut self, change: &mut Change, default: Day) -> Option<()> {
        self.skip(b',');
        match self.0.first() {
            None => change.day = default,
            Some(b'M') => self.month_day(change)?,
            Some(b'J') => {
                self.skip(b'J');
                change.day = Day::Julian(0);
                change.day = Day::Julian(self.year_day().filter(|&day| day > 0)?);
            }
            Some(_) => change.day = Day::Zero(self.year_day()?),
        }
        change.seconds = match self.0.first() {
            Some(b'/') => self.change_time()?,
            None | Some(b',') => 2 * HOUR,
            Some(_) => return None,
        };
        Some(())
    }

    fn year_day(&mut self) -> Option<u16> {
        let digits = self.take_while(u8::is_ascii_digit);
        let day = (!digits.is_empty()).then(|| decimal(digits))?;
        u16::try_from(day).ok().filter(|&day| day <= 365)
    }

    fn month_day(&mut self, change: &mut Change) -> Option<()> {
        self.skip(b'M');
        let mut parts = [0; 3];
        for index in 0..3 {
            change.day = Day::Month(parts[0], parts[1], parts[2]);
            if index > 0 && !self.skip(b'.') {
                return None;
            }
            parts[index] = self.scan_u16()? as u16;
        }
        let [month, week, weekday] = parts;
        change.day = Day::Month(month, week, weekday);
        ((1..=12).contains(&month) && (1..=5).contains(&week) && weekday <= 6).then_some(())
    }

    fn change_time(&mut self) -> Option<i32> {
        self.skip(b'/');
        if self.0.is_empty() {
            return None;
        }
        let sign = if self.skip(b'-') { -1 } else { 1 };
        let [hours, minutes, seconds] = self.clock([2, 0, 0]).unwrap_or([2, 0, 0]);
        Some(sign * (hours * HOUR + minutes * 60 + seconds))
    }
}

fn decimal(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |value: u64, digit| value.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_at(rules: &str, seconds: i64) -> (String, i32) {
        let rules = PosixRules::parse(rules.as_bytes());
        let time = &rules.times[rules.in_force(seconds)];
        (String::from_utf8(time.name.clone()).expect("ASCII"), time.offset)
    }

    #[test]
    fn follows_rules_on_both_hemispheres() {
        let (january, july) = (1_704_067_200, 1_719_792_000);
        assert_eq!(name_at("CET-1CEST,M3.5.0,M10.5.0/3", january), ("CET".into(), 3600));
        assert_eq!(name_at("CET-1CEST,M3.5.0,M10.5.0/3", july), ("CEST".into(), 7200));
        assert_eq!(name_at("AEST-10AEDT,M10.1.0,M4.1.0/3", january), ("AEDT".into(), 39_600));
        assert_eq!(name_at("AEST-10AEDT,M10.1.0,M4.1.0/3", july), ("AEST".into(), 36_000));
        assert_eq!(name_at("XXX3YYY,J60/0,J300/0", july), ("YYY".into(), -7200));
    }

    #[test]
    fn changes_at_the_second() {
        let rules = "CET-1CEST,M3.5.0,M10.5.0/3";
        assert_eq!(name_at(rules, 1_711_846_799).0, "CET");
        assert_eq!(name_at(rules, 1_711_846_800).0, "CEST");
        assert_eq!(name_at(rules, 1_729_990_799).0, "CEST");
        assert_eq!(name_at(rules, 1_729_990_800).0, "CET");
    }

    #[test]
    fn reads_odd_names_and_offsets() {
        assert_eq!(name_at("<-03>3", 0), ("-03".into(), -10_800));
        assert_eq!(name_at("<+0530>-5:30", 0), ("+0530".into(), 19_800));
        assert_eq!(name_at("ABC99:99:99", 0), ("ABC".into(), -(24 * 3600 + 59 * 60 + 59)));
    }

    #[test]
    fn keeps_what_came_before_a_slip() {
        assert_eq!(name_at("Mars/Olympus", 0), ("Mars".into(), 0));
        assert_eq!(name_at("XX", 0), (String::new(), 0));
        assert_eq!(name_at("", 0), (String::new(), 0));
        assert_eq!(name_at("<x>3", 0), (String::new(), 0));
    }

    #[test]
    fn notices_a_missing_rule() {
        assert!(PosixRules::parse(b"CET-1CEST").lacks_rule);
        assert!(!PosixRules::parse(b"CET-1CEST,M3.5.0,M10.5.0/3").lacks_rule);
        assert!(!PosixRules::parse(b"CET-1").lacks_rule);
    }

    proptest::proptest! {
        #[test]
        fn any_text_names_a_zone(text in "[A-Z<>+0-9:,./MJ -]{0,40}", seconds: i32) {
            let rules = PosixRules::parse(text.as_bytes());
            proptest::prop_assert!(rules.in_force(seconds.into()) < 2);
        }
    }
}
