//! C's number formats where Rust's differ.

use super::Session;

/// How numbers with decimals look: with the point of the locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Stands before the decimals.
    pub point: char,
}

impl Figures {
    /// `%.*f`: `value` with `decimals` decimals; the infinite and the invalid in
    /// C's words.
    pub fn fixed(self, value: f64, decimals: usize) -> String {
        if value.is_nan() {
            return if value.is_sign_negative() { "-nan" } else { "nan" }.to_owned();
        }
        let text = format!("{value:.decimals$}");
        if self.point == '.' { text } else { text.replace('.', self.point.encode_utf8(&mut [0; 4])) }
    }

    /// `%.*f` with no decimals when `value` is a whole number that fits an `int`.
    pub fn fixed_or_whole(self, value: f64, decimals: usize) -> String {
        self.fixed(value, if is_whole(value) { 0 } else { decimals })
    }

    /// `strtod` of a whole argument: blanks, a sign, a decimal or hexadecimal
    /// number, `inf` or `nan`. `None` when something else follows or the
    /// magnitude is too large or too small.
    pub fn read(self, text: &[u8]) -> Option<f64> {
        if self.point == '.' {
            return double(text);
        }
        let text = std::str::from_utf8(text).ok().filter(|text| !text.contains('.'))?;
        double(text.replace(self.point, ".").as_bytes())
    }
}

impl Session<'_> {
    /// How numbers look in the locale in force.
    pub fn figures(&self) -> Figures {
        let point = String::from_utf8_lossy(&self.times.locale().decimal_point);
        Figures { point: point.chars().next().unwrap_or('.') }
    }
}

/// `text` cut to `length` bytes, as `snprintf` into a small buffer does, but
/// never inside a character.
pub fn cut(mut text: String, length: usize) -> String {
    let end = (0..=length.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.truncate(end.unwrap_or(0));
    text
}

/// `%#x`: zero has no prefix.
pub fn hex(value: u32) -> String {
    if value == 0 { "0".to_owned() } else { format!("{value:#x}") }
}

fn is_whole(value: f64) -> bool {
    value == f64::from(value as i32)
}

fn double(text: &[u8]) -> Option<f64> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    if text.is_empty() {
        // Nothing converted: the end is at once the start.
        return Some(0.0);
    }
    let start = text.iter().position(|byte| !blank(byte))?;
    let (negative, digits) = match &text[start..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let magnitude = match digits {
        [b'0', b'x' | b'X', rest @ ..] => hexadecimal(rest)?,
        _ => decimal(digits)?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn decimal(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let (word, named) = match text.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => (f64::INFINITY, true),
        name if name == "nan" || name.starts_with("nan(") && name.ends_with(')') => (f64::NAN, true),
        _ => (0.0, false),
    };
    if named {
        return Some(word);
    }
    // Rust's grammar is C's, with a sign and names besides.
    if !text.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let value = crate::decimal::parse(text)?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let is_zero = !mantissa.contains(|digit: char| matches!(digit, '1'..='9'));
    (is_zero || value.is_normal()).then_some(value)
}

fn hexadecimal(text: &[u8]) -> Option<f64> {
    let exponent_at = text.iter().position(|byte| matches!(byte, b'p' | b'P')).unwrap_or(text.len());
    let exponent: i32 = match text.get(exponent_at + 1..) {
        None => 0,
        Some(digits) => std::str::from_utf8(digits).ok()?.parse().ok()?,
    };
    let mut value = 0.0;
    let mut scale = None;
    let mut digits = 0;
    for &byte in &text[..exponent_at] {
        if byte == b'.' && scale.is_none() {
            scale = Some(0);
            continue;
        }
        value = value * 16.0 + f64::from(char::from(byte).to_digit(16)?);
        scale = scale.map(|places: i32| places - 4);
        digits += 1;
    }
    let value = value * f64::powi(2.0, exponent.saturating_add(scale.unwrap_or(0)));
    (digits > 0 && (value == 0.0 || value.is_normal())).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const C: Figures = Figures { point: '.' };
    const GERMAN: Figures = Figures { point: ',' };

    #[test]
    fn the_invalid_and_the_infinite() {
        assert_eq!(C.fixed(f64::INFINITY, 3), "inf");
        assert_eq!(C.fixed(f64::NEG_INFINITY, 3), "-inf");
        assert_eq!(C.fixed(-f64::NAN.abs(), 3), "-nan");
        assert_eq!(C.fixed(f64::NAN.abs(), 0), "nan");
        assert_eq!(C.fixed(-0.0001, 3), "-0.000");
        assert_eq!(C.fixed(0.0625, 3), "0.062");
    }

    #[test]
    fn the_locale_has_its_own_point() {
        assert_eq!(GERMAN.fixed(-0.5, 3), "-0,500");
        assert_eq!(GERMAN.read(b"1,5"), Some(1.5));
        assert_eq!(GERMAN.read(b"1.5"), None);
        assert_eq!(C.read(b"1,5"), None);
    }

    #[test]
    fn whole_numbers_have_no_decimals() {
        assert_eq!(C.fixed_or_whole(45.0, 3), "45");
        assert_eq!(C.fixed_or_whole(45.5, 3), "45.500");
        assert_eq!(C.fixed_or_whole(3e9, 3), "3000000000.000");
        assert_eq!(C.fixed_or_whole(f64::INFINITY, 3), "inf");
    }

    #[test]
    fn hexadecimal_zero_has_no_prefix() {
        assert_eq!((hex(0), hex(0x20)), ("0".to_owned(), "0x20".to_owned()));
    }

    #[test]
    fn reads_what_strtod_reads() {
        assert_eq!(double(b"12.5"), Some(12.5));
        assert_eq!(double(b" -.5e1"), Some(-5.0));
        assert_eq!(double(b"0x1F"), Some(31.0));
        assert_eq!(double(b"0x1.8p1"), Some(3.0));
        assert_eq!(double(b""), Some(0.0));
        assert_eq!(double(b"0e999"), Some(0.0));
        assert_eq!(double(b"-Infinity"), Some(f64::NEG_INFINITY));
        assert!(double(b"nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn refuses_what_strtod_leaves() {
        for text in ["abc", "1x", "1 ", "--1", "1e999", "1e-400", "0x", " ", "e5", "+"] {
            assert_eq!(double(text.as_bytes()), None, "{text:?}");
        }
    }
}
