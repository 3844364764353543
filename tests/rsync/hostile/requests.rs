//! Receivers that ask for what is not there, or of what cannot be.

use super::Ends::{self, Apart, With};
use super::bytes::Stream;
use super::{Attack, Victim, attack};

const SERVER: Victim = Victim::Server("--sender -ltre.LsfxC . from/");
const PUSH: Victim = Victim::Client("-rlt --no-i-r --timeout=10 from/ lh:to/");
const TREE: &str = "f from/a =content\nf from/b size=50000 seed=1\n";

/// To a sending server: no filters, then what is asked; and to a client that
/// pushes, after a server's beginning.
fn asked(label: [&'static str; 2], request: &Stream) -> Vec<Attack> {
    let pulled = Stream::client().data(Stream::default().int(0)).data(request.clone()).bytes();
    let pushed = Stream::server(Stream::ABILITIES).data(request.clone()).bytes();
    vec![
        Attack { name: label[0], victim: SERVER, tree: TREE, script: pulled, ends: With(2), after: &[] },
        Attack { name: label[1], victim: PUSH, tree: TREE, script: pushed, ends: With(2), after: &[] },
    ]
}

fn item(index: u8) -> Stream {
    Stream::default().byte(index).short(0xa000)
}

/// CVE-2025-10158, CVE-2026-43620: indexes outside every list.
#[test]
fn indexes_that_are_none() {
    let mut attacks = Vec::new();
    attacks.extend(asked(["beyond", "pushed beyond"], &item(200).raw(&[0; 16])));
    let far = Stream::default().raw(&[0xfe, 0xff, 0xff, 0xff, 0x7f]).short(0xa000).raw(&[0; 16]);
    attacks.extend(asked(["far", "pushed far"], &far));
    let negative = Stream::default().raw(&[0xff, 0xc8]).short(0xa000).raw(&[0; 16]);
    attacks.extend(asked(["negative", "pushed negative"], &negative));
    // A directory has no data.
    attacks.extend(asked(["a directory", "pushed a directory"], &item(1).raw(&[0; 16])));
    attack(attacks);
}

/// CVE-2024-12084, CVE-2024-12085, CVE-2026-53792, CVE-2026-119741: sums that cannot be.
#[test]
fn sums_that_cannot_be() {
    let mut attacks = Vec::new();
    // Count, block length, strong length, remainder.
    let heads: [([&'static str; 2], [i32; 4]); 8] = [
        (["strong sums too long", "pushed strong sums too long"], [1, 700, 64, 0]),
        (["a negative count", "pushed a negative count"], [-1, 700, 2, 0]),
        (["no block length", "pushed no block length"], [5, 0, 2, 0]),
        (["a block too long", "pushed a block too long"], [5, 0x1000_0000, 2, 0]),
        (["a remainder too long", "pushed a remainder too long"], [5, 700, 2, 701]),
        (["negative strong sums", "pushed negative strong sums"], [5, 700, -2, 0]),
        (["a negative block", "pushed a negative block"], [5, -700, 2, 0]),
        (["a negative remainder", "pushed a negative remainder"], [5, 700, 2, -1]),
    ];
    for (label, head) in heads {
        let sums = head.into_iter().fold(item(2), Stream::int).raw(&[0; 4096]);
        attacks.extend(asked(label, &sums));
    }
    // Two thousand million sums are promised, and a few come.
    let many = [0x7fff_fff0, 700, 2, 0].into_iter().fold(item(2), Stream::int).raw(&[7; 8192]);
    let mut many = asked(["more than memory", "pushed more than memory"], &many);
    // Refused at once, not when memory is full.
    many.iter_mut().for_each(|attack| attack.ends = With(22));
    attacks.extend(many);
    attack(attacks);
}

/// Names of bases are the receiver's own business.
#[test]
fn bases_with_names() {
    let fuzzy =
        Stream::default().byte(2).short(0xb800).byte(0x83).byte(16).raw(b"../victim/secret").raw(&[0; 16]);
    let mut attacks = asked(["fuzzy", "pushed fuzzy"], &fuzzy);
    for attack in &mut attacks {
        // The original passes it on, and misses the rest.
        attack.ends = Apart(12, &[2]);
    }
    attack(attacks);
}

/// CVE-2024-12086: a server that says which basis it used, somewhere else.
#[test]
fn a_sender_that_names_the_basis() {
    let list = Stream::default().directory(".").file("a", 6).end();
    let item = |basis: u8, name: &str| {
        let length = u8::try_from(name.len()).expect("a short name");
        let named = Stream::default().byte(2).short(0xb800).byte(basis).byte(length).raw(name.as_bytes());
        // One block of the basis, six bytes long.
        named.int(1).int(700).int(2).int(6).int(-1).int(0).raw(&[0; 16]).goodbye()
    };
    let attacks = [
        ("fuzzy", 0x83, "../victim/secret"),
        ("partial", 0x81, "../victim/secret"),
        ("backup", 0x82, "x"),
        ("alternative", 5, "x"),
        ("of an alternative", 0x90, "../victim/secret"),
    ];
    attack(
        attacks
            .map(|(name, basis, path)| Attack {
                name,
                victim: Victim::Client("-rlt --timeout=10 lh:asked/ to/"),
                tree: "",
                script: Stream::server(Stream::ABILITIES).data(list.clone()).data(item(basis, path)).bytes(),
                ends: With(2),
                after: &["to/a"],
            })
            .into(),
    );
}

/// CVE-2026-43618: blocks that no basis has, plain and compressed.
#[test]
fn blocks_of_no_basis() {
    /// Data that nobody has asked for yet are refused before they are looked at.
    const BROKEN_OFF: Ends = Apart(12, &[2, 12]);
    let list = || Stream::default().directory(".").file("a", 6).end();
    let head = || Stream::default().byte(2).short(0xa000).int(2).int(700).int(2).int(0);
    let plain = |token: i32| head().int(token).int(0).raw(&[0; 16]).goodbye();
    let run =
        |first: i32, more: u16| head().byte(0x21).int(first).short(more).byte(0).raw(&[0; 16]).goodbye();
    let attacks = [
        ("a block too far", With(2), "-rlt", plain(-4)),
        ("the farthest block", With(2), "-rlt", plain(i32::MIN)),
        ("without end", BROKEN_OFF, "-rlt", head().int(0x7fff_ffff).raw(&[1; 5000])),
        (
            "no basis at all",
            With(2),
            "-rlt",
            Stream::default().byte(2).short(0xa000).raw(&[0; 16]).int(-1).int(0).raw(&[0; 16]),
        ),
        ("a run that overflows", With(2), "-rltz", run(i32::MAX, 0xffff)),
        ("a run below zero", With(2), "-rltz", run(-5, 3)),
        ("a run too long", With(2), "-rltz", run(0, 0xffff)),
        (
            "data that are not deflated",
            BROKEN_OFF,
            "-rltz",
            head().byte(0x7f).byte(0xff).raw(&[0xff; 0x3fff]),
        ),
        (
            "a directory's data",
            With(2),
            "-rlt",
            Stream::default().byte(1).short(0xa000).raw(&[0; 16]).int(0).raw(&[0; 16]),
        ),
    ];
    attack(
        attacks
            .map(|(name, ends, options, data)| Attack {
                name,
                victim: Victim::Client(match options {
                    "-rltz" => "-rltz --timeout=10 lh:asked/ to/",
                    _ => "-rlt --timeout=10 lh:asked/ to/",
                }),
                tree: "",
                script: Stream::server(Stream::ABILITIES).data(list()).data(data).bytes(),
                ends,
                after: &["to/a"],
            })
            .into(),
    );
}

/// Lists that come where none is due: of no directory, twice, after the last.
#[test]
fn lists_out_of_place() {
    let first = || Stream::default().directory(".").directory("d").end();
    let list_of = |directory: u8| Stream::default().raw(&[0xff, directory]);
    let evil = || Stream::default().file("d/evil", 4).end();
    // -101 is the list of the root, -102 that of "d", relative to 1.
    let cases = [
        ("of a directory that is none", 2, list_of(110).file("d/evil", 4).end()),
        ("for another directory", 4, list_of(101).file("elsewhere/evil", 4).end()),
        (
            "twice",
            2,
            list_of(101).directory("d/x").end().raw(&[0xff, 0xfe]).raw(&[0x80, 0x66]).file("d/evil", 4).end(),
        ),
        (
            "after the last",
            4,
            list_of(101)
                .file("d/evil", 4)
                .end()
                .raw(&[0xff, 0xfe, 0x80, 2, 0, 0])
                .raw(&[0xff, 99])
                .file("d/evil2", 4)
                .end(),
        ),
        ("unasked", 2, evil()),
    ];
    attack(
        cases
            .map(|(name, status, rest)| Attack {
                name,
                victim: Victim::Client("-rlt --timeout=5 lh:asked/ to/"),
                tree: "",
                script: Stream::server(Stream::INCREMENTAL).data(first()).data(rest).bytes(),
                ends: With(status),
                after: &["to/elsewhere", "elsewhere", "evil"],
            })
            .into(),
    );
}
