//! A command line as words. Quotes keep blanks together only at the start of a
//! word, and a tilde inside them is a blank, as in the original.

use crate::ipmitool::Arg;

/// What separates words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// In files.
    Space,
    /// At the prompt.
    SpaceAndTab,
}

/// `line` without the white space around it.
pub(super) fn trim(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|&byte| !is_space(byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|&byte| !is_space(byte)).map_or(start, |last| last + 1);
    &line[start..end]
}

/// The words of `line`, at most `most`.
pub(super) fn split(line: &[u8], blanks: Blanks, most: usize) -> Vec<Arg> {
    let line = hide_quoted_blanks(line);
    let separates = |byte: &u8| *byte == b' ' || blanks == Blanks::SpaceAndTab && *byte == b'\t';
    line.split(separates).filter(|word| !word.is_empty()).map(unquote).take(most).collect()
}

/// Turns white space between quotes into tildes.
fn hide_quoted_blanks(line: &[u8]) -> Vec<u8> {
    let mut line = line.to_vec();
    let mut at = 0;
    while at < line.len() {
        for quote in [b'"', b'\''] {
            if line.get(at) == Some(&quote) {
                at += 1;
                at = hide_until(&mut line, at, quote);
            }
        }
        at += 1;
    }
    line
}

/// Where the closing quote is, or the end.
fn hide_until(line: &mut [u8], start: usize, quote: u8) -> usize {
    let end = line[start..].iter().position(|&byte| byte == quote).map_or(line.len(), |len| start + len);
    for byte in &mut line[start..end] {
        if is_space(*byte) {
            *byte = b'~';
        }
    }
    end
}

/// A word without its quotes; what follows the closing one is lost.
fn unquote(word: &[u8]) -> Arg {
    let (&quote, rest) = match word.split_first() {
        Some((quote, rest)) if matches!(quote, b'"' | b'\'') => (quote, rest),
        _ => return word.to_vec(),
    };
    let end = rest.iter().position(|&byte| byte == quote).unwrap_or(rest.len());
    rest[..end].iter().map(|&byte| if byte == b'~' { b' ' } else { byte }).collect()
}

/// `line` as a terminal shows it from `column` on: tabs up to the next eighth
/// column.
pub(super) fn expand_tabs(line: &[u8], column: usize) -> Vec<u8> {
    let mut shown = Vec::new();
    for &byte in line {
        shown.push(if byte == b'\t' { b' ' } else { byte });
        while byte == b'\t' && !(column + shown.len()).is_multiple_of(8) {
            shown.push(b' ');
        }
    }
    shown
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        let words = split(line.as_bytes(), Blanks::Space, 64);
        words.into_iter().map(|word| String::from_utf8_lossy(&word).into_owned()).collect()
    }

    #[test]
    fn quotes_keep_blanks_at_the_start_of_a_word() {
        assert_eq!(words("a 'b c'  d"), ["a", "b c", "d"]);
        assert_eq!(words("a \"b ~c\"d e"), ["a", "b  c", "e"]);
        assert_eq!(words("a=\"b c\""), ["a=\"b~c\""]);
        assert_eq!(words("a ''"), ["a", ""]);
        assert_eq!(words("a 'b c"), ["a", "b c"]);
    }

    #[test]
    fn tabs_separate_at_the_prompt() {
        assert_eq!(split(b"a\t'' b", Blanks::SpaceAndTab, 64), [&b"a"[..], b"", b"b"]);
        assert_eq!(split(b"a\tb c", Blanks::Space, 64), [&b"a\tb"[..], b"c"]);
    }

    #[test]
    fn white_space_around_a_line_is_cut() {
        assert_eq!(trim(b" \ta b\n"), b"a b");
        assert_eq!(trim(b" \n"), b"");
    }

    #[test]
    fn tabs_reach_the_next_eighth_column() {
        assert_eq!(expand_tabs(b"\ta", 10), b"      a");
        assert_eq!(expand_tabs(b"abcdef\t", 10), b"abcdef        ");
    }
}
