//! C's `strptime` as glibc 2.36 has it, as far as the date and time formats of
//! locales need it; eras are not read.

use super::calendar::Moment;
use crate::ipmitool::locale::{TimeWords, time_item as item};

/// How deep formats may name formats.
const DEPTH_MAX: u8 = 8;

/// Reads `text` in `format`; what the format does not name is zero, the year
/// 1900. What follows the end of the format is not looked at. `None` when the
/// text is something else.
pub(super) fn strptime(text: &[u8], format: &[u8], words: &TimeWords) -> Option<Moment> {
    let mut moment = Moment::from_seconds(0);
    (moment.year, moment.day) = (1900, 0);
    let mut reader = Reader { text, moment, hour_12: None, is_pm: false, decided: Decided::No, words };
    reader.read(format, 0)?;
    if let Some(hour) = reader.hour_12 {
        reader.moment.hour = hour % 12 + if reader.is_pm { 12 } else { 0 };
    }
    Some(reader.moment)
}

/// Whose formats the text turned out to be in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decided {
    No,
    Locale,
    C,
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    text: &'a [u8],
    moment: Moment,
    hour_12: Option<u8>,
    is_pm: bool,
    decided: Decided,
    words: &'a TimeWords,
}

impl Reader<'_> {
    fn read(&mut self, format: &[u8], depth: u8) -> Option<()> {
        let mut rest = format;
        while let Some((&first, after)) = rest.split_first() {
            rest = after;
            if first.is_ascii_whitespace() {
                self.skip(u8::is_ascii_whitespace);
            } else if first != b'%' {
                self.literal(&[first])?;
            } else {
                let flags = |byte: &u8| matches!(byte, b'-' | b'_' | b'0' | b'^' | b'#');
                let start = rest.iter().position(|byte| !flags(byte))?;
                let modifier = rest[start..].first().copied().filter(|byte| matches!(byte, b'E' | b'O'));
                let start = start + usize::from(modifier.is_some());
                let letter = *rest.get(start)?;
                rest = &rest[start + 1..];
                self.convert(letter, modifier == Some(b'O'), depth)?;
            }
        }
        Some(())
    }

    fn convert(&mut self, letter: u8, alternative: bool, depth: u8) -> Option<()> {
        match letter {
            b'%' => self.literal(b"%")?,
            b'n' | b't' => self.skip(u8::is_ascii_whitespace),
            b'c' => self.compound(item::D_T_FMT, b"%a %b %e %H:%M:%S %Y", depth)?,
            b'x' => self.compound(item::D_FMT, b"%m/%d/%y", depth)?,
            b'X' => self.compound(item::T_FMT, b"%H:%M:%S", depth)?,
            b'r' => self.compound(item::T_FMT_AMPM, b"%I:%M:%S %p", depth)?,
            b'D' => self.nested(b"%m/%d/%y", depth)?,
            b'F' => self.nested(b"%Y-%m-%d", depth)?,
            b'R' => self.nested(b"%H:%M", depth)?,
            b'T' => self.nested(b"%H:%M:%S", depth)?,
            b'a' | b'A' => drop(self.name(&[(item::DAY_1, 7), (item::ABDAY_1, 7)])?),
            b'b' | b'B' | b'h' => {
                let lists = [item::MON_1, item::ABMON_1, item::ALTMON_1, item::ABALTMON_1];
                self.moment.month = self.name(&lists.map(|list| (list, 12)))?;
            }
            b'p' | b'P' => self.is_pm = self.name(&[(item::AM_STR, 2)])? == 1,
            b'Z' => self.skip(|byte| !byte.is_ascii_whitespace()),
            _ => self.number(letter, alternative)?,
        }
        Some(())
    }

    fn number(&mut self, letter: u8, alternative: bool) -> Option<()> {
        let (least, most, digits) = match letter {
            b'C' => (0, 99, 2),
            b'd' | b'e' => (1, 31, 2),
            b'H' | b'k' => (0, 23, 2),
            b'I' | b'l' => (1, 12, 2),
            b'j' => (1, 366, 3),
            b'm' => (1, 12, 2),
            b'M' => (0, 59, 2),
            b'S' => (0, 61, 2),
            b'u' => (1, 7, 1),
            b'U' | b'V' | b'W' => (0, 53, 2),
            b'w' => (0, 6, 1),
            b'y' => (0, 99, 2),
            b'Y' => (0, 9999, 4),
            _ => return None,
        };
        let own = if alternative { self.own_digits() } else { None };
        let value = own.or_else(|| self.scan(most, digits)).filter(|value| (least..=most).contains(value))?;
        let moment = &mut self.moment;
        match letter {
            b'C' => moment.year = i64::from(value) * 100 + moment.year.rem_euclid(100),
            b'd' | b'e' => moment.day = value as u8,
            b'H' | b'k' => {
                moment.hour = value as u8;
                self.hour_12 = None;
            }
            b'I' | b'l' => self.hour_12 = Some(value as u8),
            b'm' => moment.month = value as u8 - 1,
            b'M' => moment.minute = value as u8,
            b'S' => moment.second = value as u8,
            b'y' => moment.year = i64::from(value) + if value >= 69 { 1900 } else { 2000 },
            b'Y' => moment.year = value.into(),
            _ => {}
        }
        Some(())
    }

    /// The locale's format, or where the text is not in it the C locale's.
    fn compound(&mut self, format: usize, c_format: &[u8], depth: u8) -> Option<()> {
        let words = self.words;
        if self.decided != Decided::C {
            let before = *self;
            if self.nested(words.item(format), depth).is_some() {
                if self.decided == Decided::No && words.item(format) != c_format {
                    self.decided = Decided::Locale;
                }
                return Some(());
            }
            if before.decided == Decided::Locale {
                return None;
            }
            *self = Self { decided: Decided::C, ..before };
        }
        self.nested(c_format, depth)
    }

    fn nested(&mut self, format: &[u8], depth: u8) -> Option<()> {
        if depth >= DEPTH_MAX {
            return None;
        }
        self.read(format, depth + 1)
    }

    fn literal(&mut self, text: &[u8]) -> Option<()> {
        self.text = self.text.strip_prefix(text)?;
        Some(())
    }

    fn skip(&mut self, accept: impl Fn(&u8) -> bool) {
        let len = self.text.iter().position(|byte| !accept(byte)).unwrap_or(self.text.len());
        self.text = &self.text[len..];
    }

    /// The number of the first word, in any case, of the lists that start the
    /// text; the locale's lists, then the C locale's.
    fn name(&mut self, lists: &[(usize, usize)]) -> Option<u8> {
        for words in [self.words, &TimeWords::C] {
            for &(list, count) in lists {
                for number in 0..count {
                    let word = words.item(list + number);
                    let start = self.text.get(..word.len()).filter(|_| !word.is_empty());
                    if start.is_some_and(|start| start.eq_ignore_ascii_case(word)) {
                        self.text = &self.text[word.len()..];
                        return Some(number as u8);
                    }
                }
            }
        }
        None
    }

    fn own_digits(&mut self) -> Option<u32> {
        let words = self.words;
        let matches = (0..100).filter(|&value| {
            let digits = words.alternative_digits(value);
            !digits.is_empty() && self.text.starts_with(digits)
        });
        let value = matches.max_by_key(|&value| words.alternative_digits(value).len())?;
        self.text = &self.text[words.alternative_digits(value).len()..];
        Some(value as u32)
    }

    /// Up to `digits` digits, as long as the number can stay within `most`.
    fn scan(&mut self, most: u32, digits: usize) -> Option<u32> {
        self.skip(|&byte| byte == b' ');
        let mut value = None;
        for _ in 0..digits {
            let Some(digit) = self.text.first().filter(|byte| byte.is_ascii_digit()) else {
                break;
            };
            let next = value.unwrap_or(0) * 10 + u32::from(digit - b'0');
            self.text = &self.text[1..];
            value = Some(next);
            if next * 10 > most {
                break;
            }
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: &str) -> Option<(i64, u8, u8, u8, u8, u8)> {
        let moment = strptime(text.as_bytes(), format.as_bytes(), &TimeWords::C)?;
        Some((moment.year, moment.month + 1, moment.day, moment.hour, moment.minute, moment.second))
    }

    #[test]
    fn american_times() {
        let format = "%m/%d/%Y %H:%M:%S";
        assert_eq!(read("03/05/2024 12:34:56", format), Some((2024, 3, 5, 12, 34, 56)));
        assert_eq!(read(" 3/5/24   1:2:3junk", format), Some((24, 3, 5, 1, 2, 3)));
        assert_eq!(read("03/05/2024", format), None);
        assert_eq!(read("13/05/2024 12:34:56", format), None);
        assert_eq!(read("03-05-2024 12:34:56", format), None);
    }

    #[test]
    fn locale_times() {
        assert_eq!(read("03/05/24 12:34:56", "%x %X"), Some((2024, 3, 5, 12, 34, 56)));
        // The year takes two digits, the rest is no time.
        assert_eq!(read("03/05/2024 12:34:56", "%x %X"), None);
        assert_eq!(read("Mar  5 12:34:56 pm", "%b %e %I:%M:%S %p"), Some((1900, 3, 5, 12, 34, 56)));
        assert_eq!(read("12 am", "%I %p"), Some((1900, 1, 0, 0, 0, 0)));
    }
}
