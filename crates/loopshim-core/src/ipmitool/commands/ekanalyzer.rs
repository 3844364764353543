//! `ekanalyzer`: electronic keying told from FRU files (PICMG 3.0, AMC.0). Its
//! arguments and the files that hold nothing to analyse are answered here;
//! the analysis itself is not modelled.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;

use crate::ipmitool::text::{Names, Words, name_of, names, until_nul, words};
use crate::ipmitool::{Arg, Failed, Outcome, Session, help};
use crate::{log, out};

/// Runs `ipmitool ekanalyzer …`. No version takes longer words for its verbs.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let Some((verb, words)) = args.split_first() else {
        log!(session, ERR, "Not enough parameters given.");
        session.help(help::ekanalyzer::EKANALYZER);
        return Err(Failed);
    };
    if words.len() > FILES_MAX {
        log!(session, ERR, "Too too many parameters given.");
        return Err(Failed);
    }
    match (verb.as_slice(), words) {
        (b"help", _) => {
            session.help(help::ekanalyzer::EKANALYZER);
            Ok(())
        }
        (b"frushow", [_, ..]) => show(session, words),
        (b"print", _) => analyze(session, words, &PRINT),
        (b"summary", _) => analyze(session, words, &SUMMARY),
        _ => {
            session.complain("Invalid ekanalyzer command: ", verb, "");
            session.help(help::ekanalyzer::EKANALYZER);
            Err(Failed)
        }
    }
}

/// Files at most.
const FILES_MAX: usize = 8;

/// A file and the module it describes.
struct Module<'a> {
    kind: u16,
    path: &'a [u8],
}

const RTM: u16 = 0x00;
const B4: u16 = 0x08;
const CARRIER: u16 = 0x09;
const CONFIGURATION: u16 = 0x0A;

/// The prefixes of file names, by kind.
const PREFIXES: Words =
    words!["rt=", "a1=", "a2=", "a3=", "a4=", "b1=", "b2=", "b3=", "b4=", "oc=", "rc=", "sm="];

const KINDS: Names = names![
    (RTM, "RTM"),
    (0x01, "AMC slot A1"),
    (0x02, "AMC slot A2"),
    (0x03, "AMC slot A3"),
    (0x04, "AMC slot A4"),
    (0x05, "AMC slot B1"),
    (0x06, "AMC slot B2"),
    (0x07, "AMC slot B3"),
    (B4, "AMC slot B4"),
    (CARRIER, "On-Carrier Device"),
    (CONFIGURATION, "Configuration file"),
    (0x0B, "Shelf Manager"),
];

impl<'a> Module<'a> {
    fn read(word: &'a Arg) -> Option<Self> {
        let kind = PREFIXES.iter().position(|prefix| word.starts_with(prefix.as_bytes()))?;
        Some(Self { kind: kind as u16, path: &word[3..] })
    }

    fn name(&self) -> std::borrow::Cow<'static, str> {
        name_of(self.kind, KINDS)
    }

    /// The file's start, as far as a multirecord area's first header can lie;
    /// what cannot be read is missing.
    fn contents(&self) -> Option<Vec<u8>> {
        let file = File::open(OsStr::from_bytes(self.path)).ok()?;
        let mut contents = Vec::new();
        let _ = file.take(RECORDS_MAX).read_to_end(&mut contents);
        Some(contents)
    }

    /// Why there are no records in the file; `None` if there are some.
    fn defect(&self) -> Option<Defect> {
        let Some(contents) = self.contents() else { return Some(Defect::Missing) };
        match contents.get(5).map(|units| usize::from(*units) * 8) {
            None => Some(Defect::NoOffset),
            Some(0) => Some(Defect::NoRecord),
            Some(offset) if contents.len() < offset + RECORD_HEADER => Some(Defect::NoHeader(offset)),
            Some(_) => None,
        }
    }

    /// Logs why there are no records.
    fn report(&self, session: &mut Session<'_>) {
        match self.defect() {
            Some(Defect::Missing) => {
                session.complain("File: '", self.path, "' is not found");
            }
            Some(Defect::NoOffset) => log!(session, ERR, "Invalid Offset!"),
            Some(Defect::NoRecord) => {
                session.complain("There is no multi record in the file '", self.path, "'");
            }
            Some(Defect::NoHeader(offset)) => {
                log!(session, DEBUG, "start multi offset = 0x{offset:02x}");
                log!(session, ERR, "Invalid Header!");
            }
            None => {}
        }
    }
}

/// Length of a record's header, and where the last one can end.
const RECORD_HEADER: usize = 5;
const RECORDS_MAX: u64 = 0xFF * 8 + RECORD_HEADER as u64;
/// Length of a FRU's common header.
const COMMON_HEADER: usize = 8;

enum Defect {
    Missing,
    NoOffset,
    NoRecord,
    NoHeader(usize),
}

/// `frushow` of files that hold no FRU.
fn show(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let modules: Vec<_> = words
        .iter()
        .map_while(|word| Module::read(word).filter(|module| module.kind != CONFIGURATION))
        .map(|module| (module.contents().map(|contents| contents.len()), module))
        .collect();
    if modules.iter().any(|(length, _)| length.is_some_and(|length| length >= COMMON_HEADER)) {
        return session.unmodelled();
    }
    for (length, module) in &modules {
        session.console.put(&[b"Start converting file '", module.path, b"'...\n"].concat());
        match length {
            None => {
                session.complain("File '", module.path, "' not found.");
            }
            Some(_) => log!(session, ERR, "Failed to read FRU header!"),
        }
    }
    if modules.len() < words.len() {
        log!(session, ERR, "Invalid file type!");
        log!(session, ERR, "   ekanalyzer frushow <xx=frufile> ...");
    }
    Err(Failed)
}

/// `print` or `summary`.
struct Analysis {
    usage: &'static str,
    run: fn(&mut Session<'_>, &[u8], &[Module<'_>]) -> Outcome,
}

const PRINT: Analysis = Analysis {
    usage: "   ekanalyzer print [carrier/power/all] <xx=frufile> <xx=frufile> [xx=frufile]",
    run: print,
};

const SUMMARY: Analysis = Analysis { usage: SUMMARY_USAGE, run: summarize };

const SUMMARY_USAGE: &str =
    "   ekanalyzer summary [match/ unmatch/ all] <xx=frufile> <xx=frufile> [xx=frufile]";

/// Reads option and files, in which there must be no records.
fn analyze(session: &mut Session<'_>, words: &[Arg], analysis: &Analysis) -> Outcome {
    // The original looks at the third byte without looking for the word's end:
    // on a command line the next word follows.
    let third = words.iter().flat_map(|word| word.iter().chain(b"\0")).nth(2);
    let (option, files) = match words {
        [] => {
            log!(session, ERR, "Not enough parameters given.\n{}", analysis.usage);
            return Err(Failed);
        }
        [option, files @ ..] if OPTIONS.contains(&option.as_slice()) => (option.as_slice(), files),
        _ if third == Some(&b'=') => (DEFAULT, words),
        [option, ..] => {
            session.console.put(&[b"Invalid option '", &option[..], b"'\n"].concat());
            log!(session, ERR, "{}", analysis.usage);
            return Err(Failed);
        }
    };
    let modules: Vec<_> = files.iter().map_while(Module::read).collect();
    if let Some(word) = files.get(modules.len()) {
        let start = [&word[..word.len().min(2)], if word.len() < 2 { b"\0" } else { b"\n" }].concat();
        session.complain("Invalid file type: ", until_nul(&start), "");
        session.help(help::ekanalyzer::EKANALYZER);
        return Err(Failed);
    }
    if modules.is_empty() {
        return Err(Failed);
    }
    if modules.iter().any(|module| module.defect().is_none()) {
        return session.unmodelled();
    }
    if session.verbose > 0 {
        for module in &modules {
            out!(session, "Type: {},   file name: ", module.name());
            session.console.put(&[module.path, b"\n"].concat());
        }
    }
    (analysis.run)(session, option, &modules)
}

const OPTIONS: [&[u8]; 5] = [b"carrier", b"power", b"all", b"match", b"unmatch"];
const DEFAULT: &[u8] = b"default";

fn print(session: &mut Session<'_>, option: &[u8], modules: &[Module<'_>]) -> Outcome {
    match option {
        b"carrier" | b"default" => print_carriers(session, modules),
        b"power" => print_power(session, "Print power information\n", modules),
        b"all" => print_power(session, "Print all information\n", modules),
        _ => {
            session.complain("Invalid option ", option, "");
        }
    }
    Err(Failed)
}

fn print_carriers(session: &mut Session<'_>, modules: &[Module<'_>]) {
    let mut carriers = modules.iter().filter(|module| module.kind == CARRIER).peekable();
    if carriers.peek().is_none() {
        out!(session, "No carrier file has been found\n");
        return;
    }
    carriers.for_each(|module| module.report(session));
    print_removed(session);
}

fn print_removed(session: &mut Session<'_>) {
    if session.verbose > 0 {
        out!(session, "Record list has been removed successfully\n");
    }
}

const STARS: &str = "*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*-*\n";

fn print_power(session: &mut Session<'_>, title: &str, modules: &[Module<'_>]) {
    out!(session, "{title}");
    let mut rest = modules.iter();
    while let Some(mut module) = rest.next() {
        if module.kind == CONFIGURATION {
            // The next is taken unseen. Behind the last the original reads on.
            let Some(next) = rest.next() else { break };
            module = next;
        }
        out!(session, "{STARS}\nFrom {} file '", module.name());
        session.console.put(&[module.path, b"'\n"].concat());
        module.report(session);
    }
    out!(session, "{STARS}");
}

fn summarize(session: &mut Session<'_>, option: &[u8], modules: &[Module<'_>]) -> Outcome {
    if matches!(option, b"carrier" | b"power") {
        log!(session, ERR, "{SUMMARY_USAGE}");
        return Err(Failed);
    }
    let is_amc = |module: &Module<'_>| module.kind <= B4;
    let lacking = match (modules.iter().any(is_amc), modules.iter().all(is_amc)) {
        (false, _) => Some("\nNo AMC FRU file is provided ---> No possible ekeying match!\n"),
        (_, true) => Some("\nNo Carrier FRU file is provided ---> No possible ekeying match!\n"),
        _ => None,
    };
    if let Some(line) = lacking {
        out!(session, "{line}");
        return Err(Failed);
    }
    let modules: Vec<_> = modules.iter().filter(|module| module.kind != CONFIGURATION).collect();
    modules.iter().for_each(|module| module.report(session));
    for (index, first) in modules.iter().enumerate() {
        for second in &modules[index + 1..] {
            if first.kind != CARRIER || second.kind != CARRIER {
                out!(session, "{} vs {}\n", first.name(), second.name());
                out!(session, "{}", if session.verbose > 0 { "Start matching process\n" } else { "" });
                out!(session, "No amc record is found!\n");
            }
        }
    }
    print_removed(session);
    Ok(())
}
