//! Every option: its names, and what it does to a [`Draft`].

use super::draft::{Draft, Recurse, Seclusion};
use super::ending::{Ending, Refusal};
use super::{
    AddressFamily, AlternativeKind, Append, Bytes, Chmod, FilterSource, MissingArguments, StderrMode, Super,
    Timing, Twice,
};

/// One option.
pub(super) struct Spec {
    /// Without its dashes; empty if it has none.
    pub name: &'static str,
    /// The letter; 0 if it has none.
    pub letter: u8,
    /// What it takes and does.
    pub action: Action,
}

/// What an option takes and does.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// It takes no value.
    Plain(Plain),
    /// It takes one.
    Valued(Valued),
}

/// What an option without a value does.
#[derive(Clone, Copy)]
pub(super) enum Plain {
    /// It is noted.
    Set(fn(&mut Draft<'_>)),
    /// It may end everything.
    Try(fn(&mut Draft<'_>) -> Result<(), Ending>),
}

/// What an option does with its value.
#[derive(Clone, Copy)]
pub(super) enum Valued {
    /// A number.
    Number(fn(&mut Draft<'_>, i32)),
    /// A text.
    Text(fn(&mut Draft<'_>, Bytes) -> Result<(), Ending>),
}

/// The option of a long name.
pub(super) fn by_name(name: &[u8]) -> Option<&'static Spec> {
    TABLE.iter().find(|spec| !spec.name.is_empty() && spec.name.as_bytes() == name)
}

/// The option of a letter.
pub(super) fn by_letter(letter: u8) -> Option<&'static Spec> {
    TABLE.iter().find(|spec| spec.letter == letter)
}

const fn flag(name: &'static str, letter: u8, set: fn(&mut Draft<'_>)) -> Spec {
    Spec { name, letter, action: Action::Plain(Plain::Set(set)) }
}

const fn fallible(name: &'static str, letter: u8, set: fn(&mut Draft<'_>) -> Result<(), Ending>) -> Spec {
    Spec { name, letter, action: Action::Plain(Plain::Try(set)) }
}

const fn number(name: &'static str, letter: u8, set: fn(&mut Draft<'_>, i32)) -> Spec {
    Spec { name, letter, action: Action::Valued(Valued::Number(set)) }
}

const fn text(name: &'static str, letter: u8, set: fn(&mut Draft<'_>, Bytes) -> Result<(), Ending>) -> Spec {
    Spec { name, letter, action: Action::Valued(Valued::Text(set)) }
}

/// Keeps a text that is taken as it is.
macro_rules! keep {
    ($($place:tt)+) => {
        |d, value| {
            d.options.$($place)+ = Some(value);
            Ok(())
        }
    };
}

fn more(twice: &mut Twice) {
    *twice = match twice {
        Twice::No => Twice::Once,
        _ => Twice::More,
    };
}

fn seconds(value: i32) -> Option<std::time::Duration> {
    (value > 0).then(|| std::time::Duration::from_secs(value as u64))
}

/// Less than no time is over at once (observed: 3.5.0).
fn connect_seconds(value: i32) -> Option<std::time::Duration> {
    if value < 0 { Some(std::time::Duration::ZERO) } else { seconds(value) }
}

/// As in rsync(1), and what only servers are told at the end.
static TABLE: &[Spec] = &[
    fallible("help", 0, |_| Err(Ending::Help)),
    flag("version", b'V', |d| d.asks_version += 1),
    flag("verbose", b'v', |d| d.verbosity = d.verbosity.saturating_add(1)),
    flag("no-verbose", 0, |d| d.verbosity = 0),
    flag("no-v", 0, |d| d.verbosity = 0),
    text("info", 0, |d, value| d.give_info(value)),
    text("debug", 0, |d, value| d.give_debug(value)),
    text("stderr", 0, |d, value| d.set_stderr(value)),
    flag("msgs2stderr", 0, |d| d.options.output.stderr = StderrMode::All),
    flag("no-msgs2stderr", 0, |d| d.options.output.stderr = StderrMode::Client),
    flag("quiet", b'q', |d| d.options.output.is_quiet = true),
    flag("motd", 0, |d| d.options.remote.hides_motd = false),
    flag("no-motd", 0, |d| d.options.remote.hides_motd = true),
    flag("stats", 0, |d| d.options.output.shows_stats = true),
    flag("human-readable", b'h', |d| d.human = d.human.saturating_add(1)),
    flag("no-human-readable", 0, |d| d.human = 0),
    flag("no-h", 0, |d| d.human = 0),
    flag("dry-run", b'n', |d| d.options.is_dry_run = true),
    flag("archive", b'a', |d| d.archive()),
    flag("recursive", b'r', |d| d.recurse = Recurse::Yes),
    flag("no-recursive", 0, |d| d.recurse = Recurse::No),
    flag("no-r", 0, |d| d.recurse = Recurse::No),
    flag("inc-recursive", 0, |d| d.options.selection.incremental = Some(true)),
    flag("no-inc-recursive", 0, |d| d.options.selection.incremental = Some(false)),
    flag("i-r", 0, |d| d.options.selection.incremental = Some(true)),
    flag("no-i-r", 0, |d| d.options.selection.incremental = Some(false)),
    flag("dirs", b'd', |d| d.set_dirs(true, false)),
    flag("no-dirs", 0, |d| d.set_dirs(false, false)),
    flag("no-d", 0, |d| d.set_dirs(false, false)),
    flag("old-dirs", 0, |d| d.set_dirs(true, true)),
    flag("old-d", 0, |d| d.set_dirs(true, true)),
    flag("perms", b'p', |d| d.options.attributes.perms = true),
    flag("no-perms", 0, |d| d.options.attributes.perms = false),
    flag("no-p", 0, |d| d.options.attributes.perms = false),
    flag("executability", b'E', |d| d.options.attributes.executability = true),
    flag("acls", b'A', |d| {
        d.options.attributes.acls = true;
        d.options.attributes.perms = true;
    }),
    flag("no-acls", 0, |d| d.options.attributes.acls = false),
    flag("no-A", 0, |d| d.options.attributes.acls = false),
    flag("xattrs", b'X', |d| more(&mut d.options.attributes.xattrs)),
    flag("no-xattrs", 0, |d| d.options.attributes.xattrs = Twice::No),
    flag("no-X", 0, |d| d.options.attributes.xattrs = Twice::No),
    flag("times", b't', |d| d.options.attributes.times = true),
    flag("no-times", 0, |d| d.options.attributes.times = false),
    flag("no-t", 0, |d| d.options.attributes.times = false),
    flag("atimes", b'U', |d| d.atimes()),
    flag("no-atimes", 0, |d| d.options.attributes.atimes = Twice::No),
    flag("no-U", 0, |d| d.options.attributes.atimes = Twice::No),
    flag("open-noatime", 0, |d| d.options.attributes.opens_noatime = true),
    flag("no-open-noatime", 0, |d| d.options.attributes.opens_noatime = false),
    fallible("crtimes", b'N', |_| Err(Refusal::crtimes().into())),
    flag("no-crtimes", 0, |_| {}),
    flag("no-N", 0, |_| {}),
    flag("omit-dir-times", b'O', |d| d.options.attributes.omits_dir_times = true),
    flag("no-omit-dir-times", 0, |d| d.options.attributes.omits_dir_times = false),
    flag("no-O", 0, |d| d.options.attributes.omits_dir_times = false),
    flag("omit-link-times", b'J', |d| d.options.attributes.omits_link_times = true),
    flag("no-omit-link-times", 0, |d| d.options.attributes.omits_link_times = false),
    flag("no-J", 0, |d| d.options.attributes.omits_link_times = false),
    number("modify-window", b'@', |d, value| {
        d.options.comparison.modify_window = value;
        d.options.comparison.is_modify_window_given = true;
    }),
    flag("super", 0, |d| d.options.attributes.super_user = Super::Try),
    flag("no-super", 0, |d| d.options.attributes.super_user = Super::No),
    flag("fake-super", 0, |d| d.options.attributes.super_user = Super::Fake),
    flag("owner", b'o', |d| d.options.attributes.owner = true),
    flag("no-owner", 0, |d| d.options.attributes.owner = false),
    flag("no-o", 0, |d| d.options.attributes.owner = false),
    flag("group", b'g', |d| d.options.attributes.group = true),
    flag("no-group", 0, |d| d.options.attributes.group = false),
    flag("no-g", 0, |d| d.options.attributes.group = false),
    flag("", b'D', |d| d.set_devices(true)),
    flag("no-D", 0, |d| d.set_devices(false)),
    flag("devices", 0, |d| d.options.attributes.devices = true),
    flag("no-devices", 0, |d| d.options.attributes.devices = false),
    flag("specials", 0, |d| d.options.attributes.specials = true),
    flag("no-specials", 0, |d| d.options.attributes.specials = false),
    flag("drop-D", 0, |d| d.options.attributes.drops_devices = true),
    flag("no-drop-D", 0, |d| d.options.attributes.drops_devices = false),
    flag("copy-devices", 0, |d| d.options.attributes.copies_devices = true),
    flag("write-devices", 0, |d| d.options.attributes.writes_devices = true),
    flag("no-write-devices", 0, |d| d.options.attributes.writes_devices = false),
    flag("links", b'l', |d| d.options.links.preserves = true),
    flag("no-links", 0, |d| d.options.links.preserves = false),
    flag("no-l", 0, |d| d.options.links.preserves = false),
    flag("copy-links", b'L', |d| d.options.links.copies = true),
    flag("copy-unsafe-links", 0, |d| d.options.links.copies_unsafe = true),
    flag("safe-links", 0, |d| d.options.links.is_safe = true),
    flag("munge-links", 0, |d| d.options.links.munges = true),
    flag("no-munge-links", 0, |d| d.options.links.munges = false),
    flag("copy-dirlinks", b'k', |d| d.options.links.copies_dirlinks = true),
    flag("keep-dirlinks", b'K', |d| d.options.links.keeps_dirlinks = true),
    flag("hard-links", b'H', |d| d.options.links.preserves_hard = true),
    flag("no-hard-links", 0, |d| d.options.links.preserves_hard = false),
    flag("no-H", 0, |d| d.options.links.preserves_hard = false),
    flag("insecure-links", 0, |d| d.options.links.is_insecure = true),
    flag("no-insecure-links", 0, |d| d.options.links.is_insecure = false),
    text("confine-root", 0, keep!(selection.confine_root)),
    flag("relative", b'R', |d| d.relative = Some(true)),
    flag("no-relative", 0, |d| d.relative = Some(false)),
    flag("no-R", 0, |d| d.relative = Some(false)),
    flag("implied-dirs", 0, |d| d.options.selection.omits_implied_directories = false),
    flag("no-implied-dirs", 0, |d| d.options.selection.omits_implied_directories = true),
    flag("i-d", 0, |d| d.options.selection.omits_implied_directories = false),
    flag("no-i-d", 0, |d| d.options.selection.omits_implied_directories = true),
    text("chmod", 0, |d, value| {
        let changes = Chmod::parse(&value)
            .ok_or_else(|| Refusal::of("rsync: Invalid argument passed to --chmod (", &value, ")"))?;
        d.options.attributes.chmod.get_or_insert_default().append(changes);
        Ok(())
    }),
    flag("ignore-times", b'I', |d| d.options.comparison.ignores_times = true),
    flag("size-only", 0, |d| d.options.comparison.size_only = true),
    flag("one-file-system", b'x', |d| more(&mut d.one_file_system)),
    flag("no-one-file-system", 0, |d| d.one_file_system = Twice::No),
    flag("no-x", 0, |d| d.one_file_system = Twice::No),
    flag("update", b'u', |d| d.options.comparison.update.keeps_newer = true),
    flag("existing", 0, |d| d.options.comparison.update.existing_only = true),
    flag("ignore-non-existing", 0, |d| d.options.comparison.update.existing_only = true),
    flag("ignore-existing", 0, |d| d.options.comparison.update.ignores_existing = true),
    text("max-size", 0, |d, value| {
        d.options.selection.max_size = Some(d.size("max-size", &value, b'b')?);
        Ok(())
    }),
    text("min-size", 0, |d, value| {
        d.options.selection.min_size = Some(d.size("min-size", &value, b'b')?);
        Ok(())
    }),
    text("max-alloc", 0, |d, value| {
        d.max_alloc = Some(value);
        Ok(())
    }),
    flag("sparse", b'S', |d| d.options.writing.sparse = true),
    flag("no-sparse", 0, |d| d.options.writing.sparse = false),
    flag("no-S", 0, |d| d.options.writing.sparse = false),
    flag("preallocate", 0, |d| d.options.writing.preallocates = true),
    flag("inplace", 0, |d| d.options.writing.inplace = true),
    flag("no-inplace", 0, |d| d.options.writing.inplace = false),
    flag("append", 0, |d| d.append()),
    flag("append-verify", 0, |d| d.options.writing.append = Append::Verify),
    flag("no-append", 0, |d| d.options.writing.append = Append::No),
    flag("del", 0, |d| d.delete_at(Timing::During)),
    flag("delete", 0, |d| d.deletes = true),
    flag("delete-before", 0, |d| d.delete_at(Timing::Before)),
    flag("delete-during", 0, |d| d.delete_at(Timing::During)),
    flag("delete-delay", 0, |d| d.delete_at(Timing::Delay)),
    flag("delete-after", 0, |d| d.delete_at(Timing::After)),
    flag("delete-excluded", 0, |d| d.options.deletion.excluded = true),
    flag("delete-missing-args", 0, |d| d.options.deletion.missing = MissingArguments::Delete),
    flag("ignore-missing-args", 0, |d| {
        if d.options.deletion.missing == MissingArguments::Report {
            d.options.deletion.missing = MissingArguments::Ignore;
        }
    }),
    flag("remove-sent-files", 0, |d| {
        d.options.deletion.removes_source_files = true;
        d.options.deletion.only_sent = true;
    }),
    flag("remove-source-files", 0, |d| d.options.deletion.removes_source_files = true),
    flag("force", 0, |d| d.options.deletion.force = true),
    flag("no-force", 0, |d| d.options.deletion.force = false),
    flag("ignore-errors", 0, |d| d.options.deletion.ignores_errors = true),
    flag("no-ignore-errors", 0, |d| d.options.deletion.ignores_errors = false),
    number("max-delete", 0, |d, value| d.options.deletion.max = Some(value.max(0) as u32)),
    flag("", b'F', |d| d.per_directory_filter()),
    text("filter", b'f', |d, value| d.filter(FilterSource::Rule(value))),
    text("exclude", 0, |d, value| d.filter(FilterSource::Exclude(value))),
    text("include", 0, |d, value| d.filter(FilterSource::Include(value))),
    text("exclude-from", 0, |d, value| d.filter(FilterSource::ExcludeFrom(value))),
    text("include-from", 0, |d, value| d.filter(FilterSource::IncludeFrom(value))),
    flag("cvs-exclude", b'C', |d| d.options.selection.is_cvs_exclude = true),
    flag("whole-file", b'W', |d| d.options.comparison.whole_file = Some(true)),
    flag("no-whole-file", 0, |d| d.options.comparison.whole_file = Some(false)),
    flag("no-W", 0, |d| d.options.comparison.whole_file = Some(false)),
    flag("checksum", b'c', |d| d.options.comparison.by_checksum = true),
    flag("no-checksum", 0, |d| d.options.comparison.by_checksum = false),
    flag("no-c", 0, |d| d.options.comparison.by_checksum = false),
    text("checksum-choice", 0, |d, value| d.choose_checksum(value)),
    text("cc", 0, |d, value| d.choose_checksum(value)),
    text("block-size", b'B', |d, value| d.set_block_size(value)),
    text("compare-dest", 0, |d, value| d.alternative(AlternativeKind::Compare, value)),
    text("copy-dest", 0, |d, value| d.alternative(AlternativeKind::Copy, value)),
    text("link-dest", 0, |d, value| d.alternative(AlternativeKind::Link, value)),
    flag("fuzzy", b'y', |d| more(&mut d.options.comparison.fuzzy)),
    flag("no-fuzzy", 0, |d| d.options.comparison.fuzzy = Twice::No),
    flag("no-y", 0, |d| d.options.comparison.fuzzy = Twice::No),
    flag("compress", b'z', |d| d.compress = d.compress.saturating_add(1)),
    flag("no-compress", 0, |d| d.no_compress()),
    flag("no-z", 0, |d| d.no_compress()),
    flag("old-compress", 0, |d| d.compress_choice = Some(b"zlib".to_vec())),
    flag("new-compress", 0, |d| d.compress_choice = Some(b"zlibx".to_vec())),
    text("compress-choice", 0, |d, value| d.choose_compression(value)),
    text("zc", 0, |d, value| d.choose_compression(value)),
    text("skip-compress", 0, keep!(wire.skip_compress)),
    number("compress-level", 0, |d, value| d.compress_level = Some(value)),
    number("zl", 0, |d, value| d.compress_level = Some(value)),
    number("compress-threads", 0, |d, value| d.compress_threads = value.max(0) as u32),
    number("zt", 0, |d, value| d.compress_threads = value.max(0) as u32),
    flag("", b'P', |d| {
        d.shows_progress = true;
        d.options.writing.keeps_partial = true;
    }),
    flag("progress", 0, |d| d.shows_progress = true),
    flag("no-progress", 0, |d| d.shows_progress = false),
    flag("partial", 0, |d| d.options.writing.keeps_partial = true),
    flag("no-partial", 0, |d| d.options.writing.keeps_partial = false),
    text("partial-dir", 0, keep!(writing.partial_dir)),
    flag("delay-updates", 0, |d| d.options.writing.delays_updates = true),
    flag("no-delay-updates", 0, |d| d.options.writing.delays_updates = false),
    flag("prune-empty-dirs", b'm', |d| d.options.selection.prunes_empty_directories = true),
    flag("no-prune-empty-dirs", 0, |d| d.options.selection.prunes_empty_directories = false),
    flag("no-m", 0, |d| d.options.selection.prunes_empty_directories = false),
    text("log-file", 0, |d, value| {
        d.log_file = Some(value);
        Ok(())
    }),
    text("log-file-format", 0, |d, value| {
        d.log_format = Some(value);
        Ok(())
    }),
    text("out-format", 0, keep!(output.format)),
    text("log-format", 0, keep!(output.format)),
    flag("itemize-changes", b'i', |d| more(&mut d.options.output.itemizes)),
    flag("no-itemize-changes", 0, |d| d.options.output.itemizes = Twice::No),
    flag("no-i", 0, |d| d.options.output.itemizes = Twice::No),
    text("bwlimit", 0, |d, value| d.set_bandwidth(value)),
    flag("no-bwlimit", 0, |d| d.options.wire.bandwidth = None),
    flag("backup", b'b', |d| d.backup = true),
    flag("no-backup", 0, |d| d.backup = false),
    text("backup-dir", 0, |d, value| {
        d.backup = true;
        d.backup_dir = Some(value);
        Ok(())
    }),
    text("suffix", 0, |d, value| {
        d.suffix = Some(value);
        Ok(())
    }),
    flag("list-only", 0, |d| d.options.output.lists_only = true),
    text("read-batch", 0, |d, _| d.refuse_at_end("--read-batch")),
    text("write-batch", 0, |d, _| d.refuse_at_end("--write-batch")),
    text("only-write-batch", 0, |d, _| d.refuse_at_end("--only-write-batch")),
    text("files-from", 0, |d, value| {
        d.files_from = Some(value);
        Ok(())
    }),
    flag("from0", b'0', |d| d.options.selection.is_from0 = true),
    flag("no-from0", 0, |d| d.options.selection.is_from0 = false),
    flag("old-args", 0, |d| d.old_args = Some(d.old_args.unwrap_or(0).saturating_add(1))),
    flag("no-old-args", 0, |d| d.old_args = Some(0)),
    flag("protect-args", b's', |d| d.seclusion = Seclusion::Asked),
    flag("secluded-args", 0, |d| d.seclusion = Seclusion::Asked),
    flag("no-protect-args", 0, |d| d.seclusion = Seclusion::Declined),
    flag("no-secluded-args", 0, |d| d.seclusion = Seclusion::Declined),
    flag("no-s", 0, |d| d.seclusion = Seclusion::Declined),
    flag("trust-sender", 0, |d| d.options.wire.trusts_sender = true),
    flag("numeric-ids", 0, |d| d.options.attributes.numeric_ids = true),
    flag("no-numeric-ids", 0, |d| d.options.attributes.numeric_ids = false),
    text("usermap", 0, |d, value| d.set_usermap(value)),
    text("groupmap", 0, |d, value| d.set_groupmap(value)),
    text("chown", 0, |d, value| d.set_chown(value)),
    number("timeout", 0, |d, value| d.options.wire.timeout = seconds(value)),
    flag("no-timeout", 0, |d| d.options.wire.timeout = None),
    number("contimeout", 0, |d, value| d.options.wire.connect_timeout = connect_seconds(value)),
    flag("no-contimeout", 0, |d| d.options.wire.connect_timeout = None),
    flag("fsync", 0, |d| d.options.writing.fsyncs = true),
    text("stop-after", 0, |d, value| d.stop_after(value)),
    text("time-limit", 0, |d, value| d.stop_after(value)),
    text("stop-at", 0, |d, value| d.stop_at(value)),
    text("rsh", b'e', keep!(remote.shell)),
    text("rsync-path", 0, keep!(remote.program)),
    text("temp-dir", b'T', keep!(writing.temp_dir)),
    text("iconv", 0, |d, value| {
        d.iconv = Some(value);
        Ok(())
    }),
    flag("no-iconv", 0, |d| d.iconv = None),
    flag("ipv4", b'4', |d| d.options.remote.address_family = AddressFamily::V4),
    flag("ipv6", b'6', |d| d.options.remote.address_family = AddressFamily::V6),
    flag("8-bit-output", b'8', |d| d.options.output.is_8_bit = true),
    flag("no-8-bit-output", 0, |d| d.options.output.is_8_bit = false),
    flag("no-8", 0, |d| d.options.output.is_8_bit = false),
    flag("mkpath", 0, |d| d.options.selection.makes_path = true),
    flag("no-mkpath", 0, |d| d.options.selection.makes_path = false),
    flag("qsort", 0, |d| d.options.wire.uses_qsort = true),
    flag("use-qsort", 0, |d| d.options.wire.uses_qsort = true),
    text("copy-as", 0, |d, value| d.copy_as(value)),
    text("address", 0, keep!(remote.address)),
    number("port", 0, |d, value| d.options.remote.port = u16::try_from(value).ok().filter(|port| *port > 0)),
    text("sockopts", 0, keep!(remote.socket_options)),
    text("password-file", 0, keep!(remote.password_file)),
    text("early-input", 0, keep!(remote.early_input)),
    flag("blocking-io", 0, |d| d.options.remote.blocking_io = Some(true)),
    flag("no-blocking-io", 0, |d| d.options.remote.blocking_io = Some(false)),
    text("outbuf", 0, |d, value| {
        d.buffering = Some(value);
        Ok(())
    }),
    text("remote-option", b'M', |d, value| {
        if value.first() != Some(&b'-') {
            return Err(Refusal::of("rsync: Remote option must start with a dash: ", &value, "").into());
        }
        d.options.remote.options.push(value);
        Ok(())
    }),
    number("protocol", 0, |d, value| d.protocol = value),
    number("checksum-seed", 0, |d, value| d.options.wire.seed = value),
    flag("server", 0, |d| d.is_server = true),
    fallible("sender", 0, |d| d.set_sender()),
    fallible("daemon", 0, |_| Err(Refusal::unsupported("--daemon").into())),
    fallible("detach", 0, |_| Err(Refusal::daemon_option().into())),
    fallible("no-detach", 0, |_| Err(Refusal::daemon_option().into())),
    text("config", 0, |_, _| Err(Refusal::daemon_option().into())),
    text("dparam", 0, |_, _| Err(Refusal::daemon_option().into())),
];
