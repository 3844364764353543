//! Wildcards: `*` and `?` stop at a slash, `**` does not, `[…]` is a class.

/// Whether all of `text` is what `pattern` describes.
///
/// Takes time in proportion to the product of both lengths, whatever the
/// pattern: a position is tried at most once for each place in the text.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let tokens = tokens(pattern);
    // Which numbers of tokens can have been matched by the text so far.
    let mut reached = vec![false; tokens.len() + 1];
    reached[0] = true;
    skip_stars(&tokens, &mut reached);
    for &byte in text {
        let mut next = vec![false; tokens.len() + 1];
        for (at, token) in tokens.iter().enumerate().filter(|(at, _)| reached[*at]) {
            match token {
                Token::Star | Token::DoubleStar if token.takes(byte) => next[at] = true,
                token if token.takes(byte) => next[at + 1] = true,
                _ => {}
            }
        }
        reached = next;
        skip_stars(&tokens, &mut reached);
    }
    reached[tokens.len()]
}

/// A star may match nothing.
fn skip_stars(tokens: &[Token<'_>], reached: &mut [bool]) {
    for (at, token) in tokens.iter().enumerate() {
        if reached[at] && matches!(token, Token::Star | Token::DoubleStar) {
            reached[at + 1] = true;
        }
    }
}

enum Token<'p> {
    Byte(u8),
    Any,
    Star,
    DoubleStar,
    Class {
        is_negated: bool,
        members: &'p [u8],
    },
    /// A class that does not end: it matches nothing.
    Nothing,
}

impl Token<'_> {
    fn takes(&self, byte: u8) -> bool {
        match self {
            Self::Byte(expected) => *expected == byte,
            Self::Any | Self::Star => byte != b'/',
            Self::DoubleStar => true,
            Self::Class { is_negated, members } => byte != b'/' && is_member(members, byte) != *is_negated,
            Self::Nothing => false,
        }
    }
}

fn tokens(mut pattern: &[u8]) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    while let Some((&first, rest)) = pattern.split_first() {
        pattern = rest;
        tokens.push(match first {
            b'?' => Token::Any,
            b'*' => {
                let more = pattern.iter().take_while(|&&byte| byte == b'*').count();
                pattern = &pattern[more..];
                if more == 0 { Token::Star } else { Token::DoubleStar }
            }
            b'[' => class(&mut pattern),
            // At the very end it stands for itself.
            b'\\' => match pattern.split_first() {
                Some((&escaped, rest)) => {
                    pattern = rest;
                    Token::Byte(escaped)
                }
                None => Token::Byte(b'\\'),
            },
            byte => Token::Byte(byte),
        });
    }
    tokens
}

/// What follows an opening bracket, up to the closing one.
fn class<'p>(pattern: &mut &'p [u8]) -> Token<'p> {
    let is_negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let members = &pattern[usize::from(is_negated)..];
    // A closing bracket that comes first is a member.
    let mut at = 0;
    loop {
        match members.get(at) {
            None => {
                *pattern = &[];
                return Token::Nothing;
            }
            Some(b']') if at > 0 => break,
            Some(b'\\') => at += 2,
            Some(b'[') if members.get(at + 1) == Some(&b':') => {
                at += named(&members[at..]).map_or(1, |(_, length)| length);
            }
            Some(_) => at += 1,
        }
    }
    *pattern = &members[at + 1..];
    Token::Class { is_negated, members: &members[..at] }
}

/// The name in `[:name:]` at the beginning of `members`, and its whole length.
fn named(members: &[u8]) -> Option<(&[u8], usize)> {
    let inner = members.strip_prefix(b"[:")?;
    let end = inner.windows(2).position(|pair| pair == b":]")?;
    Some((&inner[..end], end + 4))
}

fn is_member(mut members: &[u8], byte: u8) -> bool {
    while let Some(&first) = members.first() {
        if let Some((name, length)) = named(members) {
            if is_of(name, byte) {
                return true;
            }
            members = &members[length..];
            continue;
        }
        let (low, rest) = escaped(first, &members[1..]);
        members = rest;
        let high = match members {
            [b'-', end, rest @ ..] => {
                let (high, rest) = escaped(*end, rest);
                members = rest;
                high
            }
            _ => low,
        };
        if (low..=high).contains(&byte) {
            return true;
        }
    }
    false
}

fn escaped(first: u8, rest: &[u8]) -> (u8, &[u8]) {
    match (first, rest.split_first()) {
        (b'\\', Some((&byte, rest))) => (byte, rest),
        _ => (first, rest),
    }
}

fn is_of(class: &[u8], byte: u8) -> bool {
    match class {
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"alpha" => byte.is_ascii_alphabetic(),
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"cntrl" => byte.is_ascii_control(),
        b"digit" => byte.is_ascii_digit(),
        b"graph" => byte.is_ascii_graphic(),
        b"lower" => byte.is_ascii_lowercase(),
        b"print" => byte == b' ' || byte.is_ascii_graphic(),
        b"punct" => byte.is_ascii_punctuation(),
        b"space" => byte.is_ascii_whitespace() || byte == 0x0b,
        b"upper" => byte.is_ascii_uppercase(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(cases: &[(&str, &str)], expected: bool) {
        for (pattern, text) in cases {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn wildcards_match_what_the_manual_says() {
        all(
            &[
                ("", ""),
                ("*", ""),
                ("*", "abc"),
                ("a*c", "abbc"),
                ("a?c", "abc"),
                ("a**c", "a/b/c"),
                ("**/c", "a/b/c"),
                ("a***", "a/b"),
                ("[a-c]x", "bx"),
                ("[!a-c]x", "dx"),
                ("[^a-c]x", "dx"),
                ("[]a]", "]"),
                ("[a-]", "-"),
                ("[[:digit:]x]", "7"),
                ("[[:digit:]x]", "x"),
                ("[\\]]", "]"),
                ("a\\*", "a*"),
                ("\\a", "a"),
                ("a\\", "a\\"),
                ("*.o", ".o"),
                ("[[a]", "["),
            ],
            true,
        );
        all(
            &[
                ("", "a"),
                ("*", "a/b"),
                ("a?c", "a/c"),
                ("a*c", "a/c"),
                ("[a-c]", "d"),
                ("a[^b]c", "a/c"),
                ("[a", "a"),
                ("[[:digit:]]", "x"),
                ("a\\*", "ab"),
                ("?", ""),
            ],
            false,
        );
    }

    #[test]
    fn many_stars_take_no_longer() {
        let (pattern, text) = ("*a".repeat(200) + "b", "a".repeat(4000));
        assert!(!matches(pattern.as_bytes(), text.as_bytes()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_pattern(pattern in proptest::collection::vec(any::<u8>(), 0..30), text in ".{0,20}") {
            let _ = matches(&pattern, text.as_bytes());
        }

        #[test]
        fn a_text_matches_itself_escaped(text in proptest::collection::vec(any::<u8>(), 0..30)) {
            let escaped: Vec<u8> = text.iter().flat_map(|&byte| [b'\\', byte]).collect();
            prop_assert!(matches(&escaped, &text));
        }
    }
}
