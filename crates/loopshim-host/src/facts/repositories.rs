//! The repositories that dnf takes packages from (`dnf.conf(5)`).

use crate::machine::root::Root;

/// Their files.
const FOLDER: &str = "/etc/yum.repos.d";

/// Whether one whose name begins so is in use.
pub fn has(root: &Root, name: &str) -> bool {
    let files = root.names(FOLDER).into_iter().filter(|file| file.ends_with(".repo"));
    let mut texts = files.filter_map(|file| root.text(format!("{FOLDER}/{file}")));
    texts.any(|text| is_in(&text, name))
}

fn is_in(text: &str, name: &str) -> bool {
    let mut sections = text.split("\n[").map(|section| section.trim_start_matches('['));
    sections.any(|section| {
        let is_off = |line: &str| {
            let value = line.trim().strip_prefix("enabled").map(|rest| rest.trim_start_matches([' ', '=']));
            value.is_some_and(|value| ["0", "no", "false", "off"].contains(&value.to_lowercase().trim()))
        };
        section.starts_with(name) && !section.lines().any(is_off)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_that_are_off_do_not_count() {
        let text = "# of Fedora\n[epel-testing]\nname=EPEL\nenabled = 0\n\n[epel]\nname=EPEL\nenabled=1\n";
        assert!(is_in(text, "epel") && !is_in(text, "epel-testing") && !is_in(text, "extras"));
        assert!(is_in("[epel]\nname=EPEL\n", "epel"), "in use unless told otherwise");
        assert!(!is_in("", "epel") && !is_in("# [epel]\n", "epel"));
    }
}
