//! Names of installed distributions and what their metadata directories look like.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// A project's name as indexes compare it (PEP 503).
pub fn normalised(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if text.ends_with('-') => {}
            '-' | '_' | '.' => text.push('-'),
            _ => text.push(letter.to_ascii_lowercase()),
        }
    }
    text
}

/// The kinds of metadata directories (PEP 376, and setuptools' own).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `NAME-VERSION.dist-info`
    DistInfo,
    /// `NAME-VERSION.egg-info` or `NAME-VERSION-pyX.Y.egg-info`
    EggInfo,
}

/// The kind and the normalised project name of an entry of `site-packages`.
pub fn of_entry(entry: &OsStr) -> Option<(Kind, String)> {
    let text = std::str::from_utf8(entry.as_bytes()).ok()?;
    let (stem, kind) = match text.strip_suffix(".dist-info") {
        Some(stem) => (stem, Kind::DistInfo),
        None => (text.strip_suffix(".egg-info")?, Kind::EggInfo),
    };
    // Stashes of pip's begin with a tilde and are nobody's metadata.
    let name = stem.split('-').next().filter(|name| !name.is_empty() && !name.starts_with('~'))?;
    Some((kind, normalised(name)))
}

/// Whether an entry of `site-packages` was set aside by a pip that did not live
/// to finish (`AdjacentTempDirectory` of pip ≥ 19.1: a tilde in front).
pub fn is_stash(entry: &OsStr) -> bool {
    entry.as_bytes().starts_with(b"~")
}

/// Whether a file is one that an interpreter was writing when it was killed:
/// `NAME.pyc.` and digits (`importlib._bootstrap_external._write_atomic`).
pub fn is_unfinished_bytecode(entry: &OsStr) -> bool {
    let name = entry.as_bytes();
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && name[..name.len() - digits].ends_with(b".pyc.")
}

/// The project that an operand of pip names: `name`, `name==1`, `name[extra]`,
/// `path/name-1-py3-none-any.whl`. `None` where it takes a look into a file.
pub fn of_operand(operand: &OsStr) -> Option<String> {
    let text = std::str::from_utf8(operand.as_bytes()).ok()?;
    if text.contains("://") {
        return None;
    }
    if let Some(wheel) = text.strip_suffix(".whl") {
        return wheel.rsplit('/').next()?.split('-').next().map(normalised);
    }
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_.".contains(letter));
    let name = &text[..end.unwrap_or(text.len())];
    let is_path = text.contains('/') || text.starts_with('.');
    (!is_path && name.starts_with(|letter: char| letter.is_ascii_alphanumeric())).then(|| normalised(name))
}

/// The projects that pip says, in its last line but for notices, it installed:
/// `Successfully installed NAME-VERSION …` (pip 9 to 25).
pub fn said_to_be_installed(output: &[u8]) -> Vec<String> {
    const SAYING: &str = "Successfully installed ";
    let text = String::from_utf8_lossy(output);
    let said = text.lines().rev().find_map(|line| line.trim_start().strip_prefix(SAYING));
    let name =
        |word: &str| word.rsplit_once('-').map_or_else(|| normalised(word), |(name, _)| normalised(name));
    said.into_iter().flat_map(str::split_whitespace).map(name).collect()
}

/// The project name in a `setup.py`, `setup.cfg`, `pyproject.toml` or `PKG-INFO`,
/// if it is written there as a plain string. A guess, for what is only a hint.
pub fn name_in(text: &str) -> Option<String> {
    let is_name = |name: &&str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.match_indices("name").chain(text.match_indices("Name")).find_map(|(at, _)| {
        let before = text[..at].chars().next_back().unwrap_or('\n');
        if !(before.is_whitespace() || "(,".contains(before)) {
            return None;
        }
        let rest = text[at + 4..].trim_start_matches([' ', '\t']);
        let value = rest.strip_prefix(['=', ':'])?.trim_start_matches([' ', '\t']);
        let name = match value.strip_prefix(['"', '\'']) {
            Some(quoted) => quoted.split(['"', '\'']).next(),
            None => value.lines().next().map(|line| line.trim_end_matches([',', ')', ' ', '\t'])),
        };
        name.filter(is_name).map(normalised)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_indexes_do() {
        for name in ["monitor-v2", "Monitor_v2", "monitor.V2", "monitor-_-v2"] {
            assert_eq!(normalised(name), "monitor-v2");
        }
    }

    #[test]
    fn entries_of_site_packages_are_told_apart() {
        let entry = |name: &str| of_entry(OsStr::new(name));
        assert_eq!(entry("monitor_v2-0.0.3.dist-info"), Some((Kind::DistInfo, "monitor-v2".into())));
        assert_eq!(entry("PyYAML-6.0-py3.6.egg-info"), Some((Kind::EggInfo, "pyyaml".into())));
        for other in ["monitor_v2", "~onitor_v2-0.0.3.dist-info", ".dist-info", "-x.dist-info"] {
            assert_eq!(entry(other), None, "{other}");
        }
        assert!(is_stash(OsStr::new("~ore")) && !is_stash(OsStr::new("core")));
        assert!(is_unfinished_bytecode(OsStr::new("a.cpython-36.pyc.140215")));
        for other in ["a.pyc", "a.pyc.", "a.pyc.1x", "12"] {
            assert!(!is_unfinished_bytecode(OsStr::new(other)), "{other}");
        }
    }

    #[test]
    fn what_pip_says_it_installed_is_read() {
        let said = |text: &str| said_to_be_installed(text.as_bytes());
        let text = "Processing x\nSuccessfully installed Monitor_v2-0.0.3 a-b-1.0.post1\nWARNING: old pip\n";
        assert_eq!(said(text), ["monitor-v2", "a-b"]);
        assert!(said("Requirement already satisfied: x").is_empty() && said("").is_empty());
    }

    #[test]
    fn operands_name_projects() {
        let operand = |text: &str| of_operand(OsStr::new(text));
        for text in
            ["monitor-v2", "Monitor_V2==0.0.3", "monitor.v2[x]>=1", "/x/monitor_v2-1-py3-none-any.whl"]
        {
            assert_eq!(operand(text), Some("monitor-v2".into()), "{text}");
        }
        for text in ["/tmp/x", ".", "./x", "git+https://x/y", "https://x/y-1-py3-none-any.whl"] {
            assert_eq!(operand(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_guessed_where_it_is_plain() {
        for text in [
            "setup(\n    name='monitor-v2', version='1')",
            "setup(name = \"monitor_v2\")",
            "[metadata]\nname = monitor-v2\nversion = 1",
            "[project]\nname = \"monitor-v2\"",
            "Metadata-Version: 2.1\nName: monitor-v2\nVersion: 1",
            "filename = 'x'\nsetup(name=NAME(), description='y',\n name='monitor-v2')",
        ] {
            assert_eq!(name_in(text).as_deref(), Some("monitor-v2"), "{text}");
        }
        assert_eq!(name_in("setup(**config)"), None);
    }
}
