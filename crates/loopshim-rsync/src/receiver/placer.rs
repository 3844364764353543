//! Putting files in their place: opening what is written, and giving it
//! attributes and name when it is complete.

use std::os::fd::AsFd as _;
use std::sync::Arc;

use rsync_proto::file_list::Entry;
use rsync_proto::item::Basis;
use rustix::fd::OwnedFd;
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::Destination;
use super::backup::back_up;
use super::outfit::Outfit;
use super::places::{Place, Places};
use super::run::{Asked, Run, Who, lock};
use super::transfer::Outcome;
use crate::fs::{Directory, Facts, Sparse, Target, Temporary, Tree, Writer, copy_range};
use crate::options::Info;

/// Where a file's data go.
pub(super) enum Output {
    Temporary(Temporary, Writer),
    InPlace(Writer),
}

impl Output {
    pub(super) fn writer(&mut self) -> &mut Writer {
        match self {
            Self::Temporary(_, writer) | Self::InPlace(writer) => writer,
        }
    }
}

/// What there was before a file's data came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    /// What has its name.
    there: Option<Facts>,
    /// What its permissions are taken from where they are not kept: that, or else
    /// what its data are compared with (observed: 3.5.0).
    model: Option<Facts>,
}

/// How what is written is opened.
#[derive(Debug, Clone, Copy)]
pub(super) enum Opening {
    /// What has the name, or a new file of that name, from an offset on.
    InPlace {
        /// What comes before stays as it is.
        prefix: u64,
    },
    /// A file in the making, for ourselves alone or with these permissions.
    Temporary {
        /// As few or as many as the file may have meanwhile.
        permissions: u16,
    },
}

/// Permissions of a file in the making that nobody else is to see.
pub(super) const OURS: u16 = 0o600;

pub(super) const WHO: Who = Who::Receiver;

/// Puts files in their place, for one thread.
pub(super) struct Placer<'r> {
    pub(super) run: &'r Run,
    pub(super) destination: Arc<Destination>,
    pub(super) tree: Tree,
    pub(super) places: Places,
}

impl<'r> Placer<'r> {
    pub(super) fn new(run: &'r Run, destination: Arc<Destination>) -> Self {
        let tree = destination.tree.clone();
        Self { run, destination, tree, places: Places::default() }
    }

    /// What is at `name` now.
    pub(super) fn there(&mut self, name: &[u8]) -> Option<Facts> {
        self.run.facts(&mut self.tree, name).ok().flatten()
    }

    /// What there is before the data of a file come that was asked for like that.
    pub(super) fn before(&mut self, name: &[u8], asked: &Asked) -> Before {
        let there = if asked.is_new { None } else { self.there(name) };
        let is_like_another = !self.run.keep.permissions && asked.basis != Basis::Destination;
        let model = there.or_else(|| {
            let basis = if is_like_another { self.open_basis(name, asked) } else { None };
            rustix::fs::fstat(&basis?).ok().map(Facts::from)
        });
        Before { there, model }
    }

    pub(super) fn open_basis(&mut self, name: &[u8], asked: &Asked) -> Option<OwnedFd> {
        let opened = match asked.basis {
            Basis::Destination => {
                self.tree.parent(name).and_then(|(directory, leaf)| directory.open_file(leaf))
            }
            Basis::Backup => self.places.open_backup(self.run, &mut self.tree, name),
            Basis::Partial => self
                .places
                .partial(self.run, &mut self.tree, name, false)
                .and_then(|place| place.ok_or(Errno::NOENT))
                .and_then(|(directory, leaf)| directory.open_file(&leaf)),
            Basis::Alternative(number) => {
                let tree = self.places.alternative(self.run, &self.tree, number)?;
                tree.parent(name).and_then(|(directory, leaf)| directory.open_file(leaf))
            }
            Basis::Fuzzy => {
                let fuzzy = asked.fuzzy.as_ref()?;
                self.tree.parent(name).and_then(|(directory, _)| directory.open_file(fuzzy))
            }
            Basis::FuzzyAlternative(number) => {
                let fuzzy = asked.fuzzy.as_ref()?;
                let tree = self.places.alternative(self.run, &self.tree, number)?;
                tree.parent(name).and_then(|(directory, _)| directory.open_file(fuzzy))
            }
        };
        opened.ok().map(|(file, _)| file)
    }

    /// How a file is opened that gets its name when it is complete: at once with
    /// the permissions it is to have, where they let nobody read it who may not
    /// afterwards, whoever owns it then, and where it does not stay incomplete.
    pub(super) fn in_the_making(&self, entry: &Entry, before: &Before) -> Opening {
        let keep = &self.run.keep;
        let permissions = keep.permissions(entry, before.model.as_ref(), keep.umask);
        let (group, others) = (permissions >> 3 & 7, permissions & 7);
        let is_same_for_all = permissions & !0o777 == 0 && permissions & OURS == OURS && group == others;
        let is_last = is_same_for_all && !keep.is_fake && !self.run.options().writing.keeps_partial;
        Opening::Temporary { permissions: if is_last { permissions } else { OURS } }
    }

    pub(super) fn open_output(
        &mut self,
        entry: &Entry,
        name: &[u8],
        before: &Before,
        opening: Opening,
    ) -> Option<Output> {
        let is_in_place = matches!(opening, Opening::InPlace { .. });
        let opened = match opening {
            Opening::InPlace { prefix } => {
                let opened = self.open_in_place(name, before.there.as_ref(), prefix);
                opened.map(Output::InPlace).map_err(|errno| ("open", errno))
            }
            Opening::Temporary { permissions } => {
                self.open_temporary(name, permissions).map_err(|errno| ("mkstemp", errno))
            }
        };
        let mut output = match opened {
            Ok(output) => output,
            Err((call, errno)) => {
                let shown = if is_in_place { self.tree.shown(name) } else { self.template(name) };
                self.run.failed_at(WHO, call, &shown, errno);
                return None;
            }
        };
        if self.run.options().writing.preallocates {
            match output.writer().preallocate(entry.length, is_in_place) {
                // A file system that cannot: the file is written as it is.
                Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
                Err(errno) => self.run.could_not(WHO, "do_fallocate", &self.tree.shown(name), errno),
            }
        }
        Some(output)
    }

    pub(super) fn open_in_place(
        &mut self,
        name: &[u8],
        there: Option<&Facts>,
        prefix: u64,
    ) -> Result<Writer, Errno> {
        let (directory, leaf) = self.tree.parent(name)?;
        let sparse = self.run.options().writing.sparse;
        let writes_devices = self.run.options().attributes.writes_devices;
        if there.is_some_and(|facts| facts.kind.is_device() && writes_devices) {
            let device = directory.open(leaf, OFlags::RDWR)?;
            return Ok(Writer::new(device, prefix, Sparse::No));
        }
        if there.is_none_or(|facts| !facts.is_file()) {
            let file = directory.create(leaf, 0o600)?;
            let sparse = if sparse { Sparse::Skip } else { Sparse::No };
            return Ok(Writer::new(file, prefix, sparse));
        }
        let file = self.open_to_write(&directory, leaf)?;
        Ok(Writer::new(file, prefix, if sparse { Sparse::Punch } else { Sparse::No }))
    }

    /// A read-only file of ours is made writable while it is written.
    pub(super) fn open_to_write(&self, directory: &Directory, leaf: &[u8]) -> Result<OwnedFd, Errno> {
        match directory.open(leaf, OFlags::RDWR) {
            Err(Errno::ACCESS) => {
                let permissions = directory.facts(leaf)?.permissions | 0o600;
                Target { directory, leaf, file: None }.set_permissions(permissions)?;
                directory.open(leaf, OFlags::RDWR)
            }
            opened => opened,
        }
    }

    pub(super) fn open_temporary(&mut self, name: &[u8], permissions: u16) -> Result<Output, Errno> {
        let elsewhere = self.places.temporary(self.run, &self.tree)?;
        let sparse = if self.run.options().writing.sparse { Sparse::Skip } else { Sparse::No };
        let (parent, leaf) = self.tree.parent(name)?;
        let directory = elsewhere.as_ref().unwrap_or(&parent);
        let created = match self.run.temporaries.create(directory, leaf, permissions) {
            // The directory we held was replaced meanwhile.
            Err(Errno::NOENT) if elsewhere.is_none() => {
                self.tree.forget(b"");
                let (parent, leaf) = self.tree.parent(name)?;
                self.run.temporaries.create(&parent, leaf, permissions)
            }
            created => created,
        };
        let (temporary, file) = created?;
        Ok(Output::Temporary(temporary, Writer::new(file, 0, sparse)))
    }

    /// The path of a file in the making, as messages show it.
    fn template(&self, name: &[u8]) -> Vec<u8> {
        let Some(elsewhere) = &self.run.options().writing.temp_dir else {
            return self.tree.shown(&template(name));
        };
        let leaf = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let name =
            [elsewhere.strip_suffix(b"/").unwrap_or(elsewhere), &[leaf, b".XXXXXX"].concat()].join(&b'/');
        if name.starts_with(b"/") { name } else { self.tree.shown(&name) }
    }

    /// Where what has come of a file stays if it does not come to its end.
    pub(super) fn partial_place(&mut self, name: &[u8], makes: bool) -> Result<Place, Errno> {
        if let Some(place) = self.places.partial(self.run, &mut self.tree, name, makes)? {
            return Ok(place);
        }
        let (directory, leaf) = self.tree.parent(name)?;
        Ok((directory, leaf.to_vec()))
    }

    pub(super) fn keep_if_interrupted(&mut self, name: &[u8], output: Option<&mut Output>) {
        let Some(Output::Temporary(temporary, _)) = output else { return };
        // Without its directory: that is made only when there is something to keep.
        if let Ok((directory, leaf)) = self.partial_place(name, false) {
            temporary.keep_as(&directory, &leaf);
        }
    }

    /// The peer is gone.
    pub(super) fn interrupted(&mut self, output: Option<Output>, name: &[u8]) {
        let Some(Output::Temporary(temporary, mut writer)) = output else { return };
        let has_data = writer.flush().is_ok() && writer.position() > 0;
        if self.run.options().writing.keeps_partial && has_data {
            self.keep_partial(temporary, writer, name);
        }
    }

    pub(super) fn keep_or_discard(&mut self, output: Output, name: &[u8]) {
        let Output::Temporary(temporary, mut writer) = output else { return };
        let writing = &self.run.options().writing;
        if !writing.keeps_partial && !writing.delays_updates {
            return;
        }
        // What cannot be written any more is lost; what is there is kept.
        let _ = writer.flush();
        if rustix::fs::fstat(writer.file()).is_ok_and(|facts| facts.st_size > 0)
            && let Ok((directory, leaf)) = self.partial_place(name, true)
        {
            // A disk that is full may have no room for a directory either.
            let _ = temporary.rename(&directory, &leaf);
        }
    }

    pub(super) fn keep_partial(&mut self, temporary: Temporary, writer: Writer, name: &[u8]) -> bool {
        let kept = writer.finish(false).and_then(|_| {
            let (directory, leaf) = self.partial_place(name, true)?;
            temporary.rename(&directory, &leaf)
        });
        kept.is_ok()
    }

    pub(super) fn not_verified(
        &mut self,
        output: Output,
        entry: &Entry,
        name: &[u8],
        before: &Before,
        asked: &Asked,
    ) -> Outcome {
        let writing = &self.run.options().writing;
        let is_discarded = !writing.inplace && !writing.keeps_partial;
        let has_directory = writing.partial_dir.is_some();
        match output {
            Output::Temporary(temporary, writer) if writing.keeps_partial => {
                self.keep_partial(temporary, writer, name);
            }
            Output::Temporary(..) => {}
            // As much as came is there, and all else but the time; the next attempt
            // has it for a basis (observed: 3.5.0).
            Output::InPlace(mut writer) => {
                // What could not be written is told when the file is finished.
                let _ = writer.flush();
                let modified = self.there(name).map_or(entry.modified, |now| now.modified);
                let undated = Entry { modified, ..entry.clone() };
                self.finish(Output::InPlace(writer), &undated, name, before);
            }
        }
        let what = match (is_discarded, has_directory) {
            (true, _) => "discarded",
            (false, true) => "put into partial-dir",
            (false, false) => "retained",
        };
        let shown = entry.name.bytes();
        if asked.is_second {
            self.run.complain(&[
                b"ERROR: ",
                shown,
                format!(" failed verification -- update {what}.").as_bytes(),
            ]);
            return Outcome::Failed;
        }
        // Who is not told of files is not told of this either (observed: 3.5.0).
        let output = &self.run.options().output;
        if output.info.has(Info::Name, 1) || output.itemizes.is_given() {
            let rest = format!(" failed verification -- update {what} (will try again).");
            self.run.warn(&[b"WARNING: ", shown, rest.as_bytes()]);
        }
        Outcome::Redo
    }

    /// Gives the file its attributes and its name.
    pub(super) fn finish(&mut self, output: Output, entry: &Entry, name: &[u8], before: &Before) -> bool {
        match self.try_finish(output, entry, name, before) {
            Ok(is_done) => is_done,
            Err(("write", errno)) => {
                self.run.stop(Run::cannot_write(&self.tree.shown(name), errno));
                false
            }
            Err((call, errno)) => {
                self.run.failed(WHO, call, &self.tree, name, errno);
                false
            }
        }
    }

    pub(super) fn try_finish(
        &mut self,
        output: Output,
        entry: &Entry,
        name: &[u8],
        before: &Before,
    ) -> Result<bool, (&'static str, Errno)> {
        let (run, destination) = (self.run, Arc::clone(&self.destination));
        let (temporary, writer) = match output {
            Output::Temporary(temporary, writer) => (Some(temporary), writer),
            Output::InPlace(writer) => (None, writer),
        };
        let file = writer.finish(temporary.is_none()).map_err(|errno| ("write", errno))?;
        if run.options().writing.fsyncs {
            rustix::fs::fsync(&file).map_err(|errno| ("fsync", errno))?;
        }
        let (parent, leaf) = self.tree.parent(name).map_err(|errno| ("open", errno))?;
        let current = Facts::from(rustix::fs::fstat(&file).map_err(|errno| ("fstat", errno))?);
        let old = before.there.map(|_| Target { directory: &parent, leaf, file: None });
        let (path, there) = ((&destination.tree, name), before.model.as_ref());
        let outfit = Outfit { run, who: WHO, entry, path, there, old };
        let Some(temporary) = temporary else {
            let target = Target { directory: &parent, leaf, file: Some(file.as_fd()) };
            outfit.give(target, &current);
            return Ok(true);
        };
        let target =
            Target { directory: temporary.directory(), leaf: temporary.name(), file: Some(file.as_fd()) };
        outfit.give(target, &current);
        if run.options().writing.delays_updates {
            let place = self.partial_place(name, true).map_err(|errno| ("mkdir", errno))?;
            temporary.rename(&place.0, &place.1).map_err(|errno| ("rename", errno))?;
            lock(&self.run.delayed).push(name.to_vec());
            return Ok(true);
        }
        if before.there.is_some()
            && let Some(backup) = &run.options().writing.backup
            && !back_up(run, WHO, &mut self.tree, &mut self.places, name, backup)
        {
            return Ok(false);
        }
        let renamed = self.rename(temporary, &file, &parent, leaf, &outfit);
        renamed.map_err(|errno| ("rename", errno))?;
        Ok(true)
    }

    pub(super) fn rename(
        &self,
        temporary: Temporary,
        file: &OwnedFd,
        parent: &Directory,
        leaf: &[u8],
        outfit: &Outfit<'_>,
    ) -> Result<(), Errno> {
        let is_elsewhere = self.run.options().writing.temp_dir.is_some();
        if !is_elsewhere {
            return temporary.rename(parent, leaf);
        }
        let (from, name) = (temporary.directory().clone(), temporary.name().to_vec());
        match from.rename(&name, parent, leaf) {
            Err(Errno::XDEV) => {
                // Beside its place first, so that no half of it is ever seen there.
                let (beside, copy) = self.run.temporaries.create(parent, leaf, OURS)?;
                let length = rustix::fs::fstat(file)?.st_size as u64;
                copy_range(file, &copy, length, &|_| {})?;
                let current = Facts::from(rustix::fs::fstat(&copy)?);
                let target = Target { directory: parent, leaf: beside.name(), file: Some(copy.as_fd()) };
                outfit.give(target, &current);
                beside.rename(parent, leaf)
            }
            Ok(()) => {
                temporary.leave();
                Ok(())
            }
            Err(errno) => Err(errno),
        }
    }

    pub(super) fn remove_partial(&mut self, name: &[u8]) {
        let place = self.places.partial(self.run, &mut self.tree, name, false);
        if let Ok(Some((directory, leaf))) = place {
            // Renamed over or gone: there is nothing to remove.
            let _ = directory.remove(&leaf);
            self.places.remove_partial_directory(self.run, &mut self.tree, name);
        }
    }

    /// Gives all files that waited their names.
    pub(super) fn rename_delayed(&mut self) {
        for name in std::mem::take(&mut *lock(&self.run.delayed)) {
            if let Err(errno) = self.rename_one_delayed(&name) {
                self.run.failed(WHO, "rename", &self.tree, &name, errno);
            }
            self.places.remove_partial_directory(self.run, &mut self.tree, &name);
        }
    }

    pub(super) fn rename_one_delayed(&mut self, name: &[u8]) -> Result<(), Errno> {
        let run = self.run;
        let Some((from, staged)) = self.places.partial(run, &mut self.tree, name, false)? else {
            return Ok(());
        };
        if let Some(backup) = &run.options().writing.backup
            && self.tree.facts(name)?.is_some()
            && !back_up(run, WHO, &mut self.tree, &mut self.places, name, backup)
        {
            return Ok(());
        }
        let (parent, leaf) = self.tree.parent(name)?;
        from.rename(&staged, &parent, leaf)
    }

    /// Gives values of extended attributes to what needed no data.
    pub(super) fn give_values(&mut self, entry: &Entry) {
        let name = self.destination.path(entry).to_vec();
        let Ok(Some(there)) = self.run.facts(&mut self.tree, &name) else { return };
        let Ok((parent, leaf)) = self.tree.parent(&name) else { return };
        let target = Target { directory: &parent, leaf, file: None };
        let (path, old) = ((&self.tree, &name[..]), Some(target));
        let outfit = Outfit { run: self.run, who: WHO, entry, path, there: Some(&there), old };
        outfit.give(target, &there);
    }
}

/// The name of a file in the making, as messages show it.
fn template(name: &[u8]) -> Vec<u8> {
    let cut = name.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    let leaf = &name[cut..];
    [&name[..cut], b".", leaf.strip_prefix(b".").unwrap_or(leaf), b".XXXXXX"].concat()
}
