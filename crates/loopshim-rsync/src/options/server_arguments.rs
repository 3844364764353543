//! The arguments that a client starts its server with.
//!
//! Letters and options, and their order, are those of the original (3.5.0), so
//! that every server that understands it understands us, and wrappers that
//! look at the arguments see what they expect.

use rsync_proto::Version;
use rsync_proto::compat::{Abilities, Ability};
use rsync_proto::negotiation::{Algorithm as _, Compression};

use super::flags::with_level;
use super::resolve::DELAYED;
use super::wire::MAX_ALLOC;
use super::{
    Append, Bytes, FilesFrom, Info, InfoLevels, MissingArguments, Options, Quoting, Recursion, StderrMode,
    Super, Timing, Twice,
};

/// What a client starts its server with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerArguments {
    /// On the command line, behind the program: already guarded from the remote
    /// shell. Operands follow, unless they are secluded.
    pub command: Vec<Bytes>,
    /// With `--secluded-args`: what is sent over the wire instead, before the
    /// versions, each ended by a NUL: the program's name and options; operands follow.
    pub secluded: Option<Vec<Bytes>>,
}

/// Most letters `v` that are passed on.
const VERBOSITY_MAX: u8 = 9;

impl Options {
    /// The arguments for a server that receives (`sends`: we send) or that sends.
    pub fn server_arguments(&self, sends: bool) -> ServerArguments {
        let mut building = Building { options: self, sends, arguments: Vec::new() };
        let mut command = vec![b"--server".to_vec()];
        if !sends {
            command.push(b"--sender".to_vec());
        }
        let letters = building.letters();
        command.extend((letters.len() > 1).then_some(letters));
        building.long();
        building.add_all(&self.remote.options);
        let mut long = building.arguments;
        if self.remote.quoting == Quoting::Secluded {
            long.insert(0, b"rsync".to_vec());
            long.push(b".".to_vec());
            return ServerArguments { command, secluded: Some(long) };
        }
        long.push(b".".to_vec());
        command.extend(long);
        ServerArguments { command, secluded: None }
    }

    fn allows_incremental(&self) -> bool {
        self.selection.recursion == Recursion::Recurse
            && self.selection.incremental != Some(false)
            && !self.wire.uses_qsort
    }

    /// Whether who receives must have the whole list before anything else.
    fn receives_apart(&self) -> bool {
        matches!(self.deletion.timing, Some(Timing::Before | Timing::After))
            || self.writing.delays_updates
            || self.selection.prunes_empty_directories
    }

    /// What we offer to a server. One that receives knows itself what it cannot do.
    pub fn offer(&self, sends: bool) -> Abilities {
        let is_incremental = self.allows_incremental() && (sends || !self.receives_apart());
        if is_incremental { Abilities::ALL } else { Abilities::ALL.without(Ability::INCREMENTAL_RECURSION) }
    }
}

struct Building<'o> {
    options: &'o Options,
    sends: bool,
    arguments: Vec<Bytes>,
}

impl Building<'_> {
    fn add(&mut self, argument: &str) {
        self.arguments.push(argument.into());
    }

    fn add_if(&mut self, is_set: bool, argument: &str) {
        if is_set {
            self.add(argument);
        }
    }

    fn add_all(&mut self, arguments: &[Bytes]) {
        for argument in arguments {
            self.arguments.push(self.guarded(argument));
        }
    }

    /// `--option=value`
    fn add_value(&mut self, option: &str, value: &[u8]) {
        let argument = [option.as_bytes(), b"=", value].concat();
        self.arguments.push(self.guarded(&argument));
    }

    /// `--option` and a path as an argument of its own.
    fn add_path(&mut self, option: &str, path: &[u8]) {
        self.add(option);
        self.arguments.push(self.guarded(path));
    }

    fn guarded(&self, argument: &[u8]) -> Bytes {
        match self.options.remote.quoting {
            Quoting::Escaped | Quoting::Old => escaped(argument),
            Quoting::None | Quoting::Secluded => argument.to_vec(),
        }
    }

    /// The bundle of letters.
    fn letters(&self) -> Bytes {
        let Options { selection, links, attributes, comparison, output, remote, wire, .. } = self.options;
        let mut letters = b"-".to_vec();
        let mut add = |letter: u8, times: usize| letters.extend(std::iter::repeat_n(letter, times));
        let twice = |given: Twice| match given {
            Twice::No => 0,
            Twice::Once => 1,
            Twice::More => 2,
        };
        add(b's', (remote.quoting == Quoting::Secluded).into());
        add(b'v', output.verbosity.min(VERBOSITY_MAX).into());
        add(b'q', output.is_quiet.into());
        add(b'b', self.options.writing.backup.is_some().into());
        add(b'u', comparison.update.keeps_newer.into());
        add(b'n', self.options.is_dry_run.into());
        add(b'l', links.preserves.into());
        let sweeps = self.sends && self.options.deletion.timing.is_some();
        add(b'd', (selection.names_dirs || sweeps && selection.recursion == Recursion::Dirs).into());
        if self.sends {
            add(b'K', links.keeps_dirlinks.into());
            add(b'm', selection.prunes_empty_directories.into());
            add(b'O', attributes.omits_dir_times.into());
            add(b'J', attributes.omits_link_times.into());
            let fuzzy = twice(comparison.fuzzy);
            add(b'y', if comparison.alternatives.is_some() { fuzzy } else { fuzzy.min(1) });
        } else {
            add(b'L', links.copies.into());
            add(b'k', links.copies_dirlinks.into());
        }
        add(b'W', (comparison.whole_file == Some(true)).into());
        add(b'H', links.preserves_hard.into());
        add(b'o', attributes.owner.into());
        add(b'g', attributes.group.into());
        add(b'D', attributes.devices.into());
        add(b't', attributes.times.into());
        add(b'U', twice(attributes.atimes));
        add(b'p', attributes.perms.into());
        add(b'E', (attributes.executability && self.sends).into());
        add(b'A', attributes.acls.into());
        add(b'X', twice(attributes.xattrs));
        add(b'r', (selection.recursion == Recursion::Recurse).into());
        add(b'c', comparison.by_checksum.into());
        add(b'C', selection.is_cvs_exclude.into());
        add(b'I', comparison.ignores_times.into());
        add(b'R', selection.is_relative.into());
        let boundaries =
            usize::from(selection.is_one_file_system) + usize::from(selection.omits_mount_points);
        add(b'x', boundaries);
        add(b'S', self.options.writing.sparse.into());
        add(b'z', self.says_z().into());
        debug_assert!(wire.version >= Version::V30, "older ones are offered nothing");
        letters.push(b'e');
        letters.extend(self.options.offer(self.sends).offer());
        letters
    }

    /// `-z` is zlib to peers that negotiate nothing.
    fn says_z(&self) -> bool {
        let wire = &self.options.wire;
        let chosen = wire.compression.and_then(|choice| choice.algorithm);
        match (chosen, &wire.compression_text) {
            (Some(algorithm), _) => algorithm == Compression::Zlib,
            (None, text) => wire.is_z_given && text.is_none(),
        }
    }

    fn long(&mut self) {
        self.about_listing();
        self.about_output();
        self.about_wire();
        if self.sends {
            self.about_deletion();
        } else if let Some(list) = &self.options.wire.skip_compress {
            self.add_value("--skip-compress", list);
        }
        self.about_both_sides();
        if self.sends {
            self.about_destination();
        }
        self.about_info();
        self.about_source();
    }

    fn about_listing(&mut self) {
        let Options { selection, attributes, output, wire, .. } = self.options;
        self.add_if(output.lists_only, "--list-only");
        let sweeps = self.sends && self.options.deletion.timing.is_some();
        self.add_if(sweeps && selection.recursion == Recursion::Dirs, "--no-r");
        if let Some(level) = wire.compress_level {
            self.add(&format!("--compress-level={level}"));
        }
        match (attributes.devices, attributes.specials) {
            (true, false) => self.add("--no-specials"),
            (false, true) => self.add("--specials"),
            _ => {}
        }
    }

    fn about_output(&mut self) {
        let output = &self.options.output;
        if self.sends {
            self.add_if_some(self.log_format());
        }
        match output.stderr {
            StderrMode::Errors => {}
            StderrMode::All => self.add("--msgs2stderr"),
            StderrMode::Client => self.add("--no-msgs2stderr"),
        }
    }

    fn add_if_some(&mut self, argument: Option<&str>) {
        if let Some(argument) = argument {
            self.add(argument);
        }
    }

    /// What of its updates a receiver has to tell of.
    fn log_format(&self) -> Option<&'static str> {
        let output = &self.options.output;
        let format = output.format.as_deref()?;
        if has_escape(format, b'i') {
            return Some(if output.itemizes == Twice::More {
                "--log-format=%i%I"
            } else {
                "--log-format=%i"
            });
        }
        match has_escape(format, b'o') {
            true => Some("--log-format=%o"),
            false => (output.verbosity == 0).then_some("--log-format=X"),
        }
    }

    fn about_wire(&mut self) {
        let wire = &self.options.wire;
        if let Some(size) = wire.block_size {
            self.add(&format!("-B{size}"));
        }
        if let Some(timeout) = wire.timeout {
            self.add(&format!("--timeout={}", timeout.as_secs()));
        }
        if let Some(bandwidth) = wire.bandwidth {
            self.add(&format!("--bwlimit={}", bandwidth / 1024));
        }
        let writing = &self.options.writing;
        if let Some(directory) = writing.backup.as_ref().and_then(|backup| backup.directory.as_ref()) {
            self.add_path("--backup-dir", directory);
        }
        if let Some(suffix) = &writing.other_suffix {
            self.add_value("--suffix", suffix);
        }
        if let Some(choice) = &wire.checksum {
            self.add_value("--checksum-choice", &choice.text);
        }
        match (wire.compression_text.as_ref(), wire.compression_text.as_deref().and_then(compression)) {
            (Some(_), Some(Compression::Zlib)) => self.add("--old-compress"),
            (Some(_), Some(Compression::Zlibx)) => self.add("--new-compress"),
            (Some(text), _) => self.add_value("--compress-choice", text),
            (None, _) => {}
        }
    }

    /// What only a receiver is told.
    fn about_deletion(&mut self) {
        let Options { selection, deletion, attributes, comparison, output, .. } = self.options;
        match deletion.max {
            Some(0) => self.add("--max-delete=-1"),
            Some(max) => self.add(&format!("--max-delete={max}")),
            None => {}
        }
        for (option, size) in [("--min-size", selection.min_size), ("--max-size", selection.max_size)] {
            if let Some(size) = size {
                self.add(&format!("{option}={size}"));
            }
        }
        match deletion.timing {
            Some(Timing::Before) => self.add("--delete-before"),
            Some(Timing::During) => self.add("--delete-during"),
            Some(Timing::Delay) => self.add("--delete-delay"),
            Some(Timing::After) => self.add("--delete-after"),
            Some(Timing::Default) => self.add_if(!deletion.excluded, "--delete"),
            None => {}
        }
        self.add_if(deletion.excluded, "--delete-excluded");
        self.add_if(deletion.force, "--force");
        self.add_if(attributes.super_user == Super::Try, "--super");
        self.add_if(comparison.size_only, "--size-only");
        self.add_if(output.shows_stats, "--stats");
    }

    fn about_both_sides(&mut self) {
        let Options { links, deletion, attributes, comparison, wire, .. } = self.options;
        if let Some(text) = wire.max_alloc_text.as_ref().filter(|_| wire.max_alloc != MAX_ALLOC) {
            self.add_value("--max-alloc", text);
        }
        match deletion.missing {
            MissingArguments::Delete => self.add("--delete-missing-args"),
            MissingArguments::Ignore => self.add_if(!self.sends, "--ignore-missing-args"),
            MissingArguments::Report => {}
        }
        if comparison.is_modify_window_given && self.sends {
            let (window, option) = (comparison.modify_window, "--modify-window=");
            // Servers before 3.1.3 know no negative ones by the long name.
            self.add(&format!("{}{window}", if window < 0 { "-@" } else { option }));
        }
        if wire.seed != 0 {
            self.add(&format!("--checksum-seed={}", wire.seed));
        }
        if self.sends {
            self.about_partials();
        }
        self.add_if(deletion.ignores_errors, "--ignore-errors");
        self.add_if(links.copies_unsafe, "--copy-unsafe-links");
        self.add_if(links.is_safe, "--safe-links");
        self.add_if(attributes.numeric_ids, "--numeric-ids");
        self.add_if(wire.uses_qsort, "--use-qsort");
    }

    fn about_partials(&mut self) {
        let writing = &self.options.writing;
        match &writing.partial_dir {
            Some(directory) if directory != DELAYED => self.add_path("--partial-dir", directory),
            Some(_) => {}
            None => self.add_if(writing.keeps_partial, "--partial"),
        }
        self.add_if(writing.delays_updates, "--delay-updates");
    }

    fn about_destination(&mut self) {
        let Options { attributes, comparison, writing, .. } = self.options;
        for (option, map) in [("--usermap", &attributes.usermap), ("--groupmap", &attributes.groupmap)] {
            if let Some(map) = map {
                self.add_value(option, map);
            }
        }
        self.add_if(comparison.update.ignores_existing, "--ignore-existing");
        self.add_if(comparison.update.existing_only, "--existing");
        if let Some(directory) = &writing.temp_dir {
            self.add_path("--temp-dir", directory);
        }
        self.add_if(writing.fsyncs, "--fsync");
        if let Some(alternatives) = &comparison.alternatives {
            for directory in &alternatives.directories {
                self.add_path(alternatives.kind.option(), directory);
            }
        }
    }

    fn about_info(&mut self) {
        let concerned: &[Info] = if self.sends { TOLD_RECEIVERS } else { TOLD_SENDERS };
        let words = info_words(&self.options.output.info, concerned);
        if !words.is_empty() {
            self.add(&format!("--info={}", words.join(",")));
        }
    }

    fn about_source(&mut self) {
        let Options { selection, deletion, attributes, writing, .. } = self.options;
        match writing.append {
            Append::No => self.add_if(writing.inplace, "--inplace"),
            Append::Blind => self.add("--append"),
            Append::Verify => {
                self.add("--append");
                self.add("--append");
            }
        }
        self.about_files_from();
        self.add_if(selection.is_relative && selection.omits_implied_directories, "--no-implied-dirs");
        self.add_if(attributes.writes_devices && self.sends, "--write-devices");
        match (deletion.removes_source_files, deletion.only_sent) {
            (true, true) => self.add("--remove-sent-files"),
            (true, false) => self.add("--remove-source-files"),
            (false, _) => {}
        }
        self.add_if(attributes.copies_devices && !self.sends, "--copy-devices");
        self.add_if(writing.preallocates && self.sends, "--preallocate");
        self.add_if(attributes.opens_noatime && attributes.atimes < Twice::More, "--open-noatime");
        self.add_if(selection.makes_path && self.sends, "--mkpath");
    }

    fn about_files_from(&mut self) {
        let selection = &self.options.selection;
        match &selection.files_from {
            Some(FilesFrom::Remote(file)) => {
                self.add_path("--files-from", file);
                self.add_if(selection.is_from0, "--from0");
            }
            Some(FilesFrom::Stdin | FilesFrom::Local(_)) if !self.sends => {
                self.add("--files-from=-");
                self.add("--from0");
            }
            _ => return,
        }
        self.add_if(!selection.is_relative, "--no-relative");
    }
}

/// Of these a receiver has something to tell.
const TOLD_RECEIVERS: &[Info] = &[
    Info::Backup,
    Info::Copy,
    Info::Del,
    Info::Misc,
    Info::Mount,
    Info::Name,
    Info::Nonreg,
    Info::Skip,
    Info::Stats,
    Info::Symsafe,
];
/// Of these a sender has.
const TOLD_SENDERS: &[Info] =
    &[Info::Misc, Info::Mount, Info::Name, Info::Remove, Info::Stats, Info::Symsafe];

/// The words of `--info` that a server is told: only what was given. Where all
/// were, the commonest level is that of all, and the others follow.
fn info_words(info: &InfoLevels, concerned: &[Info]) -> Vec<String> {
    let given: Vec<u8> = Info::ALL.iter().filter_map(|of| info.given(*of)).collect();
    let common = (given.len() == Info::ALL.len())
        .then(|| (0..=4_u8).max_by_key(|level| given.iter().filter(|given| *given == level).count()))
        .flatten();
    let mut words: Vec<String> = match common {
        Some(0) => vec!["NONE".to_owned()],
        Some(level) => vec![with_level("ALL", level)],
        None => Vec::new(),
    };
    for of in concerned {
        let level = info.given(*of).filter(|level| Some(*level) != common);
        words.extend(level.map(|level| with_level(of.name(), level)));
    }
    words
}

fn compression(name: &[u8]) -> Option<Compression> {
    Compression::from_name(&name.to_ascii_lowercase())
}

/// Whether a format has an escape of that letter, with or without a width.
pub(crate) fn has_escape(format: &[u8], letter: u8) -> bool {
    let mut rest = format;
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        rest = &rest[at + 1..];
        let flags = rest.iter().take_while(|byte| matches!(byte, b'-' | b'\'' | b'0'..=b'9')).count();
        if rest.get(flags) == Some(&letter) {
            return true;
        }
        rest = rest.get(flags + 1..).unwrap_or_default();
    }
    false
}

/// What a shell takes for its own.
const SHELL_CHARACTERS: &[u8] = b"!#$&;|<>(){}\"'` \t\n\r\\*?[]";

/// With a backslash before what a shell takes for its own.
fn escaped(value: &[u8]) -> Bytes {
    let guard = |byte: &u8| SHELL_CHARACTERS.contains(byte).then_some(b'\\');
    value.iter().flat_map(|byte| guard(byte).into_iter().chain([*byte])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_guarded_from_the_shell() {
        assert_eq!(escaped(b"*:a b"), br"\*:a\ b");
    }

    #[test]
    fn escapes_of_formats_may_have_widths() {
        assert!(has_escape(b"x%-10i", b'i') && has_escape(b"%'i", b'i'));
        assert!(!has_escape(b"%%i", b'i') && !has_escape(b"100%", b'i') && !has_escape(b"%n", b'i'));
    }
}
