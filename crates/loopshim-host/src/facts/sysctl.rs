//! Kernel parameters: what is configured for the next start (`sysctl.d(5)`).

use std::collections::BTreeMap;

use crate::machine::root::Root;

/// The folders of files, the one that counts first.
const FOLDERS: [&str; 5] =
    ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];
/// Read after all of them by `sysctl --system`.
const LAST: &str = "/etc/sysctl.conf";

/// A file that sets parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path.
    pub path: String,
    /// What it sets, by key with dots, in the file's order.
    pub settings: Vec<(String, String)>,
}

/// The files in the order in which they are read: a later one counts more.
pub fn sources(root: &Root) -> Vec<Source> {
    let mut by_name: BTreeMap<String, String> = BTreeMap::new();
    for folder in FOLDERS {
        for name in root.names(folder).into_iter().filter(|name| name.ends_with(".conf")) {
            by_name.entry(name.clone()).or_insert_with(|| format!("{folder}/{name}"));
        }
    }
    let paths = by_name.into_values().chain([LAST.to_owned()]);
    paths.filter_map(|path| root.text(&path).map(|text| Source { settings: parse(&text), path })).collect()
}

/// The settings in a file's text.
pub fn parse(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let settings = lines.filter_map(|line| line.split_once('='));
    settings.map(|(key, value)| (normalised(key), value.trim().to_owned())).collect()
}

/// A key with dots between; a dash in front (ignore errors) is no part of it.
fn normalised(key: &str) -> String {
    let key = key.trim().trim_start_matches('-').trim();
    if key.find('/').is_some_and(|slash| key.find('.').is_none_or(|dot| slash < dot)) {
        // With slashes first, dots stand for themselves, as in an interface's name.
        return key.replace('.', "\u{0}").replace('/', ".").replace('\u{0}', "/");
    }
    key.to_owned()
}

/// Where the running kernel has a parameter.
pub fn path(key: &str) -> String {
    let inside: String = key
        .chars()
        .map(|letter| {
            if letter == '.' {
                '/'
            } else if letter == '/' {
                '.'
            } else {
                letter
            }
        })
        .collect();
    format!("/proc/sys/{inside}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_in_all_their_forms() {
        let text =
            "# note\n; note\nfs.file-max = 1\nnet/ipv4/tcp_fin_timeout=30\n -vm.swappiness= 1 \nnonsense\n\n";
        let expected = [("fs.file-max", "1"), ("net.ipv4.tcp_fin_timeout", "30"), ("vm.swappiness", "1")];
        assert_eq!(parse(text), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(path("fs.file-max"), "/proc/sys/fs/file-max");
        assert_eq!(
            path(&parse("net/ipv4/conf/eth0.1/forwarding=1")[0].0),
            "/proc/sys/net/ipv4/conf/eth0.1/forwarding"
        );
    }

    #[test]
    fn a_file_of_etc_takes_the_place_of_one_of_the_same_name_and_the_name_gives_the_order() {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            ("usr/lib/sysctl.d/50-x.conf", "a.b = 1"),
            ("etc/sysctl.d/50-x.conf", "a.b = 2"),
            ("usr/lib/sysctl.d/99-y.conf", "a.b = 3"),
            ("etc/sysctl.conf", "a.b = 4"),
            ("etc/sysctl.d/readme", "a.b = 5"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let found = sources(&Root::open(folder.path()).expect("a root"));
        let paths: Vec<&str> = found.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(paths, ["/etc/sysctl.d/50-x.conf", "/usr/lib/sysctl.d/99-y.conf", "/etc/sysctl.conf"]);
    }
}
