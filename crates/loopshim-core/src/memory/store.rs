//! The file a controller's state is kept in: `bmc-FINGERPRINT.state` below
//! `/var/lib/loopshim`, readable to its owner only (it holds passwords).
//!
//! Whoever changes it holds the lock, writes the new state under another name,
//! waits until it is on the disk, and renames it: at any instant the file is
//! the old state or the new one. Reading needs no lock.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ipmi::Bmc;
use ipmi::bmc::State;

use crate::trusted::TrustedDir;
use crate::world::absolute;

/// Largest file read, in bytes: more than all that a controller can hold.
const SIZE_MAX: u64 = 32 << 20;
/// Most files are smaller.
const SIZE_USUAL: usize = 512;
/// How long to wait for others to finish.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at a lock that is held.
const PAUSE: Duration = Duration::from_millis(1);

/// Where one controller's state is kept.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    name: String,
}

/// The right to change a [`Store`], for as long as this value lives.
pub struct Lock {
    folder: TrustedDir,
    _file: File,
}

impl Store {
    /// The store of a controller, in a folder that need not be there yet. A
    /// machine described in a `file` that is not the system's has one of its own.
    pub fn of(bmc: &Bmc, file: Option<&Path>, folder: PathBuf) -> Self {
        let file = file.map(absolute);
        let fingerprint = bmc.fingerprint(file.unwrap_or_default().as_os_str().as_bytes());
        Self { folder, name: format!("bmc-{fingerprint:016x}") }
    }

    /// The file's bytes; those of an empty state when there is no file.
    ///
    /// # Errors
    /// When it is there and cannot be read, or is not ours.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        match TrustedDir::at(&self.folder).and_then(|folder| folder.read(&self.file("state"))) {
            Ok(file) => {
                let mut bytes = Vec::with_capacity(SIZE_USUAL);
                file.take(SIZE_MAX).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::default().encode()),
            Err(error) => Err(error),
        }
    }

    /// Takes the lock, making the folder first if need be.
    ///
    /// # Errors
    /// When that is not possible, or took others longer than ten seconds
    /// (`TimedOut`).
    pub fn lock(&self) -> io::Result<Lock> {
        let folder = TrustedDir::at_or_made(&self.folder, 0o755)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(file) = folder.try_lock(&self.file("lock"))? {
                return Ok(Lock { folder, _file: file });
            }
            if Instant::now() > deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Replaces the file's bytes, and returns when they are on the disk.
    ///
    /// # Errors
    /// When that is not possible; the file then holds what it held.
    pub fn write(&self, lock: &Lock, bytes: &[u8]) -> io::Result<()> {
        let (temporary, name) = (self.file("state.new"), self.file("state"));
        let mut file = lock.folder.make_anew(&temporary)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // A full disk is not to stay full because of us.
            let _ = lock.folder.remove(&temporary);
            return Err(error);
        }
        lock.folder.rename(&temporary, &name)?;
        lock.folder.sync()
    }

    /// Gives the file another name, over what was set aside before.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn set_aside(&self, lock: &Lock) -> io::Result<()> {
        lock.folder.rename(&self.file("state"), &self.file("damaged"))?;
        lock.folder.sync()
    }

    /// The file, and what it is called once set aside.
    pub fn paths(&self) -> (PathBuf, PathBuf) {
        let path = |ending| Path::new(&self.folder).join(self.file(ending));
        (path("state"), path("damaged"))
    }

    fn file(&self, ending: &str) -> String {
        format!("{}.{ending}", self.name)
    }
}
