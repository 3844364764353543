//! LC_TIME: names of days and months, formats, eras and digits.

use crate::ipmitool::text::{Words, words};
use crate::ipmitool::time::Moment;

/// Numbers of the LC_TIME values used here, as in glibc's `langinfo.h`.
pub mod item {
    /// Abbreviated Sunday; six more follow.
    pub const ABDAY_1: usize = 0;
    /// Sunday; six more follow.
    pub const DAY_1: usize = 7;
    /// Abbreviated January; eleven more follow.
    pub const ABMON_1: usize = 14;
    /// January as used within a date; eleven more follow.
    pub const MON_1: usize = 26;
    /// Before noon; after noon follows.
    pub const AM_STR: usize = 38;
    /// Format of `%c`.
    pub const D_T_FMT: usize = 40;
    /// Format of `%x`.
    pub const D_FMT: usize = 41;
    /// Format of `%X`.
    pub const T_FMT: usize = 42;
    /// Format of `%r`.
    pub const T_FMT_AMPM: usize = 43;
    /// Format of `%Ex`.
    pub const ERA_D_FMT: usize = 46;
    /// A hundred numerals, each ended by a NUL.
    pub const ALT_DIGITS: usize = 47;
    /// Format of `%Ec`.
    pub const ERA_D_T_FMT: usize = 48;
    /// Format of `%EX`.
    pub const ERA_T_FMT: usize = 49;
    /// Number of eras, a word.
    pub const ERA_COUNT: usize = 50;
    /// The eras.
    pub const ERAS: usize = 51;
    /// January by itself; eleven more follow.
    pub const ALTMON_1: usize = 111;
    /// Abbreviated January by itself; eleven more follow.
    pub const ABALTMON_1: usize = 135;
}

/// Words and formats for times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeWords {
    /// The C locale's.
    C,
    /// A compiled locale's: all bytes of its LC_TIME.
    Compiled(Vec<u8>),
}

/// A span of years with a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Era<'w> {
    /// What `%EC` prints.
    pub name: &'w [u8],
    /// Format of `%EY`.
    pub format: &'w [u8],
    offset: i64,
    start_year: i64,
    sign: i64,
}

impl Era<'_> {
    /// The year within the era.
    pub fn year(&self, year: i64) -> i64 {
        self.offset + (year - self.start_year) * self.sign
    }
}

impl TimeWords {
    /// The string numbered `index` (see [`item`]); empty where there is none.
    pub fn item(&self, index: usize) -> &[u8] {
        match self {
            Self::C => C_ITEMS.at(index).as_bytes(),
            Self::Compiled(bytes) => string_at(bytes, offset_of(bytes, index).unwrap_or(bytes.len())),
        }
    }

    /// The month `month` (0–11) from the list at `first`, or from the list at
    /// `fallback` in locales older than glibc 2.27.
    pub fn month(&self, first: usize, fallback: usize, month: usize) -> &[u8] {
        match self.item(first + month) {
            b"" => self.item(fallback + month),
            name => name,
        }
    }

    /// The numeral for `value` in the locale's own digits; empty where there is
    /// none.
    pub fn alternative_digits(&self, value: usize) -> &[u8] {
        let Self::Compiled(bytes) = self else { return b"" };
        let start = offset_of(bytes, item::ALT_DIGITS).unwrap_or(bytes.len());
        if value >= 100 || string_at(bytes, start).is_empty() {
            return b"";
        }
        let skipped = bytes[start..].split(|&byte| byte == 0).nth(value);
        skipped.unwrap_or_default()
    }

    /// The era that `moment` falls in.
    pub fn era(&self, moment: &Moment) -> Option<Era<'_>> {
        let Self::Compiled(bytes) = self else { return None };
        let count = word(bytes, offset_of(bytes, item::ERA_COUNT)?)?;
        let mut position = offset_of(bytes, item::ERAS)?;
        let today = [moment.year - 1900, moment.month.into(), moment.day.into()];
        for _ in 0..count {
            let (era, includes, next) = era_at(bytes, position, today)?;
            if includes {
                return Some(era);
            }
            position = next;
        }
        None
    }
}

/// The era at `start`, whether `today` (years since 1900, month from 0, day)
/// falls in it, and where the next one begins.
fn era_at(bytes: &[u8], start: usize, today: [i64; 3]) -> Option<(Era<'_>, bool, usize)> {
    let number = |index: usize| word(bytes, start + 4 * index).map(i64::from);
    let (direction, offset) = (number(0)?, number(1)?);
    let first = [number(2)?, number(3)?, number(4)?];
    let last = [number(5)?, number(6)?, number(7)?];
    let name = string_at(bytes, start + 32);
    let format_start = start + 32 + name.len() + 1;
    let format = string_at(bytes, format_start);
    let forwards = (first <= last) == (direction == i64::from(b'+'));
    let sign = if forwards { 1 } else { -1 };
    let era = Era { name, format, offset, start_year: first[0] + 1900, sign };
    // Wide copies of name and format follow at the next word.
    let wide = (format_start + format.len() + 1 - start).next_multiple_of(4) + start;
    let next = skip_wide(bytes, skip_wide(bytes, wide)?)?;
    let includes = (first <= today && today <= last) || (last <= today && today <= first);
    Some((era, includes, next))
}

fn skip_wide(bytes: &[u8], start: usize) -> Option<usize> {
    let len = bytes.get(start..)?.chunks_exact(4).position(|word| word == [0; 4])?;
    Some(start + 4 * (len + 1))
}

fn offset_of(bytes: &[u8], index: usize) -> Option<usize> {
    let count = word(bytes, 4)? as u32 as usize;
    (index < count).then(|| word(bytes, 8 + 4 * index))?.map(|offset| offset as u32 as usize)
}

fn word(bytes: &[u8], offset: usize) -> Option<i32> {
    let word = bytes.get(offset..offset.checked_add(4)?)?;
    Some(i32::from_ne_bytes(word.try_into().ok()?))
}

fn string_at(bytes: &[u8], start: usize) -> &[u8] {
    let text = bytes.get(start..).unwrap_or_default();
    &text[..text.iter().position(|&byte| byte == 0).unwrap_or(text.len())]
}

const C_ITEMS: Words = words![
    "Sun",
    "Mon",
    "Tue",
    "Wed",
    "Thu",
    "Fri",
    "Sat",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "AM",
    "PM",
    "%a %b %e %H:%M:%S %Y",
    "%m/%d/%y",
    "%H:%M:%S",
    "%I:%M:%S %p",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(items: &[(usize, &[u8])]) -> TimeWords {
        let count = 112;
        let mut bytes = 0x2003_1117_u32.to_ne_bytes().to_vec();
        bytes.extend((count as u32).to_ne_bytes());
        let end = 8 + 4 * count;
        let mut data = vec![0; 4];
        let mut offsets = vec![end as u32; count];
        for (index, value) in items {
            offsets[*index] = (end + data.len()) as u32;
            data.extend(*value);
            data.resize(data.len().next_multiple_of(4) + 4, 0);
        }
        offsets.iter().for_each(|offset| bytes.extend(offset.to_ne_bytes()));
        bytes.extend(data);
        TimeWords::Compiled(bytes)
    }

    fn era(start: [i32; 3], end: [i32; 3], offset: i32, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [i32::from(b'+'), offset].into_iter().chain(start).chain(end) {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(format!("{name}\0%EC%Ey\0").as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend([b'x', 0, 0, 0, 0, 0, 0, 0, b'y', 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn counts_years_by_era() {
        let eras =
            [era([119, 4, 1], [1 << 20, 0, 1], 1, "R"), era([89, 0, 8], [119, 3, 30], 1, "Heisei")].concat();
        let words = compiled(&[(item::ERA_COUNT, &2_u32.to_ne_bytes()), (item::ERAS, &eras)]);
        let at = |seconds| {
            words.era(&Moment::from_seconds(seconds)).map(|era| (era.name, era.year(2018), era.year(2024)))
        };
        assert_eq!(at(1_709_647_749), Some((b"R".as_slice(), 0, 6)));
        assert_eq!(at(1_525_132_800), Some((b"Heisei".as_slice(), 30, 36)));
        assert_eq!(at(0), None);
    }

    #[test]
    fn numerals_and_old_months() {
        let words = compiled(&[(item::ALT_DIGITS, b"nul\0one\0two"), (item::MON_1, b"Jan")]);
        assert_eq!(words.alternative_digits(2), b"two");
        assert_eq!(words.alternative_digits(99), b"");
        assert_eq!(words.month(item::ALTMON_1, item::MON_1, 0), b"Jan");
        assert_eq!(TimeWords::C.alternative_digits(2), b"");
    }

    #[test]
    fn damaged_locales_are_empty_words() {
        let TimeWords::Compiled(whole) =
            compiled(&[(item::ERA_COUNT, &[0xFF; 4]), (item::ERAS, &[0xFF; 40])])
        else {
            return;
        };
        for len in 0..whole.len() {
            let words = TimeWords::Compiled(whole[..len].to_vec());
            assert_eq!(words.era(&Moment::from_seconds(0)), None);
            for index in 0..160 {
                words.item(index);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_a_locale(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..700), seconds: u32) {
            let mut bytes = bytes;
            if let Some(count) = bytes.get_mut(4..8) {
                count.copy_from_slice(&120_u32.to_ne_bytes());
            }
            let words = TimeWords::Compiled(bytes);
            words.era(&Moment::from_seconds(seconds.into()));
            words.alternative_digits(seconds as usize % 101);
            for index in 0..160 {
                words.item(index);
            }
        }
    }
}
