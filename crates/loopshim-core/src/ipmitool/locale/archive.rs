//! `/usr/lib/locale/locale-archive`: many locales in one file, found by a hash
//! of the name (glibc's `locarchive.h`, as observed in its files).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::find::Category;
use super::locale_file::LocaleFile;

const MAGIC: u32 = 0xDE02_0109;
/// Bytes of a name's entry: hash, name offset, record offset.
const ENTRY: u64 = 12;
/// Entries looked at when the table is full of collisions.
const PROBES_MAX: u32 = 1 << 16;

/// Looks for the category of the locale `name` (codeset normalised).
pub(super) fn find(path: &Path, name: &[u8], category: &Category) -> Option<LocaleFile> {
    let file = File::open(path).ok()?;
    let [magic, _, table, _, size] = words(&file, 0)?;
    if magic != MAGIC || size < 3 {
        return None;
    }
    let record = record_of(&file, table, size, name)?;
    let [offset, len] = words(&file, u64::from(record) + 4 + 8 * u64::from(category.number))?;
    let fits = u64::from(offset) + u64::from(len) <= file.metadata().ok()?.len();
    fits.then(|| LocaleFile::new(file, offset.into(), len.into(), category)).flatten()
}

fn record_of(file: &File, table: u32, size: u32, name: &[u8]) -> Option<u32> {
    let wanted = hash(name);
    let step = 1 + wanted % (size - 2);
    let mut index = wanted % size;
    for _ in 0..size.min(PROBES_MAX) {
        let [found, text, record] = words(file, u64::from(table) + ENTRY * u64::from(index))?;
        if text == 0 {
            return None;
        }
        if found == wanted && is_string(file, text, name) {
            return Some(record);
        }
        index = ((u64::from(index) + u64::from(step)) % u64::from(size)) as u32;
    }
    None
}

fn is_string(file: &File, offset: u32, text: &[u8]) -> bool {
    let mut found = vec![1; text.len() + 1];
    let read = file.read_exact_at(&mut found, offset.into());
    read.is_ok() && found.strip_suffix(&[0]) == Some(text)
}

/// glibc's hash of a name: a rotation by nine bits per byte.
fn hash(name: &[u8]) -> u32 {
    let start = name.len() as u32;
    let value = name.iter().fold(start, |value, &byte| value.rotate_left(9).wrapping_add(byte.into()));
    if value == 0 { u32::MAX } else { value }
}

fn words<const N: usize>(file: &File, offset: u64) -> Option<[u32; N]> {
    let mut bytes = vec![0; 4 * N];
    file.read_exact_at(&mut bytes, offset).ok()?;
    let mut words = [0; N];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = u32::from_ne_bytes(bytes.try_into().ok()?);
    }
    Some(words)
}
