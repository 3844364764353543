//! Rules from the command line and from the wire.

use std::io::Read;
use std::sync::Arc;

use rsync_proto::filter::{Effect, Merge, Parsed, Prefix, Reading, Rule, Sides, parse};
use rustix::io::Errno;

use super::cvs;
use super::files::{FILE_MAX, Files};
use super::place::{exclusion_of, is_known, leaf, texts};
use super::scope::{Anchored, DirMerge, Item, Scope};
use super::source::{DEPTH_MAX, Source, UNREADABLE, refused};
use crate::fs::{Access, Trust, WayError, error_text, open_named};
use crate::options::{FilterSource, Options, Role};
use crate::{Failure, Status};

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
        let mut building = Building::new(options, Some(surroundings));
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
        let mut building = Building::new(options, None);
        for rule in rules {
            building.add_text(rule, &Reading::default())?;
        }
        let sent = building.items.len();
        if matches!(options.role, Role::ServerSender { .. }) {
            building.add_cvs(options)?;
        }
        let is_from0 = options.selection.is_from0;
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
                    let merge = &merge.merge;
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
                Anchored { rule: Arc::new(rule), ..anchored.clone() }
            };
            *rules = Arc::new(rules.iter().map(protecting).collect());
        }
        self
    }

    /// The rules as one side looks at them, outside of any directory; those of
    /// directories are in `files`.
    pub fn scope(&self, side: Sides, files: Files) -> Scope {
        let Self { is_from0, only_hides, .. } = *self;
        Scope { items: Arc::new(self.items.clone()), side, is_from0, only_hides, files }
    }
}

struct Building<'b, 's> {
    items: Vec<Item>,
    is_from0: bool,
    trust: Trust,
    /// For rules that name no side.
    default_sides: Option<Sides>,
    /// `None` where rules may name no files to be read at once.
    surroundings: Option<&'b mut Surroundings<'s>>,
}

impl<'b, 's> Building<'b, 's> {
    fn new(options: &Options, surroundings: Option<&'b mut Surroundings<'s>>) -> Self {
        Self {
            items: Vec::new(),
            is_from0: options.selection.is_from0,
            trust: options.links.trust(),
            default_sides: options.deletion.excluded.then_some(Sides::Sender),
            surroundings,
        }
    }

    fn add_source(&mut self, source: &FilterSource) -> Result<(), Failure> {
        let old = |effect| Reading { prefix: Prefix::Optional(effect), ..Reading::default() };
        match source {
            // Nothing was said (observed: 3.5.0).
            FilterSource::Rule(text) | FilterSource::Exclude(text) | FilterSource::Include(text)
                if text.is_empty() =>
            {
                Ok(())
            }
            FilterSource::Rule(text) => self.add_text(text, &Reading::default()),
            FilterSource::Exclude(text) => self.add_text(text, &old(Effect::Exclude)),
            FilterSource::Include(text) => self.add_text(text, &old(Effect::Include)),
            FilterSource::ExcludeFrom(file) => self.add_given(file, &old(Effect::Exclude), "exclude"),
            FilterSource::IncludeFrom(file) => self.add_given(file, &old(Effect::Include), "include"),
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

    /// Adds a rule that was typed, or sent.
    fn add_text(&mut self, text: &[u8], reading: &Reading) -> Result<(), Failure> {
        let parsed = parse(text, reading).map_err(|error| refused(&error, text))?;
        match self.add(parsed, None) {
            Some(merge) => self.add_given(&merge.file, &merge.reading, "exclude"),
            None => Ok(()),
        }
    }

    /// Adds a rule, but for what is in a file that it names to be read at once:
    /// that is returned. `place` is where the rule stands, in a file.
    fn add(&mut self, parsed: Parsed, place: Option<Vec<u8>>) -> Option<Merge> {
        match parsed {
            Parsed::Rule(mut rule) => {
                self.narrow(&mut rule.sides);
                self.items.push(Item::Rule(Anchored::at_root(rule, place.is_some())));
            }
            Parsed::CvsExcludes(mut rule) => {
                self.narrow(&mut rule.sides);
                let rules = Arc::new(cvs::rules(&rule));
                self.items.push(Item::Cvs(rule, rules));
            }
            Parsed::DirMerge(merge) => {
                self.exclude_itself(&merge);
                let leaf = leaf(&merge.file);
                // One of that name adds nothing (observed: 3.5.0).
                if !is_known(&self.items, leaf) {
                    let is_named_in_file = place.is_some();
                    let shown = place.unwrap_or_else(|| leaf.to_vec());
                    let merge = DirMerge { merge, is_named_in_file, shown };
                    self.items.push(Item::Merge(Arc::new(merge), Arc::default()));
                }
            }
            Parsed::Clear => self.items.clear(),
            Parsed::Merge(merge) => {
                self.exclude_itself(&merge);
                return Some(merge);
            }
        }
        None
    }

    fn exclude_itself(&mut self, merge: &Merge) {
        if let Some(mut rule) = exclusion_of(merge) {
            self.narrow(&mut rule.sides);
            self.items.push(Item::Rule(Anchored::at_root(rule, false)));
        }
    }

    /// A rule for both sides becomes one for the default's, if there is one.
    fn narrow(&self, sides: &mut Sides) {
        if let (Sides::Both, Some(default)) = (*sides, self.default_sides) {
            *sides = default;
        }
    }

    /// Adds the rules of a file that an option names.
    fn add_given(&mut self, path: &[u8], reading: &Reading, what: &str) -> Result<(), Failure> {
        let text = self.read(path).map_err(|error| {
            let call = format!("[client] failed to open {what} file ");
            let text = [call.as_bytes(), path, b": ", error_text(error.into()).as_bytes()].concat();
            Failure::new(Status::FileIo, text).at(UNREADABLE).on_the_way(error)
        })?;
        self.add_all(&text, reading, &Source::file(path), 1)
    }

    /// Adds the rules of a file that is one of `depth`, each named by the next.
    fn add_all(
        &mut self,
        text: &[u8],
        reading: &Reading,
        source: &Source,
        depth: usize,
    ) -> Result<(), Failure> {
        for (line, rule) in texts(text, reading, self.is_from0) {
            let parsed = parse(rule, reading).map_err(|error| source.refused(&error, line))?;
            let Some(merge) = self.add(parsed, Some(source.rule_at(line))) else { continue };
            if depth == DEPTH_MAX {
                return Err(source.too_deep(line));
            }
            let text = self.read(&merge.file);
            let text = text.map_err(|error| source.unreadable(line).on_the_way(error))?;
            self.add_all(&text, &merge.reading, &source.named_at(line), depth + 1)?;
        }
        Ok(())
    }

    fn read(&mut self, path: &[u8]) -> Result<Vec<u8>, WayError> {
        let mut text = Vec::new();
        let read = match &mut self.surroundings {
            None => return Err(Errno::ACCESS.into()),
            Some(surroundings) if path == b"-" => surroundings.stdin.take(FILE_MAX).read_to_end(&mut text),
            Some(_) => {
                let file = open_named(path, Access::Read, self.trust)?;
                file.take(FILE_MAX).read_to_end(&mut text)
            }
        };
        read.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        Ok(text)
    }
}
