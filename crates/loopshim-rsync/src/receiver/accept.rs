//! Which names a client accepts: those it asked for, and what lies below them.

use rsync_proto::file_list::Entry;
use rsync_proto::filter::Pattern;

use super::list::Accept;
use crate::filters::Scope;

/// All names, for a server: its client may send it anything below the destination.
#[derive(Debug, Clone, Copy)]
pub struct Anything;

impl Accept for Anything {
    fn accepts(&self, _: &Entry) -> bool {
        true
    }

    fn is_on_the_way(&self, _: &Entry) -> bool {
        false
    }
}

/// What an argument asks for.
#[derive(Debug)]
struct Path {
    /// Each component, as it is and as a pattern: what no wildcard finds is what
    /// it says.
    patterns: Vec<(Vec<u8>, Pattern)>,
    /// Components of the longest name that is asked for where directories are
    /// not entered: a slash at the end asks for what is in it.
    deepest: usize,
}

/// Names that arguments ask for.
#[derive(Debug)]
pub struct Requested {
    /// Each a path of patterns; an empty one asks for everything.
    paths: Vec<Path>,
    /// What lies below what is asked for is, however deep.
    is_recursive: bool,
    /// The rules that the sender was given, as a sender looks at them.
    rules: Option<Scope>,
}

impl Requested {
    /// What `sources` ask for, paths on the sender's machine as they were
    /// given; `is_relative` where names keep the paths (`-R`).
    pub fn new<'s>(sources: impl Iterator<Item = &'s [u8]>, is_relative: bool) -> Self {
        let paths = sources.map(|source| path_of(source, is_relative)).collect();
        Self { paths, is_recursive: true, rules: None }
    }

    /// Where directories are not entered, not what lies in those that are named.
    #[must_use]
    pub fn no_deeper(self, is_recursive: bool) -> Self {
        Self { is_recursive, ..self }
    }

    /// But not what `rules` leave out, which a sender that keeps them never names.
    #[must_use]
    pub fn but_for(self, rules: Scope) -> Self {
        Self { rules: Some(rules), ..self }
    }

    fn leaves_out(&self, entry: &Entry) -> bool {
        let rules = self.rules.as_ref();
        rules.is_some_and(|rules| rules.excludes_surely(entry.name.bytes(), entry.is_directory()))
    }
}

fn path_of(source: &[u8], is_relative: bool) -> Path {
    let all_in_it = matches!(source, b"" | b".") || source.ends_with(b"/") || source.ends_with(b"/.");
    let patterns = patterns_of(source, is_relative, all_in_it);
    let deepest = if is_relative { patterns.len() + usize::from(all_in_it) } else { 1 };
    Path { patterns, deepest }
}

fn patterns_of(source: &[u8], is_relative: bool, all_in_it: bool) -> Vec<(Vec<u8>, Pattern)> {
    let components = |path: &[u8]| -> Vec<(Vec<u8>, Pattern)> {
        let plain = path.split(|&byte| byte == b'/').filter(|component| !matches!(*component, b"" | b"."));
        plain.map(component).collect()
    };
    if is_relative {
        let cut = source.windows(3).position(|part| part == b"/./").map_or(0, |at| at + 3);
        return components(&source[cut..]);
    }
    if all_in_it {
        return Vec::new();
    }
    let last = source.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    // What these stand for only the sender's machine knows.
    if last == b".." || last.starts_with(b"~") { Vec::new() } else { vec![component(last)] }
}

fn component(text: &[u8]) -> (Vec<u8>, Pattern) {
    (text.to_vec(), Pattern::new(text))
}

fn is_meant(((text, pattern), component): (&(Vec<u8>, Pattern), &&[u8])) -> bool {
    text == component || pattern.matches(component, true)
}

impl Accept for Requested {
    fn accepts(&self, entry: &Entry) -> bool {
        if entry.name.is_root() {
            return true;
        }
        if self.leaves_out(entry) && !self.is_on_the_way(entry) {
            return false;
        }
        let name: Vec<&[u8]> = entry.name.bytes().split(|&byte| byte == b'/').collect();
        self.paths.iter().any(|path| {
            let is_on_the_way = name.len() < path.patterns.len();
            let matches = path.patterns.iter().zip(&name).all(is_meant);
            let is_too_deep = !self.is_recursive && name.len() > path.deepest;
            matches && !is_too_deep && (!is_on_the_way || entry.is_directory())
        })
    }

    fn is_on_the_way(&self, entry: &Entry) -> bool {
        if entry.name.is_root() {
            return !self.paths.iter().any(|path| path.patterns.is_empty());
        }
        let name: Vec<&[u8]> = entry.name.bytes().split(|&byte| byte == b'/').collect();
        !self
            .paths
            .iter()
            .any(|path| path.patterns.len() <= name.len() && path.patterns.iter().zip(&name).all(is_meant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiver::samples::entry;

    #[test]
    fn what_is_on_the_way_is_told_from_what_was_asked_for() {
        let on_the_way = |source: &str, is_relative, name| {
            Requested::new(std::iter::once(source.as_bytes()), is_relative).is_on_the_way(&entry(name))
        };
        for (source, is_relative, name) in [("a/b", true, "a/"), ("dir", false, "./"), ("a/x", true, "./")] {
            assert!(on_the_way(source, is_relative, name), "{source} {name}");
        }
        for (source, is_relative, name) in [
            ("a/b", true, "a/b/"),
            ("a/b", true, "a/b/c/"),
            ("dir/", false, "./"),
            ("./", true, "./"),
            ("dir", false, "dir/"),
        ] {
            assert!(!on_the_way(source, is_relative, name), "{source} {name}");
        }
    }

    #[test]
    fn what_lies_in_a_directory_that_is_not_entered_is_refused() {
        let accepts = |source: &str, is_relative, name| {
            let requested = Requested::new(std::iter::once(source.as_bytes()), is_relative);
            requested.no_deeper(false).accepts(&entry(name))
        };
        for (source, is_relative, name) in
            [("a/dir", false, "dir/"), ("dir/", false, "x"), ("a/b", true, "a/b"), ("a/b/", true, "a/b/x")]
        {
            assert!(accepts(source, is_relative, name), "{source} {name}");
        }
        for (source, is_relative, name) in
            [("a/dir", false, "dir/x"), ("dir/", false, "x/y"), ("a/b", true, "a/b/x"), ("b/", true, "b/x/y")]
        {
            assert!(!accepts(source, is_relative, name), "{source} {name}");
        }
    }

    fn accepts(source: &str, is_relative: bool, name: &str) -> bool {
        Requested::new(std::iter::once(source.as_bytes()), is_relative).accepts(&entry(name))
    }

    #[test]
    fn only_what_was_asked_for_is_accepted() {
        for (source, is_relative, name) in [
            ("dir", false, "dir/"),
            ("a/dir", false, "dir/x"),
            ("dir/", false, "anything"),
            ("", false, "anything"),
            ("a/*.c", false, "b.c"),
            ("~", false, "home/"),
            ("/a/b", true, "a/"),
            ("/a/b", true, "a/b/c"),
            ("/x/./a/b", true, "a/b"),
            ("dir", false, "./"),
            ("from/[br]", false, "[br]"),
        ] {
            assert!(accepts(source, is_relative, name), "{source} {name}");
        }
        for (source, is_relative, name) in [
            ("dir", false, "other"),
            ("dir", false, ".ssh/authorized_keys"),
            ("a/*.c", false, "b.h"),
            ("/a/b", true, "a/c"),
            ("/a/b", true, "a"),
            ("/x/./a/b", true, "x/"),
        ] {
            assert!(!accepts(source, is_relative, name), "{source} {name}");
        }
    }
}
