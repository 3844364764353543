//! How long work waits: pressure (`/proc/pressure`, Linux 4.20) and stolen time
//! (`/proc/stat`).

use crate::machine::root::Root;

/// Share of the last ten seconds in which some task waited, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pressure {
    /// For a processor.
    pub cpu: f64,
    /// For a disk.
    pub io: f64,
    /// For memory.
    pub memory: f64,
}

impl Pressure {
    /// Reads it; `None` where the kernel does not tell (EL8 wants `psi=1`).
    pub fn read(root: &Root) -> Option<Self> {
        let some = |name: &str| {
            let text = root.text(format!("/proc/pressure/{name}"))?;
            text.lines().next()?.split("avg10=").nth(1)?.split_whitespace().next()?.parse().ok()
        };
        Some(Self { cpu: some("cpu")?, io: some("io")?, memory: some("memory")? })
    }
}

/// Processor time since the start, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    /// All of it.
    pub total: u64,
    /// In which the hypervisor ran others.
    pub steal: u64,
}

impl Ticks {
    /// Reads it.
    pub fn read(root: &Root) -> Option<Self> {
        let text = root.text("/proc/stat")?;
        let line = text.lines().next()?.strip_prefix("cpu ")?;
        let values: Vec<u64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        // Guest time, from the ninth on, is in user time already.
        Some(Self { total: values.iter().take(8).sum(), steal: *values.get(7)? })
    }

    /// The stolen share between an earlier reading and this one, in percent.
    pub fn steal_since(self, earlier: Self) -> Option<f64> {
        let total = self.total.checked_sub(earlier.total).filter(|total| *total > 0)?;
        Some(self.steal.saturating_sub(earlier.steal) as f64 * 100.0 / total as f64)
    }
}
