//! Parsing rules as they are typed and as they stand in files.

use std::fmt;

use super::pattern::Pattern;
use super::rule::{Effect, Merge, Rule, Sides};

/// What begins a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Prefix {
    /// A rule's name: `--filter`, and files of rules.
    #[default]
    Required,
    /// `+ `, `- ` or `!`, else the whole text is a pattern of this effect:
    /// `--include`, `--exclude` and their files.
    Optional(Effect),
    /// Nothing: every text is a pattern of this effect.
    None(Effect),
}

/// How rules are read, and what they take over from the rule that named their
/// file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// What begins a rule.
    pub prefix: Prefix,
    /// `!` clears although no other prefix counts: CVS's way.
    pub may_clear: bool,
    /// Rules are ended by white space, not by lines.
    pub splits_words: bool,
    /// The sides given for all rules of a file.
    pub sides: Option<Sides>,
    /// Patterns are about absolute paths.
    pub is_absolute: bool,
    /// Rules are perishable.
    pub is_perishable: bool,
    /// Rules are about extended attributes.
    pub is_about_xattrs: bool,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// An include or exclude rule.
    Rule(Rule),
    /// A file of rules in each directory.
    DirMerge(Merge),
    /// A file of rules to be read at once, `-` being standard input, and
    /// whether it excludes its own name.
    Merge(Merge),
    /// CVS's own list of excludes, in this place.
    CvsExcludes(Rule),
    /// All rules before are forgotten.
    Clear,
}

/// Why a text is no rule; the whole text is named by whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// It begins with no rule's name.
    Unknown,
    /// Nothing to match follows.
    Unexpected,
    /// A letter that modifies nothing here, and where it stands from zero.
    Modifier(u8, usize),
    /// Something follows the clearing of rules.
    TrailingAfterClear,
    /// A side is named in a file whose sides were named.
    SideNamedTwice,
}

impl Error {
    /// The message for `rule`, which the user typed, as the original words it
    /// (observed: 3.5.0).
    pub fn message(&self, rule: &[u8]) -> Vec<u8> {
        match self {
            Self::Modifier(letter, at) => {
                let place = format!("' at position {at} in filter rule: ");
                [b"invalid modifier '", &[*letter][..], place.as_bytes(), rule].concat()
            }
            _ => self.message_from(rule),
        }
    }

    /// The message for a rule that stands in a file, of which only the place is
    /// told: what else the file has may be a secret (observed: 3.5.0).
    pub fn message_from(&self, place: &[u8]) -> Vec<u8> {
        let what: &[u8] = match self {
            Self::Unknown => b"Unknown filter rule: ",
            Self::Unexpected => b"unexpected end of filter rule: ",
            Self::Modifier(..) => b"invalid modifier in filter rule: ",
            Self::TrailingAfterClear => b"'!' rule has trailing characters: ",
            Self::SideNamedTwice => b"specified-side merge file contains specified-side filter: ",
        };
        [what, place].concat()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.message(b"rule")))
    }
}

impl std::error::Error for Error {}

/// The kinds of rules, by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Match(Effect, Option<Sides>),
    Merge,
    DirMerge,
    Clear,
}

const KINDS: [(&[u8], u8, Kind); 9] = [
    (b"exclude", b'-', Kind::Match(Effect::Exclude, None)),
    (b"include", b'+', Kind::Match(Effect::Include, None)),
    (b"merge", b'.', Kind::Merge),
    (b"dir-merge", b':', Kind::DirMerge),
    (b"hide", b'H', Kind::Match(Effect::Exclude, Some(Sides::Sender))),
    (b"show", b'S', Kind::Match(Effect::Include, Some(Sides::Sender))),
    (b"protect", b'P', Kind::Match(Effect::Exclude, Some(Sides::Receiver))),
    (b"risk", b'R', Kind::Match(Effect::Include, Some(Sides::Receiver))),
    (b"clear", b'!', Kind::Clear),
];

/// What CVS reads in each directory.
const CVS_FILE: &[u8] = b".cvsignore";

/// Parses one rule, without the line end or white space that ends it.
///
/// # Errors
/// An [`Error`] with its reason.
pub fn parse(text: &[u8], reading: &Reading) -> Result<Parsed, Error> {
    let base = Rule {
        sides: reading.sides.unwrap_or(Sides::Both),
        is_absolute: reading.is_absolute,
        is_perishable: reading.is_perishable,
        is_about_xattrs: reading.is_about_xattrs,
        ..Rule::plain(Effect::Exclude, b"")
    };
    let plain = |effect, pattern: &[u8]| match pattern {
        b"" => Err(Error::Unexpected),
        pattern => Ok(Parsed::Rule(Rule { effect, pattern: Pattern::new(pattern), ..base.clone() })),
    };
    match (reading.prefix, text) {
        (Prefix::None(_), b"!") if reading.may_clear => Ok(Parsed::Clear),
        (Prefix::None(effect), pattern) => plain(effect, pattern),
        (Prefix::Optional(_), b"!") => Ok(Parsed::Clear),
        (Prefix::Optional(_), [b'+', b' ', pattern @ ..]) => plain(Effect::Include, pattern),
        (Prefix::Optional(_), [b'-', b' ', pattern @ ..]) => plain(Effect::Exclude, pattern),
        (Prefix::Optional(effect), pattern) => plain(effect, pattern),
        (Prefix::Required, text) => parse_named(text, base, reading),
    }
}

fn parse_named(text: &[u8], base: Rule, reading: &Reading) -> Result<Parsed, Error> {
    let (kind, after_name) = name(text)?;
    if kind == Kind::Clear {
        return if text.len() == after_name { Ok(Parsed::Clear) } else { Err(Error::TrailingAfterClear) };
    }
    let mut modifiers = Modifiers { rule: base, ..Modifiers::new(kind, reading)? };
    let rest = modifiers.read(text, after_name, kind)?;
    modifiers.finish(kind, rest)
}

/// The kind of a rule, and where its name ends.
fn name(text: &[u8]) -> Result<(Kind, usize), Error> {
    let is_end = |byte: Option<&u8>| matches!(byte, None | Some(b' ' | b'_' | b','));
    let long = KINDS.iter().find(|(name, ..)| text.starts_with(name) && is_end(text.get(name.len())));
    let short = KINDS.iter().find(|(_, letter, _)| text.first() == Some(letter));
    match (long, short) {
        (Some((name, _, kind)), _) => Ok((*kind, name.len())),
        (None, Some((_, _, kind))) => Ok((*kind, 1)),
        (None, None) => Err(Error::Unknown),
    }
}

/// What the letters after a rule's name make of it.
struct Modifiers {
    rule: Rule,
    sides: Option<Sides>,
    may_name_sides: bool,
    prefix: Prefix,
    is_cvs: bool,
    splits_words: bool,
    is_inherited: bool,
    excludes_itself: bool,
}

impl Modifiers {
    fn new(kind: Kind, reading: &Reading) -> Result<Self, Error> {
        let named = match kind {
            Kind::Match(_, sides) => sides,
            _ => None,
        };
        if named.is_some() && reading.sides.is_some() {
            return Err(Error::SideNamedTwice);
        }
        Ok(Self {
            rule: Rule::plain(Effect::Exclude, b""),
            sides: named.or(reading.sides),
            may_name_sides: named.is_none(),
            prefix: Prefix::Required,
            is_cvs: false,
            splits_words: false,
            is_inherited: true,
            excludes_itself: false,
        })
    }

    /// Reads the letters from `at` on; returns what follows them.
    fn read<'t>(&mut self, text: &'t [u8], mut at: usize, kind: Kind) -> Result<&'t [u8], Error> {
        if text.get(at) == Some(&b',') {
            at += 1;
        }
        let sides_given = self.sides.is_some();
        loop {
            match text.get(at) {
                None => return Ok(b""),
                Some(b' ' | b'_') => return Ok(&text[at + 1..]),
                Some(&letter) => {
                    if matches!(letter, b's' | b'r') && self.may_name_sides && sides_given {
                        return Err(Error::SideNamedTwice);
                    }
                    if !self.take(letter, kind) {
                        return Err(Error::Modifier(letter, at));
                    }
                }
            }
            at += 1;
        }
    }

    /// Takes one letter; whether it modifies a rule of this kind.
    fn take(&mut self, letter: u8, kind: Kind) -> bool {
        let is_merge = matches!(kind, Kind::Merge | Kind::DirMerge);
        match letter {
            b'/' => self.rule.is_absolute = true,
            b'p' => self.rule.is_perishable = true,
            b'x' => self.rule.is_about_xattrs = true,
            b's' if self.may_name_sides => self.add(Sides::Sender),
            b'r' if self.may_name_sides => self.add(Sides::Receiver),
            b'C' => self.cvs(),
            b'!' if !is_merge => self.rule.is_negated = true,
            b'+' if is_merge => self.prefix = Prefix::None(Effect::Include),
            b'-' if is_merge => self.prefix = Prefix::None(Effect::Exclude),
            b'e' if is_merge => self.excludes_itself = true,
            b'n' if is_merge => self.is_inherited = false,
            b'w' if is_merge => self.splits_words = true,
            _ => return false,
        }
        true
    }

    fn add(&mut self, side: Sides) {
        self.sides = Some(match self.sides {
            Some(other) if other != side => Sides::Both,
            _ => side,
        });
    }

    fn cvs(&mut self) {
        self.is_cvs = true;
        self.prefix = Prefix::None(Effect::Exclude);
        self.splits_words = true;
        self.is_inherited = false;
    }

    fn finish(self, kind: Kind, rest: &[u8]) -> Result<Parsed, Error> {
        let rule = Rule { sides: self.sides.unwrap_or(Sides::Both), ..self.rule };
        let effect = match kind {
            Kind::Match(effect, _) if self.is_cvs => return Ok(Parsed::CvsExcludes(Rule { effect, ..rule })),
            Kind::Match(effect, _) => Some(effect),
            _ => None,
        };
        let rest = if rest.is_empty() && self.is_cvs { CVS_FILE } else { rest };
        if rest.is_empty() {
            return Err(Error::Unexpected);
        }
        if let Some(effect) = effect {
            return Ok(Parsed::Rule(Rule { effect, pattern: Pattern::new(rest), ..rule }));
        }
        let reading = Reading {
            prefix: self.prefix,
            may_clear: self.is_cvs,
            splits_words: self.splits_words,
            sides: self.sides,
            is_absolute: rule.is_absolute,
            is_perishable: rule.is_perishable,
            is_about_xattrs: rule.is_about_xattrs,
        };
        let (is_inherited, excludes_itself) = (self.is_inherited, self.excludes_itself);
        let merge = Merge { file: rest.into(), reading, is_inherited, excludes_itself };
        Ok(if kind == Kind::Merge { Parsed::Merge(merge) } else { Parsed::DirMerge(merge) })
    }
}

/// The rules in a file, as texts with the number of the line each begins in:
/// comments and empty lines left out, split as `reading` says. Who splits words
/// separates a rule's name from its pattern by `_` (observed: 3.5.0, against
/// rsync(1)).
pub fn split<'f>(file: &'f [u8], reading: &Reading) -> Vec<(usize, &'f [u8])> {
    let lines =
        file.split(|byte| matches!(byte, b'\n' | b'\r' | 0)).enumerate().map(|(at, line)| (at + 1, line));
    if reading.splits_words {
        let words = |line: &'f [u8]| line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        return lines.flat_map(|(at, line)| words(line).map(move |word| (at, word))).collect();
    }
    lines.filter(|(_, line)| !matches!(line.first(), None | Some(b'#' | b';'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filter(text: &str) -> Result<Parsed, String> {
        let told = |error: Error| String::from_utf8(error.message(text.as_bytes())).expect("text");
        parse(text.as_bytes(), &Reading::default()).map_err(told)
    }

    fn rule(text: &str) -> Rule {
        match filter(text) {
            Ok(Parsed::Rule(rule)) => rule,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn merge(text: &str) -> Merge {
        match filter(text) {
            Ok(Parsed::DirMerge(merge) | Parsed::Merge(merge)) => merge,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn names_and_modifiers_are_understood() {
        let hide = Rule { sides: Sides::Sender, ..Rule::plain(Effect::Exclude, b"x") };
        for text in ["H x", "hide x", "-s x", "-,s x", "exclude,s x", "H_x"] {
            assert_eq!(rule(text), hide, "{text}");
        }
        assert_eq!(rule("-sr x").sides, Sides::Both);
        assert_eq!(rule("-  x").pattern, Pattern::new(b" x"));
        assert!(rule("-! */").is_negated && rule("-/ /etc").is_absolute && rule("-p x").is_perishable);
        assert_eq!(filter("!"), Ok(Parsed::Clear));
        assert_eq!(filter("clear"), Ok(Parsed::Clear));
        assert!(matches!(filter("-C"), Ok(Parsed::CvsExcludes(_))));
    }

    #[test]
    fn merges_are_understood() {
        let cvs = merge(":C");
        assert_eq!(&*cvs.file, b".cvsignore");
        assert!(cvs.reading.may_clear && cvs.reading.splits_words && !cvs.is_inherited);
        assert!(merge(":e .rules").excludes_itself);
        assert_eq!(merge("dir-merge,n- .x").reading.prefix, Prefix::None(Effect::Exclude));
        assert!(matches!(filter(". rules"), Ok(Parsed::Merge(_))));
        assert_eq!(merge(":s .x").reading.sides, Some(Sides::Sender));
    }

    #[test]
    fn refusals_are_worded_as_the_originals() {
        for (text, message) in [
            ("foo", "Unknown filter rule: foo"),
            ("excludefoo", "Unknown filter rule: excludefoo"),
            ("-", "unexpected end of filter rule: -"),
            ("- ", "unexpected end of filter rule: - "),
            (":", "unexpected end of filter rule: :"),
            ("exclude,s", "unexpected end of filter rule: exclude,s"),
            ("-q foo", "invalid modifier 'q' at position 1 in filter rule: -q foo"),
            ("-,q foo", "invalid modifier 'q' at position 2 in filter rule: -,q foo"),
            ("Hs x", "invalid modifier 's' at position 1 in filter rule: Hs x"),
            ("-e x", "invalid modifier 'e' at position 1 in filter rule: -e x"),
            (":!x", "invalid modifier '!' at position 1 in filter rule: :!x"),
            ("P,r x", "invalid modifier 'r' at position 2 in filter rule: P,r x"),
            ("!x", "'!' rule has trailing characters: !x"),
            ("clear x", "'!' rule has trailing characters: clear x"),
        ] {
            assert_eq!(filter(text), Err(message.to_owned()));
        }
    }

    #[test]
    fn a_file_whose_sides_were_named_names_none() {
        let reading = merge(":s .x").reading;
        assert_eq!(parse(b"H foo", &reading), Err(Error::SideNamedTwice));
        assert_eq!(parse(b"-r foo", &reading), Err(Error::SideNamedTwice));
        assert!(matches!(parse(b"- foo", &reading), Ok(Parsed::Rule(Rule { sides: Sides::Sender, .. }))));
    }

    #[test]
    fn old_options_take_patterns() {
        let exclude = Reading { prefix: Prefix::Optional(Effect::Exclude), ..Reading::default() };
        let parsed = |text: &[u8]| parse(text, &exclude);
        assert_eq!(parsed(b"+ a"), Ok(Parsed::Rule(Rule::plain(Effect::Include, b"a"))));
        assert_eq!(parsed(b"-a"), Ok(Parsed::Rule(Rule::plain(Effect::Exclude, b"-a"))));
        assert_eq!(parsed(b"!"), Ok(Parsed::Clear));
        assert_eq!(parsed(b"- "), Err(Error::Unexpected));
    }

    #[test]
    fn files_are_split_into_rules() {
        let lines = split(b"# no\n- a b\n\n;\n+ c\r\n", &Reading::default());
        assert_eq!(lines, [(2, &b"- a b"[..]), (5, b"+ c")]);
        let words = Reading { splits_words: true, ..Reading::default() };
        assert_eq!(
            split(b"-_foo +_bar\n  H x", &words),
            [(1, &b"-_foo"[..]), (1, b"+_bar"), (2, b"H"), (2, b"x")]
        );
        assert_eq!(split(b"a b\n!", &merge(":C").reading), [(1, &b"a"[..]), (1, b"b"), (2, b"!")]);
    }

    proptest! {
        #[test]
        fn any_text_is_a_rule_or_an_error(text in "[-+.:HSPR!CenwsrpxX/ _,a*]{0,12}") {
            let _ = parse(text.as_bytes(), &Reading::default());
            let _ = split(text.as_bytes(), &Reading { splits_words: true, ..Reading::default() });
        }
    }
}
