//! How times are printed: in UTC and American by 1.8.18; by 1.8.19 in the
//! local zone and the user's locale, or in UTC with `-Z`.

mod calendar;
mod posix_rules;
mod strftime;
mod strptime;
mod tzfile;
mod zone;

use std::cell::OnceCell;
use std::time::{SystemTime, UNIX_EPOCH};

pub use calendar::Moment;
pub use zone::{WallClock, Zone};

use super::Personality;
use super::locale::{Environment, Locale};
use strftime::strftime;
use strptime::strptime;

/// Event log time that means "none" (IPMI 2.0 section 37.1).
pub const UNSPECIFIED: u32 = 0xFFFF_FFFF;
/// Times below count seconds since the BMC started (IPMI 2.0 section 37.1).
pub const INIT_DONE: u32 = 0x2000_0000;

const DAY: u32 = 86_400;
/// Size of the buffer 1.8.19 formats times in; what does not fit leaves the
/// time before in it.
const BUFFER: usize = 80;

/// Prints times. Zone and locale are looked up when first needed.
#[derive(Debug)]
pub struct Times {
    /// `-Z`: UTC instead of local time.
    pub utc: bool,
    personality: Personality,
    environment: Environment,
    zone: OnceCell<Zone>,
    locale: OnceCell<Locale>,
    buffer: [u8; BUFFER],
}

/// Which clock 1.8.18 reads a time on; 1.8.19 reads all on the local one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldClock {
    /// `localtime`.
    Local,
    /// `gmtime`.
    Utc,
}

impl Times {
    /// Times as `personality` prints them in `environment`.
    pub fn new(personality: Personality, environment: Environment) -> Self {
        Self {
            utc: false,
            personality,
            environment,
            zone: OnceCell::new(),
            locale: OnceCell::new(),
            buffer: [0; BUFFER],
        }
    }

    /// Date and time in figures: 1.8.18's `03/05/2024 14:07:09`, 1.8.19's
    /// `03/05/24 14:07:09 UTC`.
    pub fn numeric(&mut self, stamp: u32, old: OldClock) -> Vec<u8> {
        if !self.personality.localises_times() {
            return self.american(stamp, old);
        }
        match stamp {
            UNSPECIFIED => b"Unspecified".to_vec(),
            0..DAY => self.format(stamp, b"S+ %H:%M:%S"),
            DAY..INIT_DONE => self.format(stamp, b"S+ %y/%j %H:%M:%S"),
            _ => self.format(stamp, b"%x %X %Z"),
        }
    }

    /// Date and time in words, without a line end: 1.8.18's
    /// `Tue Mar  5 14:07:09 2024`, 1.8.19's with the zone after it.
    pub fn sentence(&mut self, stamp: u32, old: OldClock) -> Vec<u8> {
        if !self.personality.localises_times() {
            return self.print_old(stamp, old, b"%a %b %e %H:%M:%S %Y");
        }
        match stamp {
            UNSPECIFIED => b"Unspecified".to_vec(),
            0..DAY => self.format(stamp, b"S+ %H:%M:%S"),
            DAY..INIT_DONE => self.format(stamp, b"S+ %y years %j days %H:%M:%S"),
            _ => self.format(stamp, b"%c %Z"),
        }
    }

    /// Date and time where 1.8.18 prints words, in UTC, and 1.8.19 figures.
    pub fn words_or_figures(&mut self, stamp: u32) -> Vec<u8> {
        match self.personality.localises_times() {
            true => self.numeric(stamp, OldClock::Utc),
            false => self.sentence(stamp, OldClock::Utc),
        }
    }

    /// The date of an event in figures.
    pub fn date(&mut self, stamp: u32) -> Vec<u8> {
        if !self.personality.localises_times() {
            return self.print_old(stamp, OldClock::Utc, b"%m/%d/%Y");
        }
        match stamp {
            UNSPECIFIED => b"Unspecified".to_vec(),
            0..INIT_DONE => self.format(stamp, b"S+ %y/%j"),
            _ => self.format(stamp, b"%x"),
        }
    }

    /// The time of day of an event.
    pub fn time(&mut self, stamp: u32) -> Vec<u8> {
        if !self.personality.localises_times() {
            return self.print_old(stamp, OldClock::Utc, b"%H:%M:%S");
        }
        match stamp {
            UNSPECIFIED => b"Unspecified".to_vec(),
            _ => self.format(stamp, b"%X %Z"),
        }
    }

    /// What `sel time set` sends for `now` or a local time: seconds that read
    /// as local time in UTC (1.8.18), or less the distance from UTC once more
    /// than they should be (1.8.19, unless `-Z`). `None` when `text` is no time.
    pub fn sel_clock(&self, text: &[u8], now: SystemTime) -> Option<i64> {
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs() as i64);
        let is_now = self.personality.is_now(text);
        let localises = self.personality.localises_times();
        let mut guess = 0;
        let seconds = if is_now {
            now
        } else {
            let format: &[u8] = if localises { b"%x %X" } else { b"%m/%d/%Y %H:%M:%S" };
            let wanted = strptime(text, format, &self.locale().time)?;
            let seconds = self.zone().seconds_at(wanted, guess).filter(|&seconds| seconds >= 0)?;
            guess = wanted.to_seconds() - seconds;
            seconds
        };
        if !localises {
            return Some(self.local_as_utc(seconds));
        }
        if self.utc && !is_now {
            return Some(seconds);
        }
        Some(self.zone().seconds_at(Moment::from_seconds(seconds), guess).unwrap_or(-1))
    }

    /// Seconds at which clocks in UTC show what local ones show at `seconds`,
    /// to the minute.
    fn local_as_utc(&self, seconds: i64) -> i64 {
        let minutes = |moment: Moment| moment.to_seconds().div_euclid(60);
        let (local, utc) = (self.zone().local(seconds).moment, self.zone().utc(seconds).moment);
        seconds + (minutes(local) - minutes(utc)) * 60
    }

    /// `03/05/2024 14:07:09`.
    fn american(&self, stamp: u32, clock: OldClock) -> Vec<u8> {
        self.print_old(stamp, clock, b"%m/%d/%Y %H:%M:%S")
    }

    /// The zone in force.
    pub fn zone(&self) -> &Zone {
        self.zone.get_or_init(|| Zone::of(&self.environment))
    }

    /// The locale in force: always C in 1.8.18.
    pub fn locale(&self) -> &Locale {
        self.locale.get_or_init(|| match self.personality.localises_times() {
            true => Locale::of(&self.environment),
            false => Locale::c(),
        })
    }

    /// Formats a time in the static buffer, as 1.8.19's `ipmi_strftime` does.
    fn format(&mut self, stamp: u32, format: &[u8]) -> Vec<u8> {
        let seconds = i64::from(stamp);
        // At the last second of the start-up count it is UTC already.
        let clock = match stamp <= INIT_DONE || self.utc {
            true => self.zone().utc(seconds),
            false => self.zone().local(seconds),
        };
        let mut buffer = self.buffer;
        // A time too long for the buffer is printed as far as it came.
        let _ = strftime(&mut buffer, format, &clock, seconds, &self.locale().time);
        self.buffer = buffer;
        let end = buffer.iter().position(|&byte| byte == 0).unwrap_or(BUFFER);
        buffer[..end].to_vec()
    }

    fn print_old(&self, stamp: u32, clock: OldClock, format: &[u8]) -> Vec<u8> {
        let seconds = i64::from(stamp);
        let clock = match clock {
            OldClock::Utc => self.zone().utc(seconds),
            OldClock::Local => self.zone().local(seconds),
        };
        let mut buffer = [0; BUFFER];
        let len = strftime(&mut buffer, format, &clock, seconds, &self.locale().time);
        buffer[..len.unwrap_or(0)].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(personality: Personality, tz: &str) -> Times {
        let vars = [("TZ", tz)].into_iter().collect();
        Times::new(personality, Environment::new("/nonexistent".into(), vars))
    }

    const MARCH: u32 = 1_709_647_749;

    #[test]
    fn old_versions_print_american_dates() {
        let mut times = times(Personality::V1_8_18El8, "EST5");
        assert_eq!(times.numeric(MARCH, OldClock::Utc), b"03/05/2024 14:09:09");
        assert_eq!(times.numeric(MARCH, OldClock::Local), b"03/05/2024 09:09:09");
        assert_eq!(times.date(MARCH), b"03/05/2024");
        assert_eq!(times.time(MARCH), b"14:09:09");
        assert_eq!(times.sentence(MARCH, OldClock::Local), b"Tue Mar  5 09:09:09 2024");
        assert_eq!(times.date(UNSPECIFIED), b"02/07/2106");
    }

    #[test]
    fn new_versions_print_local_times() {
        let mut times = times(Personality::V1_8_19Deb12, "EST5");
        assert_eq!(times.numeric(MARCH, OldClock::Utc), b"03/05/24 09:09:09 EST");
        assert_eq!(times.sentence(MARCH, OldClock::Utc), b"Tue Mar  5 09:09:09 2024 EST");
        assert_eq!((times.date(MARCH), times.time(MARCH)), (b"03/05/24".to_vec(), b"09:09:09 EST".to_vec()));
        times.utc = true;
        assert_eq!(times.time(MARCH), b"14:09:09 GMT");
    }

    #[test]
    fn sets_the_clock_as_each_version_does() {
        let set = |personality, tz, text: &str| times(personality, tz).sel_clock(text.as_bytes(), UNIX_EPOCH);
        let text = "03/05/2024 12:00:00";
        assert_eq!(set(Personality::V1_8_18El8, "EST5", text), Some(1_709_640_000));
        assert_eq!(set(Personality::V1_8_18El8, "UTC0", "NOWADAYS"), Some(0));
        assert_eq!(set(Personality::V1_8_19Deb12, "UTC0", "nowadays"), None);
        let text = "03/05/24 12:00:00";
        assert_eq!(set(Personality::V1_8_19Deb12, "EST5", text), Some(1_709_640_000 + 2 * 18_000));
        assert_eq!(set(Personality::V1_8_19Deb12, "EST5", "now"), Some(18_000));
    }

    #[test]
    fn special_stamps() {
        let mut times = times(Personality::V1_8_19Deb12, "EST5");
        assert_eq!(times.numeric(UNSPECIFIED, OldClock::Utc), b"Unspecified");
        assert_eq!(times.numeric(30, OldClock::Utc), b"S+ 00:00:30");
        assert_eq!(times.numeric(90_000, OldClock::Utc), b"S+ 70/002 01:00:00");
        assert_eq!(times.time(INIT_DONE), b"18:48:32 GMT");
        assert_eq!(times.time(INIT_DONE + 1), b"13:48:33 EST");
    }
}
