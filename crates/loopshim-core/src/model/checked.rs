//! What a run that has read all of a `bmc.json` leaves for those after it:
//! that the file is as documented, and where in it the sensors and their
//! records are, which is most of a large one. Who needs neither then passes
//! over them, and who does reads the whole file as if nothing were known.
//!
//! The note counts for one state of one file only: the same inode, size and
//! times of change. It is never made of a file that may still be changed within
//! the grain of those times, nor of one that names other files, of which it
//! would say nothing.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use md5::{Digest, Md5};

use crate::World;
use crate::file;
use crate::ipmitool::text::hex;
use crate::json::{self, Fault, Reader};
use crate::json_file::SIZE_MAX;
use crate::ledger::DIRECTORY;
use crate::trusted::TrustedDir;
use crate::world::absolute;

/// Bytes of a file below which it is read whole as fast as a note is found.
const WORTHWHILE: u64 = 4096;
/// Seconds for which a changed file counts as still being changed.
const SETTLED: i64 = 2;
/// Largest note, in bytes.
const NOTE_MAX: u64 = 512;
/// Ends a note, or it was not written to its end.
const END: &str = " .\n";

/// A value, and the bytes of the file that it was read from.
#[derive(Debug)]
pub(super) struct Placed<T> {
    pub(super) value: Option<T>,
    place: Range<usize>,
}

impl<T> Default for Placed<T> {
    fn default() -> Self {
        Self { value: None, place: 0..0 }
    }
}

impl<T: json::Read> json::Slot for Placed<T> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        reader.peek();
        let start = reader.place();
        self.value.fill(reader)?;
        self.place = start..reader.place();
        Ok(())
    }
}

impl<T> Placed<T> {
    /// Where it is; empty where it is not given.
    pub(super) fn place(&self) -> Range<usize> {
        self.place.clone()
    }
}

/// What is where a file may be.
pub(super) enum Opened {
    /// A file of which a note is worth its while.
    Worthwhile(Described),
    /// Nothing.
    Absent,
    /// A file that is small, too large or no plain one, or that cannot be opened:
    /// whoever reads it whole says what is wrong.
    Other,
}

/// A file that has been opened, as it is now.
pub(super) struct Described {
    file: File,
    path: PathBuf,
    size: u64,
    /// What tells this state of the file from others.
    stamp: String,
    /// When it was last changed, in seconds since 1970.
    changed: i64,
}

impl Described {
    /// Opens the file at `path`.
    pub(super) fn open(path: &Path) -> Opened {
        match file::open(path) {
            Ok(file) => Self::of(file, path).map_or(Opened::Other, Opened::Worthwhile),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Opened::Absent,
            Err(_) => Opened::Other,
        }
    }

    fn of(file: File, path: &Path) -> Option<Self> {
        let found = file.metadata().ok().filter(|found| found.is_file())?;
        Some(()).filter(|()| (WORTHWHILE..=SIZE_MAX).contains(&found.len()))?;
        let stamp = format!(
            "loopshim-checked {} {} {} {} {}.{} {}.{}",
            env!("CARGO_PKG_VERSION"),
            found.dev(),
            found.ino(),
            found.size(),
            found.mtime(),
            found.mtime_nsec(),
            found.ctime(),
            found.ctime_nsec()
        );
        let changed = found.mtime().max(found.ctime());
        Some(Self { file, path: path.to_owned(), size: found.len(), stamp, changed })
    }

    /// All of its text.
    pub(super) fn text(&self) -> io::Result<Vec<u8>> {
        self.part(0..self.size)
    }

    /// Its path, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its text with `null` in place of what was noted; `None` without a note.
    pub(super) fn text_without_noted(&self, world: &World) -> Option<Vec<u8>> {
        let folder = TrustedDir::open(world, DIRECTORY).ok()?;
        let mut note = String::with_capacity(NOTE_MAX as usize);
        folder.read(&self.name("checked")).ok()?.take(NOTE_MAX).read_to_string(&mut note).ok()?;
        let places = note.strip_prefix(&self.stamp)?.strip_suffix(END)?;
        let mut text = Vec::new();
        let mut at = 0;
        for place in places.split_ascii_whitespace() {
            let (start, end) = place.split_once('-')?;
            let (start, end) = (start.parse().ok()?, end.parse().ok()?);
            text.extend(self.part(at..start).ok()?);
            text.extend(b"null");
            at = end;
        }
        text.extend(self.part(at..self.size).ok()?);
        Some(text)
    }

    fn part(&self, place: Range<u64>) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; place.end.saturating_sub(place.start) as usize];
        self.file.read_exact_at(&mut bytes, place.start)?;
        Ok(bytes)
    }

    /// Notes that all of the file is as documented, and what is at `places`.
    /// Silent, whatever happens: the next run reads it whole again.
    pub(super) fn note(&self, world: &World, places: [Range<usize>; 2]) {
        let _ = self.try_note(world, places);
    }

    fn try_note(&self, world: &World, mut places: [Range<usize>; 2]) -> io::Result<()> {
        let now =
            (world.clock)().duration_since(SystemTime::UNIX_EPOCH).as_ref().map_or(0, Duration::as_secs);
        if (now as i64) < self.changed.saturating_add(SETTLED) {
            return Ok(());
        }
        places.sort_by_key(|place| place.start);
        let given = places.iter().filter(|place| !place.is_empty());
        let places: String = given.map(|place| format!(" {}-{}", place.start, place.end)).collect();
        let folder = TrustedDir::open_or_make(world, DIRECTORY, 0o755)?;
        let Some(_lock) = folder.try_lock(&self.name("lock"))? else { return Ok(()) };
        let temporary = self.name("checked.new");
        folder.make_anew(&temporary)?.write_all(format!("{}{places}{END}", self.stamp).as_bytes())?;
        folder.rename(&temporary, &self.name("checked"))
    }

    fn name(&self, ending: &str) -> String {
        let digest = Md5::digest(absolute(&self.path).as_os_str().as_bytes());
        format!("model-{}.{ending}", hex(&digest))
    }
}
