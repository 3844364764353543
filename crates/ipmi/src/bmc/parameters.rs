//! Numbered parameters with set selectors, as the LAN, serial-over-LAN, PEF and
//! boot option commands share them (IPMI 2.0 sections 23.1, 26.2, 30.3, 28.12).

use alloc::vec::Vec;

use super::Answer;
use crate::{CompletionCode, Map};

/// Parameter not supported.
pub(crate) const UNSUPPORTED: CompletionCode = CompletionCode(0x80);
/// Attempt to write a read-only parameter.
pub(crate) const READ_ONLY: CompletionCode = CompletionCode(0x82);

/// Parameters by number.
pub type Parameters = Map<u8, Parameter>;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// One value.
    Single(Vec<u8>),
    /// A value per set selector, without the selector that goes before it.
    /// Where requests choose blocks besides, the blocks of a set follow one
    /// another, all but the last of 16 bytes.
    Sets(Map<u8, Vec<u8>>),
}

/// The data of `parameter`, for set `selector` where there are sets.
pub(crate) fn get(parameters: &Parameters, parameter: u8, selector: u8) -> Answer {
    match parameters.get(&parameter).ok_or(UNSUPPORTED)? {
        Parameter::Single(data) => Ok(data.clone()),
        Parameter::Sets(sets) => {
            let data = sets.get(&selector).ok_or(CompletionCode::OUT_OF_RANGE)?;
            Ok([&[selector], &data[..]].concat())
        }
    }
}

/// Writes `data` to `parameter`; a value keeps its length.
pub(crate) fn set(parameters: &mut Parameters, parameter: u8, data: &[u8]) -> Answer {
    match parameters.get_mut(&parameter).ok_or(UNSUPPORTED)? {
        Parameter::Single(value) => replace(value, data),
        Parameter::Sets(sets) => {
            let (selector, data) = data.split_first().ok_or(CompletionCode::LENGTH_INVALID)?;
            let value = sets.get_mut(selector).ok_or(CompletionCode::OUT_OF_RANGE)?;
            replace(value, data)
        }
    }
}

/// Bytes of a block of a set.
const BLOCK: usize = 16;

/// The data of a block of a set of `parameter`, after both selectors.
pub(crate) fn get_block(parameters: &Parameters, parameter: u8, selector: u8, block: u8) -> Answer {
    let Parameter::Sets(sets) = parameters.get(&parameter).ok_or(UNSUPPORTED)? else {
        return get(parameters, parameter, selector);
    };
    let mut blocks = sets.get(&selector).ok_or(CompletionCode::OUT_OF_RANGE)?.chunks(BLOCK);
    let data = blocks.nth(block.into()).ok_or(CompletionCode::OUT_OF_RANGE)?;
    Ok([&[selector, block], data].concat())
}

/// Writes `data`, which begins with both selectors, to a block of `parameter`.
/// Zeros beyond the end of the last block are dropped.
pub(crate) fn set_block(parameters: &mut Parameters, parameter: u8, data: &[u8]) -> Answer {
    let Some(Parameter::Sets(sets)) = parameters.get_mut(&parameter) else {
        return set(parameters, parameter, data);
    };
    let [selector, block, data @ ..] = data else { return Err(CompletionCode::LENGTH_INVALID) };
    let mut blocks = sets.get_mut(selector).ok_or(CompletionCode::OUT_OF_RANGE)?.chunks_mut(BLOCK);
    let value = blocks.nth((*block).into()).ok_or(CompletionCode::OUT_OF_RANGE)?;
    match data.split_at_checked(value.len()) {
        Some((data, rest)) if rest.iter().all(|byte| *byte == 0) => replace(value, data),
        _ => Err(CompletionCode::LENGTH_INVALID),
    }
}

fn replace(value: &mut [u8], data: &[u8]) -> Answer {
    if value.len() != data.len() {
        return Err(CompletionCode::LENGTH_INVALID);
    }
    value.copy_from_slice(data);
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_and_written_by_their_selector() {
        let sets = Map::from([(2, alloc::vec![7, 8])]);
        let mut parameters = Parameters::from([(18, Parameter::Sets(sets))]);
        assert_eq!(get(&parameters, 18, 2), Ok(alloc::vec![2, 7, 8]));
        assert_eq!(set(&mut parameters, 18, &[2, 1, 1]), Ok(Vec::new()));
        assert_eq!(get(&parameters, 18, 2), Ok(alloc::vec![2, 1, 1]));
        assert_eq!(get(&parameters, 18, 3), Err(CompletionCode::OUT_OF_RANGE));
        assert_eq!(set(&mut parameters, 18, &[2, 1]), Err(CompletionCode::LENGTH_INVALID));
        assert_eq!(get(&parameters, 19, 0), Err(UNSUPPORTED));
    }

    #[test]
    fn blocks_of_a_set_are_read_and_written_by_their_number() {
        let sets = Map::from([(1, alloc::vec![7; 22])]);
        let mut parameters = Parameters::from([(63, Parameter::Sets(sets))]);
        assert_eq!(get_block(&parameters, 63, 1, 0).map(|data| data.len()), Ok(18));
        assert_eq!(get_block(&parameters, 63, 1, 1), Ok(alloc::vec![1, 1, 7, 7, 7, 7, 7, 7]));
        assert_eq!(get_block(&parameters, 63, 1, 2), Err(CompletionCode::OUT_OF_RANGE));
        assert_eq!(set_block(&mut parameters, 63, &[1, 1, 1, 2, 3, 4, 5, 6, 0, 0]), Ok(Vec::new()));
        assert_eq!(get_block(&parameters, 63, 1, 1), Ok(alloc::vec![1, 1, 1, 2, 3, 4, 5, 6]));
        let long = [1, 1, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(set_block(&mut parameters, 63, &long), Err(CompletionCode::LENGTH_INVALID));
        assert_eq!(set_block(&mut parameters, 63, &[1]), Err(CompletionCode::LENGTH_INVALID));
        assert_eq!(set_block(&mut parameters, 63, &[2, 0, 1]), Err(CompletionCode::OUT_OF_RANGE));
        assert_eq!(set_block(&mut parameters, 64, &[1, 0, 1]), Err(UNSUPPORTED));
    }
}
