//! Patterns of include and exclude rules.

use super::glob;

/// What a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As it was given, without a slash that ends it.
    text: Box<[u8]>,
    /// Only directories.
    directories_only: bool,
    /// From the root of the transfer, or the folder of the file the rule is of.
    is_anchored: bool,
    /// Against the whole path, not the last component.
    is_path: bool,
    /// Wildcards count.
    is_wild: bool,
    /// Ends in `/***`: the directory and all in it.
    includes_contents: bool,
}

/// What ends a pattern of a directory with its contents.
const WITH_CONTENTS: &[u8] = b"/***";

impl Pattern {
    /// Parses a pattern; every text is one.
    pub fn new(text: &[u8]) -> Self {
        let includes_contents = text.ends_with(WITH_CONTENTS) && text.len() > WITH_CONTENTS.len();
        let directories_only = !includes_contents && text.len() > 1 && text.ends_with(b"/");
        let text = text.strip_suffix(b"/").filter(|_| directories_only).unwrap_or(text);
        let is_wild = text.iter().any(|byte| b"*?[".contains(byte));
        let is_path = text.contains(&b'/') || text.windows(2).any(|pair| pair == b"**");
        let is_anchored = text.starts_with(b"/");
        Self { text: text.into(), directories_only, is_anchored, is_path, is_wild, includes_contents }
    }

    /// As it was given.
    pub fn text(&self) -> Vec<u8> {
        let end: &[u8] = if self.directories_only { b"/" } else { b"" };
        [&self.text, end].concat()
    }

    /// Whether it begins with a slash.
    pub const fn is_anchored(&self) -> bool {
        self.is_anchored
    }

    /// Whether an entry is meant: `path` relative to where the pattern is
    /// anchored, without a slash before or behind it.
    pub fn matches(&self, path: &[u8], is_directory: bool) -> bool {
        if self.directories_only && !is_directory {
            return false;
        }
        if self.includes_contents {
            let folder = &self.text[..self.text.len() - WITH_CONTENTS.len()];
            return is_directory && self.matches_text(folder, path)
                || self.matches_text(&[folder, b"/**"].concat(), path);
        }
        self.matches_text(&self.text, path)
    }

    fn matches_text(&self, text: &[u8], path: &[u8]) -> bool {
        if self.is_anchored {
            return self.is_equal(&text[1..], path);
        }
        if !self.is_path {
            return self.is_equal(text, path.rsplit(|&byte| byte == b'/').next().unwrap_or_default());
        }
        // What `**` stands for may be nothing before a slash (observed: 3.5.0).
        if text.starts_with(b"**") {
            return self.is_equal(text, &[b"/", path].concat());
        }
        // The end of the path, from any component on.
        let starts = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at + 1);
        std::iter::once(0).chain(starts).any(|start| self.is_equal(text, &path[start..]))
    }

    fn is_equal(&self, text: &[u8], path: &[u8]) -> bool {
        if self.is_wild { glob::matches(text, path) } else { text == path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(pattern: &str, path: &str) -> bool {
        let (path, is_directory) = path.strip_suffix('/').map_or((path, false), |path| (path, true));
        Pattern::new(pattern.as_bytes()).matches(path.as_bytes(), is_directory)
    }

    #[test]
    fn patterns_match_where_the_manual_says() {
        for (pattern, path) in [
            ("foo", "foo"),
            ("foo", "a/b/foo"),
            ("foo", "a/foo/"),
            ("foo/", "a/foo/"),
            ("/foo", "foo"),
            ("foo/bar", "foo/bar"),
            ("foo/bar", "x/foo/bar"),
            ("*.o", "a/b.o"),
            ("foo/*/bar", "x/foo/y/bar"),
            ("/foo/**/bar", "foo/x/bar"),
            ("/foo/**/bar", "foo/x/y/bar"),
            ("foo/**", "x/foo/y"),
            ("a**b", "a/x/b"),
            ("a**b", "x/a/x/b"),
            ("**/foo", "foo"),
            ("**/foo", "a/b/foo"),
            ("**/foo/***", "foo/"),
            ("**/foo/***", "a/foo/b"),
            ("**foo", "a/xfoo"),
            ("**", "a"),
            ("dir/***", "dir/"),
            ("dir/***", "dir/a/b"),
            ("/dir/***", "dir/a"),
            ("a\\b", "a\\b"),
            ("a\\*", "a*"),
        ] {
            assert!(is_match(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("foo", "foot"),
            ("foo/", "foo"),
            ("/foo", "a/foo"),
            ("foo/bar", "xfoo/bar"),
            ("/foo/**/bar", "foo/bar"),
            ("foo/**", "foo/"),
            ("**/foo", "xfoo"),
            ("**/foo", "foo/x"),
            ("dir/***", "dir"),
            ("dir/***", "adir/x"),
            ("*", ""),
        ] {
            assert_eq!(is_match(pattern, path), pattern == "*", "{pattern} {path}");
        }
    }
}
