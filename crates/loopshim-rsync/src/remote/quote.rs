//! Guarding arguments from the shell at the other end (observed: rsync 3.5.0).

use crate::options::Bytes;

/// What a shell would take for its own, but for wildcards.
const SPECIAL: &[u8] = b"!#$&;|<>(){}\"'` \t\n\r\\";
const WILDCARDS: &[u8] = b"*?[]";

/// The value of an option: nothing in it is the shell's.
pub fn option_value(value: &[u8]) -> Bytes {
    let mut quoted = Bytes::with_capacity(value.len());
    for &byte in value {
        if SPECIAL.contains(&byte) || WILDCARDS.contains(&byte) {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}

/// A name: its wildcards are the shell's, and a backslash takes that from them.
/// `is_pulled`: a tilde may be no part of a home directory's name.
pub fn file_name(name: &[u8], is_pulled: bool) -> Bytes {
    let mut quoted = Bytes::with_capacity(name.len() + 2);
    match name.first() {
        Some(b'-') => quoted.extend_from_slice(b"./"),
        Some(b'~') if is_pulled && !name.contains(&b'/') => quoted.push(b'\\'),
        _ => {}
    }
    for (at, &byte) in name.iter().enumerate() {
        let guards_wildcard = byte == b'\\' && name.get(at + 1).is_some_and(|next| WILDCARDS.contains(next));
        if SPECIAL.contains(&byte) && !guards_wildcard {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_guarded_as_the_original_guards_them() {
        for (name, expected) in [
            ("a b", "a\\ b"),
            ("a*b", "a*b"),
            ("a\\*b", "a\\*b"),
            ("a\\b", "a\\\\b"),
            ("-x", "./-x"),
            ("~u", "\\~u"),
            ("~u/x", "~u/x"),
            ("a?[b]", "a?[b]"),
            ("it's", "it\\'s"),
            ("a{b,c}", "a\\{b,c\\}"),
            ("#x", "\\#x"),
            ("a=b,c:d^%@+~", "a=b,c:d^%@+~"),
            ("n\nl\r", "n\\\nl\\\r"),
        ] {
            assert_eq!(file_name(name.as_bytes(), true), expected.as_bytes(), "{name}");
        }
        assert_eq!(file_name(b"~u", false), b"~u");
        assert_eq!(option_value(b"-q [x]~"), b"-q\\ \\[x\\]~");
        assert_eq!(option_value(b"a b*"), b"a\\ b\\*");
    }
}
