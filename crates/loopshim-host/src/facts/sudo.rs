//! Where sudo looks for programs (`secure_path` of `sudoers(5)`).

use crate::machine::root::Root;

/// What sudo of EL and of Debian has when nothing is configured is its caller's
/// PATH; this is what EL configures.
pub const EL: &str = "/sbin:/bin:/usr/sbin:/usr/bin";

/// The folders, as configured; `None` when nothing is, or it cannot be read.
pub fn secure_path(root: &Root) -> Option<Vec<String>> {
    let folder = "/etc/sudoers.d";
    let included = root.names(folder).into_iter().filter(|name| !name.contains('.') && !name.ends_with('~'));
    let files =
        ["/etc/sudoers".to_owned()].into_iter().chain(included.map(|name| format!("{folder}/{name}")));
    let texts: Vec<String> = files.filter_map(|path| root.text(path)).collect();
    // The last one counts.
    let value = texts.iter().flat_map(|text| text.lines()).filter_map(setting).next_back()?;
    Some(value.split(':').filter(|folder| !folder.is_empty()).map(str::to_owned).collect())
}

fn setting(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("Defaults")?.trim_start();
    let value = rest.strip_prefix("secure_path")?.trim_start().strip_prefix('=')?;
    Some(value.trim().trim_matches('"'))
}

/// The program that sudo would run under a name.
pub fn find(root: &Root, name: &str) -> Option<String> {
    let configured = secure_path(root);
    let folders = configured.unwrap_or_else(|| EL.split(':').map(str::to_owned).collect());
    folders.into_iter().map(|folder| format!("{folder}/{name}")).find(|path| is_program(root, path))
}

fn is_program(root: &Root, path: &str) -> bool {
    root.stat(path).is_ok_and(|found| found.st_mode & 0o170_000 == 0o100_000 && found.st_mode & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_is_read_in_both_distributions_forms() {
        assert_eq!(setting("Defaults    secure_path = /sbin:/bin"), Some("/sbin:/bin"));
        assert_eq!(
            setting("Defaults\tsecure_path=\"/usr/local/sbin:/usr/bin\""),
            Some("/usr/local/sbin:/usr/bin")
        );
        assert_eq!(setting("# Defaults secure_path = /x"), None);
        assert_eq!(setting("Defaults env_reset"), None);
    }
}
