//! Decimal fractions as text.
//!
//! The standard library's reading of them brings a table of 10 KB to every
//! program; this one computes what it needs, and is as exact.

use lexical_parse_float::FromLexical;

/// The nearest number to a decimal fraction, written as Rust writes them;
/// `None` for any other text. What is too large comes out infinite.
pub(crate) fn parse(text: &str) -> Option<f64> {
    f64::from_lexical(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_the_nearest_number(text in "[-+]?[0-9]{0,24}(\\.[0-9]{0,24})?([eE][-+]?[0-9]{1,3})?|\\PC{0,6}") {
            prop_assert_eq!(super::parse(&text), text.parse::<f64>().ok());
        }
    }
}
