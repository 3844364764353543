//! What support needs to know of a machine: files, the tool's own reports, and
//! what programs say, each without secrets, in one archive with a manifest.

pub mod archive;
pub mod redact;

use crate::machine::Machine;
use redact::Redactor;

/// Largest part of a file that is taken: its end.
const TAIL: usize = 256 << 10;

/// Files, as they are.
const FILES: [&str; 22] = [
    "/etc/os-release",
    "/etc/sysctl.conf",
    "/etc/security/limits.conf",
    "/etc/sudoers",
    "/etc/loopshim/config.json",
    "/etc/loopshim/bmc.json",
    "/etc/docker/daemon.json",
    "/etc/tuned/active_profile",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/mounts",
    "/proc/version",
    "/proc/loadavg",
    "/proc/stat",
    "/proc/pressure/cpu",
    "/proc/pressure/io",
    "/proc/pressure/memory",
    "/proc/sys/fs/file-nr",
    "/var/lib/loopshim/originals",
    "/var/lib/loopshim/unmodelled.jsonl",
    "/var/log/loopshim/calls.jsonl",
    "/var/log/loopshim/pip.jsonl",
];
/// Folders whose files of that ending are taken.
const FOLDERS: [(&str, &str); 5] = [
    ("/etc/sysctl.d", ".conf"),
    ("/etc/security/limits.d", ".conf"),
    ("/etc/sudoers.d", ""),
    ("/etc/udev/rules.d", ".rules"),
    ("/etc/dracut.conf.d", ".conf"),
];
/// Programs, and under which name their output is kept.
const PROGRAMS: [(&str, &[&str]); 5] = [
    ("dmesg", &["dmesg"]),
    ("docker-ps", &["docker", "ps", "-a"]),
    ("docker-images", &["docker", "images"]),
    ("rpm-ipmitool-rsync", &["rpm", "-q", "ipmitool", "rsync", "python3-pip"]),
    ("sysctl", &["sysctl", "-a"]),
];

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the archive.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Its contents, without secrets.
    pub contents: Vec<u8>,
    /// How many secrets were taken out.
    pub redacted: usize,
    /// Whether only its end was taken.
    pub cut: bool,
}

/// Everything there is, and what could not be had.
pub fn gather(machine: &Machine, redactor: &Redactor) -> (Vec<Entry>, Vec<String>) {
    let (mut entries, mut missing) = (Vec::new(), Vec::new());
    let mut take = |path: String| match machine.root.read(&path) {
        Ok(contents) => entries.push(entry(format!("files{path}"), path, &contents, redactor)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => missing.push(format!("{path}: {error}")),
    };
    FILES.into_iter().for_each(|path| take(path.to_owned()));
    for (folder, ending) in FOLDERS {
        machine
            .root
            .names(folder)
            .into_iter()
            .filter(|name| name.ends_with(ending))
            .for_each(|name| take(format!("{folder}/{name}")));
    }
    for folder in machine.root.names("/vast/data").into_iter().filter(|name| name.starts_with("11.")) {
        take(format!("/vast/data/{folder}/monitor.log"));
    }
    for (name, words) in PROGRAMS {
        if !machine.commands.has(words[0]) {
            continue;
        }
        match machine.commands.run(words) {
            Ok(done) => {
                let contents = [done.stdout, done.stderr].concat();
                entries.push(entry(format!("programs/{name}"), words.join(" "), &contents, redactor));
            }
            Err(error) => missing.push(format!("{}: {error}", words.join(" "))),
        }
    }
    (entries, missing)
}

/// An entry of these contents.
pub fn entry(name: String, source: String, contents: &[u8], redactor: &Redactor) -> Entry {
    let start = contents.len().saturating_sub(TAIL);
    // From the beginning of a line on: half a line may hide half a secret.
    let start = if start == 0 {
        0
    } else {
        start + contents[start..].iter().position(|&byte| byte == b'\n').map_or(0, |at| at + 1)
    };
    let (contents, redacted) = redactor.redact(&String::from_utf8_lossy(&contents[start..]));
    Entry { name, source, contents: contents.into_bytes(), redacted, cut: start > 0 }
}
