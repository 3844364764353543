//! File indexes: which entry, list or mark is meant. Each direction of a
//! session keeps two running values, against which numbers are sent short.

use crate::violation::Field;
use crate::{Input, Violation};

/// What an index says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// An entry of a file list, 0 to 2³¹ − 1.
    Entry(u32),
    /// A list or a phase is finished.
    Done,
    /// There is no further file list.
    LastList,
    /// Counts of deletions follow.
    DeletionCounts,
    /// The list of a directory follows; directories are counted from zero in
    /// the order of the lists they stand in.
    ListOf(u32),
}

/// `Done` on the wire.
const DONE: i32 = -1;
/// `LastList` on the wire.
const LAST_LIST: i32 = -2;
/// `DeletionCounts` on the wire.
const DELETION_COUNTS: i32 = -3;
/// `ListOf(0)` on the wire; each further directory is one less.
const FIRST_LIST: i32 = -101;

/// Precedes a negative number.
const NEGATIVE: u8 = 0xff;
/// Precedes a number that a byte's difference does not reach.
const WIDE: u8 = 0xfe;
/// In the byte after [`WIDE`]: the number itself follows, not its difference.
const ABSOLUTE: u8 = 0x80;

/// The running values of one direction of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    positive: i32,
    negative: i32,
}

impl Default for Running {
    fn default() -> Self {
        Self { positive: -1, negative: 1 }
    }
}

impl Running {
    /// Reads one index.
    ///
    /// # Errors
    /// [`Violation::OutOfRange`] where a number means nothing, or those of the
    /// input.
    pub fn read<I: Input>(&mut self, input: &mut I) -> Result<Index, I::Error> {
        let first = match input.byte()? {
            0 => return Ok(Index::Done),
            NEGATIVE => {
                let first = input.byte()?;
                let number = distance(input, first, self.negative)?;
                self.negative = number;
                return meaning(-number).map_err(Into::into);
            }
            first => first,
        };
        self.positive = distance(input, first, self.positive)?;
        u32::try_from(self.positive).map(Index::Entry).map_err(|_| OUT_OF_RANGE.into())
    }

    /// Writes one index.
    pub fn write(&mut self, output: &mut Vec<u8>, index: Index) {
        let number = match index {
            Index::Done => return output.push(0),
            Index::Entry(entry) => return write_distance(output, &mut self.positive, clamp(entry)),
            Index::LastList => -LAST_LIST,
            Index::DeletionCounts => -DELETION_COUNTS,
            Index::ListOf(directory) => clamp(directory).saturating_sub(FIRST_LIST),
        };
        output.push(NEGATIVE);
        write_distance(output, &mut self.negative, number);
    }
}

const OUT_OF_RANGE: Violation = Violation::OutOfRange(Field::FileIndex);

fn clamp(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn meaning(number: i32) -> Result<Index, Violation> {
    match number {
        DONE => Ok(Index::Done),
        LAST_LIST => Ok(Index::LastList),
        DELETION_COUNTS => Ok(Index::DeletionCounts),
        list if list <= FIRST_LIST => Ok(Index::ListOf((FIRST_LIST - list) as u32)),
        _ => Err(OUT_OF_RANGE),
    }
}

fn distance<I: Input>(input: &mut I, first: u8, previous: i32) -> Result<i32, I::Error> {
    if first != WIDE {
        return previous.checked_add(first.into()).ok_or_else(|| OUT_OF_RANGE.into());
    }
    let [high, low] = input.array()?;
    if high & ABSOLUTE == 0 {
        let difference = i32::from(u16::from_be_bytes([high, low]));
        return previous.checked_add(difference).ok_or_else(|| OUT_OF_RANGE.into());
    }
    let [second, third] = input.array()?;
    Ok(i32::from_le_bytes([low, second, third, high & !ABSOLUTE]))
}

fn write_distance(output: &mut Vec<u8>, previous: &mut i32, number: i32) {
    let difference = i64::from(number) - i64::from(*previous);
    *previous = number;
    match difference {
        1..=253 => output.push(difference as u8),
        0 | 254..=0x7fff => {
            output.push(WIDE);
            output.extend_from_slice(&(difference as u16).to_be_bytes());
        }
        _ => {
            let [low, second, third, high] = number.to_le_bytes();
            output.extend_from_slice(&[WIDE, high | ABSOLUTE, low, second, third]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;
    use proptest::prelude::*;

    fn written(indexes: &[Index]) -> Vec<u8> {
        let (mut running, mut bytes) = (Running::default(), Vec::new());
        indexes.iter().for_each(|&index| running.write(&mut bytes, index));
        bytes
    }

    #[test]
    fn indexes_are_written_as_peers_were_seen_to() {
        assert_eq!(written(&[Index::Entry(0)]), [1]);
        assert_eq!(written(&[Index::Done]), [0]);
        assert_eq!(written(&[Index::ListOf(1), Index::LastList]), [0xff, 0x65, 0xff, 0xfe, 0x80, 2, 0, 0]);
    }

    #[test]
    fn numbers_that_mean_nothing_are_refused() {
        let refused = Err(SliceError::Violation(OUT_OF_RANGE));
        for bytes in [&[0xff, 5][..], &[0xff, 0xfe, 0x80, 0, 0, 0], &[0xff, 0xfe, 0x80, 100, 0, 0]] {
            assert_eq!(Running::default().read(&mut &bytes[..]), refused, "{bytes:?}");
        }
        let mut at_the_end = Running { positive: i32::MAX, negative: i32::MAX };
        assert_eq!(at_the_end.read(&mut &[1][..]), refused);
        assert_eq!(at_the_end.read(&mut &[0xfe, 0x7f, 0xff][..]), refused);
    }

    fn any_index() -> impl Strategy<Value = Index> {
        prop_oneof![
            (0..=i32::MAX as u32).prop_map(Index::Entry),
            (0_u32..3000).prop_map(Index::Entry),
            (0..=(i32::MAX - 101) as u32).prop_map(Index::ListOf),
            (0_u32..3000).prop_map(Index::ListOf),
            Just(Index::Done),
            Just(Index::LastList),
            Just(Index::DeletionCounts),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(indexes in proptest::collection::vec(any_index(), 0..50)) {
            let bytes = written(&indexes);
            let (mut running, mut rest) = (Running::default(), &bytes[..]);
            for index in indexes {
                prop_assert_eq!(running.read(&mut rest), Ok(index));
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_are_an_index_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let (mut running, mut rest) = (Running::default(), &bytes[..]);
            while running.read(&mut rest).is_ok() {}
        }
    }
}
