//! What the build of a pip that was killed leaves in the caller's source folder:
//! files half copied into `build`. Another build there would take them for done,
//! since they are newer than their sources (distutils, setuptools), and install
//! them as they are, with a `RECORD` that agrees.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::Dir;

use super::tree;
use crate::handles;

/// A moment by the kernel's clock for files: seconds since 1970 and nanoseconds.
pub type Moment = (i64, i64);

/// Removes from a source folder what a build has written there after `begun`.
///
/// # Errors
/// When something cannot be looked at or removed: then it cannot be built upon.
pub fn remove_unfinished(source: &Path, begun: Moment) -> io::Result<()> {
    let source = match std::fs::canonicalize(source) {
        // Its caller has removed it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        source => handles::open_path(&source?)?,
    };
    for entry in Dir::read_from(&source)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if !tree::is_of_a_build(name) {
            continue;
        }
        // A link, or no folder, is not of this build's making.
        if let Ok(build) = handles::open_folder(&source, name) {
            handles::remove_files(&build, |found| (found.st_ctime, found.st_ctime_nsec as i64) > begun)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, symlink};

    #[test]
    fn only_what_was_written_since_goes_and_only_of_the_build() {
        let root = std::env::temp_dir().join(format!("loopshim-builds-{}", super::super::random()));
        let write = |path: &str| {
            fs::create_dir_all(root.join(path).parent().expect("a folder")).expect("folders");
            fs::write(root.join(path), "x").expect("a file");
            let found = fs::metadata(root.join(path)).expect("a file");
            (found.ctime(), found.ctime_nsec())
        };
        let mut begun = write("source/build/lib/before.py");
        // The kernel's clock for files moves in steps.
        while write("clock") <= begun {}
        begun = write("clock");
        while write("clock") <= begun {}
        for path in
            ["source/build/lib/torn.py", "source/x.egg-info/SOURCES.txt", "source/own.py", "else/own.py"]
        {
            write(path);
        }
        symlink(root.join("else"), root.join("source/build/link")).expect("a link");
        symlink(root.join("else"), root.join("source/dist")).expect("a link");
        symlink(root.join("source"), root.join("named")).expect("a link");
        remove_unfinished(&root.join("named"), begun).expect("removed");
        let is_there = |path: &&str| root.join(path).exists();
        let left = ["source/build/lib/before.py", "source/own.py", "else/own.py", "source/dist/own.py"];
        assert!(left.iter().all(is_there));
        let gone = ["source/build/lib/torn.py", "source/x.egg-info/SOURCES.txt", "source/build/link"];
        assert!(!gone.iter().any(is_there));
        fs::remove_dir_all(&root).expect("removed");
        remove_unfinished(&root.join("source"), begun).expect("nothing to do");
    }
}
