//! Memory (`/proc/meminfo`).

use crate::machine::root::Root;

/// In bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// What the kernel has.
    pub total: u64,
    /// What could be had without swapping.
    pub available: u64,
    /// Swap space.
    pub swap: u64,
}

impl Memory {
    /// Reads it.
    pub fn read(root: &Root) -> Option<Self> {
        let text = root.text("/proc/meminfo")?;
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
            // All are in KiB, called kB.
            line.split_whitespace().next()?.parse::<u64>().ok().map(|number| number.saturating_mul(1024))
        };
        Some(Self {
            total: value("MemTotal")?,
            available: value("MemAvailable").unwrap_or(0),
            swap: value("SwapTotal").unwrap_or(0),
        })
    }
}
