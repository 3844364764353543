//! C's `strftime` as glibc 2.36 has it: every conversion, flag and width.

use super::zone::WallClock;
use crate::ipmitool::locale::{TimeWords, time_item as item};

/// How deep formats may name formats; glibc has no bound and needs none, for a
/// sane locale's formats are flat.
const DEPTH_MAX: u8 = 8;

/// Writes `clock` to `buffer` in `format`, ended by a NUL.
///
/// Returns `None` when it does not fit; what was written until then stays in
/// the buffer, without a NUL. `seconds` is what `%s` prints.
pub(super) fn strftime(
    buffer: &mut [u8],
    format: &[u8],
    clock: &WallClock,
    seconds: i64,
    words: &TimeWords,
) -> Option<usize> {
    let mut sink = Sink { buffer: Buffer::Fixed(buffer), len: 0 };
    let printer = Printer { clock, seconds, words, depth: 0 };
    printer.print(&mut sink, format)?;
    let len = sink.len;
    *buffer.get_mut(len)? = 0;
    Some(len)
}

#[derive(Clone, Copy)]
struct Printer<'a> {
    clock: &'a WallClock,
    seconds: i64,
    words: &'a TimeWords,
    depth: u8,
}

/// What stands between `%` and the conversion's letter.
#[derive(Clone, Copy, Default)]
struct Spec {
    /// `_`, `-`, `0` or `+`; zero when not given.
    pad: u8,
    upper: bool,
    swap_case: bool,
    width: usize,
    /// `E` or `O`; zero when not given.
    modifier: u8,
}

enum Case {
    Keep,
    Upper,
    Lower,
}

impl Printer<'_> {
    fn print(self, sink: &mut Sink<'_>, format: &[u8]) -> Option<()> {
        let mut rest = format;
        while let Some((&first, after)) = rest.split_first() {
            if first != b'%' {
                sink.put(&[first], &Spec::default(), &Case::Keep)?;
                rest = after;
                continue;
            }
            let (spec, after) = Spec::read(after);
            let raw = &rest[..(rest.len() - after.len() + 1).min(rest.len())];
            rest = after.get(1..).unwrap_or_default();
            let letter = after.first().copied().unwrap_or(0);
            self.convert(sink, spec, letter, raw)?;
        }
        Some(())
    }

    fn convert(self, sink: &mut Sink<'_>, spec: Spec, letter: u8, raw: &[u8]) -> Option<()> {
        let bad_modifier = match letter {
            b'%' | b'a' | b'A' | b'D' | b'F' | b'n' | b't' | b'P' | b'p' | b'R' | b'T' | b'Z' | b'z'
            | b's' => spec.modifier != 0,
            b'c' | b'x' | b'X' | b'Y' => spec.modifier == b'O',
            b'B' | b'b' | b'h' | b'd' | b'e' | b'H' | b'I' | b'k' | b'l' | b'j' | b'M' | b'm' | b'S'
            | b'U' | b'V' | b'g' | b'G' | b'W' | b'w' => spec.modifier == b'E',
            _ => false,
        };
        if bad_modifier {
            return sink.put(raw, &spec, &Case::Keep);
        }
        match letter {
            b'a' | b'A' | b'b' | b'B' | b'h' | b'p' | b'P' | b'Z' => self.name(sink, spec, letter),
            b'c' | b'C' | b'x' | b'X' | b'Y' | b'y' if spec.modifier == b'E' => self.era(sink, spec, letter),
            b'c' | b'x' | b'X' | b'r' | b'D' | b'F' | b'R' | b'T' => self.compound(sink, spec, letter),
            b'n' => sink.put(b"\n", &spec, &Case::Keep),
            b't' => sink.put(b"\t", &spec, &Case::Keep),
            b'%' => sink.put(b"%", &spec, &Case::Keep),
            b'z' => self.offset(sink, spec),
            _ => match self.number(letter) {
                Some((digits, value, pad)) => self.digits(sink, spec, digits, value, pad),
                None => sink.put(raw, &spec, &Case::Keep),
            },
        }
    }

    fn name(self, sink: &mut Sink<'_>, spec: Spec, letter: u8) -> Option<()> {
        let moment = &self.clock.moment;
        let (weekday, month) = (usize::from(moment.weekday), usize::from(moment.month));
        let half_day = item::AM_STR + usize::from(moment.hour >= 12);
        let alternative = spec.modifier == b'O';
        let text = match letter {
            b'a' => self.words.item(item::ABDAY_1 + weekday),
            b'A' => self.words.item(item::DAY_1 + weekday),
            b'B' if alternative => self.words.month(item::ALTMON_1, item::MON_1, month),
            b'B' => self.words.item(item::MON_1 + month),
            b'b' | b'h' if alternative => self.words.month(item::ABALTMON_1, item::ABMON_1, month),
            b'b' | b'h' => self.words.item(item::ABMON_1 + month),
            b'Z' => &self.clock.zone.name,
            _ => self.words.item(half_day),
        };
        let case = match letter {
            b'P' => Case::Lower,
            b'p' | b'Z' if spec.swap_case => Case::Lower,
            _ if spec.upper || (spec.swap_case && !matches!(letter, b'p' | b'Z')) => Case::Upper,
            _ => Case::Keep,
        };
        sink.put(text, &spec, &case)
    }

    fn compound(self, sink: &mut Sink<'_>, spec: Spec, letter: u8) -> Option<()> {
        let format = match letter {
            b'c' => self.words.item(item::D_T_FMT),
            b'x' => self.words.item(item::D_FMT),
            b'X' => self.words.item(item::T_FMT),
            b'r' => match self.words.item(item::T_FMT_AMPM) {
                b"" => b"%I:%M:%S %p",
                format => format,
            },
            b'D' => b"%m/%d/%y",
            b'F' => b"%Y-%m-%d",
            b'R' => b"%H:%M",
            _ => b"%H:%M:%S",
        };
        self.nested(sink, spec, format)
    }

    /// A format within the format: one piece, fitting whole or not at all.
    fn nested(self, sink: &mut Sink<'_>, spec: Spec, format: &[u8]) -> Option<()> {
        let depth = self.depth + 1;
        if depth > DEPTH_MAX {
            return None;
        }
        let mut text = Sink { buffer: Buffer::Growing(Vec::new()), len: 0 };
        Self { depth, ..self }.print(&mut text, format)?;
        let case = if spec.upper { Case::Upper } else { Case::Keep };
        sink.put(text.grown(), &spec, &case)
    }

    fn era(self, sink: &mut Sink<'_>, spec: Spec, letter: u8) -> Option<()> {
        let format = match letter {
            b'c' => item::ERA_D_T_FMT,
            b'x' => item::ERA_D_FMT,
            b'X' => item::ERA_T_FMT,
            _ => return self.era_year(sink, spec, letter),
        };
        match self.words.item(format) {
            b"" => self.compound(sink, spec, letter),
            format => self.nested(sink, spec, format),
        }
    }

    fn era_year(self, sink: &mut Sink<'_>, spec: Spec, letter: u8) -> Option<()> {
        let moment = &self.clock.moment;
        match (letter, self.words.era(moment)) {
            (b'C', Some(era)) => sink.put(era.name, &spec, &Case::Keep),
            (b'Y', Some(era)) => self.nested(sink, spec, era.format),
            (_, Some(era)) => self.digits(sink, spec, 2, era.year(moment.year), 0),
            (_, None) => {
                let (digits, value, pad) = self.number(letter)?;
                self.digits(sink, spec, digits, value, pad)
            }
        }
    }

    /// Least number of digits, value and padding of a numeric conversion.
    fn number(self, letter: u8) -> Option<(usize, i64, u8)> {
        let moment = &self.clock.moment;
        let hour_12 = i64::from((moment.hour + 11) % 12 + 1);
        let (iso_year, iso_week) = moment.iso_week();
        Some(match letter {
            b'C' => (2, moment.year.div_euclid(100), 0),
            b'd' => (2, moment.day.into(), 0),
            b'e' => (2, moment.day.into(), b'_'),
            b'H' => (2, moment.hour.into(), 0),
            b'I' => (2, hour_12, 0),
            b'k' => (2, moment.hour.into(), b'_'),
            b'l' => (2, hour_12, b'_'),
            b'j' => (3, i64::from(moment.year_day) + 1, 0),
            b'M' => (2, moment.minute.into(), 0),
            b'm' => (2, i64::from(moment.month) + 1, 0),
            b'S' => (2, moment.second.into(), 0),
            b's' => (1, self.seconds, 0),
            b'u' => (1, i64::from((moment.weekday + 6) % 7) + 1, 0),
            b'U' => (2, moment.week(0).into(), 0),
            b'W' => (2, moment.week(1).into(), 0),
            b'V' => (2, iso_week.into(), 0),
            b'g' => (2, iso_year.rem_euclid(100), 0),
            b'G' => (1, iso_year, 0),
            b'w' => (1, moment.weekday.into(), 0),
            b'Y' => (1, moment.year, 0),
            b'y' => (2, moment.year.rem_euclid(100), 0),
            _ => return None,
        })
    }

    fn digits(self, sink: &mut Sink<'_>, mut spec: Spec, digits: usize, value: i64, pad: u8) -> Option<()> {
        if spec.modifier == b'O' && value >= 0 {
            let alternative = self.words.alternative_digits(value as usize);
            if !alternative.is_empty() {
                return sink.put(alternative, &spec, &Case::Keep);
            }
        }
        if spec.pad == 0 {
            spec.pad = pad;
        }
        let text = match (spec.pad, value < 0) {
            (b'-', _) => value.to_string(),
            (b'_', _) => format!("{value:>digits$}"),
            (_, true) => format!("-{:0>digits$}", value.unsigned_abs()),
            (_, false) => format!("{value:0>digits$}"),
        };
        if spec.pad == 0 {
            spec.pad = b'0';
        }
        sink.put(text.as_bytes(), &spec, &Case::Keep)
    }

    fn offset(self, sink: &mut Sink<'_>, spec: Spec) -> Option<()> {
        let minutes = self.clock.zone.offset / 60;
        sink.put(if self.clock.zone.offset < 0 { b"-" } else { b"+" }, &Spec::default(), &Case::Keep)?;
        let minutes = i64::from(minutes.abs());
        self.digits(sink, spec, 4, minutes / 60 * 100 + minutes % 60, 0)
    }
}

impl Spec {
    fn read(mut format: &[u8]) -> (Self, &[u8]) {
        let mut spec = Self::default();
        while let [flag @ (b'_' | b'-' | b'0' | b'+' | b'^' | b'#'), rest @ ..] = format {
            match flag {
                b'^' => spec.upper = true,
                b'#' => spec.swap_case = true,
                pad => spec.pad = *pad,
            }
            format = rest;
        }
        while let [digit @ b'0'..=b'9', rest @ ..] = format {
            // Nothing wider than any buffer here needs telling apart.
            spec.width = (spec.width * 10 + usize::from(digit - b'0')).min(1 << 16);
            format = rest;
        }
        if let [modifier @ (b'E' | b'O'), rest @ ..] = format {
            spec.modifier = *modifier;
            format = rest;
        }
        (spec, format)
    }
}

/// Where the text goes, piece by piece.
struct Sink<'b> {
    buffer: Buffer<'b>,
    len: usize,
}

enum Buffer<'b> {
    Fixed(&'b mut [u8]),
    Growing(Vec<u8>),
}

impl Sink<'_> {
    fn put(&mut self, text: &[u8], spec: &Spec, case: &Case) -> Option<()> {
        let fill = if matches!(spec.pad, b'0' | b'+') { b'0' } else { b' ' };
        let len = spec.width.max(text.len());
        let piece = match &mut self.buffer {
            Buffer::Growing(buffer) => {
                let start = buffer.len();
                buffer.resize(start + len, fill);
                &mut buffer[start..]
            }
            Buffer::Fixed(buffer) => {
                // The NUL must fit as well.
                let room = buffer.get_mut(self.len..).filter(|room| len < room.len())?;
                self.len += len;
                let piece = &mut room[..len];
                piece.fill(fill);
                piece
            }
        };
        let word = &mut piece[len - text.len()..];
        word.copy_from_slice(text);
        match case {
            Case::Keep => {}
            Case::Upper => word.make_ascii_uppercase(),
            Case::Lower => word.make_ascii_lowercase(),
        }
        Some(())
    }

    fn grown(&self) -> &[u8] {
        match &self.buffer {
            Buffer::Growing(buffer) => buffer,
            Buffer::Fixed(_) => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Moment;
    use super::super::posix_rules::NamedOffset;
    use super::*;

    fn print(format: &str, seconds: i64) -> String {
        let zone = NamedOffset { name: b"NST".to_vec(), offset: -12_600 };
        let clock = WallClock { moment: Moment::from_seconds(seconds), zone, is_dst: false };
        let mut buffer = [0xFF; 80];
        let len = strftime(&mut buffer, format.as_bytes(), &clock, seconds, &TimeWords::C).expect("it fits");
        String::from_utf8(buffer[..len].to_vec()).expect("ASCII")
    }

    #[test]
    fn c_locale() {
        let march = 1_709_647_749;
        assert_eq!(print("%c %Z", march), "Tue Mar  5 14:09:09 2024 NST");
        assert_eq!(print("%x|%X|%r|%p", march), "03/05/24|14:09:09|02:09:09 PM|PM");
        assert_eq!(
            print("%Ex|%Ec|%EY|%Ey|%Od|%OB", march),
            "03/05/24|Tue Mar  5 14:09:09 2024|2024|24|05|March"
        );
    }

    #[test]
    fn numbers() {
        let march = 1_709_647_749;
        assert_eq!(print("%C %d %e %H %I %k %l %j %M %m %S", march), "20 05  5 14 02 14  2 065 09 03 09");
        assert_eq!(
            print("%s %u %w %U %W %V %g %G %Y %y %z", march),
            "1709647749 2 2 09 10 10 24 2024 2024 24 -0330"
        );
        assert_eq!(print("%D %F %R %T", march), "03/05/24 2024-03-05 14:09 14:09:09");
    }

    #[test]
    fn flags_and_widths() {
        let march = 1_709_647_749;
        assert_eq!(
            print("%-d|%_d|%0e|%5d|%-5d|%_5d|%10a|%^a|%#a|%#p|%P|%#Z", march),
            "5| 5|05|00005|    5|    5|       Tue|TUE|TUE|pm|pm|nst"
        );
        assert_eq!(print("%Q %Ed %Oc %", march), "%Q %Ed %Oc %");
    }

    #[test]
    fn keeps_the_pieces_that_fit() {
        let zone = NamedOffset { name: b"UTC".to_vec(), offset: 0 };
        let clock = WallClock { moment: Moment::from_seconds(0), zone, is_dst: false };
        let mut buffer = *b"xxxxxxxx";
        assert_eq!(strftime(&mut buffer, b"%d %F", &clock, 0, &TimeWords::C), None);
        assert_eq!(&buffer, b"01 xxxxx");
        assert_eq!(strftime(&mut buffer, b"%Y %Z", &clock, 0, &TimeWords::C), None);
        assert_eq!(strftime(&mut buffer, b"%d/%Z", &clock, 0, &TimeWords::C), Some(6));
        assert_eq!(&buffer, b"01/UTC\0x");
    }

    proptest::proptest! {
        #[test]
        fn any_format_prints_or_overflows(format: Vec<u8>, seconds: u32) {
            let zone = NamedOffset { name: b"UTC".to_vec(), offset: 0 };
            let clock = WallClock { moment: Moment::from_seconds(seconds.into()), zone, is_dst: false };
            let mut buffer = [0; 80];
            let len = strftime(&mut buffer, &format, &clock, seconds.into(), &TimeWords::C);
            proptest::prop_assert!(len.is_none_or(|len| len < 80));
        }
    }
}
