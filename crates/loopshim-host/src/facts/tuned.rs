//! tuned, where it is what sets kernel parameters.

use super::systemd;
use crate::machine::root::Root;

/// The profile that is in force; `None` where tuned is not in use.
pub fn active_profile(root: &Root) -> Option<String> {
    let in_use = systemd::is_enabled(root, "tuned.service");
    root.value("/etc/tuned/active_profile").filter(|profile| in_use && !profile.is_empty())
}

/// Where a profile is described.
pub fn profile(root: &Root, name: &str) -> Option<String> {
    let folders = ["/etc/tuned/profiles", "/etc/tuned", "/usr/lib/tuned/profiles", "/usr/lib/tuned"];
    folders.iter().map(|folder| format!("{folder}/{name}/tuned.conf")).find_map(|path| root.text(path))
}

/// Whether a profile, or one it is built on, sets transparent huge pages to `never`.
pub fn turns_huge_pages_off(root: &Root, name: &str) -> bool {
    let mut names = vec![name.to_owned()];
    // Deeper than any real chain; a circle ends, too.
    for _ in 0..16 {
        let Some(text) = names.pop().and_then(|name| profile(root, &name)) else { return false };
        let setting = |key: &str| {
            let lines = text.lines().filter_map(|line| line.split_once('='));
            lines.into_iter().find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().to_owned())
        };
        match setting("transparent_hugepages").or_else(|| setting("transparent_hugepage")) {
            Some(value) => return value == "never",
            None => names.extend(
                setting("include")
                    .iter()
                    .flat_map(|list| list.split(','))
                    .map(|name| name.trim().to_owned())
                    .next_back(),
            ),
        }
    }
    false
}
