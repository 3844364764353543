//! A listening UNIX socket that takes nobody's place and leaves nothing behind.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A socket file of this process; it is removed when dropped, unless something
/// else has taken its name meanwhile.
pub(crate) struct Socket {
    path: PathBuf,
    /// Device and inode of the file as created.
    identity: (u64, u64),
    /// The listening end.
    pub(crate) listener: UnixListener,
}

impl Socket {
    /// Listens at `path`, which only the user may connect to.
    ///
    /// # Errors
    /// When something is there that is not a socket left behind by a server of
    /// the same user, or when the file cannot be made.
    pub(crate) fn listen(path: &Path) -> Result<Self, String> {
        remove_stale(path)?;
        let cannot = |error: io::Error| format!("cannot listen on {}: {error}", path.display());
        let listener = UnixListener::bind(path).map_err(cannot)?;
        let meta = fs::symlink_metadata(path).map_err(cannot)?;
        let socket = Self { path: path.to_owned(), identity: (meta.dev(), meta.ino()), listener };
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(cannot)?;
        Ok(socket)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let ours = |meta: &fs::Metadata| (meta.dev(), meta.ino()) == self.identity;
        if fs::symlink_metadata(&self.path).is_ok_and(|meta| ours(&meta)) {
            // What cannot be removed is found stale by the next server.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn remove_stale(path: &Path) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("{} exists and {why}: not touched", path.display()));
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    if !meta.file_type().is_socket() {
        return refuse("is not a socket");
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return refuse("belongs to another user");
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
        _ => return refuse("is being served"),
    }
    fs::remove_file(path).map_err(|error| format!("cannot remove the stale {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of the test's own, removed at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("loopshim-socket-{name}-{}", std::process::id()));
            fs::create_dir(&path).expect("a fresh folder");
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn files_links_and_live_sockets_are_left_alone() {
        let folder = Folder::new("taken");
        let path = folder.0.join("socket");
        let refusal = || Socket::listen(&path).map(drop).expect_err("a refusal");
        fs::write(&path, "precious").expect("a file");
        assert!(refusal().ends_with("exists and is not a socket: not touched"));
        assert_eq!(fs::read(&path).expect("the file"), b"precious");
        fs::remove_file(&path).expect("the file");
        std::os::unix::fs::symlink("elsewhere", &path).expect("a link");
        assert!(refusal().contains("is not a socket"));
        fs::remove_file(&path).expect("the link");
        let live = UnixListener::bind(&path).expect("a socket");
        assert!(refusal().contains("is being served"));
        drop(live);
        assert!(Socket::listen(&path).is_ok(), "a stale socket is replaced");
    }

    #[test]
    fn only_ones_own_socket_is_removed() {
        let folder = Folder::new("removal");
        let path = folder.0.join("socket");
        let socket = Socket::listen(&path).expect("a socket");
        assert_eq!(fs::metadata(&path).expect("the socket").mode() & 0o777, 0o600);
        drop(socket);
        assert!(!path.exists());
        let socket = Socket::listen(&path).expect("a socket");
        fs::rename(&path, folder.0.join("moved")).expect("a move");
        fs::write(&path, "somebody else's").expect("a file");
        drop(socket);
        assert!(path.exists());
    }
}
