//! Files that the user names in options: lists, rules, passwords, logs.

use std::fs::File;

use rustix::fs::{Mode, OFlags, PROC_SUPER_MAGIC, fstat, fstatfs};
use rustix::io::Errno;

use super::directory::Directory;
use super::facts::Facts;
use super::walk::{LINKS_MAX, Links, Trust, WayError, open_parent, target_of};

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading; of a pipe as well, which is waited for.
    Read,
    /// Reading a regular file: a pipe that anybody made is not waited for, nor are
    /// devices read.
    ReadRegular,
    /// Writing at its end; it is made where it is not there.
    Append,
}

impl Access {
    fn flags(self) -> OFlags {
        match self {
            Self::Read => OFlags::RDONLY | OFlags::CLOEXEC,
            Self::ReadRegular => OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY,
            Self::Append => OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::CLOEXEC,
        }
    }
}

/// Opens the file at `path`, which a user named: absolute, or relative to the
/// current directory. The last component may be a link too.
///
/// # Errors
/// What the system says, or a link that is not trusted; [`Errno::INVAL`] where a
/// regular file is wanted and it is none.
pub fn open_named(path: &[u8], access: Access, trust: Trust) -> Result<File, WayError> {
    let file = open_anything(path, access, trust)?;
    let is_wanted = access != Access::ReadRegular || Facts::from(fstat(&file)?).is_file();
    if is_wanted { Ok(file) } else { Err(Errno::INVAL.into()) }
}

fn open_anything(path: &[u8], access: Access, trust: Trust) -> Result<File, WayError> {
    let mut from: Option<Directory> = None;
    let mut path = path.to_vec();
    for _ in 0..=LINKS_MAX {
        let (directory, leaf) = open_parent(from.as_ref(), &path, trust)?;
        let only = if path.ends_with(b"/") { OFlags::DIRECTORY } else { OFlags::empty() };
        let flags = access.flags() | only;
        match open(&directory, &leaf, flags | OFlags::NOFOLLOW) {
            // It is a link.
            Err(Errno::LOOP) => {}
            outcome => return Ok(outcome?),
        }
        let links = if trust == Trust::All { Links::Followed } else { Links::Trusted };
        let Some(target) = target_of(&directory, &leaf, links)? else { continue };
        // What `/proc/self/fd` has is no path, but leads to what is open.
        if is_of_processes(&directory)? {
            return Ok(open(&directory, &leaf, flags)?);
        }
        (path, from) = (target, Some(directory));
    }
    Err(Errno::LOOP.into())
}

fn open(directory: &Directory, leaf: &[u8], flags: OFlags) -> Result<File, Errno> {
    let mode = Mode::from_raw_mode(0o666);
    rustix::fs::openat(directory, leaf, flags, mode).map(File::from)
}

fn is_of_processes(directory: &Directory) -> Result<bool, Errno> {
    fstatfs(directory).map(|facts| facts.f_type as u64 == PROC_SUPER_MAGIC as u64)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::{lchown, symlink};

    use super::*;

    fn read(path: &std::path::Path, trust: Trust) -> Result<String, WayError> {
        let mut text = String::new();
        let mut file = open_named(path.as_os_str().as_encoded_bytes(), Access::Read, trust)?;
        file.read_to_string(&mut text).map_err(|_| WayError::System(Errno::IO))?;
        Ok(text)
    }

    #[test]
    fn links_lead_to_files_in_any_number_of_steps() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).expect("a folder");
        std::fs::write(at("sub/file"), "text").expect("a file");
        symlink("../two", at("sub/one")).expect("a link");
        symlink("sub/file", at("two")).expect("a link");
        symlink("loop", at("loop")).expect("a link");
        symlink("sub", at("way")).expect("a link");
        for name in ["sub/file", "sub/one", "two", "way/one"] {
            assert_eq!(read(&at(name), Trust::Owned).as_deref(), Ok("text"), "{name}");
        }
        assert_eq!(read(&at("loop"), Trust::Owned), Err(Errno::LOOP.into()));
        assert_eq!(read(&at("none"), Trust::Owned), Err(Errno::NOENT.into()));
        assert_eq!(read(&at("two/"), Trust::Owned), Err(Errno::NOTDIR.into()));
    }

    #[test]
    fn links_of_others_are_followed_only_where_all_are_trusted() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "text").expect("a file");
        symlink("file", at("link")).expect("a link");
        if lchown(at("link"), Some(21_212), Some(21_212)).is_err() {
            // Only root makes links of others; CI runs as root.
            return;
        }
        assert_eq!(read(&at("link"), Trust::Owned), Err(WayError::Untrusted));
        assert_eq!(read(&at("link"), Trust::All).as_deref(), Ok("text"));
    }

    #[test]
    fn a_pipe_is_no_regular_file_and_not_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pipe");
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &path, fifo, Mode::from_raw_mode(0o600), 0).expect("a pipe");
        // Whoever waited for it would wait for ever.
        let (sender, opened) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let path = path.as_os_str().as_encoded_bytes();
            sender.send(open_named(path, Access::ReadRegular, Trust::Owned).err())
        });
        let limit = std::time::Duration::from_secs(10);
        assert_eq!(opened.recv_timeout(limit), Ok(Some(Errno::INVAL.into())));
    }

    #[test]
    fn descriptors_have_paths_too() {
        let (mut reader, mut writer) = std::io::pipe().expect("a pipe");
        let path = |file: &dyn std::os::fd::AsRawFd| format!("/dev/fd/{}", file.as_raw_fd());
        let mut log = open_named(path(&writer).as_bytes(), Access::Append, Trust::Owned).expect("opened");
        log.write_all(b"a line").expect("written");
        drop(log);
        writer.write_all(b".").expect("written");
        let mut text = [0; 7];
        reader.read_exact(&mut text).expect("read");
        assert_eq!(&text, b"a line.");
    }
}
