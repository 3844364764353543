//! Which names a client accepts: those it asked for, and what lies below them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use rsync_proto::file_list::Entry;
use rsync_proto::filter::Pattern;

use super::list::Accept;
use crate::filters::Scope;
use crate::options::Recursion;

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

/// A path with wildcards that is asked for.
#[derive(Debug)]
struct Wild {
    /// Each component, as it is and as a pattern: what no wildcard finds is what
    /// it says.
    patterns: Vec<(Vec<u8>, Pattern)>,
    deepest: usize,
}

/// Paths that are asked for. Each has the number of components of the longest
/// name that is asked for where directories are not entered: a slash at the end
/// asks for what is in it.
#[derive(Debug, Default)]
struct Paths {
    /// Those without wildcards; the empty one asks for everything.
    plain: BTreeMap<Vec<u8>, usize>,
    wild: Vec<Wild>,
    /// Directories that are named for what is in them are not entered either.
    enters_none: bool,
}

impl Paths {
    /// Adds what `source` asks for, a path on the sender's machine.
    fn add(&mut self, source: &[u8], is_relative: bool, is_argument: bool) {
        let all_in_it = matches!(source, b"" | b".") || source.ends_with(b"/") || source.ends_with(b"/.");
        let components = if is_relative {
            let cut = source.windows(3).position(|part| part == b"/./").map_or(0, |at| at + 3);
            components(&source[cut..])
        } else if all_in_it {
            Vec::new()
        } else {
            let last = source.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            // What this stands for only the sender's machine knows, whose shell
            // has seen arguments. (`..` is refused, observed: 3.5.0.)
            let is_unknown = is_argument && last.starts_with(b"~");
            if is_unknown { Vec::new() } else { vec![last] }
        };
        let is_entered = all_in_it && !self.enters_none;
        let deepest = if is_relative { components.len() + usize::from(is_entered) } else { 1 };
        if components.iter().any(|text| text.iter().any(|byte| b"*?[".contains(byte))) {
            let patterns = components.iter().map(|text| (text.to_vec(), Pattern::new(text))).collect();
            self.wild.push(Wild { patterns, deepest });
        } else {
            let known = self.plain.entry(components.join(&b'/')).or_default();
            *known = deepest.max(*known);
        }
    }

    /// Whether the sender's whole folder is asked for.
    fn cover_everything(&self) -> bool {
        self.plain.contains_key(&b""[..])
    }

    /// Whether `name` is asked for, or a directory that it lies in, as far down
    /// as `is_deep_enough` says.
    fn cover(&self, name: &[u8], is_deep_enough: impl Fn(usize) -> bool) -> bool {
        let slashes = name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let mut ends = slashes.chain([0, name.len()]);
        let is_plain =
            ends.any(|end| self.plain.get(&name[..end]).is_some_and(|&deepest| is_deep_enough(deepest)));
        is_plain
            || self.wild.iter().any(|wild| {
                let mut texts = name.split(|&byte| byte == b'/');
                let mut patterns = wild.patterns.iter();
                patterns.all(|pattern| texts.next().is_some_and(|text| is_meant(pattern, text)))
                    && is_deep_enough(wild.deepest)
            })
    }

    /// Whether what is asked for may lie in the directory `name`.
    fn lead_through(&self, name: &[u8]) -> bool {
        let below = [name, b"/"].concat();
        let from_there = (Bound::Included(&below[..]), Bound::Unbounded);
        let next = self.plain.range::<[u8], _>(from_there).next();
        next.is_some_and(|(path, _)| path.starts_with(&below))
            || self.wild.iter().any(|wild| {
                let mut patterns = wild.patterns.iter();
                let mut texts = name.split(|&byte| byte == b'/');
                texts.all(|text| patterns.next().is_some_and(|pattern| is_meant(pattern, text)))
            })
    }
}

fn components(path: &[u8]) -> Vec<&[u8]> {
    path.split(|&byte| byte == b'/').filter(|component| !matches!(*component, b"" | b".")).collect()
}

fn is_meant((text, pattern): &(Vec<u8>, Pattern), component: &[u8]) -> bool {
    text == component || pattern.matches(component, true)
}

/// Names of `--files-from`, which are asked for as they are read.
#[derive(Debug, Clone, Default)]
pub struct Named(Arc<RwLock<Paths>>);

impl Named {
    /// For a run in which directories are entered as `recursion` says.
    pub fn new(recursion: Recursion) -> Self {
        let paths = Paths { enters_none: recursion == Recursion::Skip, ..Paths::default() };
        Self(Arc::new(RwLock::new(paths)))
    }

    /// Asks for `name`; `is_relative` where names keep their paths. The sender
    /// is told of it after that.
    pub fn add(&self, name: &[u8], is_relative: bool) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).add(name, is_relative, false);
    }
}

/// Names that arguments or a list ask for.
#[derive(Debug)]
pub struct Requested {
    paths: Named,
    /// What lies below what is asked for is, however deep.
    is_recursive: bool,
    /// The rules that the sender was given, as a sender looks at them.
    rules: Option<Scope>,
}

impl Requested {
    /// What `sources` ask for, paths on the sender's machine as they were
    /// given; `is_relative` where names keep the paths (`-R`).
    pub fn new<'s>(sources: impl Iterator<Item = &'s [u8]>, is_relative: bool) -> Self {
        let mut paths = Paths::default();
        sources.for_each(|source| paths.add(source, is_relative, true));
        Self::named(Named(Arc::new(RwLock::new(paths))))
    }

    /// What `names` ask for, now or later.
    pub fn named(names: Named) -> Self {
        Self { paths: names, is_recursive: true, rules: None }
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

    fn paths(&self) -> RwLockReadGuard<'_, Paths> {
        self.paths.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn leaves_out(&self, entry: &Entry) -> bool {
        let rules = self.rules.as_ref();
        rules.is_some_and(|rules| rules.excludes_surely(entry.name.bytes(), entry.is_directory()))
    }
}

impl Accept for Requested {
    fn accepts(&self, entry: &Entry) -> bool {
        if entry.name.is_root() {
            return true;
        }
        if self.leaves_out(entry) && !self.is_on_the_way(entry) {
            return false;
        }
        let name = entry.name.bytes();
        let length = name.split(|&byte| byte == b'/').count();
        let paths = self.paths();
        paths.cover(name, |deepest| self.is_recursive || length <= deepest)
            || entry.is_directory() && paths.lead_through(name)
    }

    fn is_on_the_way(&self, entry: &Entry) -> bool {
        let paths = self.paths();
        if entry.name.is_root() {
            !paths.cover_everything()
        } else {
            !paths.cover(entry.name.bytes(), |_| true)
        }
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
            ("dir/..", false, "dir"),
            ("a/*.c", false, "b.h"),
            ("/a/b", true, "a/c"),
            ("/a/b", true, "a"),
            ("/x/./a/b", true, "x/"),
        ] {
            assert!(!accepts(source, is_relative, name), "{source} {name}");
        }
    }

    #[test]
    fn of_a_list_of_names_only_those_are_accepted() {
        let accepts = |listed: &[&str], is_relative, name| {
            let named = Named::default();
            let requested = Requested::named(named.clone()).no_deeper(false);
            listed.iter().for_each(|listed| named.add(listed.as_bytes(), is_relative));
            requested.accepts(&entry(name))
        };
        for (listed, is_relative, name) in [
            (&["a/b", "a-c"][..], true, "a/"),
            (&["/a//b"], true, "a/b"),
            (&["x/./a/b"], true, "a/b"),
            (&["a/"], true, "a/b"),
            (&["."], true, "a"),
            (&["/"], true, "a"),
            (&["x", "?[ab]"], true, "xa"),
            (&["[ab]/x"], true, "a/"),
            (&["a/b"], false, "b"),
            (&["a/"], false, "b"),
        ] {
            assert!(accepts(listed, is_relative, name), "{listed:?} {name}");
        }
        for (listed, is_relative, name) in [
            (&["a/b", "a-c"][..], true, "a"),
            (&["a/b"], true, "a/c"),
            (&["a/b"], true, "a/b/c"),
            (&["a"], true, "a/b"),
            (&["a-b", "a.b"], true, "a/"),
            (&["sub/../a"], true, "a"),
            (&["/../../a"], true, "a"),
            (&[".."], false, "a"),
            (&["~a"], false, "a"),
            (&[], true, "a"),
        ] {
            assert!(!accepts(listed, is_relative, name), "{listed:?} {name}");
        }
    }
}
