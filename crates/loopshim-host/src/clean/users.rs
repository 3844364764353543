//! What all processes have in use, looked at once for all candidates. A file is
//! known by device and inode, so that another name, another mount or another
//! root makes no difference.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use loopshim_core::handles;

use super::tree::Tree;

/// What is in use.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// Files that are open, mapped, or a working or root directory, and whose.
    files: HashMap<(u64, u64), u32>,
    /// The arguments of each process.
    arguments: Vec<(u32, String)>,
    /// Inodes that somebody has locked; the device is the kernel's business.
    locked: Vec<u64>,
    mounts: Vec<Vec<u8>>,
    /// What could not be seen, so that nothing can be ruled out.
    blind: Option<String>,
}

impl Users {
    /// Looks at all processes but this one.
    pub(super) fn look() -> Self {
        let mut users = Self::default();
        let proc = Path::new("/proc");
        match fs::read(proc.join("self/mountinfo")) {
            Ok(text) => users.mounts = handles::mount_points(&text),
            Err(error) => users.blind = Some(format!("/proc/self/mountinfo: {error}")),
        }
        let locks = fs::read_to_string(proc.join("locks")).unwrap_or_default();
        let inode = |line: &str| line.split_whitespace().nth(5)?.rsplit(':').next()?.parse().ok();
        users.locked = locks.lines().filter_map(inode).collect();
        match fs::read_dir(proc) {
            Ok(entries) => {
                let pids =
                    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
                for pid in pids.filter(|&pid| pid != std::process::id()) {
                    users.process(&proc.join(pid.to_string()), pid);
                }
            }
            Err(error) => users.blind = Some(format!("/proc: {error}")),
        }
        users
    }

    fn process(&mut self, folder: &Path, pid: u32) {
        for link in ["cwd", "root", "exe"] {
            self.file(&folder.join(link), pid);
        }
        match fs::read_dir(folder.join("fd")) {
            Ok(entries) => entries.flatten().for_each(|entry| self.file(&entry.path(), pid)),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.blind = Some(format!("what process {pid} has open may not be seen: only root may"));
            }
            // It has ended.
            Err(_) => {}
        }
        let line = fs::read(folder.join("cmdline")).unwrap_or_default();
        self.arguments.push((pid, String::from_utf8_lossy(&line).into_owned()));
        self.mapped(folder, pid);
    }

    fn file(&mut self, link: &Path, pid: u32) {
        // Sockets and pipes are not looked up: they have no path.
        if fs::read_link(link).is_ok_and(|to| to.as_os_str().as_bytes().starts_with(b"/"))
            && let Ok(found) = fs::metadata(link)
        {
            self.files.insert((found.dev(), found.ino()), pid);
        }
    }

    fn mapped(&mut self, folder: &Path, pid: u32) {
        let maps = fs::read(folder.join("maps")).unwrap_or_default();
        let mut last: &[u8] = &[];
        for line in maps.split(|&byte| byte == b'\n') {
            // START-END PERMISSIONS OFFSET DEVICE INODE …; a file's parts follow one another.
            let mut blanks = (0..line.len()).filter(|&at| line[at] == b' ').skip(2);
            let (Some(start), Some(end)) = (blanks.next(), blanks.nth(1)) else { continue };
            let file = &line[start + 1..end];
            if file == last || file.ends_with(b" 0") {
                continue;
            }
            last = file;
            self.files.extend(mapped_file(file).map(|file| (file, pid)));
        }
    }

    /// Who uses something in a tree, in words.
    pub(super) fn of(&self, tree: &Tree, paths: &[PathBuf]) -> Option<String> {
        if let Some(blind) = &self.blind {
            return Some(format!("whether it is in use cannot be known: {blind}"));
        }
        if let Some(pid) = tree.files.iter().find_map(|file| self.files.get(file)) {
            return Some(format!("process {pid} uses it"));
        }
        if tree.files.iter().any(|(_, inode)| self.locked.contains(inode)) {
            return Some("something in it is locked".to_owned());
        }
        for path in paths {
            let text = path.to_string_lossy();
            if let Some((pid, _)) = self.arguments.iter().find(|(_, line)| line.contains(&*text)) {
                return Some(format!("process {pid} names it among its arguments"));
            }
            if self.mounts.iter().any(|point| Path::new(std::ffi::OsStr::from_bytes(point)).starts_with(path))
            {
                return Some("something is mounted there".to_owned());
            }
        }
        None
    }
}

/// A device in hexadecimal digits and an inode, as `fe:01 1234`.
fn mapped_file(text: &[u8]) -> Option<(u64, u64)> {
    let (device, inode) = std::str::from_utf8(text).ok()?.split_once(' ')?;
    let (major, minor) = device.split_once(':')?;
    let number = |text| u32::from_str_radix(text, 16).ok();
    Some((rustix::fs::makedev(number(major)?, number(minor)?), inode.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_files_are_known_by_device_and_inode() {
        let mut users = Users::default();
        let folder = tempfile::tempdir().expect("a folder");
        let maps = "00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/dbus-daemon\n\
                    00651000-00652000 r--p 00051000 08:02 173521      /usr/bin/dbus-daemon\n\
                    00e03000-00e24000 rw-p 00000000 00:00 0           [heap]\n";
        fs::write(folder.path().join("maps"), maps).expect("a file");
        users.mapped(folder.path(), 7);
        assert_eq!(users.files, HashMap::from([((rustix::fs::makedev(8, 2), 173_521), 7)]));
    }
}
