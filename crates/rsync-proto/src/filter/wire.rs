//! Rules on the wire: a length and the text of each, ended by a length of zero.

use crate::integers::{read_int, write_int};
use crate::violation::Field;
use crate::{Input, Violation};

use super::rule::{Effect, Merge, Rule, Sides};
use super::syntax::Prefix;

/// Longest rule accepted, in bytes: a path and its prefix.
const RULE_MAX: i32 = 5000;
/// Most rules accepted; each is tried on every name.
const RULES_MAX: usize = 1 << 20;

/// Reads the texts of all rules.
///
/// # Errors
/// [`Violation::OutOfRange`] for a length no rule has, or those of the input.
pub fn read<I: Input>(input: &mut I) -> Result<Vec<Vec<u8>>, I::Error> {
    let mut texts = Vec::new();
    loop {
        match read_int(input)? {
            0 => return Ok(texts),
            length @ 1..=RULE_MAX if texts.len() < RULES_MAX => texts.push(input.bytes(length as usize)?),
            _ => return Err(Violation::OutOfRange(Field::FilterRule).into()),
        }
    }
}

/// Writes the texts of all rules.
pub fn write(output: &mut Vec<u8>, texts: &[Vec<u8>]) {
    for text in texts {
        write_int(output, text.len() as i32);
        output.extend_from_slice(text);
    }
    write_int(output, 0);
}

impl Rule {
    /// The rule as its own text, which parses to it again.
    pub fn text(&self) -> Vec<u8> {
        let mut text = vec![match self.effect {
            Effect::Include => b'+',
            Effect::Exclude => b'-',
        }];
        push_flags(&mut text, &[(self.is_absolute, b'/'), (self.is_negated, b'!')]);
        push_sides(&mut text, Some(self.sides).filter(|sides| *sides != Sides::Both));
        push_flags(&mut text, &[(self.is_perishable, b'p'), (self.is_about_xattrs, b'x')]);
        text.push(b' ');
        text.extend_from_slice(&self.pattern.text());
        text
    }
}

impl Merge {
    /// The rule that names the file in each directory, as its text.
    pub fn text(&self) -> Vec<u8> {
        let reading = &self.reading;
        let mut text = b":".to_vec();
        push_flags(&mut text, &[(reading.is_absolute, b'/')]);
        if reading.may_clear {
            text.push(b'C');
        } else {
            push_flags(&mut text, &[(!self.is_inherited, b'n'), (reading.splits_words, b'w')]);
            match reading.prefix {
                Prefix::None(Effect::Include) => text.push(b'+'),
                Prefix::None(Effect::Exclude) => text.push(b'-'),
                Prefix::Required | Prefix::Optional(_) => {}
            }
        }
        push_flags(&mut text, &[(self.excludes_itself, b'e')]);
        push_sides(&mut text, reading.sides);
        push_flags(&mut text, &[(reading.is_perishable, b'p'), (reading.is_about_xattrs, b'x')]);
        text.push(b' ');
        text.extend_from_slice(&self.file);
        text
    }
}

fn push_flags(text: &mut Vec<u8>, flags: &[(bool, u8)]) {
    text.extend(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, letter)| *letter));
}

fn push_sides(text: &mut Vec<u8>, sides: Option<Sides>) {
    let Some(sides) = sides else { return };
    push_flags(text, &[(sides.has_sender(), b's'), (sides.has_receiver(), b'r')]);
}

#[cfg(test)]
mod tests {
    use super::super::{Parsed, Reading, parse};
    use super::*;
    use crate::SliceError;
    use proptest::prelude::*;

    #[test]
    fn rules_are_as_peers_were_seen_to_write_them() {
        let mut bytes = Vec::new();
        write(&mut bytes, &[Rule::plain(Effect::Exclude, b"zz").text()]);
        assert_eq!(bytes, b"\x04\0\0\0- zz\0\0\0\0");
        assert_eq!(read(&mut &bytes[..]), Ok(vec![b"- zz".to_vec()]));
    }

    #[test]
    fn lengths_that_no_rule_has_are_refused() {
        let refused = Err(SliceError::Violation(Violation::OutOfRange(Field::FilterRule)));
        for length in [-1, 5001, i32::MAX] {
            assert_eq!(read(&mut &i32::to_le_bytes(length)[..]), refused);
        }
    }

    proptest! {
        #[test]
        fn a_rules_text_parses_to_the_rule(text in "[-+:HSPR]([/!srpxCenw]{0,3}) [a-z/*]{1,8}") {
            let reading = Reading::default();
            match parse(text.as_bytes(), &reading) {
                Ok(Parsed::Rule(rule)) => prop_assert_eq!(parse(&rule.text(), &reading), Ok(Parsed::Rule(rule))),
                Ok(Parsed::DirMerge(merge)) => {
                    prop_assert_eq!(parse(&merge.text(), &reading), Ok(Parsed::DirMerge(merge)));
                }
                _ => {}
            }
        }
    }
}
