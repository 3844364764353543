//! Writing a file so that at every moment there is the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `text` to `path`. Without `replaces` it must not be there.
///
/// # Errors
/// In a sentence that names the file.
pub(crate) fn write(path: &Path, text: &[u8], replaces: bool) -> Result<(), String> {
    let draft = beside(path);
    let written = write_draft(&draft, text, path).and_then(|()| install(&draft, path, replaces));
    if written.is_err() {
        // It may never have been made.
        let _ = fs::remove_file(&draft);
    }
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => format!("{} exists: --force replaces it", path.display()),
        _ => format!("cannot write {}: {error}", path.display()),
    })
}

/// Makes a folder that may be there.
///
/// # Errors
/// In a sentence that names it.
pub(crate) fn make_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| format!("cannot make {}: {error}", path.display()))
}

/// A name of our own in the same folder, which `rename` can take the file from.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

/// Writes the draft of `path`, with the permissions that the file has.
fn write_draft(draft: &Path, text: &[u8], path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(draft)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(text)?;
    file.sync_all()
}

fn install(draft: &Path, path: &Path, replaces: bool) -> io::Result<()> {
    if replaces {
        fs::rename(draft, path)?;
    } else {
        // Unlike a renaming, a link never takes another file's place.
        fs::hard_link(draft, path)?;
        fs::remove_file(draft)?;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
