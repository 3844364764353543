//! Options and operands as popt takes an argument list apart: short options in
//! bundles, values after `=` or as the next argument, `--` before operands.

use super::Bytes;
use super::table::{Action, Plain, Spec, Valued, by_letter, by_name};

/// An argument, or a part of one.
pub(super) enum Word {
    /// An option that takes no value.
    Plain(Plain),
    /// An option and its value.
    Valued {
        /// What becomes of it.
        action: Valued,
        /// The value as it was given.
        value: Bytes,
        /// The argument that the value ends, for messages.
        shown: Bytes,
    },
    /// None of an option.
    Operand(Bytes),
}

/// What is wrong with an argument.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misuse {
    /// The argument.
    pub shown: Bytes,
    /// As popt words it.
    pub what: &'static str,
}

/// Takes arguments apart, one by one.
pub(super) struct Words<'a> {
    arguments: std::slice::Iter<'a, Bytes>,
    /// What is left of a bundle, and the whole of it.
    bundle: Option<(&'a [u8], &'a Bytes)>,
    only_operands: bool,
}

impl<'a> Words<'a> {
    /// Of a whole command line, without the program's name.
    pub(super) fn new(arguments: &'a [Bytes]) -> Self {
        Self { arguments: arguments.iter(), bundle: None, only_operands: false }
    }

    fn long(&mut self, name: &'a [u8], shown: &'a Bytes) -> Result<Word, Misuse> {
        let (name, value) = match name.iter().position(|&byte| byte == b'=') {
            Some(at) => (&name[..at], Some(&name[at + 1..])),
            None => (name, None),
        };
        let spec = by_name(name).ok_or_else(|| misuse(shown, UNKNOWN))?;
        self.valued(spec, value, shown)
    }

    fn short(&mut self, rest: &'a [u8], shown: &'a Bytes) -> Result<Word, Misuse> {
        let spec = by_letter(rest[0]).ok_or_else(|| misuse(shown, UNKNOWN))?;
        let rest = &rest[1..];
        match spec.action {
            Action::Plain(_) if rest.first() == Some(&b'=') => Err(misuse(shown, NO_VALUE)),
            Action::Plain(action) => {
                self.bundle = (!rest.is_empty()).then_some((rest, shown));
                Ok(Word::Plain(action))
            }
            Action::Valued(_) => {
                let value = rest.strip_prefix(b"=").unwrap_or(rest);
                self.valued(spec, (!rest.is_empty()).then_some(value), shown)
            }
        }
    }

    fn valued(&mut self, spec: &Spec, value: Option<&[u8]>, shown: &Bytes) -> Result<Word, Misuse> {
        match (spec.action, value) {
            (Action::Plain(action), None) => Ok(Word::Plain(action)),
            (Action::Plain(_), Some(_)) => Err(misuse(shown, NO_VALUE)),
            (Action::Valued(action), Some(value)) => {
                Ok(Word::Valued { action, value: value.to_vec(), shown: shown.clone() })
            }
            (Action::Valued(action), None) => match self.arguments.next() {
                Some(value) => Ok(Word::Valued { action, value: value.clone(), shown: value.clone() }),
                None => Err(misuse(shown, "missing argument")),
            },
        }
    }
}

const UNKNOWN: &str = "unknown option";
const NO_VALUE: &str = "option does not take an argument";

fn misuse(shown: &Bytes, what: &'static str) -> Misuse {
    Misuse { shown: shown.clone(), what }
}

impl Iterator for Words<'_> {
    type Item = Result<Word, Misuse>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((rest, shown)) = self.bundle.take() {
            return Some(self.short(rest, shown));
        }
        let argument = self.arguments.next()?;
        Some(match &argument[..] {
            argument if self.only_operands => Ok(Word::Operand(argument.to_vec())),
            b"--" => {
                self.only_operands = true;
                return self.next();
            }
            [b'-', b'-', name @ ..] => self.long(name, argument),
            [b'-', letters @ ..] if !letters.is_empty() => self.short(letters, argument),
            operand => Ok(Word::Operand(operand.to_vec())),
        })
    }
}
