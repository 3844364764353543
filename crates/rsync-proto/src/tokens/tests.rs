//! What a writer wrote, a reader reads.

use super::*;
use crate::negotiation::{Algorithm, Compression};
use proptest::prelude::*;

const BLOCK: usize = 50;

/// A part of a file: bytes, or a block of the basis.
#[derive(Debug, Clone)]
enum Part {
    Bytes(Vec<u8>),
    Block(u32),
}

fn block(basis: &[u8], index: u32) -> &[u8] {
    let start = index as usize * BLOCK;
    &basis[start..basis.len().min(start + BLOCK)]
}

fn check(compression: Option<Compression>, basis: &[u8], files: &[Vec<Part>]) {
    let mut writer = Writer::new(compression, None).expect("a writer");
    let mut bytes = Vec::new();
    for file in files {
        for part in file {
            match part {
                Part::Bytes(literal) => writer.literal(&mut bytes, literal).expect("compression"),
                Part::Block(index) => {
                    writer.block(&mut bytes, *index, block(basis, *index)).expect("compression");
                }
            }
        }
        writer.end(&mut bytes).expect("compression");
    }
    let (mut reader, mut rest) = (Reader::new(compression), &bytes[..]);
    for file in files {
        let expected = file.iter().flat_map(|part| match part {
            Part::Bytes(literal) => &literal[..],
            Part::Block(index) => block(basis, *index),
        });
        let expected: Vec<u8> = expected.copied().collect();
        assert_eq!(read_file(&mut reader, &mut rest, basis), expected, "{compression:?}");
    }
    assert!(rest.is_empty());
}

fn read_file(reader: &mut Reader, input: &mut &[u8], basis: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    loop {
        match reader.read(input).expect("a piece") {
            Piece::End => return file,
            Piece::Data(data) => {
                assert!(!data.is_empty());
                file.extend_from_slice(data);
            }
            Piece::Blocks { first, last } => {
                for index in first..=last {
                    let bytes = block(basis, index);
                    reader.matched(bytes).expect("a history");
                    file.extend_from_slice(bytes);
                }
            }
        }
    }
}

fn every() -> impl Iterator<Item = Option<Compression>> {
    std::iter::once(None).chain(Compression::OURS.iter().copied().map(Some))
}

#[test]
fn large_files_and_files_that_do_not_compress() {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u8
    };
    let noise: Vec<u8> = (0..300_000).map(|_| noise()).collect();
    let zeros = vec![0; 3_000_000];
    for compression in every() {
        let files = [
            vec![Part::Bytes(noise.clone()), Part::Block(0), Part::Block(1), Part::Bytes(zeros.clone())],
            vec![],
            vec![Part::Block(3), Part::Bytes(noise[..200].to_vec())],
        ];
        check(compression, &noise, &files);
    }
}

fn any_part() -> impl Strategy<Value = Part> {
    prop_oneof![
        proptest::collection::vec(0_u8..4, 1..200).prop_map(Part::Bytes),
        (0_u32..6).prop_map(Part::Block),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        basis in proptest::collection::vec(any::<u8>(), 6 * BLOCK),
        files in proptest::collection::vec(proptest::collection::vec(any_part(), 0..12), 1..4)
    ) {
        for compression in every() {
            check(compression, &basis, &files);
        }
    }

    #[test]
    fn any_bytes_are_a_file_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300), framed: bool) {
        // Half of them in frames that say data, so that decompressors see them.
        let bytes = if framed { [vec![0x40 | (bytes.len() >> 8) as u8, bytes.len() as u8], bytes].concat() } else { bytes };
        for compression in every() {
            let (mut reader, mut rest) = (Reader::new(compression), &bytes[..]);
            while reader.read(&mut rest).is_ok_and(|piece| piece != Piece::End) {}
        }
    }
}
