//! Which distribution it is (`os-release(5)`).

use crate::machine::root::Root;

/// How packages are named and installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `apt-get`, `dpkg`.
    Debian,
    /// `dnf`, `rpm`.
    Rpm,
    /// Another one.
    Other,
}

/// The distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Os {
    /// Its name for people, such as `Rocky Linux 8.10 (Green Obsidian)`.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// Whether it is RHEL or made of it.
    pub is_enterprise: bool,
}

impl Os {
    /// Reads it.
    pub fn read(root: &Root) -> Self {
        let text =
            root.text("/etc/os-release").or_else(|| root.text("/usr/lib/os-release")).unwrap_or_default();
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.map(|value| value.trim().trim_matches(['"', '\'']).to_owned()).unwrap_or_default()
        };
        let kin = format!(" {} {} ", value("ID"), value("ID_LIKE"));
        let is_kin = |names: &[&str]| names.iter().any(|name| kin.contains(&format!(" {name} ")));
        let family = if is_kin(&["debian", "ubuntu"]) {
            Family::Debian
        } else if is_kin(&["rhel", "fedora", "centos", "rocky", "almalinux"]) {
            Family::Rpm
        } else {
            Family::Other
        };
        let name = Some(value("PRETTY_NAME")).filter(|name| !name.is_empty());
        let is_enterprise = is_kin(&["rhel", "centos", "rocky", "almalinux"]);
        Self { name: name.unwrap_or_else(|| "unknown".to_owned()), family, is_enterprise }
    }
}
