//! What has been read of a command line so far.

use super::ending::{Ending, Refusal};
use super::flags::WordError;
use super::numbers::{self, NumberError};
use super::{
    AlternativeKind, Alternatives, Append, Bytes, FilterSource, Identity, Options, StderrMode, Surroundings,
    Timing, Twice, stop_at,
};
use crate::Status;

/// What has been read of a command line so far; implications are drawn when
/// all is read.
pub(super) struct Draft<'s> {
    /// What needs no more looking at.
    pub options: Options,
    pub surroundings: &'s Surroundings<'s>,
    pub asks_version: u8,
    pub verbosity: u8,
    /// How often `-h`, counted from what is the default.
    pub human: u8,
    pub recurse: Recurse,
    /// `-d` or its opposite.
    pub dirs: Option<bool>,
    pub relative: Option<bool>,
    pub one_file_system: Twice,
    pub max_alloc: Option<Bytes>,
    pub deletes: bool,
    /// Of `--delete-before` and the like; several do not go together.
    pub timing: Option<Timing>,
    pub has_timings: bool,
    pub per_directory_filters: u8,
    pub checksum_choice: Option<Bytes>,
    pub compress: u8,
    pub compress_choice: Option<Bytes>,
    pub compress_level: Option<i32>,
    pub compress_threads: u32,
    pub shows_progress: bool,
    pub log_file: Option<Bytes>,
    pub log_format: Option<Bytes>,
    pub backup: bool,
    pub backup_dir: Option<Bytes>,
    pub suffix: Option<Bytes>,
    pub files_from: Option<Bytes>,
    pub old_args: Option<u8>,
    pub seclusion: Seclusion,
    usermap_of: Option<&'static str>,
    groupmap_of: Option<&'static str>,
    pub iconv: Option<Bytes>,
    pub buffering: Option<Bytes>,
    pub protocol: i32,
    pub is_server: bool,
    pub is_sender: bool,
    /// The first of what is asked for and this rsync does not do.
    pub unsupported: Option<&'static str>,
}

/// Whether directories are recursed into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recurse {
    No,
    /// Of `-a`: not with `--files-from`.
    Archive,
    Yes,
}

/// What was said of `--secluded-args`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seclusion {
    Unsaid,
    Asked,
    Declined,
}

/// Times `-h` that are the default.
const HUMAN_DEFAULT: u8 = 1;
/// Largest block, bytes, since protocol 30.
const BLOCK_MAX: u64 = 131_072;
/// Most directories of `--link-dest` and the like.
const ALTERNATIVES_MAX: usize = 20;
/// Bytes a second; less is rounded to nothing.
const BANDWIDTH_MIN: u64 = 512;

impl<'s> Draft<'s> {
    pub(super) fn new(surroundings: &'s Surroundings<'s>) -> Self {
        Self {
            options: Options::default(),
            surroundings,
            asks_version: 0,
            verbosity: 0,
            human: HUMAN_DEFAULT,
            recurse: Recurse::No,
            dirs: None,
            relative: None,
            one_file_system: Twice::No,
            max_alloc: surroundings.var("RSYNC_MAX_ALLOC").filter(|size| !size.is_empty()),
            deletes: false,
            timing: None,
            has_timings: false,
            per_directory_filters: 0,
            checksum_choice: None,
            compress: 0,
            compress_choice: None,
            compress_level: None,
            compress_threads: 0,
            shows_progress: false,
            log_file: None,
            log_format: None,
            backup: false,
            backup_dir: None,
            suffix: None,
            files_from: None,
            old_args: None,
            seclusion: Seclusion::Unsaid,
            usermap_of: None,
            groupmap_of: None,
            iconv: None,
            buffering: None,
            protocol: rsync_proto::Version::NEWEST.number(),
            is_server: false,
            is_sender: false,
            unsupported: None,
        }
    }

    pub(super) fn refuse_at_end(&mut self, option: &'static str) -> Result<(), Ending> {
        self.unsupported.get_or_insert(option);
        Ok(())
    }

    pub(super) fn give_info(&mut self, words: Bytes) -> Result<(), Ending> {
        let given = self.options.output.info.give(&words);
        given.map_err(|error| bad_words(error, "info", Ending::InfoHelp))
    }

    pub(super) fn give_debug(&mut self, words: Bytes) -> Result<(), Ending> {
        let given = self.options.output.debug.give(&words);
        given.map_err(|error| bad_words(error, "debug", Ending::DebugHelp))
    }

    /// Any beginning of a mode's name will do.
    pub(super) fn set_stderr(&mut self, mode: Bytes) -> Result<(), Ending> {
        let modes =
            [("errors", StderrMode::Errors), ("all", StderrMode::All), ("client", StderrMode::Client)];
        let known = modes.iter().find(|(name, _)| !mode.is_empty() && name.as_bytes().starts_with(&mode));
        let Some((_, mode)) = known else {
            let after = "\" is not one of errors, all, or client";
            return Err(Refusal::of("rsync: --stderr mode \"", &mode, after).into());
        };
        self.options.output.stderr = *mode;
        Ok(())
    }

    pub(super) fn archive(&mut self) {
        if self.recurse == Recurse::No {
            self.recurse = Recurse::Archive;
        }
        self.options.links.preserves = true;
        let attributes = &mut self.options.attributes;
        attributes.perms = true;
        attributes.times = true;
        attributes.group = true;
        attributes.owner = true;
        self.set_devices(true);
    }

    pub(super) fn set_devices(&mut self, keeps: bool) {
        self.options.attributes.devices = keeps;
        self.options.attributes.specials = keeps;
    }

    pub(super) fn set_dirs(&mut self, sends: bool, is_old: bool) {
        self.dirs = Some(sends);
        self.options.selection.is_old_dirs = is_old;
    }

    pub(super) fn atimes(&mut self) {
        let attributes = &mut self.options.attributes;
        if attributes.atimes.is_given() {
            attributes.opens_noatime = true;
        }
        attributes.atimes = if attributes.atimes.is_given() { Twice::More } else { Twice::Once };
    }

    /// A server is told of `--append-verify` by `--append` twice.
    pub(super) fn append(&mut self) {
        let append = &mut self.options.writing.append;
        *append = match append {
            Append::Blind | Append::Verify if self.is_server => Append::Verify,
            _ => Append::Blind,
        };
    }

    pub(super) fn delete_at(&mut self, timing: Timing) {
        self.has_timings |= self.timing.is_some_and(|earlier| earlier != timing);
        self.timing = Some(timing);
    }

    pub(super) fn filter(&mut self, source: FilterSource) -> Result<(), Ending> {
        self.options.selection.filters.push(source);
        Ok(())
    }

    pub(super) fn per_directory_filter(&mut self) {
        self.per_directory_filters = self.per_directory_filters.saturating_add(1);
        let rule = match self.per_directory_filters {
            1 => ": /.rsync-filter",
            2 => "- .rsync-filter",
            _ => return,
        };
        self.options.selection.filters.push(FilterSource::Rule(rule.into()));
    }

    pub(super) fn choose_checksum(&mut self, choice: Bytes) -> Result<(), Ending> {
        self.checksum_choice = Some(choice);
        Ok(())
    }

    pub(super) fn choose_compression(&mut self, choice: Bytes) -> Result<(), Ending> {
        self.compress_choice = Some(choice);
        Ok(())
    }

    pub(super) fn no_compress(&mut self) {
        self.compress = 0;
        self.compress_choice = None;
    }

    /// The value of a size option, in bytes.
    pub(super) fn size(&self, option: &str, value: &[u8], unit: u8) -> Result<u64, Ending> {
        numbers::size(value, unit).map_err(|error| {
            let what = match error {
                NumberError::Invalid => " is invalid",
                NumberError::Range => " is too large",
            };
            bad_size(option, value, what)
        })
    }

    pub(super) fn set_block_size(&mut self, value: Bytes) -> Result<(), Ending> {
        let size = match numbers::size(&value, b'b') {
            Ok(size) if size <= BLOCK_MAX => size as u32,
            Err(NumberError::Invalid) => return Err(bad_size("block-size", &value, " is invalid")),
            _ => return Err(bad_size("block-size", &value, " is too large (max: 128.00K)")),
        };
        self.options.wire.block_size = (size > 0).then_some(size);
        Ok(())
    }

    pub(super) fn set_bandwidth(&mut self, value: Bytes) -> Result<(), Ending> {
        let size = self.size("bwlimit", &value, b'k')?;
        if (1..BANDWIDTH_MIN).contains(&size) {
            return Err(bad_size("bwlimit", &value, " is too small (min: 512 or 0 for unlimited)"));
        }
        let kibibytes = (size + 512) / 1024;
        self.options.wire.bandwidth = (kibibytes > 0).then_some(kibibytes * 1024);
        Ok(())
    }

    pub(super) fn alternative(&mut self, kind: AlternativeKind, directory: Bytes) -> Result<(), Ending> {
        let alternatives = &mut self.options.comparison.alternatives;
        let list = alternatives.get_or_insert(Alternatives { kind, directories: Vec::new() });
        if list.kind != kind {
            let text =
                format!("the {} option conflicts with the {} option", kind.option(), list.kind.option());
            return Err(Refusal::syntax(format!("rsync: ERROR: {text}")).into());
        }
        if list.directories.len() >= ALTERNATIVES_MAX {
            let text =
                format!("rsync: ERROR: at most {ALTERNATIVES_MAX} {} args may be specified", kind.option());
            return Err(Refusal::syntax(text).into());
        }
        list.directories.push(directory);
        Ok(())
    }

    pub(super) fn set_usermap(&mut self, map: Bytes) -> Result<(), Ending> {
        claim(&mut self.usermap_of, "--usermap", "user")?;
        self.options.attributes.usermap = Some(map);
        self.options.attributes.owner = true;
        Ok(())
    }

    pub(super) fn set_groupmap(&mut self, map: Bytes) -> Result<(), Ending> {
        claim(&mut self.groupmap_of, "--groupmap", "group")?;
        self.options.attributes.groupmap = Some(map);
        self.options.attributes.group = true;
        Ok(())
    }

    pub(super) fn set_chown(&mut self, owner: Bytes) -> Result<(), Ending> {
        let (user, group) = match owner.iter().position(|&byte| byte == b':') {
            Some(at) => (&owner[..at], &owner[at + 1..]),
            None => (&owner[..], &b""[..]),
        };
        if !user.is_empty() {
            claim(&mut self.usermap_of, "--chown", "user")?;
            self.options.attributes.usermap = Some([b"*:", user].concat());
            self.options.attributes.owner = true;
        }
        if !group.is_empty() {
            claim(&mut self.groupmap_of, "--chown", "group")?;
            self.options.attributes.groupmap = Some([b"*:", group].concat());
            self.options.attributes.group = true;
        }
        Ok(())
    }

    pub(super) fn copy_as(&mut self, identity: Bytes) -> Result<(), Ending> {
        let mut parts = identity.splitn(2, |&byte| byte == b':');
        let user = parts.next().unwrap_or_default().to_vec();
        self.options.attributes.copy_as = Some(Identity { user, group: parts.next().map(<[u8]>::to_vec) });
        Ok(())
    }

    pub(super) fn stop_after(&mut self, minutes: Bytes) -> Result<(), Ending> {
        let stop = stop_at::after(&minutes, self.surroundings.now);
        let stop = stop.ok_or_else(|| Refusal::of("rsync: invalid --stop-after value: ", &minutes, ""))?;
        self.options.wire.stop_at = Some(stop);
        Ok(())
    }

    pub(super) fn stop_at(&mut self, text: Bytes) -> Result<(), Ending> {
        let stop = stop_at::at(&text, self.surroundings);
        let stop = stop.ok_or_else(|| Refusal::of("rsync: invalid --stop-at format: ", &text, ""))?;
        if stop <= self.surroundings.now {
            return Err(Refusal::of("rsync: --stop-at time is not in the future: ", &text, "").into());
        }
        self.options.wire.stop_at = Some(stop);
        Ok(())
    }

    pub(super) fn set_sender(&mut self) -> Result<(), Ending> {
        if !self.is_server {
            return Err(Ending::Usage);
        }
        self.is_sender = true;
        Ok(())
    }
}

impl AlternativeKind {
    /// The option that is for it.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Compare => "--compare-dest",
            Self::Copy => "--copy-dest",
            Self::Link => "--link-dest",
        }
    }
}

fn bad_words(error: WordError, option: &str, help: Ending) -> Ending {
    /// Where the original reports such words.
    const SITE: &str = "options.c(487)";
    match error {
        WordError::Help => help,
        WordError::Unknown(word) => {
            Refusal::of(&format!("Unknown --{option} item: \""), &word, "\"").at(Status::Syntax, SITE).into()
        }
    }
}

pub(super) fn bad_size(option: &str, value: &[u8], what: &str) -> Ending {
    Refusal::of(&format!("rsync: --{option}="), value, what).into()
}

/// Notes that `option` made a map for users or groups (`kind`); only one may.
fn claim(by: &mut Option<&'static str>, option: &'static str, kind: &str) -> Result<(), Ending> {
    let text = match by.replace(option) {
        None => return Ok(()),
        Some("--chown") if option == "--chown" => {
            format!("rsync: You can only specify a {kind}-affecting --chown once.")
        }
        Some(earlier) if earlier == option => format!("rsync: You can only specify {option} once."),
        Some(earlier) => format!("rsync: {option} conflicts with prior {earlier}."),
    };
    Err(Refusal::syntax(text).into())
}
