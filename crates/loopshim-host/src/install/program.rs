//! Our programs: their names, the stamp they carry, and whether a file can run
//! where it is to be put.

use std::io::{self, Seek};

use clap::ValueEnum;
use loopshim_core::marker::{self, MARKER};

use crate::machine::root::Place;

/// A program of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Program {
    /// The stand-in for ipmitool.
    Ipmitool,
    /// The stand-in for pip3.
    Pip3,
    /// The stand-in for rsync.
    Rsync,
    /// The host tool.
    Loopshim,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ipmitool, Self::Pip3, Self::Rsync, Self::Loopshim];

    /// The name it is called by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipmitool => "ipmitool",
            Self::Pip3 => "pip3",
            Self::Rsync => "rsync",
            Self::Loopshim => "loopshim",
        }
    }
}

/// Their names, for a message.
pub fn names(programs: impl IntoIterator<Item = Program>) -> String {
    programs.into_iter().map(Program::name).collect::<Vec<_>>().join(" ")
}

/// What a program of ours says it is: the text behind the marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The program's name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The first stamp in `bytes`: the marker, `:NAME:VERSION;`.
pub fn stamp(bytes: &[u8]) -> Option<Stamp> {
    let marker = MARKER.as_bytes();
    let mut rest = bytes;
    while let Some(at) = find(rest, marker) {
        rest = &rest[at + marker.len()..];
        if let Some(stamp) = parse(rest) {
            return Some(stamp);
        }
    }
    None
}

/// Longest stamp, marker apart.
const STAMP_MAX: usize = 80;

fn parse(behind: &[u8]) -> Option<Stamp> {
    let text = behind.get(..STAMP_MAX.min(behind.len()))?;
    let text = &text[..text.iter().position(|&byte| byte == b';')?];
    let (name, version) = std::str::from_utf8(text).ok()?.strip_prefix(':')?.split_once(':')?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_version = version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte));
    (is_name && is_version).then(|| Stamp { name: name.to_owned(), version: version.to_owned() })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let starts = haystack.iter().enumerate().filter(|(_, byte)| **byte == needle[0]);
    starts.map(|(at, _)| at).find(|&at| haystack[at..].starts_with(needle))
}

/// Whether the plain file at a place is one of ours. A link is not: we make none.
pub fn is_ours(place: &Place) -> bool {
    place.open().and_then(marker::is_in).unwrap_or(false)
}

/// Whether the plain file at a place is a script that hands over to
/// `NAME.real`: an earlier stand-in, not an original.
pub fn is_wrapper(place: &Place, name: &str) -> io::Result<bool> {
    /// Scripts are small; what is larger is a program.
    const SCRIPT_MAX: u64 = 1 << 20;
    let mut start = [0; 2];
    let Ok(mut file) = place.open() else { return Ok(false) };
    let is_script = io::Read::read(&mut file, &mut start)? == 2 && &start == b"#!";
    if !is_script || file.metadata()?.len() > SCRIPT_MAX {
        return Ok(false);
    }
    file.rewind()?;
    let mut text = Vec::new();
    io::Read::read_to_end(&mut file, &mut text)?;
    Ok(find(&text, format!("{name}.real").as_bytes()).is_some())
}

/// ELF: its header's and a program header's sizes, and the numbers looked for
/// in them (System V ABI, chapters 4 and 5; the psABI of x86-64).
mod elf {
    pub(super) const HEADER: usize = 64;
    pub(super) const CLASS_64: u8 = 2;
    pub(super) const LITTLE_ENDIAN: u8 = 1;
    pub(super) const X86_64: u16 = 62;
    pub(super) const INTERPRETER: u32 = 3;
}

/// Why `bytes` cannot be installed as `program`; nothing when they can.
pub fn fault(program: Program, bytes: &[u8]) -> Option<String> {
    let Some(header) = bytes.get(..elf::HEADER).filter(|header| header.starts_with(b"\x7fELF")) else {
        return Some("is not an ELF program".to_owned());
    };
    let machine = u16_at(header, 18);
    if header[4] != elf::CLASS_64 || header[5] != elf::LITTLE_ENDIAN || machine != elf::X86_64 {
        return Some(format!("is for another architecture (ELF machine {machine}), not for x86-64"));
    }
    if program_headers(bytes).any(|kind| kind == elf::INTERPRETER) {
        return Some("is not static: it asks for an interpreter".to_owned());
    }
    match stamp(bytes) {
        Some(stamp) if stamp.name == program.name() => None,
        _ => Some(format!("does not carry loopshim's mark as {}", program.name())),
    }
}

/// The types of a program's headers.
fn program_headers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let start = u64::from_le_bytes(bytes[32..40].try_into().unwrap_or_default());
    let size = usize::from(u16_at(bytes, 54)).max(4);
    let headers = usize::try_from(start).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
    let kinds = headers.chunks_exact(size).take(usize::from(u16_at(bytes, 56)));
    kinds.map(|header| u32::from_le_bytes(header[..4].try_into().unwrap_or_default()))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(stamp: &str) -> Vec<u8> {
        let mut bytes = vec![0; elf::HEADER];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[18] = 62;
        bytes[32] = 64;
        bytes[54] = 56;
        bytes[56] = 1;
        bytes.extend([1; 56]);
        bytes.extend(format!("{MARKER}\0 {MARKER}:{stamp};").bytes());
        bytes
    }

    #[test]
    fn a_stamp_is_found_behind_the_guards_own_copy_of_the_marker() {
        let found = stamp(&program("pip3:0.1.0-rc.1+x")).map(|stamp| (stamp.name, stamp.version));
        assert_eq!(found, Some(("pip3".to_owned(), "0.1.0-rc.1+x".to_owned())));
        for bad in ["pip3", "PIP:1", "pip3:1 2", "a:b:c"] {
            assert_eq!(stamp(&program(bad)), None, "{bad}");
        }
    }

    #[test]
    fn what_would_not_run_is_told() {
        let good = program("rsync:1");
        assert_eq!(fault(Program::Rsync, &good), None);
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            fault(Program::Rsync, &bytes).unwrap_or_default()
        };
        assert!(with(0, 0).contains("not an ELF program"));
        assert!(with(18, 183).contains("ELF machine 183"));
        let mut interpreted = good.clone();
        interpreted[64..68].copy_from_slice(&3_u32.to_le_bytes());
        assert!(fault(Program::Rsync, &interpreted).is_some_and(|why| why.contains("is not static")));
        assert!(fault(Program::Pip3, &good).is_some_and(|why| why.contains("mark as pip3")));
        assert!(fault(Program::Rsync, b"").is_some());
    }

    #[test]
    fn a_cut_program_is_no_panic() {
        let good = program("rsync:1");
        for length in 0..good.len() {
            let _ = fault(Program::Rsync, &good[..length]);
        }
        // Headers past the end.
        let mut bytes = good;
        bytes[32..40].fill(0xff);
        let _ = fault(Program::Rsync, &bytes);
    }
}
