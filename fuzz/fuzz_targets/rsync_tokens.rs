//! Files' data, plain and in every compression: as a hostile sender tells them,
//! and as ours does, which must come out as they went in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rsync_proto::negotiation::{Algorithm, Compression};
use rsync_proto::tokens::{Piece, Reader, Writer};

/// Most bytes of data that one input may stand for, a thousandfold of it.
const OUTPUT_MAX: usize = 16 << 20;

/// What stands for each block of a basis.
const BLOCK: &[u8] = b"a block of the basis, as the receiver has it\n";

fuzz_target!(|bytes: &[u8]| {
    let [how, rest @ ..] = bytes else { return };
    let methods = Compression::OURS;
    let method = methods.get(usize::from(how >> 1) % (methods.len() + 1)).copied();
    match how & 1 {
        0 => hostile(method, rest),
        _ => honest(method, rest),
    }
});

fn hostile(method: Option<Compression>, mut rest: &[u8]) {
    let mut reader = Reader::new(method);
    let mut length = 0;
    loop {
        let blocks = match reader.read(&mut rest) {
            Ok(Piece::Data(data)) => {
                assert!(!data.is_empty());
                length += data.len();
                0
            }
            Ok(Piece::Blocks { first, last }) => last - first + 1,
            Ok(Piece::End) if rest.is_empty() => return,
            Ok(Piece::End) => 0,
            Err(_) => return,
        };
        // A receiver has a basis of so many blocks, and refuses others.
        for _ in 0..blocks.min(4) {
            if reader.matched(BLOCK).is_err() {
                return;
            }
        }
        if length > OUTPUT_MAX {
            return;
        }
    }
}

/// Files of literals and blocks, as the bytes say: each begins with how much
/// of which follows.
fn honest(method: Option<Compression>, rest: &[u8]) {
    let mut writer = Writer::new(method, None).expect("a writer");
    let (mut wire, mut files) = (Vec::new(), vec![Vec::new()]);
    let mut rest = rest;
    while let [what, after @ ..] = rest {
        rest = after;
        let file = files.last_mut().expect("a file");
        match what {
            0 => {
                writer.end(&mut wire).expect("an end");
                files.push(Vec::new());
            }
            1..0x40 => {
                writer.block(&mut wire, u32::from(*what), BLOCK).expect("a block");
                file.extend_from_slice(BLOCK);
            }
            _ => {
                let (literal, after) = rest.split_at(usize::from(*what).min(rest.len()));
                rest = after;
                let literal = literal.repeat(1 + usize::from(what & 7));
                if !literal.is_empty() {
                    writer.literal(&mut wire, &literal).expect("a literal");
                    file.extend_from_slice(&literal);
                }
            }
        }
    }
    writer.end(&mut wire).expect("an end");
    assert_eq!(received(method, &wire, files.len()), files);
}

fn received(method: Option<Compression>, mut wire: &[u8], count: usize) -> Vec<Vec<u8>> {
    let mut reader = Reader::new(method);
    let mut files = vec![Vec::new()];
    loop {
        let file = files.last_mut().expect("a file");
        let blocks = match reader.read(&mut wire).expect("our own") {
            Piece::Data(data) => {
                file.extend_from_slice(data);
                0
            }
            Piece::Blocks { first, last } => last - first + 1,
            Piece::End if files.len() == count => {
                assert!(wire.is_empty());
                return files;
            }
            Piece::End => {
                files.push(Vec::new());
                0
            }
        };
        for _ in 0..blocks {
            reader.matched(BLOCK).expect("a block");
            files.last_mut().expect("a file").extend_from_slice(BLOCK);
        }
    }
}
