//! From what was read to what it means together.
//!
//! What does not go together is looked for in the original's order, so that
//! of several faults the same one is reported.

use rsync_proto::Version;
use rsync_proto::compat::Abilities;
use rsync_proto::digest::Checksum;
use rsync_proto::negotiation::{Algorithm, Compression};

use super::draft::{Draft, Recurse, Seclusion, bad_size};
use super::ending::{Ending, Refusal};
use super::numbers::{self, NumberError};
use super::wire::MAX_ALLOC;
use super::{
    Append, Backup, Buffering, Bytes, ChecksumChoice, CompressionChoice, FilesFrom, FilterSource,
    HumanReadable, Info, Invocation, LogFile, Quoting, Recursion, Role, Super, Timing, Twice, has_escape,
};
use crate::Status;

/// Least that `--max-alloc` may be, bytes.
const MAX_ALLOC_MIN: u64 = 1 << 20;
/// Where `--delay-updates` keeps files, without `--partial-dir`.
pub(super) const DELAYED: &[u8] = b".~tmp~";
/// What `--log-file` writes of each file, without `--log-file-format`.
const LOG_FORMAT: &[u8] = b"%i %n%L";

impl Draft<'_> {
    /// Draws all implications. `given` is how many arguments there were.
    pub(super) fn finish(mut self, mut operands: Vec<Bytes>, given: usize) -> Result<Invocation, Ending> {
        match self.asks_version {
            0 => {}
            1 => return Err(Ending::Version),
            _ => return Err(Ending::VersionJson),
        }
        if given == 1 && self.human > 1 && !self.is_server {
            return Err(Ending::Help);
        }
        self.resolve_role();
        self.resolve_max_alloc()?;
        self.resolve_quoting()?;
        self.refuse_unsupported()?;
        self.resolve_version()?;
        self.resolve_checksum()?;
        self.resolve_compression()?;
        self.resolve_buffering()?;
        self.resolve_attributes()?;
        self.resolve_recursion(operands.len());
        self.resolve_deletion()?;
        self.resolve_confinement()?;
        self.resolve_backup()?;
        self.resolve_output();
        self.resolve_writing()?;
        self.resolve_rest();
        let is_server = self.is_server;
        let is_secluded = self.options.remote.quoting == Quoting::Secluded;
        let least = if self.files_from.is_some() { 2..=2 } else { 1..=usize::MAX };
        if is_server && operands.first().is_some_and(|operand| operand == b".") {
            operands.remove(0);
        } else if is_server && !is_secluded || !is_server && !least.contains(&operands.len()) {
            return Err(Ending::Usage);
        }
        Ok(Invocation { options: self.options, operands })
    }

    fn resolve_role(&mut self) {
        let offered = self
            .options
            .remote
            .shell
            .as_ref()
            .map_or(Abilities::default(), |offer| Abilities::offered(offer));
        self.options.role = match (self.is_server, self.is_sender) {
            (false, _) => Role::Client,
            (true, true) => Role::ServerSender { offered },
            (true, false) => Role::ServerReceiver { offered },
        };
        if self.is_server {
            self.options.remote.shell = None;
        } else {
            self.options.remote.usual_shell =
                self.surroundings.var("RSYNC_RSH").filter(|shell| !shell.is_empty());
        }
    }

    fn resolve_max_alloc(&mut self) -> Result<(), Ending> {
        let Some(text) = self.max_alloc.take() else { return Ok(()) };
        let size = match numbers::size(&text, b'b') {
            Ok(0) => 0,
            Ok(size) if size >= MAX_ALLOC_MIN => size,
            Ok(_) => {
                return Err(bad_size("max-alloc", &text, " is too small (min: 1.00M or 0 for unlimited)"));
            }
            Err(NumberError::Invalid) => return Err(bad_size("max-alloc", &text, " is invalid")),
            Err(NumberError::Range) => return Err(bad_size("max-alloc", &text, " is too large")),
        };
        // A peer may lower what we allow ourselves, and never raise it.
        let is_raised = size == 0 || size > MAX_ALLOC;
        self.options.wire.max_alloc = if self.is_server && is_raised { MAX_ALLOC } else { size };
        self.options.wire.max_alloc_text = Some(text);
        Ok(())
    }

    fn resolve_quoting(&mut self) -> Result<(), Ending> {
        let variable = |name| match self.is_server {
            true => 0,
            false => self.surroundings.var(name).map_or(0, |value| leading_number(&value)),
        };
        let is_unsaid = self.old_args.is_none() && self.seclusion == Seclusion::Unsaid;
        let old_args = match self.old_args {
            None if is_unsaid => variable("RSYNC_OLD_ARGS"),
            old_args => old_args.unwrap_or(0),
        };
        if self.seclusion == Seclusion::Asked && old_args > 0 {
            return Err(Refusal::syntax("rsync: --secluded-args conflicts with --old-args.").into());
        }
        let is_secluded = match self.seclusion {
            Seclusion::Asked => true,
            Seclusion::Unsaid => old_args == 0 && variable("RSYNC_PROTECT_ARGS") > 0,
            Seclusion::Declined => false,
        };
        self.options.remote.quoting = match (is_secluded, old_args) {
            (true, _) => Quoting::Secluded,
            (false, 0) => Quoting::Escaped,
            (false, 1) => Quoting::Old,
            (false, _) => Quoting::None,
        };
        // It is not known what names a remote shell makes of old arguments.
        self.options.wire.trusts_sender |= old_args > 0;
        Ok(())
    }

    /// What the original does and this rsync does not.
    fn refuse_unsupported(&self) -> Result<(), Ending> {
        let iconv = self.iconv.as_ref().filter(|spec| &spec[..] != b"-").map(|_| "--iconv");
        match self.unsupported.or(iconv) {
            Some(option) => Err(Refusal::unsupported(option).into()),
            None => Ok(()),
        }
    }

    fn resolve_checksum(&mut self) -> Result<(), Ending> {
        let Some(text) = self.checksum_choice.take() else { return Ok(()) };
        let named = |name: &[u8]| match &name.to_ascii_lowercase()[..] {
            b"auto" => Ok(None),
            b"none" => Ok(Some(Checksum::None)),
            b"xxhash" => Ok(Some(Checksum::Xxh64)),
            known => Checksum::from_name(known).map(Some).ok_or_else(|| {
                Refusal::of("unknown checksum name: ", name, "").at(Status::Unsupported, "checksum.c(157)")
            }),
        };
        let (transfer, file) = match text.iter().position(|&byte| byte == b',') {
            Some(at) if at > 0 => (named(&text[..at])?, named(&text[at + 1..])?),
            _ => {
                let both = named(&text)?;
                (both, both)
            }
        };
        if transfer == Some(Checksum::None) {
            self.options.comparison.whole_file = Some(true);
        }
        let is_auto = transfer.is_none() && file.is_none() && !text.contains(&b',');
        self.options.wire.checksum = (!is_auto).then_some(ChecksumChoice { transfer, file, text });
        Ok(())
    }

    fn resolve_compression(&mut self) -> Result<(), Ending> {
        let choice = match (self.compress_choice.take(), self.compress) {
            (None, 2..) => Some(b"zlibx".to_vec()),
            (choice, _) => choice,
        };
        let wire = &mut self.options.wire;
        wire.compress_level = self.compress_level;
        let is_wanted = self.compress > 0 || self.compress_level.is_some();
        let lower = choice.as_ref().map(|choice| choice.to_ascii_lowercase());
        let algorithm = match lower.as_deref() {
            None | Some(b"auto") => None,
            Some(b"none") => {
                wire.compression_text = choice;
                return Ok(());
            }
            Some(name) => Some(Compression::from_name(name).ok_or_else(|| {
                Refusal::of("unknown compress name: ", choice.as_deref().unwrap_or_default(), "")
                    .at(Status::Unsupported, "compat.c(190)")
            })?),
        };
        wire.is_z_given = self.compress > 0;
        wire.compression_text = choice.filter(|_| algorithm.is_some());
        let is_off = algorithm.is_some_and(|algorithm| wire.level(algorithm).is_none());
        if (algorithm.is_some() || is_wanted) && !is_off {
            wire.compression = Some(CompressionChoice { algorithm, threads: self.compress_threads });
        }
        Ok(())
    }

    fn resolve_buffering(&mut self) -> Result<(), Ending> {
        let Some(text) = self.buffering.take() else { return Ok(()) };
        self.options.output.buffering = Some(match text.first().map(u8::to_ascii_uppercase) {
            Some(b'N') => Buffering::None,
            Some(b'L') => Buffering::Line,
            Some(b'B') => Buffering::Block,
            _ => {
                return Err(Refusal::syntax("rsync: Invalid --outbuf setting -- specify N, L, or B.").into());
            }
        });
        Ok(())
    }

    /// What would be kept of all attributes is where `--fake-super` keeps its own.
    fn resolve_attributes(&self) -> Result<(), Ending> {
        let attributes = &self.options.attributes;
        if attributes.xattrs == Twice::More && attributes.super_user == Super::Fake {
            return Err(Refusal::syntax("rsync: --fake-super conflicts with -XX").into());
        }
        Ok(())
    }

    /// `operands` are how many there are: one alone is listed.
    fn resolve_recursion(&mut self, operands: usize) {
        let output = &mut self.options.output;
        output.lists_only |= !self.is_server && operands < 2;
        let selection = &mut self.options.selection;
        let has_files_from = self.files_from.is_some();
        let is_old_dirs = selection.is_old_dirs;
        if is_old_dirs {
            selection.filters.push(FilterSource::Rule(b"- /*/*".to_vec()));
        }
        let recurses = is_old_dirs
            || match self.recurse {
                Recurse::No => false,
                Recurse::Archive => !has_files_from,
                Recurse::Yes => true,
            };
        let lists_dirs = output.lists_only && self.dirs.is_none();
        selection.names_dirs = !recurses && (self.dirs == Some(true) || lists_dirs);
        let has_dirs = self.dirs.unwrap_or(output.lists_only || has_files_from);
        selection.recursion = match (recurses, has_dirs) {
            (true, _) => Recursion::Recurse,
            (false, true) => Recursion::Dirs,
            (false, false) => Recursion::Skip,
        };
        selection.is_relative = self.relative.unwrap_or(has_files_from);
        selection.is_one_file_system = self.one_file_system.is_given();
        selection.omits_mount_points = self.one_file_system == Twice::More;
        if let Some(name) = &self.files_from {
            (selection.files_from_host, selection.files_from) = files_from(name, self.is_server);
        }
    }

    fn resolve_deletion(&mut self) -> Result<(), Ending> {
        if self.has_timings {
            return Err(Refusal::syntax("rsync: You may not combine multiple --delete-WHEN options.").into());
        }
        let is_default = self.deletes || self.options.deletion.excluded;
        let timing = self.timing.or_else(|| is_default.then_some(Timing::Default));
        if timing.is_some() && self.options.selection.recursion == Recursion::Skip {
            let text = "rsync: --delete does not work without --recursive (-r) or --dirs (-d).";
            return Err(Refusal::syntax(text).into());
        }
        self.options.deletion.timing = timing;
        Ok(())
    }

    fn resolve_confinement(&self) -> Result<(), Ending> {
        match &self.options.selection.confine_root {
            Some(root) if !root.starts_with(b"/") => {
                Err(Refusal::syntax("rsync: --confine-root must be an absolute path").into())
            }
            Some(_) if self.options.links.is_insecure => {
                Err(Refusal::syntax("rsync: --insecure-links cannot be combined with --confine-root").into())
            }
            _ => Ok(()),
        }
    }

    fn resolve_backup(&mut self) -> Result<(), Ending> {
        let directory = self.backup_dir.take();
        let default: &[u8] = if directory.is_some() { b"" } else { b"~" };
        let suffix = self.suffix.take().unwrap_or_else(|| default.to_vec());
        if suffix.contains(&b'/') {
            return Err(Refusal::of("rsync: --suffix cannot contain slashes: ", &suffix, "").into());
        }
        if self.backup && suffix.is_empty() {
            let what = match directory.as_deref() {
                None => "without a --backup-dir",
                Some(b"" | b"." | b"./") => "when --backup-dir is the same as the dest dir",
                Some(_) => "",
            };
            if !what.is_empty() {
                return Err(Refusal::syntax(format!("rsync: --suffix cannot be empty {what}")).into());
            }
        }
        let writing = &mut self.options.writing;
        writing.other_suffix = (suffix != default).then(|| suffix.clone());
        writing.backup = self.backup.then_some(Backup { directory, suffix });
        Ok(())
    }

    fn resolve_output(&mut self) {
        let output = &mut self.options.output;
        output.verbosity = self.verbosity;
        output.human = match self.human {
            0 => HumanReadable::Plain,
            1 => HumanReadable::Grouped,
            2 => HumanReadable::Units1000,
            _ => HumanReadable::Units1024,
        };
        if output.shows_stats {
            output.info.imply(Info::Stats, if self.verbosity > 1 { 3 } else { 2 });
        }
        if self.shows_progress {
            output.info.imply(Info::Name, 1);
            output.info.imply(Info::Flist, 2);
            output.info.imply(Info::Progress, 1);
        }
        output.info.imply_verbosity(self.verbosity);
        output.debug.imply_verbosity(self.verbosity);
        output.shows_progress = output.info.has(Info::Progress, 1) && !self.is_server;
        if self.is_server {
            // A client says by the format what it wants to know.
            output.itemizes = match output.format.as_deref() {
                Some(b"%i%I") => Twice::More,
                Some(b"%i") => Twice::Once,
                _ => Twice::No,
            };
        } else if let Some(format) = &output.format {
            // What the format shows counts, whether or not `-i` asks for it.
            output.itemizes = match (has_escape(format, b'i'), output.itemizes) {
                (false, _) => Twice::No,
                (true, Twice::More) => Twice::More,
                (true, _) => Twice::Once,
            };
        } else {
            output.format = match (output.itemizes, output.info.has(Info::Name, 1)) {
                (Twice::No, false) => None,
                (Twice::No, true) => Some(b"%n%L".to_vec()),
                _ => Some(b"%i %n%L".to_vec()),
            };
        }
        let format = self.log_format.take().unwrap_or_else(|| LOG_FORMAT.to_vec());
        output.log = self.log_file.take().map(|path| LogFile { path, format });
    }

    fn resolve_writing(&mut self) -> Result<(), Ending> {
        let writing = &mut self.options.writing;
        writing.inplace |= self.options.attributes.writes_devices;
        let given = writing.partial_dir.take().map(without_end_slashes);
        let is_given = given.is_some();
        writing.keeps_partial |= is_given;
        let partial_dir = given.or_else(|| {
            let variable = self.surroundings.var("RSYNC_PARTIAL_DIR").map(without_end_slashes);
            variable.filter(|_| writing.keeps_partial && !self.is_server && !writing.inplace)
        });
        writing.partial_dir = partial_dir.filter(|directory| !matches!(&directory[..], b"" | b"."));
        let option = if writing.append == Append::No { "--inplace" } else { "--append" };
        if writing.append != Append::No && self.options.comparison.whole_file == Some(true) {
            return Err(Refusal::syntax("rsync: --append cannot be used with --whole-file").into());
        }
        writing.inplace |= writing.append != Append::No;
        if writing.inplace && (writing.delays_updates || is_given) {
            let with = if writing.delays_updates { "--delay-updates" } else { "--partial-dir" };
            return Err(Refusal::syntax(format!("rsync: {option} cannot be used with {with}")).into());
        }
        if writing.inplace {
            // What is written in place is kept as it is.
            writing.keeps_partial = false;
        }
        if writing.delays_updates && writing.partial_dir.is_none() {
            writing.partial_dir = Some(DELAYED.to_vec());
        }
        Ok(())
    }

    fn resolve_rest(&mut self) {
        let attributes = &mut self.options.attributes;
        attributes.executability &= !attributes.perms;
    }

    fn resolve_version(&mut self) -> Result<(), Ending> {
        self.options.wire.version = match self.protocol {
            32 => Version::V32,
            31 => Version::V31,
            30 => Version::V30,
            number => {
                let text = match number > Version::NEWEST.number() {
                    true => "--protocol must be no more than 32 on the Client.",
                    false => "--protocol must be at least 30 on the Client.",
                };
                return Err(Refusal::syntax(text).at(Status::Protocol, "compat.c(639)").into());
            }
        };
        Ok(())
    }
}

/// The host and the file of `--files-from`.
fn files_from(name: &[u8], is_server: bool) -> (Option<Bytes>, Option<FilesFrom>) {
    if name == b"-" {
        return (None, Some(FilesFrom::Stdin));
    }
    let component = name.split(|&byte| byte == b'/').next().unwrap_or_default();
    match component.iter().position(|&byte| byte == b':') {
        Some(at) if !is_server => {
            let host = Some(name[..at].to_vec()).filter(|host| !host.is_empty());
            (host, Some(FilesFrom::Remote(name[at + 1..].to_vec())))
        }
        _ => (None, Some(FilesFrom::Local(name.to_vec()))),
    }
}

fn without_end_slashes(mut path: Bytes) -> Bytes {
    while path.len() > 1 && path.ends_with(b"/") {
        path.pop();
    }
    path
}

/// As C's `atoi`: what is no number is 0.
fn leading_number(text: &[u8]) -> u8 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |value: u8, digit| value.saturating_mul(10).saturating_add(digit - b'0'))
}
