//! Directories above the transfer, by their names.

/// An absolute path without what says nothing: `path`, which begins at the
/// absolute path `from` unless it is absolute itself.
pub(super) fn resolved(from: &[u8], path: &[u8]) -> Vec<u8> {
    let from = if path.starts_with(b"/") { b"" } else { from };
    let mut kept: Vec<&[u8]> = Vec::new();
    for part in from.split(|&byte| byte == b'/').chain(path.split(|&byte| byte == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => drop(kept.pop()),
            part => kept.push(part),
        }
    }
    [b"/", &kept.join(&b'/')[..]].concat()
}

/// The directories in which a file of rules is looked for before the directory
/// at the absolute path `entered` is, from the upmost on: from where `file`,
/// which begins there, says down to the last one above it. None for a `file`
/// without a path, or with one that does not lie above.
pub(super) fn levels_above(entered: &[u8], file: &[u8]) -> Vec<Vec<u8>> {
    let Some(cut) = file.iter().rposition(|&byte| byte == b'/') else { return Vec::new() };
    let first = resolved(entered, &file[..=cut]);
    let entered = resolved(entered, b"");
    if way(&first, &entered).is_none() {
        return Vec::new();
    }
    let ends = entered.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    let levels = ends.map(|end| if end == 0 { b"/".to_vec() } else { entered[..end].to_vec() });
    levels.filter(|level| level.len() >= first.len() && *level != entered).collect()
}

/// The way from one absolute path to another below it.
pub(super) fn way<'t>(from: &[u8], to: &'t [u8]) -> Option<&'t [u8]> {
    if from == to {
        return Some(b"");
    }
    to.strip_prefix(from.strip_suffix(b"/").unwrap_or(from))?.strip_prefix(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(entered: &str, file: &str) -> Vec<String> {
        let levels = levels_above(entered.as_bytes(), file.as_bytes());
        levels.into_iter().map(|level| String::from_utf8(level).expect("text")).collect()
    }

    #[test]
    fn files_are_looked_for_from_their_path_down() {
        assert_eq!(levels("/a/b", "/.f"), ["/", "/a"]);
        assert_eq!(levels("/a/b", "../.f"), ["/a"]);
        assert_eq!(levels("/a/b", "../../../.f"), ["/", "/a"]);
        assert_eq!(levels("/a/b", "/a/.f"), ["/a"]);
        for nowhere in [".f", "./.f", "sub/.f", "/a/b/.f", "/x/.f", "/a/bc/.f"] {
            assert!(levels("/a/b", nowhere).is_empty(), "{nowhere}");
        }
        assert!(levels("/", "/.f").is_empty());
    }

    #[test]
    fn ways_lead_down() {
        for (from, to, found) in [
            ("/", "/a/b", Some("a/b")),
            ("/a", "/a/b", Some("b")),
            ("/a", "/a", Some("")),
            ("/", "/", Some("")),
            ("/a", "/ab", None),
            ("/a/b", "/a", None),
        ] {
            assert_eq!(way(from.as_bytes(), to.as_bytes()), found.map(str::as_bytes), "{from} {to}");
        }
    }

    #[test]
    fn paths_begin_where_the_file_lies() {
        for (path, resolved_path) in [("x/f", "/a/b/x/f"), ("./f", "/a/b/f"), ("../f", "/a/f"), ("/f", "/f")]
        {
            assert_eq!(resolved(b"/a/b", path.as_bytes()), resolved_path.as_bytes());
        }
        assert_eq!(resolved(b"/", b"../../f"), b"/f");
    }
}
