//! What the kernel tells of processes (`proc(5)`).

use std::path::Path;

/// Which of these signals this process does not ignore.
pub fn not_ignored<const N: usize>(signals: [i32; N]) -> impl Iterator<Item = i32> {
    // A bit each, number 1 the lowest.
    let ignored = own_status("SigIgn:").and_then(|mask| u64::from_str_radix(&mask, 16).ok()).unwrap_or(0);
    signals.into_iter().filter(move |signal| ignored >> (signal - 1) & 1 == 0)
}

/// Has the kernel tell how children end, also where our starter has it not keep
/// that (SIGCHLD ignored, which a process inherits).
pub fn keep_children() {
    // What is set is of no interest, only that the signal is not ignored.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGCHLD, Default::default());
}

/// This process's file mode creation mask, in octal.
pub fn umask() -> Option<String> {
    own_status("Umask:")
}

fn own_status(name: &str) -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
}

/// Whether `ancestor` started, or had started, this process.
pub fn is_ancestor(ancestor: u32) -> bool {
    const DEPTH_MAX: usize = 128;
    let mut pid = std::process::id();
    for _ in 0..DEPTH_MAX {
        match crate::recorder::stat(Path::new(&format!("/proc/{pid}"))) {
            Some((_, parent)) if parent == ancestor => return true,
            Some((_, parent)) if parent > 1 => pid = parent,
            _ => return false,
        }
    }
    false
}

/// Whether somebody has stopped a process (`SIGSTOP`, or a key).
pub fn is_stopped(pid: u32) -> bool {
    Stat::of(pid).is_some_and(|stat| stat.state == b'T')
}

/// What shows whether processes move: their processor time and what they read
/// and wrote, and which they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Movement(Vec<(u32, u64, u64)>);

impl Movement {
    /// Of all processes in the group that `leader` leads and in our session, and
    /// of all that they started, wherever these have gone.
    pub fn of_group(leader: u32) -> Self {
        let own = std::process::id();
        let stats: Vec<(u32, Stat)> =
            all().filter(|&pid| pid != own).filter_map(|pid| Some((pid, Stat::of(pid)?))).collect();
        let mut members: Vec<u32> = stats
            .iter()
            .filter(|(_, stat)| stat.group == leader || stat.session == own)
            .map(|(pid, _)| *pid)
            .collect();
        let mut at = 0;
        while let Some(&parent) = members.get(at) {
            let children = stats.iter().filter(|(pid, stat)| stat.parent == parent && !members.contains(pid));
            let children: Vec<u32> = children.map(|(pid, _)| *pid).collect();
            members.extend(children);
            at += 1;
        }
        let mut seen: Vec<_> = stats
            .iter()
            .filter(|(pid, _)| members.contains(pid))
            .map(|(pid, stat)| (*pid, stat.ticks, transferred(*pid)))
            .collect();
        seen.sort_unstable();
        Self(seen)
    }

    /// The processes.
    pub fn pids(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(pid, ..)| *pid)
    }
}

/// The numbers of all processes.
pub fn all() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

struct Stat {
    state: u8,
    parent: u32,
    group: u32,
    session: u32,
    ticks: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        let text = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let end = text.iter().rposition(|&byte| byte == b')')?;
        let rest = std::str::from_utf8(text.get(end + 1..)?).ok()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            state: *fields.first()?.as_bytes().first()?,
            parent: number(1)? as u32,
            group: number(2)? as u32,
            session: number(3)? as u32,
            ticks: number(11)? + number(12)?,
        })
    }
}

/// Bytes a process has read and written, by whatever way.
fn transferred(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once(": ")?.1.parse::<u64>().ok()).fold(0, u64::wrapping_add)
}

/// What is known of processes that do not move, for the ledger.
pub fn evidence(movement: &Movement) -> String {
    const LIMIT: usize = 4096;
    let mut text = String::new();
    for pid in movement.pids() {
        let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let command = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
        let state = String::from_utf8_lossy(&read("status"))
            .lines()
            .filter(|line| line.starts_with("State:") || line.starts_with("VmRSS:"))
            .collect::<Vec<_>>()
            .join(" ");
        let at = String::from_utf8_lossy(&read("wchan")).into_owned();
        text.push_str(&format!("{pid}: {command}; {state}; waits in {at}\n"));
        for entry in std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten() {
            let to = std::fs::read_link(entry.path()).unwrap_or_default();
            text.push_str(&format!("  {} {}\n", entry.file_name().to_string_lossy(), to.display()));
        }
    }
    let end = (0..=LIMIT.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_process_that_works_moves_and_one_that_sleeps_does_not() {
        use std::os::unix::process::CommandExt;
        let start = |script: &str| {
            std::process::Command::new("sh").args(["-c", script]).process_group(0).spawn().expect("a shell")
        };
        let (mut busy, mut idle) = (start("while :; do :; done"), start("exec sleep 60"));
        let sleeps = || {
            let name = std::fs::read_to_string(format!("/proc/{}/comm", idle.id())).unwrap_or_default();
            name == "sleep\n" && Stat::of(idle.id()).is_some_and(|stat| stat.state == b'S')
        };
        let wait_for = |what: &str, is_so: &mut dyn FnMut() -> bool| {
            let soon = (0..6000).any(|_| {
                std::thread::sleep(Duration::from_millis(10));
                is_so()
            });
            assert!(soon, "{what}");
        };
        wait_for("it does not sleep", &mut || sleeps());
        let look = || (Movement::of_group(busy.id()), Movement::of_group(idle.id()));
        let (before, mut after) = (look(), look());
        wait_for("it does not move", &mut || {
            after = look();
            after.0 != before.0
        });
        assert_eq!(before.1, after.1);
        assert!(evidence(&after.1).contains("sleep 60"));
        for child in [&mut busy, &mut idle] {
            child.kill().expect("killed");
            child.wait().expect("waited for");
        }
    }

    #[test]
    fn ancestors_are_known() {
        assert!(is_ancestor(std::os::unix::process::parent_id()));
        assert!(!is_ancestor(std::process::id()));
        assert!(umask().is_some());
    }
}
