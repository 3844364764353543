//! `sdr list` and `sdr elist`.

use super::{Style, print_cached};
use crate::ipmitool::sdr_repository::kind;
use crate::ipmitool::{Arg, Failed, Level, Outcome, Session};
use crate::log;

/// Which records to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selection {
    /// All.
    All,
    /// Full and compact sensor records.
    Sensors,
    /// Those of one type.
    Kind(u8),
}

const SELECTIONS: &[(&str, Selection)] = &[
    ("all", Selection::All),
    ("full", Selection::Kind(kind::FULL_SENSOR)),
    ("compact", Selection::Kind(kind::COMPACT_SENSOR)),
    ("event", Selection::Kind(kind::EVENT_ONLY)),
    ("mcloc", Selection::Kind(kind::MC_LOCATOR)),
    ("fru", Selection::Kind(kind::FRU_LOCATOR)),
    ("generic", Selection::Kind(kind::GENERIC_LOCATOR)),
];

/// `sdr VERB [SELECTION]`, `verb` being as typed.
pub(super) fn run_words(session: &mut Session<'_>, verb: &[u8], words: &[Arg], style: Style) -> Outcome {
    let Some(word) = words.first() else {
        return run(session, Selection::Sensors, style);
    };
    if let Some((_, selection)) = SELECTIONS.iter().find(|(name, _)| session.personality.is_verb(word, name))
    {
        return run(session, *selection, style);
    }
    let help = word == b"help";
    if !help {
        let line = [b"Invalid SDR ", verb, b" command: ", word].concat();
        session.console.log_bytes(Level::ERR, &line);
    }
    let usage = [b"usage: sdr ", verb, b" [all|full|compact|event|mcloc|fru|generic]"].concat();
    session.console.log_bytes(Level::NOTICE, &usage);
    if help { Ok(()) } else { Err(Failed) }
}

/// Prints the selected records: those at hand, then each as it is read.
pub(super) fn run(session: &mut Session<'_>, selection: Selection, style: Style) -> Outcome {
    log!(session, DEBUG, "Querying SDR for sensor list");
    session.open_sdr()?;
    for number in 0..session.sdr.records().len() {
        print_selected(session, number, selection, style);
    }
    let mut outcome = Ok(());
    while let Some(number) = session.next_sdr(|session| {
        log!(session, ERR, "ipmitool: ipmi_sdr_get_record() failed");
        outcome = Err(Failed);
    }) {
        log!(session, DEBUG, "SDR record ID   : 0x{:04x}", session.sdr.records()[number].id);
        print_selected(session, number, selection, style);
    }
    outcome
}

fn print_selected(session: &mut Session<'_>, number: usize, selection: Selection, style: Style) {
    let found = session.sdr.records()[number].kind;
    let selected = match selection {
        Selection::All => true,
        Selection::Sensors => matches!(found, kind::FULL_SENSOR | kind::COMPACT_SENSOR),
        Selection::Kind(wanted) => found == wanted,
    };
    if selected {
        print_cached(session, number, style);
    }
}
