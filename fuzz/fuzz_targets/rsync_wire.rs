//! Every value of rsync's wire but file lists and files' data, one after the
//! other as the first byte of each says. What is decoded must survive encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rsync_proto::compat::Abilities;
use rsync_proto::digest::Checksum;
use rsync_proto::file_list::{Attributes, Value, read_ids, write_ids};
use rsync_proto::index::Running;
use rsync_proto::integers::{
    read_int, read_shortint, read_varint, read_varlong, read_vstring, write_varint, write_varlong,
    write_vstring,
};
use rsync_proto::item::Item;
use rsync_proto::multiplex::{Header, Message};
use rsync_proto::negotiation::{Algorithm, Compression, Side, read_choice};
use rsync_proto::sums::{BlockSums, Head};
use rsync_proto::tokens::Runs;
use rsync_proto::{SliceError, Version, filter, tokens, xattr_values};

type Rest<'b> = &'b [u8];

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    let (mut inward, mut runs) = (Running::default(), Runs::default());
    while let [kind, after @ ..] = rest {
        rest = after;
        if value(*kind, &mut rest, &mut inward, &mut runs).is_err() {
            return;
        }
    }
});

fn value(kind: u8, rest: &mut Rest<'_>, inward: &mut Running, runs: &mut Runs) -> Result<(), SliceError> {
    let mut again = Vec::new();
    match kind % 19 {
        0 => drop(Version::agreed(Version::NEWEST, read_int(rest)?)),
        1 => drop(read_shortint(rest)?),
        2 => {
            let number = read_varint(rest)?;
            write_varint(&mut again, number);
            assert_eq!(read_varint(&mut &again[..]), Ok(number));
        }
        3 | 4 => {
            let least = usize::from(kind % 19);
            let number = read_varlong(rest, least)?;
            write_varlong(&mut again, number, least);
            assert_eq!(read_varlong(&mut &again[..], least), Ok(number));
        }
        5 => {
            let text = read_vstring(rest)?;
            write_vstring(&mut again, &text);
            assert_eq!(read_vstring(&mut &again[..]), Ok(text));
        }
        6 => frame(rest)?,
        7 => drop(Abilities::read(rest, Abilities::ALL)?),
        8 => drop(read_choice::<Checksum, _>(rest, Checksum::OURS, Side::Server)?),
        9 => drop(read_choice::<Compression, _>(rest, Compression::OURS, Side::Client)?),
        10 => {
            let before = *inward;
            let index = inward.read(rest)?;
            before.clone().write(&mut again, index);
            assert_eq!(before.clone().read(&mut &again[..]), Ok(index));
        }
        11 => {
            let item = Item::read(rest)?;
            item.write(&mut again);
            assert_eq!(Item::read(&mut &again[..]), Ok(item));
        }
        12 => sums(rest)?,
        13 => {
            let ids = read_ids(rest, true)?;
            let zero = ids.last().expect("number 0").1.clone();
            write_ids(&mut again, &ids, Some(&zero));
            assert_eq!(read_ids(&mut &again[..], true), Ok(ids));
        }
        14 => {
            let texts = filter::read(rest)?;
            filter::write(&mut again, &texts);
            assert_eq!(filter::read(&mut &again[..]), Ok(texts));
        }
        15 => drop(tokens::read(rest)?),
        16 => drop(runs.read(rest)?),
        17 => drop(xattr_values::read_requests(rest, &attributes())?),
        _ => {
            let values = xattr_values::read_values(rest, &attributes())?;
            let borrowed: Vec<(usize, &[u8])> = values.iter().map(|(at, value)| (*at, &value[..])).collect();
            xattr_values::write_values(&mut again, &borrowed);
            assert_eq!(xattr_values::read_values(&mut &again[..], &attributes()), Ok(values));
        }
    }
    Ok(())
}

/// A frame's header and contents.
fn frame(rest: &mut Rest<'_>) -> Result<(), SliceError> {
    let Some((header, after)) = rest.split_first_chunk() else { return Err(SliceError::End) };
    let header = Header::decode(*header)?;
    let (contents, after) = after.split_at_checked(header.length).ok_or(SliceError::End)?;
    *rest = after;
    if let Some(message) = Message::decode(header.code, contents)? {
        let mut again = Vec::new();
        message.encode(&mut again);
        let (header, contents) = again.split_first_chunk().expect("a header");
        let header = Header::decode(*header).expect("our own");
        assert_eq!(Message::decode(header.code, contents), Ok(Some(message)));
    }
    Ok(())
}

/// A head, and as many of its blocks' sums as there are.
fn sums(rest: &mut Rest<'_>) -> Result<(), SliceError> {
    let head = Head::read(rest, Checksum::Md5.length())?;
    let mut again = Vec::new();
    head.write(&mut again);
    assert_eq!(Head::read(&mut &again[..], Checksum::Md5.length()), Ok(head));
    // Neither may lead beyond what 64 bits count.
    let _ = (head.basis_length(), head.offset(head.count()));
    for _ in 0..head.count() {
        let sums = BlockSums::read(rest, head)?;
        again.clear();
        sums.write(&mut again);
        assert_eq!(BlockSums::read(&mut &again[..], head), Ok(sums));
    }
    Ok(())
}

/// What values are asked for.
fn attributes() -> Attributes {
    let digest = Value::Digest { length: 100, md5: [0; 16] };
    let named = |name: &[u8], value| (name.into(), value);
    vec![
        named(b"user.a", digest.clone()),
        named(b"user.b", Value::Whole((*b"b").into())),
        named(b"user.c", digest),
    ]
}
