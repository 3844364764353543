//! From arguments to [`Options`] and operands.

use std::time::SystemTime;

use loopshim_core::ipmitool::time::Zone;

use super::draft::Draft;
use super::ending::{Ending, Refusal};
use super::grammar::{Misuse, Word, Words};
use super::numbers::{self, NumberError};
use super::table::{Plain, Valued};
use super::{Bytes, Options};

/// What parsing asks of the outside.
pub struct Surroundings<'s> {
    /// A variable of the environment.
    pub variable: &'s dyn Fn(&str) -> Option<Bytes>,
    /// The clock.
    pub now: SystemTime,
    /// The local time zone.
    pub zone: &'s dyn Fn() -> Zone,
}

impl Surroundings<'_> {
    pub(super) fn var(&self, name: &str) -> Option<Bytes> {
        (self.variable)(name)
    }
}

/// A run that is asked for.
///
/// A server that was told [`super::Quoting::Secluded`] has its other
/// options and its operands from its client: they are to be read, and all
/// arguments parsed again, those that were read (without their first,
/// which is the program's name) behind the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// What was asked for.
    pub options: Options,
    /// What is no option: sources and destination; of a server, without the
    /// point that stands before them.
    pub operands: Vec<Bytes>,
}

/// Parses a command line, without the program's name.
///
/// # Errors
/// Whatever ends the program before a run: wrong usage, or a question that
/// is answered at once.
pub fn parse(arguments: &[Bytes], surroundings: &Surroundings<'_>) -> Result<Invocation, Ending> {
    let mut draft = Draft::new(surroundings);
    let mut operands = Vec::new();
    for word in Words::new(arguments) {
        if let Err(ending) = take(&mut draft, &mut operands, word) {
            return Err(after_filters(ending, draft.options));
        }
    }
    let filters = draft.options.selection.filters.clone();
    draft.finish(operands, arguments.len()).map_err(|ending| match ending {
        Ending::Refused(refusal) => Ending::Refused(Refusal { filters_before: filters, ..refusal }),
        other => other,
    })
}

fn take(draft: &mut Draft<'_>, operands: &mut Vec<Bytes>, word: Result<Word, Misuse>) -> Result<(), Ending> {
    match word.map_err(|misuse| misused(draft, &misuse))? {
        Word::Operand(operand) => operands.push(operand),
        Word::Plain(Plain::Set(set)) => set(draft),
        Word::Plain(Plain::Try(set)) => set(draft)?,
        Word::Valued { action: Valued::Text(set), value, .. } => set(draft, value)?,
        Word::Valued { action: Valued::Number(set), value, shown } => {
            let number = numbers::integer(&value).map_err(|error| {
                let what = match error {
                    NumberError::Invalid => "invalid numeric value",
                    NumberError::Range => "number too large or too small",
                };
                misused(draft, &Misuse { shown, what })
            })?;
            set(draft, number);
        }
    }
    Ok(())
}

fn misused(draft: &Draft<'_>, misuse: &Misuse) -> Ending {
    let before = if draft.is_server { "rsync: on remote machine: " } else { "rsync: " };
    Refusal::of(before, &misuse.shown, &format!(": {}", misuse.what)).into()
}

fn after_filters(ending: Ending, options: Options) -> Ending {
    match ending {
        Ending::Refused(refusal) => {
            Ending::Refused(Refusal { filters_before: options.selection.filters, ..refusal })
        }
        other => other,
    }
}
