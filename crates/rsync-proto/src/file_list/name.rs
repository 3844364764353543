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
    let (mut a, mut b) = (left.0.bytes(), right.0.bytes());
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
        ];
        for (at, left) in ordered.iter().enumerate() {
            for (other, right) in ordered.iter().enumerate() {
                let order = compare((&name(left.0), left.1), (&name(right.0), right.1));
                assert_eq!(order, at.cmp(&other), "{left:?} {right:?}");
            }
        }
    }
}
