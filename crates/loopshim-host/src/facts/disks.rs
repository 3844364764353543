//! Disks: size and I/O scheduler (`/sys/block`).

use crate::journal::step::chosen;
use crate::machine::root::Root;

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Its kernel name, such as `sda`.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// The schedulers that it can have.
    pub schedulers: Vec<String>,
    /// The one it has.
    pub scheduler: String,
}

/// What kind of disk a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `sd*`, `vd*`: SCSI, SATA and VirtIO.
    Queued,
    /// `nvme*n*`: queues of its own.
    Nvme,
}

impl Disk {
    /// Those that are there; not loop devices, CD drives and the like.
    pub fn all(root: &Root) -> Vec<Self> {
        root.names("/sys/block").into_iter().filter_map(|name| Self::read(root, name)).collect()
    }

    fn read(root: &Root, name: String) -> Option<Self> {
        kind(&name)?;
        let text = root.text(scheduler_path(&name)).unwrap_or_default();
        let schedulers =
            text.split_whitespace().map(|word| word.trim_matches(['[', ']']).to_owned()).collect();
        let sectors: u64 =
            root.value(format!("/sys/block/{name}/size")).and_then(|text| text.parse().ok()).unwrap_or(0);
        Some(Self { size: sectors.saturating_mul(512), schedulers, scheduler: chosen(&text), name })
    }

    /// What it is.
    pub fn kind(&self) -> Option<Kind> {
        kind(&self.name)
    }
}

/// Where a disk's scheduler is read and set.
pub fn scheduler_path(disk: &str) -> String {
    format!("/sys/block/{disk}/queue/scheduler")
}

fn kind(name: &str) -> Option<Kind> {
    let letters = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase());
    if name.strip_prefix("sd").or_else(|| name.strip_prefix("vd")).is_some_and(letters) {
        return Some(Kind::Queued);
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (controller, namespace) = name.strip_prefix("nvme")?.split_once('n')?;
    (digits(controller) && digits(namespace)).then_some(Kind::Nvme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_are_told_from_partitions_and_controllers() {
        for name in ["sda", "sdaa", "vda", "vdzz"] {
            assert_eq!(kind(name), Some(Kind::Queued), "{name}");
        }
        assert_eq!(kind("nvme0n1"), Some(Kind::Nvme));
        assert_eq!(kind("nvme10n12"), Some(Kind::Nvme));
        for name in ["sda1", "sd", "nvme0", "nvme0n1p1", "loop0", "sr0", "dm-0", "zram0"] {
            assert_eq!(kind(name), None, "{name}");
        }
    }
}
