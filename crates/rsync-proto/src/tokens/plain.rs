//! Tokens of sessions without compression.

use crate::Input;
use crate::integers::{read_int, write_int};

/// One piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// So many bytes follow, 1 to 2³¹ − 1: to be read piece by piece.
    Literal(u32),
    /// The block of that number of the basis, to be checked against its count.
    Block(u32),
    /// The file's end.
    End,
}

/// Longest literal written at once; peers expect no longer ones.
pub const LITERAL_MAX: usize = 32 << 10;

/// Reads a token.
///
/// # Errors
/// Those of the input.
pub fn read<I: Input>(input: &mut I) -> Result<Token, I::Error> {
    read_int(input).map(|number| match number {
        0 => Token::End,
        1.. => Token::Literal(number as u32),
        // −1 is block 0.
        _ => Token::Block(!number as u32),
    })
}

/// Writes bytes of the file.
pub(super) fn write_literal(output: &mut Vec<u8>, bytes: &[u8]) {
    for piece in bytes.chunks(LITERAL_MAX) {
        write_int(output, piece.len() as i32);
        output.extend_from_slice(piece);
    }
}

/// Bytes that a file of `length` bytes takes, from its first literal to its end,
/// where nothing of it is known.
pub const fn plain_length(length: u64) -> u64 {
    const NUMBER: u64 = 4;
    length + NUMBER * length.div_ceil(LITERAL_MAX as u64) + NUMBER
}

/// Writes that block `index` of the basis comes next.
pub(super) fn write_block(output: &mut Vec<u8>, index: u32) {
    write_int(output, !(index as i32));
}

/// Writes the file's end.
pub(super) fn write_end(output: &mut Vec<u8>) {
    write_int(output, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_what_is_written() {
        for length in [0, 1, LITERAL_MAX - 1, LITERAL_MAX, LITERAL_MAX + 1, 5 * LITERAL_MAX] {
            let mut bytes = Vec::new();
            write_literal(&mut bytes, &vec![0; length]);
            write_end(&mut bytes);
            assert_eq!(plain_length(length as u64), bytes.len() as u64, "{length}");
        }
    }

    #[test]
    fn tokens_are_read_as_written() {
        let mut bytes = Vec::new();
        write_literal(&mut bytes, b"ab");
        write_block(&mut bytes, 0);
        write_block(&mut bytes, i32::MAX as u32);
        write_end(&mut bytes);
        let mut rest = &bytes[..];
        assert_eq!(read(&mut rest), Ok(Token::Literal(2)));
        rest = &rest[2..];
        assert_eq!(read(&mut rest), Ok(Token::Block(0)));
        assert_eq!(read(&mut rest), Ok(Token::Block(i32::MAX as u32)));
        assert_eq!(read(&mut rest), Ok(Token::End));
        assert!(rest.is_empty());
    }
}
