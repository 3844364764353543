//! The processors (`/proc/cpuinfo`).

use std::collections::BTreeSet;

use crate::machine::root::Root;

/// What there is of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpu {
    /// Logical ones.
    pub logical: usize,
    /// Sockets.
    pub sockets: usize,
    /// Cores, as the (virtual) machine presents them.
    pub cores: usize,
    /// The first one's name.
    pub model: String,
    /// Whether a hypervisor presents them.
    pub virtual_machine: bool,
    /// Whether guests of this machine could use hardware virtualisation.
    pub virtualisation: bool,
}

impl Cpu {
    /// Reads it.
    pub fn read(root: &Root) -> Option<Self> {
        let text = root.text("/proc/cpuinfo").filter(|text| !text.is_empty())?;
        let values = |key: &'static str| {
            text.lines().filter_map(move |line| {
                let (name, value) = line.split_once(':')?;
                (name.trim() == key).then(|| value.trim())
            })
        };
        let flags: BTreeSet<&str> = values("flags").next().unwrap_or_default().split_whitespace().collect();
        let sockets: BTreeSet<&str> = values("physical id").collect();
        let cores: BTreeSet<(&str, &str)> = values("physical id").zip(values("core id")).collect();
        let logical = values("processor").count();
        Some(Self {
            logical,
            sockets: sockets.len().max(1),
            cores: if cores.is_empty() { logical } else { cores.len() },
            model: values("model name").next().unwrap_or("unknown").to_owned(),
            virtual_machine: flags.contains("hypervisor"),
            virtualisation: flags.contains("vmx") || flags.contains("svm"),
        })
    }

    /// Whether it is one of QEMU's generic models, which hide the real one's
    /// instructions.
    pub fn is_generic(&self) -> bool {
        let model = self.model.to_ascii_lowercase();
        ["qemu virtual cpu", "common kvm processor", "common 32-bit kvm processor", "qemu64", "kvm64"]
            .iter()
            .any(|name| model.contains(name))
    }
}
