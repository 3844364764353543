//! How one of our binaries is told from an original without executing it.
//!
//! Every shim carries [`MARKER`] once in its read-only data. `loopshim shim`
//! looks for it before it sets a file aside as the original, and a
//! shim looks for it before it executes a candidate: a copy of ourselves under
//! another inode would otherwise execute itself for ever.

use std::io::{self, Read};

/// [`MARKER`] as a literal, for [`stamp!`](crate::stamp).
#[doc(hidden)]
#[macro_export]
macro_rules! marker {
    () => {
        "loopshim-shim-marker:5f6c6f6f707368696d5f"
    };
}

/// The bytes found in every shim and in nothing else.
pub const MARKER: &str = marker!();

/// The text a program of ours carries: [`MARKER`], `:NAME:VERSION` and `;`.
/// Kept in a `#[used]` static, it tells `loopshim shim` what a file is and how
/// old without executing it.
#[macro_export]
macro_rules! stamp {
    ($name:literal) => {
        concat!($crate::marker!(), ":", $name, ":", env!("CARGO_PKG_VERSION"), ";")
    };
}

/// Bytes read at a time; larger than the marker, so a match spans two at most.
const CHUNK: usize = 64 * 1024;

/// Whether `program` holds the marker.
///
/// # Errors
/// Any error of reading.
pub fn is_in(mut program: impl Read) -> io::Result<bool> {
    let needle = MARKER.as_bytes();
    let mut window = Vec::with_capacity(CHUNK + needle.len());
    loop {
        if program.by_ref().take(CHUNK as u64).read_to_end(&mut window)? == 0 {
            return Ok(false);
        }
        if holds(&window, needle) {
            return Ok(true);
        }
        window.drain(..window.len().saturating_sub(needle.len() - 1));
    }
}

/// Whether `needle` is in `haystack`; skips by its first byte.
fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(&first) = needle.first() else { return true };
    let mut rest = haystack;
    while let Some(at) = rest.iter().position(|&byte| byte == first) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_marker_at(offset: usize) -> Vec<u8> {
        let mut bytes = vec![b'l'; offset];
        bytes.extend_from_slice(MARKER.as_bytes());
        bytes.resize(3 * CHUNK, 0);
        bytes
    }

    #[test]
    fn the_marker_is_found_wherever_it_lies() {
        for offset in [0, 1, CHUNK - MARKER.len(), CHUNK - 7, CHUNK - 1, CHUNK, 2 * CHUNK - 3] {
            assert!(is_in(&with_marker_at(offset)[..]).unwrap_or(false), "at {offset}");
        }
    }

    #[test]
    fn a_stamp_begins_with_the_marker_and_ends() {
        let stamp = crate::stamp!("ipmitool");
        assert_eq!(stamp, format!("{MARKER}:ipmitool:{};", env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn a_program_without_it_is_not_ours() {
        assert!(!is_in(&b""[..]).unwrap_or(true));
        assert!(!is_in(&MARKER.as_bytes()[1..]).unwrap_or(true));
        let mut damaged = with_marker_at(CHUNK - 7);
        damaged[CHUNK] ^= 1;
        assert!(!is_in(&damaged[..]).unwrap_or(true));
    }
}
