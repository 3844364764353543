//! The processes, and how many handles they hold (`proc(5)`). Read by paths,
//! not step by step through the root: nothing can be planted in `/proc`, and
//! there may be a hundred thousand handles.

use std::fs;
use std::path::{Path, PathBuf};

use super::limits::{self, Limit};
use crate::machine::root::Root;

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its name, as the kernel has it.
    pub name: String,
    folder: PathBuf,
}

impl Process {
    /// All that can be seen, by number.
    pub fn all(root: &Root) -> Vec<Self> {
        let proc = root.path("/proc");
        let entries = fs::read_dir(&proc).into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut all: Vec<Self> = pids.filter_map(|pid| Self::at(&proc, pid)).collect();
        all.sort_by_key(|process| process.pid);
        all
    }

    /// One of that number.
    pub fn of(root: &Root, pid: u32) -> Option<Self> {
        Self::at(&root.path("/proc"), pid)
    }

    fn at(proc: &Path, pid: u32) -> Option<Self> {
        let folder = proc.join(pid.to_string());
        let name = fs::read(folder.join("comm")).ok()?;
        Some(Self { pid, name: String::from_utf8_lossy(name.trim_ascii_end()).into_owned(), folder })
    }

    /// Its arguments.
    pub fn arguments(&self) -> Vec<String> {
        let line = fs::read(self.folder.join("cmdline")).unwrap_or_default();
        let words = line.strip_suffix(b"\0").unwrap_or(&line).split(|&byte| byte == 0);
        words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
    }

    /// Its soft and hard limit of open files.
    pub fn open_files_limit(&self) -> Option<(Limit, Limit)> {
        limits::open_files(&fs::read_to_string(self.folder.join("limits")).ok()?)
    }

    /// How many handles it holds; `None` when that may not be seen.
    pub fn handles(&self, counter: &Counter) -> Option<u64> {
        let folder = self.folder.join("fd");
        if counter.by_size {
            // st_size of the directory is their number since Linux 6.2.
            return rustix::fs::stat(&folder)
                .ok()
                .filter(|_| may_read(&folder))
                .map(|found| found.st_size as u64);
        }
        fs::read_dir(&folder).ok().map(|entries| entries.count() as u64)
    }
}

fn may_read(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::READ_OK).is_ok()
}

/// How handles are counted on this kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    by_size: bool,
}

impl Counter {
    /// Finds out by this process, which holds some for certain.
    pub fn of_this_kernel() -> Self {
        Self { by_size: rustix::fs::stat("/proc/self/fd").is_ok_and(|found| found.st_size > 0) }
    }

    /// As kernels before 6.2 make it necessary: by reading the directory.
    pub fn by_reading() -> Self {
        Self { by_size: false }
    }
}

/// The number of handles of each process that holds any, the most first.
pub fn holders(root: &Root, counter: &Counter) -> Vec<(Process, u64)> {
    let counted = Process::all(root).into_iter().filter_map(|process| {
        let handles = process.handles(counter)?;
        Some((process, handles))
    });
    let mut holders: Vec<_> = counted.filter(|(_, handles)| *handles > 0).collect();
    holders.sort_by_key(|(process, handles)| (std::cmp::Reverse(*handles), process.pid));
    holders
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn both_ways_of_counting_agree_and_see_what_is_opened() {
        let root = Root::open(Path::new("/")).expect("a root");
        // Another process: what this one has open changes with every other test.
        let script = "exec 3</dev/null 4</dev/null 5</dev/null 6</dev/null; echo ready; read line";
        let mut child = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("ready");
        let one = Process::of(&root, child.id()).expect("the shell");
        let read = one.handles(&Counter::by_reading()).expect("a number");
        assert!((7..16).contains(&read), "{read}");
        assert_eq!(one.handles(&Counter::of_this_kernel()), Some(read));
        assert!(holders(&root, &Counter::of_this_kernel()).iter().any(|(process, _)| process.pid == one.pid));
        assert!(one.open_files_limit().is_some() && !one.arguments().is_empty());
        drop(child.stdin.take());
        child.wait().expect("an end");
    }
}
