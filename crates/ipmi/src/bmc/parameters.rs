//! Numbered parameters with set selectors, as the LAN, serial-over-LAN, PEF and
//! boot option commands share them (IPMI 2.0 sections 23.1, 26.2, 30.3, 28.12).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Answer;
use crate::CompletionCode;

/// Parameter not supported.
pub(crate) const UNSUPPORTED: CompletionCode = CompletionCode(0x80);
/// Attempt to write a read-only parameter.
pub(crate) const READ_ONLY: CompletionCode = CompletionCode(0x82);

/// Parameters by number.
pub type Parameters = BTreeMap<u8, Parameter>;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// One value.
    Single(Vec<u8>),
    /// A value per set selector, without the selector that goes before it.
    Sets(BTreeMap<u8, Vec<u8>>),
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
        let sets = BTreeMap::from([(2, alloc::vec![7, 8])]);
        let mut parameters = Parameters::from([(18, Parameter::Sets(sets))]);
        assert_eq!(get(&parameters, 18, 2), Ok(alloc::vec![2, 7, 8]));
        assert_eq!(set(&mut parameters, 18, &[2, 1, 1]), Ok(Vec::new()));
        assert_eq!(get(&parameters, 18, 2), Ok(alloc::vec![2, 1, 1]));
        assert_eq!(get(&parameters, 18, 3), Err(CompletionCode::OUT_OF_RANGE));
        assert_eq!(set(&mut parameters, 18, &[2, 1]), Err(CompletionCode::LENGTH_INVALID));
        assert_eq!(get(&parameters, 19, 0), Err(UNSUPPORTED));
    }
}
