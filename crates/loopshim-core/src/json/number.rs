//! Numbers in JSON text.

use super::reader::{Fault, Reader};
use crate::decimal;

impl<'a> Reader<'a> {
    /// Reads a whole number from `min` to `max`.
    pub(crate) fn integer(&mut self, min: i64, max: i64) -> Result<i64, Fault> {
        let expected = || format!("a whole number from {min} to {max}");
        if !self.is_number() {
            return Err(self.mismatch(&expected()));
        }
        let (digits, is_whole) = self.number()?;
        match digits.parse() {
            Ok(number) if min <= number && number <= max => Ok(number),
            _ if is_whole => {
                Err(self.fault(format!("invalid value: integer `{digits}`, expected {}", expected())))
            }
            _ => Err(self.fault(format!("invalid type: floating point `{digits}`, expected {}", expected()))),
        }
    }

    /// Reads a number.
    pub(crate) fn float(&mut self) -> Result<f64, Fault> {
        if !self.is_number() {
            return Err(self.mismatch("a number"));
        }
        let (digits, _) = self.number()?;
        let number = decimal::parse(digits).filter(|number| number.is_finite());
        number.ok_or_else(|| self.fault("number out of range"))
    }

    fn is_number(&mut self) -> bool {
        matches!(self.peek(), Some(b'-' | b'0'..=b'9'))
    }

    /// The text of a number, and whether it has neither fraction nor exponent.
    pub(super) fn number(&mut self) -> Result<(&'a str, bool), Fault> {
        let start = self.at;
        self.at += usize::from(self.text.get(self.at) == Some(&b'-'));
        let whole = self.digits()?;
        if whole > 1 && self.text.get(self.at - whole) == Some(&b'0') {
            return Err(self.fault("invalid number: a zero in front"));
        }
        let end_of_whole = self.at;
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.text.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        let digits = std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default();
        Ok((digits, self.at == end_of_whole))
    }

    /// Passes over digits and tells how many.
    fn digits(&mut self) -> Result<usize, Fault> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.text.get(self.at) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.expected("a digit", "a number"));
        }
        Ok(self.at - start)
    }
}

#[cfg(test)]
mod tests {
    use crate::json::parse;

    fn refusal(text: &str) -> String {
        parse::<u8>(text.as_bytes()).err().map_or_else(String::new, |fault| fault.problem)
    }

    #[test]
    fn numbers_are_those_of_the_grammar() {
        assert_eq!(parse::<i64>(b"-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(parse::<f64>(b"-1.5e-2"), Ok(-0.015));
        assert_eq!(refusal("256"), "invalid value: integer `256`, expected a whole number from 0 to 255");
        assert_eq!(
            refusal("1.0"),
            "invalid type: floating point `1.0`, expected a whole number from 0 to 255"
        );
        for bad in ["01", "-", "1.", ".5", "1e", "+1", "1e999", "NaN", "0x1"] {
            assert!(parse::<f64>(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
