//! The real pip.

use std::path::Path;

use crate::pip::settings::Settings;
use crate::trusted::TrustedDir;
use crate::{FindOriginal, Original, Tool, World, original};

/// Finds the real pip: the one that `LOOPSHIM_REAL_PIP` names, else the original
/// we stand in for.
pub fn find(world: &World, settings: &Settings, find: FindOriginal) -> Option<Original> {
    match &settings.real_pip {
        Some(words) => original::from_command_line(world, words),
        None => find(world, Tool::Pip3).map(|original| under_our_name(world, original)),
    }
}

/// pip's script calls itself by its file's name in its messages: where it was
/// set aside under another name, it is called by a link that has ours. Without
/// such a link it is called as it is.
fn under_our_name(world: &World, mut original: Original) -> Original {
    let Some(name) =
        Path::new(&world.program).file_name().filter(|name| Some(*name) != original.path.file_name())
    else {
        return original;
    };
    let link = || -> Option<std::path::PathBuf> {
        let directory = names(world)?;
        let link = directory.path().join(name);
        match std::fs::read_link(&link) {
            Ok(to) if to == original.path => {}
            found => {
                if found.is_ok() {
                    std::fs::remove_file(&link).ok()?;
                }
                std::os::unix::fs::symlink(&original.path, &link).ok()?;
            }
        }
        Some(link)
    };
    match link() {
        Some(path) => {
            original.path = path;
            original
        }
        None => original,
    }
}

/// The directory of the links.
fn names(world: &World) -> Option<TrustedDir> {
    super::places::runtime(world)?.below("names", 0o700).ok()
}
