//! What the user named: where it lies, and what it is called in the list.

use crate::options::Bytes;

/// One operand, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operand {
    /// The directory that the name is relative to; empty for the current one.
    pub(super) base: Bytes,
    /// The name in the list: `.` for the base itself.
    pub(super) name: Bytes,
    /// What is in it is meant, not it itself.
    pub(super) means_contents: bool,
    /// The base is on the way too: the path began with `./`.
    pub(super) names_base: bool,
}

impl Operand {
    /// Of a path without `--relative`: only its last component is its name.
    pub(super) fn plain(path: &[u8]) -> Self {
        let trimmed = trim_end(path);
        let leaf = trimmed.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let ends_in_slash = trimmed.len() < path.len();
        if ends_in_slash || matches!(leaf, b"." | b".." | b"") {
            let base = if trimmed.is_empty() && ends_in_slash { b"/" } else { trimmed };
            let (base, name) = (base.to_vec(), b".".to_vec());
            return Self { base, name, means_contents: true, names_base: false };
        }
        let base = trim_base(&trimmed[..trimmed.len() - leaf.len()]);
        Self { base, name: leaf.to_vec(), means_contents: false, names_base: false }
    }

    /// Of a path with `--relative`: the name is all of it, or what follows a
    /// component `.` in its middle.
    pub(super) fn relative(path: &[u8]) -> Self {
        let cut = path.windows(3).position(|three| three == b"/./");
        let (base, rest) = match cut {
            Some(at) => (trim_base(&path[..=at]), &path[at + 3..]),
            None if path.starts_with(b"/") => (b"/".to_vec(), path),
            None => (Bytes::new(), path.strip_prefix(b"./").unwrap_or(path)),
        };
        let name = collapsed(rest);
        let name = if name.is_empty() { b".".to_vec() } else { name };
        let names_base = cut.is_none() && path.starts_with(b"./") && name != b".";
        Self { base, name, means_contents: means_contents(rest), names_base }
    }

    /// Of a name of `--files-from`: it lies below `directory`, whatever it says.
    pub(super) fn named(directory: &[u8], path: &[u8], is_relative: bool) -> Self {
        let below = |path: &[u8]| match path {
            b"" => directory.to_vec(),
            _ => [directory, path].join(&b'/'),
        };
        let all_in_it = means_contents(path);
        if !is_relative {
            let whole = collapsed(path);
            let cut = if all_in_it { None } else { whole.iter().rposition(|&byte| byte == b'/') };
            let (base, name) = match cut {
                _ if all_in_it => (below(&whole), b".".to_vec()),
                None => (directory.to_vec(), whole),
                Some(at) => (below(&whole[..at]), whole[at + 1..].to_vec()),
            };
            return Self { base, name, means_contents: all_in_it, names_base: false };
        }
        let cut = path.windows(3).position(|three| three == b"/./");
        let (before, rest) = cut.map_or((&b""[..], path), |at| (&path[..at], &path[at + 3..]));
        let name = collapsed(rest);
        let name = if name.is_empty() { b".".to_vec() } else { name };
        let begins_with_dot = cut.map_or(path.starts_with(b"./"), |at| at == 0);
        let names_base = begins_with_dot && name != b".";
        Self { base: below(&collapsed(before)), name, means_contents: all_in_it, names_base }
    }

    /// The directories on the way to the name, from the first on.
    pub(super) fn parents(&self) -> impl Iterator<Item = &[u8]> {
        self.name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &self.name[..at])
    }
}

/// Whether a path means what is in a directory.
fn means_contents(path: &[u8]) -> bool {
    matches!(path.rsplit(|&byte| byte == b'/').next(), Some(b"" | b"." | b".."))
}

/// A path without the slashes at its end; the root keeps one as its base.
fn trim_base(path: &[u8]) -> Bytes {
    let trimmed = trim_end(path);
    if trimmed.is_empty() && !path.is_empty() { b"/".to_vec() } else { trimmed.to_vec() }
}

fn trim_end(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |at| at + 1);
    &path[..end]
}

/// A path without empty components, `.` and `..`, which climbs as far as there
/// is something to climb.
pub(super) fn collapsed(path: &[u8]) -> Bytes {
    let mut kept: Vec<&[u8]> = Vec::new();
    for component in path.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    kept.join(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(operand: &Operand) -> (&str, &str, bool) {
        let text = |bytes| std::str::from_utf8(bytes).expect("text");
        (text(&operand.base), text(&operand.name), operand.means_contents)
    }

    #[test]
    fn a_slash_at_the_end_means_what_is_in_it() {
        for (path, expected) in [
            ("src", ("", "src", false)),
            ("a/src", ("a", "src", false)),
            ("/src", ("/", "src", false)),
            ("src/", ("src", ".", true)),
            ("a/src//", ("a/src", ".", true)),
            ("src/.", ("src/.", ".", true)),
            (".", (".", ".", true)),
            ("..", ("..", ".", true)),
            ("/", ("/", ".", true)),
        ] {
            assert_eq!(parts(&Operand::plain(path.as_bytes())), expected, "{path}");
        }
    }

    #[test]
    fn listed_names_lie_below_their_directory() {
        for (path, is_relative, expected) in [
            ("a/b", true, ("d", "a/b", false)),
            ("/../a", true, ("d", "a", false)),
            ("a/./b/", true, ("d/a", "b", true)),
            ("a/.", true, ("d", "a", true)),
            ("a/b/..", true, ("d", "a", true)),
            ("..", true, ("d", ".", true)),
            ("a/b", false, ("d/a", "b", false)),
            ("a/b/.", false, ("d/a/b", ".", true)),
            ("a/..", false, ("d", ".", true)),
        ] {
            assert_eq!(parts(&Operand::named(b"d", path.as_bytes(), is_relative)), expected, "{path}");
        }
        let names_base = |path: &[u8]| Operand::named(b"d", path, true).names_base;
        assert!(names_base(b"./a") && names_base(b"/./a") && !names_base(b"././a") && !names_base(b"./."));
    }

    #[test]
    fn relative_names_are_whole_paths_from_a_dot_on() {
        for (path, expected) in [
            ("a/b/c", ("", "a/b/c", false)),
            ("./a/b", ("", "a/b", false)),
            ("/a/b", ("/", "a/b", false)),
            ("a/./b/c", ("a", "b/c", false)),
            ("/./b", ("/", "b", false)),
            ("a/b/", ("", "a/b", true)),
            ("a//b/./c/", ("a//b", "c", true)),
            ("a/./", ("a", ".", true)),
        ] {
            assert_eq!(parts(&Operand::relative(path.as_bytes())), expected, "{path}");
        }
        for (path, names_base) in
            [("./a", true), (".//a", true), ("././a", false), ("./", false), ("a/./b", false), ("a", false)]
        {
            assert_eq!(Operand::relative(path.as_bytes()).names_base, names_base, "{path}");
        }
        let operand = Operand::relative(b"a/b/c");
        assert_eq!(operand.parents().collect::<Vec<_>>(), [&b"a"[..], b"a/b"]);
    }
}
