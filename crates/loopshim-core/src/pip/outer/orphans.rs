//! Source folders that a caller left in `/tmp`: noted when seen among the
//! arguments, removed by a later run if nobody can have any use for them.
//!
//! All of these must hold: it lies directly in `/tmp` and is called as Python's
//! `tempfile` calls folders; its own metadata names one of the packages it is
//! done for; it is the very folder that was noted, of the same owner, unchanged
//! but for what pip builds there; it was noted long ago; no process has it open,
//! works in it or names it; nothing is mounted there. It is looked at and
//! removed through handles on the folders, so that nothing put in its place
//! meanwhile can be meant.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::{shared, target, tree};
use crate::pip::fields::Fields;
use crate::pip::settings::Settings;
use crate::trusted::TrustedDir;
use crate::{World, handles};

/// A note's name: this and a digest of the path.
const NOTE: &str = "source-";
/// Most notes kept.
const NOTES_MAX: usize = 2000;
/// Most folders removed by one run: more than a day of callers killed leaves, few
/// enough for its caller to wait for.
const REMOVED_MAX: usize = 500;

/// A note that lacks the digest of the sources.
pub struct Unfinished {
    file: File,
    fields: Fields,
}

/// Notes a source folder, for now without the digest of its sources: finding that
/// out takes a while that the caller may not live.
pub fn note(world: &World, state: &TrustedDir, folder: &Path) -> Option<Unfinished> {
    candidate(world, folder)?;
    let found = std::fs::symlink_metadata(folder).ok()?;
    let names = state.names().unwrap_or_default();
    if names.iter().filter(|name| name.starts_with(NOTE)).count() >= NOTES_MAX {
        return None;
    }
    let now = super::now(world);
    let fields = Fields::default()
        .with("path", folder.as_os_str().as_bytes())
        .with("device", found.dev().to_string())
        .with("inode", found.ino().to_string())
        .with("owner", found.uid().to_string())
        .with("time", now.as_secs().to_string())
        .with("nanoseconds", now.subsec_nanos().to_string());
    let file = shared::replace(state, &note_name(folder), &fields)?;
    Some(Unfinished { file, fields })
}

impl Unfinished {
    /// Adds the digest, in one write and to the very file, which is a note before
    /// and after: making another would take longer, as making files does.
    pub fn finish(self, sources: &str) {
        let begun = self.fields.encode();
        let whole = self.fields.with("tree", sources).encode();
        let same = begun.iter().zip(&whole).take_while(|(one, other)| one == other).count();
        // Where it cannot be, the note says when the sources were as they are.
        let _ = self.file.write_all_at(&whole[same..], same as u64);
    }
}

fn note_name(folder: &Path) -> String {
    use sha2::{Digest, Sha256};
    format!("{NOTE}{}", target::hex(&Sha256::digest(folder.as_os_str().as_bytes())[..16]))
}

/// The folder's name, where it lies directly in `/tmp` and is called
/// `^[a-z0-9_]{8}$`.
fn candidate<'a>(world: &World, folder: &'a Path) -> Option<&'a OsStr> {
    let name = folder.file_name()?;
    (handles::is_tempfile_name(name) && folder.parent() == Some(&world.path("/tmp"))).then_some(name)
}

/// Removes the folders whose time has come, but not `own`, which the caller has
/// only just had installed, however long that took; which ones.
pub fn collect(world: &World, settings: &Settings, state: &TrustedDir, own: Option<&Path>) -> Vec<PathBuf> {
    let Some(age) = settings.orphan_age else { return Vec::new() };
    let mut removed = Vec::new();
    for name in state.names().unwrap_or_default().into_iter().filter(|name| name.starts_with(NOTE)) {
        let Some(note) = shared::record(state, &name) else { continue };
        let since = note.number("time").unwrap_or(u64::MAX);
        let is_young = super::now(world).as_secs().saturating_sub(since) < age.as_secs();
        let path = PathBuf::from(OsStr::from_bytes(note.bytes("path").unwrap_or_default()));
        // What its caller has removed needs no note; others' need the room.
        let is_there = std::fs::symlink_metadata(&path).is_ok();
        if is_there && (is_young || removed.len() >= REMOVED_MAX || own == Some(path.as_path())) {
            continue;
        }
        match examine(world, settings, &note, &path) {
            Verdict::InUse => continue,
            Verdict::NotOurs => {}
            Verdict::Orphan { parent, folder } => {
                match handles::remove_opened(&parent, &folder, path.file_name().unwrap_or_default()) {
                    Ok(()) => removed.push(path),
                    Err(_) => continue,
                }
            }
        }
        // A note that stays is looked at again.
        let _ = state.remove(&name);
    }
    removed
}

enum Verdict {
    /// Gone, another, changed, or of no concern: the note can go.
    NotOurs,
    /// To be looked at again.
    InUse,
    Orphan {
        parent: OwnedFd,
        folder: OwnedFd,
    },
}

fn examine(world: &World, settings: &Settings, note: &Fields, path: &Path) -> Verdict {
    let Some((parent, folder)) = candidate(world, path).and_then(|name| open(path.parent()?, name).ok())
    else {
        return Verdict::NotOurs;
    };
    // Names below the handle mean this folder, wherever its own name leads by now.
    let inside = PathBuf::from(format!("/proc/self/fd/{}/.", folder.as_raw_fd()));
    let is_noted = || {
        let found = std::fs::metadata(&inside).ok()?;
        let same = note.number("device")? == found.dev()
            && note.number("inode")? == found.ino()
            && note.number("owner")? == u64::from(found.uid());
        let project = shared::project_in(&inside)?;
        Some(same && is_unchanged(note, &inside)? && settings.orphan_packages.contains(&project))
    };
    if is_noted() != Some(true) {
        return Verdict::NotOurs;
    }
    if handles::is_mount(path) || is_in_use(path) {
        Verdict::InUse
    } else {
        Verdict::Orphan { parent, folder }
    }
}

/// Whether the sources are still those that were noted: by their digest, or, of
/// a note that was not finished, by when they were last changed.
fn is_unchanged(note: &Fields, folder: &Path) -> Option<bool> {
    if let Some(sources) = note.text("tree") {
        return Some(tree::digest(folder)?.sources == sources);
    }
    let noted = (note.number("time")? as i64, note.number("nanoseconds")? as i64);
    Some(tree::changed(folder)? < noted)
}

fn open(parent: &Path, name: &OsStr) -> io::Result<(OwnedFd, OwnedFd)> {
    let parent = handles::open_path(parent)?;
    let folder = handles::open_folder(&parent, name)?;
    Ok((parent, folder))
}

/// Whether a process has it, or something in it, open, as its working directory
/// or among its arguments; where that cannot be known, yes.
fn is_in_use(path: &Path) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    let own = std::process::id().to_string();
    let text = path.as_os_str().as_bytes();
    for process in processes.flatten() {
        let is_process = process.file_name().as_bytes().iter().all(u8::is_ascii_digit);
        if !is_process || process.file_name() == own.as_str() {
            continue;
        }
        let process = process.path();
        let names_it = std::fs::read(process.join("cmdline"))
            .is_ok_and(|line| crate::pip::sharing::find(&line, text).is_some());
        let links = ["cwd", "root", "exe"].map(|link| process.join(link)).into_iter();
        let open = match std::fs::read_dir(process.join("fd")) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return true,
            // It has ended.
            Err(_) => Vec::new(),
        };
        let leads_there = |link: PathBuf| std::fs::read_link(link).is_ok_and(|to| to.starts_with(path));
        if names_it || links.chain(open).any(leads_there) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;
    use std::time::{Duration, SystemTime};

    /// A machine with a source folder in its `/tmp` that was noted.
    struct Machine {
        world: World,
        state: TrustedDir,
        settings: Settings,
        folder: PathBuf,
    }

    impl Machine {
        fn new(name: &str, project: &str) -> Self {
            let root = std::env::temp_dir().join(format!("loopshim-orphans-{}", super::super::random()));
            let folder = root.join("tmp").join(name);
            fs::create_dir_all(root.join("state")).expect("a folder");
            let state = TrustedDir::at(&root.join("state")).expect("a folder of ours");
            let settings = Settings::read(|_| None).expect("the defaults");
            let machine = Self { world: World { root, ..World::of_this_process() }, state, settings, folder };
            machine.leave(&machine.folder, project);
            machine
        }

        /// Has a caller leave a folder, which is noted.
        fn leave(&self, folder: &Path, project: &str) {
            fs::create_dir_all(folder.join("package")).expect("a folder");
            fs::write(folder.join("setup.py"), format!("setup(name='{project}')")).expect("a file");
            fs::write(folder.join("package/module.py"), "x = 1").expect("a file");
            let sources = tree::digest(folder).expect("a digest").sources;
            if let Some(note) = note(&self.world, &self.state, folder) {
                note.finish(&sources);
            }
        }

        /// A package of the default list, in a folder as `tempfile` names it.
        fn usual() -> Self {
            Self::new("ab_cd3fg", "monitor-v2")
        }

        fn collect_later(&mut self) -> Vec<PathBuf> {
            self.world.clock = || SystemTime::now() + Duration::from_secs(2 * 3600);
            collect(&self.world, &self.settings, &self.state, None)
        }

        /// Nothing goes, and all of it is still there.
        fn keeps(mut self, why: &str) {
            assert_eq!(self.collect_later(), Vec::<PathBuf>::new(), "{why}");
            assert!(self.folder.join("package/module.py").exists(), "{why}");
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            // What is left in the temporary folder is only untidy.
            let _ = fs::remove_dir_all(&self.world.root);
        }
    }

    #[test]
    fn what_was_left_long_ago_goes_with_what_pip_built_in_it() {
        let mut machine = Machine::usual();
        fs::create_dir(machine.folder.join("build")).expect("a folder");
        symlink("/", machine.folder.join("build/root")).expect("a link");
        assert_eq!(collect(&machine.world, &machine.settings, &machine.state, None), Vec::<PathBuf>::new());
        assert_eq!(machine.collect_later(), [machine.folder.clone()]);
        assert!(
            !machine.folder.exists() && machine.world.path("/tmp").exists() && Path::new("/etc").exists()
        );
        assert!(machine.state.names().expect("names").is_empty());
    }

    #[test]
    fn what_a_storm_left_goes_at_once() {
        let mut machine = Machine::usual();
        for number in 0..120 {
            let folder = machine.world.path(format!("/tmp/storm{number:03}"));
            machine.leave(&folder, "monitor-v2");
        }
        assert_eq!(machine.collect_later().len(), 121);
    }

    #[test]
    fn what_this_very_run_installed_stays_however_long_it_took() {
        let mut machine = Machine::usual();
        machine.world.clock = || SystemTime::now() + Duration::from_secs(2 * 3600);
        let own = Some(machine.folder.as_path());
        assert_eq!(collect(&machine.world, &machine.settings, &machine.state, own), Vec::<PathBuf>::new());
        assert_eq!(machine.collect_later(), [machine.folder.clone()]);
    }

    #[test]
    fn what_may_be_anybodys_stays() {
        Machine::new("abcdefgh", "anything").keeps("another package");
        Machine::new("abcdefghi", "monitor-v2").keeps("nine letters");
        Machine::new("Abcdefgh", "monitor-v2").keeps("a capital");
        let machine = Machine::usual();
        fs::write(machine.folder.join("package/own.py"), "y = 2").expect("a file");
        machine.keeps("changed since");
        let mut machine = Machine::usual();
        machine.settings.orphan_age = None;
        machine.keeps("switched off");
    }

    #[test]
    fn a_note_that_was_not_finished_is_one_unless_something_changed_since() {
        let unfinished = || {
            let machine = Machine::usual();
            // The kernel's clock for files is a few milliseconds behind.
            std::thread::sleep(Duration::from_millis(20));
            note(&machine.world, &machine.state, &machine.folder).expect("a note");
            machine
        };
        let mut machine = unfinished();
        fs::create_dir(machine.folder.join("build")).expect("a folder");
        fs::write(machine.folder.join("build/module.py"), "x = 1").expect("a file");
        assert_eq!(machine.collect_later(), [machine.folder.clone()]);
        let machine = unfinished();
        fs::write(machine.folder.join("package/module.py"), "x = 1").expect("a file");
        machine.keeps("written anew since");
        let machine = unfinished();
        fs::rename(machine.folder.join("setup.py"), machine.folder.join("package/setup.py"))
            .expect("a rename");
        fs::write(machine.folder.join("setup.cfg"), "[metadata]\nname = monitor-v2").expect("a file");
        machine.keeps("another file since");
    }

    #[test]
    fn another_folder_of_the_name_stays() {
        let machine = Machine::usual();
        let elsewhere = machine.world.root.join("elsewhere");
        fs::rename(&machine.folder, &elsewhere).expect("a rename");
        symlink(&elsewhere, &machine.folder).expect("a link");
        machine.keeps("a link to the very folder");
        let machine = Machine::usual();
        let moved = machine.world.root.join("moved");
        fs::rename(&machine.folder, &moved).expect("a rename");
        let copied = Command::new("cp").arg("-a").args([&moved, &machine.folder]).status();
        assert!(copied.is_ok_and(|status| status.success()));
        machine.keeps("an equal copy");
    }

    #[test]
    fn what_somebody_works_in_stays_until_they_leave() {
        let mut machine = Machine::usual();
        let mut child = Command::new("sleep").arg("60").current_dir(&machine.folder).spawn().expect("sleep");
        assert_eq!(machine.collect_later(), Vec::<PathBuf>::new());
        child.kill().and_then(|()| child.wait()).expect("an end");
        assert_eq!(machine.collect_later(), [machine.folder.clone()]);
    }

    #[test]
    fn a_fifo_in_place_of_a_file_holds_nobody_up() {
        let mut machine = Machine::usual();
        fs::remove_file(machine.folder.join("setup.py")).expect("a file");
        let made = Command::new("mkfifo").arg(machine.folder.join("setup.py")).status();
        assert!(made.is_ok_and(|status| status.success()));
        assert_eq!(machine.collect_later(), Vec::<PathBuf>::new());
    }
}
