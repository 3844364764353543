//! Numbers for people.

use crate::options::HumanReadable;

/// How a number is written.
pub type Style = HumanReadable;

impl HumanReadable {
    /// A number in this style: `3000015`, `3,000,015`, `3.00M`.
    pub fn integer(self, number: u64) -> String {
        let unit = match self {
            Self::Plain => return number.to_string(),
            Self::Grouped => return grouped(number),
            Self::Units1000 => 1000,
            Self::Units1024 => 1024,
        };
        scaled(number as f64, unit).unwrap_or_else(|| grouped(number))
    }

    /// A number with so many decimals.
    pub fn decimal(self, number: f64, decimals: usize) -> String {
        let unit = match self {
            Self::Plain => return format!("{number:.decimals$}"),
            Self::Grouped => 0,
            Self::Units1000 => 1000,
            Self::Units1024 => 1024,
        };
        if let Some(text) = scaled(number, unit).filter(|_| unit > 0) {
            return text;
        }
        let text = format!("{number:.decimals$}");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
        if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") }
    }
}

/// In units of thousands; `None` for less than one.
fn scaled(number: f64, unit: u32) -> Option<String> {
    const LETTERS: [char; 6] = ['K', 'M', 'G', 'T', 'P', 'E'];
    if unit == 0 || number < f64::from(unit) {
        return None;
    }
    let mut number = number / f64::from(unit);
    let mut letter = 0;
    while number >= f64::from(unit) && letter + 1 < LETTERS.len() {
        number /= f64::from(unit);
        letter += 1;
    }
    Some(format!("{number:.2}{}", LETTERS[letter]))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_original_writes_them() {
        use HumanReadable::{Grouped, Plain, Units1000, Units1024};
        assert_eq!(Plain.integer(3_000_015), "3000015");
        assert_eq!(Grouped.integer(3_000_015), "3,000,015");
        assert_eq!(
            (Units1000.integer(3_000_015), Units1024.integer(3_000_015)),
            ("3.00M".into(), "2.86M".into())
        );
        assert_eq!((Units1000.integer(999), Units1024.integer(1023)), ("999".into(), "1,023".into()));
        assert_eq!(Grouped.decimal(14_084.577, 2), "14,084.58");
        assert_eq!(Plain.decimal(14_084.577, 2), "14084.58");
        assert_eq!(Units1000.decimal(426.0, 2), "426.00");
        assert_eq!(Units1024.decimal(2_000_000.0, 2), "1.91M");
    }
}
