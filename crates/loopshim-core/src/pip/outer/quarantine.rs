//! Metadata that pip cannot cope with, moved out of its way and kept.
//!
//! Each is a directory of its own: `origin` says where it was, `content` is what
//! it was. The oldest go when there are too many or they are too large.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, lchown, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::pip::fields::Fields;
use crate::trusted::TrustedDir;

/// Most things kept.
const COUNT_MAX: usize = 100;
/// Most bytes kept.
const SIZE_MAX: u64 = 64 << 20;

/// One thing that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name in the quarantine.
    pub name: String,
    /// Where it was.
    pub origin: PathBuf,
}

/// Moves `path` into the quarantine.
///
/// # Errors
/// When it could be neither moved nor copied; then it is where it was.
pub fn keep(quarantine: &TrustedDir, path: &Path, now: Duration) -> io::Result<String> {
    let name = format!("{}-{:08x}", now.as_secs(), super::random() as u32);
    let place = quarantine.below(&name, 0o700)?;
    let origin = Fields::default().with("origin", path.as_os_str().as_bytes());
    let kept = io::Write::write_all(&mut place.make_anew("origin")?, &origin.encode())
        .and_then(|()| move_to(path, &place.path().join("content")));
    if kept.is_err() {
        // Better none than half of one.
        let _ = std::fs::remove_dir_all(place.path());
    }
    kept.map(|()| {
        bound(quarantine, &name);
        name
    })
}

/// What is in the quarantine, oldest first.
pub fn list(quarantine: &TrustedDir) -> Vec<Kept> {
    let mut names = quarantine.names().unwrap_or_default();
    names.sort();
    let kept = |name: String| {
        let text = super::site::read(&quarantine.path().join(&name).join("origin"))?;
        let origin = PathBuf::from(OsStr::from_bytes(Fields::decode(&text)?.bytes("origin")?));
        Some(Kept { name, origin })
    };
    names.into_iter().filter_map(kept).collect()
}

/// Puts one back where it was.
///
/// # Errors
/// When there is something there by now, or it could not be moved.
pub fn restore(quarantine: &TrustedDir, kept: &Kept) -> io::Result<()> {
    if std::fs::symlink_metadata(&kept.origin).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let place = quarantine.path().join(&kept.name);
    move_to(&place.join("content"), &kept.origin)?;
    std::fs::remove_dir_all(place)
}

fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy(from, to)?;
            remove(from)
        }
        result => result,
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let found = std::fs::symlink_metadata(from)?;
    if found.is_symlink() {
        return symlink(std::fs::read_link(from)?, to);
    }
    if found.is_dir() {
        std::fs::create_dir(to)?;
        std::fs::set_permissions(to, found.permissions())?;
    } else {
        std::fs::copy(from, to)?;
    }
    // Only root can give files away, and only root has others'.
    let _ = lchown(to, Some(found.uid()), Some(found.gid()));
    if !found.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(from)? {
        let name = entry?.file_name();
        copy(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}

/// Removes a file or a directory with all in it; links are not followed.
///
/// # Errors
/// Those of removing.
pub fn remove(path: &Path) -> io::Result<()> {
    let is_directory = std::fs::symlink_metadata(path)?.is_dir();
    if is_directory { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

/// Drops the oldest until the bounds are kept; never the one just added.
fn bound(quarantine: &TrustedDir, newest: &str) {
    let mut kept: Vec<(String, u64)> = list(quarantine)
        .into_iter()
        .map(|kept| (kept.name.clone(), size(&quarantine.path().join(kept.name))))
        .collect();
    kept.retain(|(name, _)| name != newest);
    while kept.len() >= COUNT_MAX || kept.iter().map(|(_, size)| size).sum::<u64>() > SIZE_MAX {
        let (oldest, _) = kept.remove(0);
        // One that stays is counted again the next time.
        let _ = std::fs::remove_dir_all(quarantine.path().join(oldest));
    }
}

fn size(path: &Path) -> u64 {
    let Ok(found) = std::fs::symlink_metadata(path) else { return 0 };
    let below = || super::site::entries(path).iter().map(|name| size(&path.join(name))).sum::<u64>();
    if found.is_dir() { below() } else { found.size() }
}
