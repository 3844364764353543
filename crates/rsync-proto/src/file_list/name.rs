//! Names of entries: paths relative to the transfer's root that cannot leave it.

use std::cmp::Ordering;

use crate::Violation;

/// A path of at most [`Name::MAX`] bytes without a zero byte, an empty, `.` or
/// `..` component; or `.` alone, the root itself. Absolute only where both
/// peers were told to keep whole paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(Box<[u8]>);

impl Name {
    /// Most bytes in a name.
    pub const MAX: usize = 4095;

    /// Checks a name.
    ///
    /// # Errors
    /// [`Violation::Name`].
    pub fn new(bytes: &[u8]) -> Result<Self, Violation> {
        let is_root = bytes == b".";
        let is_plain = |component: &[u8]| !matches!(component, b"" | b"." | b"..");
        let is_path = !bytes.contains(&0) && bytes.split(|&byte| byte == b'/').all(is_plain);
        if bytes.len() <= Self::MAX && (is_root || is_path) {
            Ok(Self(bytes.into()))
        } else {
            Err(Violation::Name)
        }
    }

    /// The name of `leaf`, a single component, in this folder.
    ///
    /// # Errors
    /// [`Violation::Name`].
    pub fn child(&self, leaf: &[u8]) -> Result<Self, Violation> {
        let is_leaf = !matches!(leaf, b"" | b"." | b"..") && !leaf.contains(&b'/') && !leaf.contains(&0);
        let folder: &[u8] = if self.is_root() { b"" } else { &self.0 };
        let slash: &[u8] = if folder.is_empty() { b"" } else { b"/" };
        if is_leaf && folder.len() + slash.len() + leaf.len() <= Self::MAX {
            Ok(Self([folder, slash, leaf].concat().into()))
        } else {
            Err(Violation::Name)
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is the transfer's root.
    pub fn is_root(&self) -> bool {
        *self.0 == *b"."
    }

    /// The folder it lies in; `None` at the root.
    pub fn parent(&self) -> Option<&[u8]> {
        self.0.iter().rposition(|&byte| byte == b'/').map(|at| &self.0[..at])
    }

    /// Its last component.
    pub fn leaf(&self) -> &[u8] {
        self.0.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
    }
}

/// The order of entries in a list that both peers number alike: components
/// bytewise, within a folder first what is no directory, a directory before
/// what is in it, the root before all.
pub fn compare(left: (&Name, bool), right: (&Name, bool)) -> Ordering {
    match (left.0.is_root() && left.1, right.0.is_root() && right.1) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        (false, false) => {}
    }
    let (a, b) = (left.0.bytes(), right.0.bytes());
    let common = common_length(a, b);
    let (rest_a, rest_b) = (&a[common..], &b[common..]);
    if !rest_a.contains(&b'/') && !rest_b.contains(&b'/') {
        return compare_siblings((rest_a, left.1), (rest_b, right.1));
    }
    // Folders that both lie in decide nothing.
    let folders = a[..common].iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    let (mut a, mut b) = (&a[folders..], &b[folders..]);
    loop {
        let (first_a, rest_a) = split(a);
        let (first_b, rest_b) = split(b);
        // A component is a directory's if more follows or the entry is one.
        let kind_a = rest_a.is_some() || left.1;
        let kind_b = rest_b.is_some() || right.1;
        if kind_a != kind_b {
            return kind_a.cmp(&kind_b);
        }
        let order = if kind_a { compare_directories(first_a, first_b) } else { first_a.cmp(first_b) };
        if order != Ordering::Equal {
            return order;
        }
        match (rest_a, rest_b) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(next_a), Some(next_b)) => (a, b) = (next_a, next_b),
        }
    }
}

/// What remains of two names in one folder, from where they differ on.
fn compare_siblings(left: (&[u8], bool), right: (&[u8], bool)) -> Ordering {
    let order = match (left.1, right.1) {
        (false, false) => left.0.first().cmp(&right.0.first()),
        // The slash that ends a directory's name counts.
        (true, true) if left.0.len() + right.0.len() > 0 => {
            left.0.first().unwrap_or(&b'/').cmp(right.0.first().unwrap_or(&b'/'))
        }
        (left, right) => left.cmp(&right),
    };
    debug_assert!(order.is_ne() || left.0.is_empty() && right.0.is_empty());
    order
}

/// How many bytes two names begin with in common.
fn common_length(left: &[u8], right: &[u8]) -> usize {
    let ((wide, _), (others, _)) = (left.as_chunks::<8>(), right.as_chunks::<8>());
    let same = 8 * wide.iter().zip(others).take_while(|(one, other)| one == other).count();
    let rest = left[same..].iter().zip(&right[same..]);
    same + rest.take_while(|(one, other)| one == other).count()
}

/// Names of directories are compared with the slash that ends them.
fn compare_directories(left: &[u8], right: &[u8]) -> Ordering {
    let common = left.len().min(right.len());
    let next = |name: &[u8]| name.get(common).copied().unwrap_or(b'/');
    left[..common].cmp(&right[..common]).then_with(|| match left.len() == right.len() {
        true => Ordering::Equal,
        false => next(left).cmp(&next(right)),
    })
}

fn split(path: &[u8]) -> (&[u8], Option<&[u8]>) {
    match path.iter().position(|&byte| byte == b'/') {
        Some(at) => (&path[..at], Some(&path[at + 1..])),
        None => (path, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Name {
        Name::new(text.as_bytes()).expect("a name")
    }

    #[test]
    fn names_cannot_leave_the_root() {
        for refused in ["", "/", "/etc", "..", "a/..", "../a", "a//b", "a/", "./a", "a/./b", "a\0"] {
            assert_eq!(Name::new(refused.as_bytes()), Err(Violation::Name), "{refused:?}");
        }
        assert_eq!(Name::new(&[b'a'; 4096]), Err(Violation::Name));
        for accepted in [".", "a", "..a", "a..", "...", "a/b", " ", "\u{fc}"] {
            assert!(Name::new(accepted.as_bytes()).is_ok(), "{accepted:?}");
        }
        assert_eq!((name("a/b/c").parent(), name("a/b/c").leaf()), (Some(&b"a/b"[..]), &b"c"[..]));
        assert_eq!((name("a").parent(), name("a").leaf()), (None, &b"a"[..]));
    }

    #[test]
    fn what_lies_in_a_folder_is_one_name_in_it() {
        assert_eq!(name(".").child(b"a"), Ok(name("a")));
        assert_eq!(name("a/b").child(b"..c"), Ok(name("a/b/..c")));
        for refused in ["", ".", "..", "/", "a/b", "a\0"] {
            assert_eq!(name("a").child(refused.as_bytes()), Err(Violation::Name), "{refused:?}");
        }
        let long = "x".repeat(Name::MAX - 2);
        assert!(name("a").child(long.as_bytes()).is_ok());
        assert_eq!(name("ab").child(long.as_bytes()), Err(Violation::Name));
    }

    #[test]
    fn entries_are_ordered_as_both_peers_number_them() {
        let ordered = [
            (".", true),
            ("a", false),
            ("z", false),
            ("\u{fc}", false),
            ("a-b", true),
            ("a-b/c", false),
            ("a.d", true),
            ("a", true),
            ("a/x", false),
            ("a/b", true),
            ("a/b/c", false),
            ("b", true),
            ("long-folder-name/and-another", true),
            ("long-folder-name/and-another/f1", false),
            ("long-folder-name/and-another/f10", false),
            ("long-folder-name/and-another/f2", false),
            ("long-folder-name/and-another/f", true),
            ("long-folder-name/and-others", true),
        ];
        for (at, left) in ordered.iter().enumerate() {
            for (other, right) in ordered.iter().enumerate() {
                let order = compare((&name(left.0), left.1), (&name(right.0), right.1));
                assert_eq!(order, at.cmp(&other), "{left:?} {right:?}");
            }
        }
    }

    /// The components of an entry, each with whether it is a directory's, whose name
    /// a slash ends.
    fn components(name: &str, is_directory: bool) -> Vec<(bool, String)> {
        let count = name.split('/').count();
        let is_folder = |at: usize| at + 1 < count || is_directory;
        let of = |(at, part): (usize, &str)| {
            (is_folder(at), part.to_owned() + if is_folder(at) { "/" } else { "" })
        };
        name.split('/').enumerate().map(of).collect()
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_components(
            left in "[ab-]{1,2}[.0b]?(/[ab-]{1,2}[.0b]?){0,3}",
            right in "[ab-]{1,2}[.0b]?(/[ab-]{1,2}[.0b]?){0,3}",
            kinds: (bool, bool),
        ) {
            let order = compare((&name(&left), kinds.0), (&name(&right), kinds.1));
            prop_assert_eq!(order, components(&left, kinds.0).cmp(&components(&right, kinds.1)));
        }
    }
}
