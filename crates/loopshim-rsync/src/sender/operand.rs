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
}

impl Operand {
    /// Of a path without `--relative`: only its last component is its name.
    pub(super) fn plain(path: &[u8]) -> Self {
        let trimmed = trim_end(path);
        let leaf = trimmed.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let ends_in_slash = trimmed.len() < path.len();
        if ends_in_slash || matches!(leaf, b"." | b".." | b"") {
            let base = if trimmed.is_empty() && ends_in_slash { b"/" } else { trimmed };
            return Self { base: base.to_vec(), name: b".".to_vec(), means_contents: true };
        }
        let base = trim_base(&trimmed[..trimmed.len() - leaf.len()]);
        Self { base, name: leaf.to_vec(), means_contents: false }
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
        let leaf = rest.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let means_contents = matches!(leaf, b"" | b"." | b"..");
        let name = collapsed(rest);
        let name = if name.is_empty() { b".".to_vec() } else { name };
        Self { base, name, means_contents }
    }

    /// The directories on the way to the name, from the first on.
    pub(super) fn parents(&self) -> impl Iterator<Item = &[u8]> {
        self.name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &self.name[..at])
    }
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
        let operand = Operand::relative(b"a/b/c");
        assert_eq!(operand.parents().collect::<Vec<_>>(), [&b"a"[..], b"a/b"]);
    }
}
