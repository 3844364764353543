//! Rules from the command line and from the wire.

use std::io::Read;
use std::sync::Arc;

use rsync_proto::filter::{Effect, Merge, Parsed, Prefix, Reading, Rule, Sides, parse};

use super::cvs;
use super::scope::{Anchored, FILE_MAX, Item, Scope, exclusion_of, texts};
use crate::options::{FilterSource, Options, Role};
use crate::{Failure, Status};

/// How deep files of rules may name others.
const DEPTH_MAX: usize = 32;

/// All rules of a run, whichever side they are for.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    items: Vec<Item>,
    is_from0: bool,
    /// Rules that name no side only hide, and protect nothing (`--delete-excluded`).
    only_hides: bool,
    /// How many of them a server is told of: it knows the others from its options.
    sent: usize,
}

/// Where files that rules name are read from.
pub struct Surroundings<'s> {
    /// What `-` names.
    pub stdin: &'s mut dyn Read,
}

impl Filters {
    /// The rules that the options give, in their order.
    ///
    /// # Errors
    /// A rule that is none, or a file that cannot be read.
    pub fn from_options(options: &Options, surroundings: &mut Surroundings<'_>) -> Result<Self, Failure> {
        let selection = &options.selection;
        let hides = options.deletion.excluded.then_some(Sides::Sender);
        let mut building = Building {
            items: Vec::new(),
            is_from0: selection.is_from0,
            default_sides: hides,
            surroundings: Some(surroundings),
        };
        for source in &selection.filters {
            // They are looked at before it is known who sends.
            building.add_source(source).map_err(|failure| failure.by("client"))?;
        }
        building.add_implied(options)?;
        let sent = building.items.len();
        building.add_cvs(options)?;
        let only_hides = options.deletion.excluded;
        Ok(Self { items: building.items, is_from0: selection.is_from0, only_hides, sent })
    }

    /// The rules that a client sent.
    ///
    /// # Errors
    /// A rule that is none.
    pub fn from_wire(rules: &[Vec<u8>], options: &Options) -> Result<Self, Failure> {
        let is_from0 = options.selection.is_from0;
        let mut building = Building { items: Vec::new(), is_from0, default_sides: None, surroundings: None };
        for rule in rules {
            building.add_text(rule, &Reading::default())?;
        }
        let sent = building.items.len();
        if matches!(options.role, Role::ServerSender { .. }) {
            building.add_cvs(options)?;
        }
        Ok(Self { items: building.items, is_from0, only_hides: options.deletion.excluded, sent })
    }

    /// The rules as they are sent to a server that is on `side`.
    pub fn texts(&self, side: Sides) -> Vec<Vec<u8>> {
        let is_for = |sides: Sides| match side {
            Sides::Receiver => sides.has_receiver(),
            _ => sides.has_sender(),
        };
        let of = |rule: &Rule| is_for(rule.sides).then(|| rule.text());
        let texts = |item: &Item| -> Vec<Vec<u8>> {
            match item {
                Item::Rule(anchored) => of(&anchored.rule).into_iter().collect(),
                // What it stands for here is for the receiver to know.
                Item::Cvs(_, rules) if side == Sides::Receiver => {
                    rules.iter().filter_map(|anchored| of(&anchored.rule)).collect()
                }
                Item::Cvs(rule, _) => is_for(rule.sides).then(|| b"-C".to_vec()).into_iter().collect(),
                Item::Merge(merge, _) => {
                    merge.reading.sides.is_none_or(is_for).then(|| merge.text()).into_iter().collect()
                }
            }
        };
        // A server that sends knows by its options what CVS leaves out.
        let sent = if side == Sides::Receiver { self.items.len() } else { self.sent };
        self.items[..sent.min(self.items.len())].iter().flat_map(texts).collect()
    }

    /// With `-C` what CVS leaves out is protected by who pulls, even where what is
    /// left out is deleted (observed: 3.5.0).
    #[must_use]
    pub fn protecting_cvs(mut self) -> Self {
        for item in self.items.iter_mut().skip(self.sent) {
            let Item::Cvs(_, rules) = item else { continue };
            let protecting = |anchored: &Anchored| {
                let rule = Rule { sides: Sides::Both, ..(*anchored.rule).clone() };
                Anchored { rule: Arc::new(rule), directory: anchored.directory.clone() }
            };
            *rules = Arc::new(rules.iter().map(protecting).collect());
        }
        self
    }

    /// The rules as one side looks at them, outside of any directory.
    pub fn scope(&self, side: Sides) -> Scope {
        let only_hides = self.only_hides;
        Scope { items: Arc::new(self.items.clone()), side, is_from0: self.is_from0, only_hides }
    }

    /// Of files of rules that are also looked for above the transfer's root:
    /// the path from which on, as it was given, or `/`.
    pub fn looks_above(&self) -> Vec<Vec<u8>> {
        let above = |item: &Item| match item {
            Item::Merge(merge, _) => {
                merge.file.iter().rposition(|&byte| byte == b'/').map(|at| merge.file[..=at].to_vec())
            }
            _ => None,
        };
        self.items.iter().filter_map(above).collect()
    }
}

struct Building<'b, 's> {
    items: Vec<Item>,
    is_from0: bool,
    /// For rules that name no side.
    default_sides: Option<Sides>,
    /// `None` where rules may name no files to be read at once.
    surroundings: Option<&'b mut Surroundings<'s>>,
}

impl Building<'_, '_> {
    fn add_source(&mut self, source: &FilterSource) -> Result<(), Failure> {
        let old = |effect| Reading { prefix: Prefix::Optional(effect), ..Reading::default() };
        match source {
            FilterSource::Rule(text) => self.add_text(text, &Reading::default()),
            FilterSource::Exclude(text) => self.add_text(text, &old(Effect::Exclude)),
            FilterSource::Include(text) => self.add_text(text, &old(Effect::Include)),
            FilterSource::ExcludeFrom(file) => self.add_file(file, &old(Effect::Exclude), "exclude", 0),
            FilterSource::IncludeFrom(file) => self.add_file(file, &old(Effect::Include), "include", 0),
        }
    }

    /// The rules of `-C`, which both sides are told of.
    fn add_cvs(&mut self, options: &Options) -> Result<(), Failure> {
        if !options.selection.is_cvs_exclude {
            return Ok(());
        }
        self.add_text(b":C", &Reading::default())?;
        self.add_text(b"-C", &Reading::default())
    }

    /// Rules that other options bring with them.
    fn add_implied(&mut self, options: &Options) -> Result<(), Failure> {
        let writing = &options.writing;
        if let Some(partial) = writing.partial_dir.as_ref().filter(|partial| !partial.starts_with(b"/")) {
            let rule = [b"-p ", &partial[..], b"/"].concat();
            self.add_text(&rule, &Reading::default())?;
        }
        let deletes = options.deletion.timing.is_some() && !options.deletion.excluded;
        if let Some(backup) = writing.backup.as_ref().filter(|backup| deletes && backup.directory.is_none()) {
            let rule = [b"P *", &backup.suffix[..]].concat();
            self.add_text(&rule, &Reading::default())?;
        }
        Ok(())
    }

    fn add_text(&mut self, text: &[u8], reading: &Reading) -> Result<(), Failure> {
        self.add_at(text, reading, 0)
    }

    fn add_at(&mut self, text: &[u8], reading: &Reading, depth: usize) -> Result<(), Failure> {
        let parsed = parse(text, reading).map_err(|error| {
            let message = error.message(text);
            Failure::new(Status::Syntax, message).bare().at(site(&error))
        })?;
        match parsed {
            Parsed::Rule(mut rule) => {
                self.narrow(&mut rule.sides);
                self.items.push(Item::Rule(Anchored::at_root(rule)));
            }
            Parsed::CvsExcludes(mut rule) => {
                self.narrow(&mut rule.sides);
                let rules = cvs::rules(&rule).into_iter().map(Anchored::at_root).collect();
                self.items.push(Item::Cvs(rule, Arc::new(rules)));
            }
            Parsed::DirMerge(merge) => {
                self.exclude_itself(&merge);
                self.items.push(Item::Merge(Arc::new(merge), Arc::default()));
            }
            Parsed::Merge(merge) => {
                self.exclude_itself(&merge);
                self.add_file(&merge.file, &merge.reading, "merge", depth + 1)?;
            }
            Parsed::Clear => self.items.clear(),
        }
        Ok(())
    }

    fn exclude_itself(&mut self, merge: &Merge) {
        self.items.extend(exclusion_of(merge).map(|rule: Rule| Item::Rule(Anchored::at_root(rule))));
    }

    /// A rule for both sides becomes one for the default's, if there is one.
    fn narrow(&self, sides: &mut Sides) {
        if let (Sides::Both, Some(default)) = (*sides, self.default_sides) {
            *sides = default;
        }
    }

    fn add_file(&mut self, path: &[u8], reading: &Reading, what: &str, depth: usize) -> Result<(), Failure> {
        if depth > DEPTH_MAX {
            return Err(Failure::new(Status::Syntax, "too many nested merge files"));
        }
        let text = self.read(path).map_err(|error| {
            let what = if what == "merge" { "exclude" } else { what };
            let call = format!("[client] failed to open {what} file ");
            let why = crate::failure::system_text(&error);
            let text = [call.as_bytes(), path, b": ", why.as_bytes()].concat();
            Failure::new(Status::FileIo, text).at("exclude.c(1719)")
        })?;
        texts(&text, reading, self.is_from0)
            .into_iter()
            .try_for_each(|rule| self.add_at(rule, reading, depth))
    }

    fn read(&mut self, path: &[u8]) -> std::io::Result<Vec<u8>> {
        use std::os::unix::ffi::OsStrExt as _;
        let mut text = Vec::new();
        match &mut self.surroundings {
            None => return Err(std::io::ErrorKind::PermissionDenied.into()),
            Some(surroundings) if path == b"-" => {
                surroundings.stdin.take(FILE_MAX).read_to_end(&mut text)?;
            }
            Some(_) => {
                let file = std::fs::File::open(std::ffi::OsStr::from_bytes(path))?;
                file.take(FILE_MAX).read_to_end(&mut text)?;
            }
        }
        Ok(text)
    }
}

/// Where the original reports such an error.
fn site(error: &rsync_proto::filter::Error) -> &'static str {
    use rsync_proto::filter::Error;
    match error {
        Error::Modifier(..) => "exclude.c(1379)",
        _ => "exclude.c(136)",
    }
}
