//! One category of a compiled locale: a magic number, a count, the offsets of
//! that many values, and the values, in the machine's byte order (glibc's
//! `loadlocale.c`, as observed in its files).

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::find::Category;

/// Largest category read whole; LC_TIME has three thousand bytes.
const ALL_MAX: u64 = 1 << 20;
/// Longest string looked at on its own.
const STRING_MAX: usize = 64;

/// The bytes of a category, in a file of its own or within the archive.
#[derive(Debug)]
pub(super) struct LocaleFile {
    file: File,
    start: u64,
    len: u64,
}

impl LocaleFile {
    /// The category `category` in `len` bytes from `start` on, if it is one.
    pub(super) fn new(file: File, start: u64, len: u64, category: &Category) -> Option<Self> {
        let found = Self { file, start, len };
        let count = u64::from(found.word(4)?);
        let fits = 8 + 4 * count <= len;
        (found.word(0)? == category.magic && count > category.codeset as u64 && fits).then_some(found)
    }

    /// The string numbered `index`, cut to a length no wanted string has.
    pub(super) fn string(&self, index: usize) -> Option<Vec<u8>> {
        let offset = u64::from(self.word(8 + 4 * index as u64)?);
        let len = STRING_MAX.min(usize::try_from(self.len.checked_sub(offset)?).ok()?);
        let mut text = vec![0; len];
        self.file.read_exact_at(&mut text, self.start + offset).ok()?;
        let end = text.iter().position(|&byte| byte == 0)?;
        text.truncate(end);
        Some(text)
    }

    /// All bytes of the category.
    pub(super) fn all(&self) -> Option<Vec<u8>> {
        let len = Some(self.len).filter(|&len| len <= ALL_MAX)?;
        let mut bytes = vec![0; len as usize];
        self.file.read_exact_at(&mut bytes, self.start).ok()?;
        Some(bytes)
    }

    fn word(&self, offset: u64) -> Option<u32> {
        if offset + 4 > self.len {
            return None;
        }
        let mut word = [0; 4];
        self.file.read_exact_at(&mut word, self.start + offset).ok()?;
        Some(u32::from_ne_bytes(word))
    }
}
