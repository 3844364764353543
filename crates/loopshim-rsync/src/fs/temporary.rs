//! Files in the making: under a name of their own until they are complete.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::directory::Directory;
use super::random;

/// Longest name in a directory.
const NAME_MAX: usize = 255;
/// How many names are tried before giving up.
const ATTEMPTS: u32 = 100;

/// All files in the making, so that whoever ends the program can clear them
/// away. Shared by all threads.
#[derive(Debug, Clone, Default)]
pub struct Temporaries(Arc<All>);

#[derive(Debug, Default)]
struct All {
    /// Shared while one is made, so that several can be at a time; taken for
    /// good when all are cleared away, so that nothing is made after.
    gate: RwLock<()>,
    live: Mutex<Live>,
}

#[derive(Debug, Default)]
struct Live {
    files: Vec<Option<Arc<Place>>>,
    /// Which of `files` are none.
    free: Vec<usize>,
}

impl Live {
    fn add(&mut self, place: &Arc<Place>) -> usize {
        let number = self.free.pop().unwrap_or_else(|| {
            self.files.push(None);
            self.files.len() - 1
        });
        self.files[number] = Some(Arc::clone(place));
        number
    }

    fn remove(&mut self, number: usize) {
        self.files[number] = None;
        self.free.push(number);
    }
}

#[derive(Debug, Clone)]
struct Place {
    directory: Directory,
    name: Vec<u8>,
    /// Where an interrupted run leaves what it has (`--partial`).
    kept_as: Option<(Directory, Vec<u8>)>,
}

/// A file in the making. Dropped, it is gone.
#[derive(Debug)]
pub struct Temporary {
    all: Temporaries,
    number: usize,
    place: Arc<Place>,
    is_open: bool,
}

impl Temporaries {
    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates a file in `directory` that is to become `leaf`, and says where
    /// it stays if the run is interrupted.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(
        &self,
        directory: &Directory,
        leaf: &[u8],
        permissions: u16,
    ) -> Result<(Temporary, OwnedFd), Errno> {
        self.make(directory, leaf, |name| directory.create(name, permissions))
    }

    /// Makes something else than a file in `directory` that is to become `leaf`.
    ///
    /// # Errors
    /// What `make` says, but that the name exists.
    pub fn make<T>(
        &self,
        directory: &Directory,
        leaf: &[u8],
        make: impl Fn(&[u8]) -> Result<T, Errno>,
    ) -> Result<(Temporary, T), Errno> {
        let mut attempts = 0;
        loop {
            let name = temporary_name(leaf, &random::six());
            attempts += 1;
            // Held until it is noted, so that what is made is cleared away too.
            let _open = self.0.gate.read().unwrap_or_else(PoisonError::into_inner);
            match make(&name) {
                Err(Errno::EXIST) if attempts < ATTEMPTS => {}
                Err(errno) => return Err(errno),
                Ok(made) => {
                    let place = Arc::new(Place { directory: directory.clone(), name, kept_as: None });
                    let number = self.live().add(&place);
                    return Ok((Temporary { all: self.clone(), number, place, is_open: true }, made));
                }
            }
        }
    }

    /// Clears all away, for the end of the program: whoever makes another
    /// waits forever.
    pub fn clear_for_good(&self) {
        let closed = self.0.gate.write().unwrap_or_else(PoisonError::into_inner);
        let mut live = self.live();
        live.files.drain(..).flatten().for_each(|place| place.clear());
        std::mem::forget((closed, live));
    }
}

impl Place {
    /// Nothing can be done about a failure: whoever ends the program ends it.
    fn clear(&self) {
        // What nothing has come of is not worth the file in its place.
        let has_data = self.directory.facts(&self.name).is_ok_and(|facts| facts.length > 0);
        match self.kept_as.as_ref().filter(|_| has_data) {
            Some((directory, leaf)) => {
                let _ = self.directory.rename(&self.name, directory, leaf);
            }
            None => {
                let _ = self.directory.remove(&self.name);
            }
        }
    }
}

impl Temporary {
    /// Where it lies.
    pub fn directory(&self) -> &Directory {
        &self.place.directory
    }

    /// Its name for the time being.
    pub fn name(&self) -> &[u8] {
        &self.place.name
    }

    /// Says where it is left if the run is interrupted.
    pub fn keep_as(&mut self, directory: &Directory, leaf: &[u8]) {
        let kept_as = Some((directory.clone(), leaf.to_vec()));
        self.place = Arc::new(Place { kept_as, ..Place::clone(&self.place) });
        self.all.live().files[self.number] = Some(Arc::clone(&self.place));
    }

    /// Gives it its name, in place of what has it.
    ///
    /// # Errors
    /// What the system says; the file is gone then.
    pub fn rename(mut self, directory: &Directory, leaf: &[u8]) -> Result<(), Errno> {
        let outcome = self.place.directory.rename(&self.place.name, directory, leaf);
        if outcome.is_ok() {
            self.is_open = false;
            self.all.live().remove(self.number);
        }
        outcome
    }

    /// Leaves it as it is, under its present name.
    pub fn leave(mut self) {
        self.is_open = false;
        self.all.live().remove(self.number);
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.is_open {
            let mut live = self.all.live();
            live.remove(self.number);
            let _ = self.place.directory.remove(&self.place.name);
        }
    }
}

/// `.NAME.XXXXXX`, cut where it would be too long for a directory.
fn temporary_name(leaf: &[u8], random: &[u8; 6]) -> Vec<u8> {
    let stem = leaf.strip_prefix(b".").unwrap_or(leaf);
    let mut kept = &stem[..stem.len().min(NAME_MAX - random.len() - 2)];
    // Not in the middle of a character of UTF-8.
    if kept.len() < stem.len() {
        while kept.len() > 1 && stem[kept.len()] & 0xc0 == 0x80 {
            kept = &kept[..kept.len() - 1];
        }
    }
    [b".", kept, b".", &random[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::super::{Trust, open_directory};
    use super::*;

    #[test]
    fn names_are_as_the_originals_and_fit() {
        assert_eq!(temporary_name(b"name", b"abcdef"), b".name.abcdef");
        let long = temporary_name(&[b'x'; 255], b"abcdef");
        assert_eq!(long.len(), 255);
        let wide = "\u{fc}".repeat(127);
        assert!(String::from_utf8(temporary_name(wide.as_bytes(), b"abcdef")).is_ok());
    }

    #[test]
    fn what_is_dropped_is_gone_and_what_is_renamed_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let directory =
            open_directory(folder.path().as_os_str().as_encoded_bytes(), Trust::Owned).expect("opened");
        let all = Temporaries::default();
        drop(all.create(&directory, b"a", 0o600).expect("made"));
        assert!(directory.children().expect("listed").is_empty());
        let (temporary, _) = all.create(&directory, b"a", 0o600).expect("made");
        temporary.rename(&directory, b"a").expect("renamed");
        let (left, _) = all.create(&directory, b"b", 0o600).expect("made");
        let (mut empty, _) = all.create(&directory, b"d", 0o600).expect("made");
        empty.keep_as(&directory, b"d");
        let (mut kept, file) = all.create(&directory, b"c", 0o600).expect("made");
        rustix::io::write(&file, b"some").expect("written");
        kept.keep_as(&directory, b"c");
        all.clear_for_good();
        std::mem::forget((left, empty, kept));
        let children = directory.children().expect("listed");
        let mut names: Vec<_> = children.iter().map(|child| child.name).collect();
        names.sort_unstable();
        assert_eq!(names, [b"a", b"c"]);
    }
}
