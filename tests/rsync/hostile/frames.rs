//! Peers that are no peers, say nothing, or too much of it.

use super::Ends::{self, Apart, With};
use super::bytes::Stream;
use super::{Attack, Victim, attack};

const PULL: Victim = Victim::Client("-rlt --timeout=5 lh:asked/ to/");

fn pulled(name: &'static str, script: Stream, ends: Ends) -> Attack {
    Attack {
        name,
        victim: PULL,
        tree: "f to/kept =kept\n",
        script: script.bytes(),
        ends,
        after: &["!to/kept"],
    }
}

#[test]
fn beginnings_that_are_none() {
    attack(vec![
        pulled("a greeting", Stream::default().raw(b"Welcome to this machine!\n"), With(2)),
        pulled("nothing", Stream::default(), With(12)),
        pulled("an old version", Stream::default().int(19), With(2)),
        pulled("a version of the future", Stream::default().int(999), With(2)),
        pulled(
            "all abilities",
            Stream::default().int(32).raw(&[0xf0, 0xff, 0xff, 0xff, 0x7f]).int(1),
            With(4),
        ),
        pulled(
            "names without end",
            Stream::default().int(32).raw(&[0x81, 0xfe]).raw(&[0xff, 0xff]).raw(&[b'x'; 40_000]),
            With(4),
        ),
        pulled(
            "nothing in common",
            Stream::default().int(32).raw(&[0x81, 0xfe]).byte(4).raw(b"none"),
            With(4),
        ),
    ]);
}

/// CVE-2026-70464: whoever waits for ever, waits in vain.
#[test]
fn silence() {
    let mut quiet = pulled("after the beginning", Stream::server(Stream::ABILITIES), With(12));
    quiet.victim = Victim::Client("-rlt --timeout=1 lh:asked/ to/");
    // Not 30: the remote shell has ended and its reader holds nothing open.
    attack(vec![quiet]);
}

/// Who ends without having sent what was asked for is not waited for.
#[test]
fn an_end_before_the_answers() {
    let list = Stream::default().directory(".").file("a", 6).end();
    let script = Stream::server(Stream::ABILITIES).data(list).data(Stream::default().goodbye());
    attack(vec![pulled("before the answers", script, Apart(12, &[2, 12]))]);
}

/// Frames are read in a loop, however many there are.
#[test]
fn floods() {
    let flood = |code: i32, contents: &[u8], number: usize| {
        let one = Stream::default().frame(code, contents).bytes();
        Stream::server(Stream::ABILITIES).raw(&one.repeat(number))
    };
    let all = With(12);
    attack(vec![
        pulled("nothing", flood(42, b"", 400_000), all),
        pulled("no send", flood(102, &[1, 0, 0, 0], 400_000), all),
        pulled("empty data", flood(0, b"", 400_000), all),
        pulled("success", flood(100, &[1, 0, 0, 0], 100_000), all),
        pulled("an unknown code", flood(77, b"x", 1), all),
        pulled("a redo from outside", flood(9, &[1, 0, 0, 0], 1), all),
        pulled("statistics from outside", flood(10, &[0; 40], 1), all),
        pulled("the longest text", flood(3, &[b'e'; 0xff_ffff], 3), all),
        pulled(
            "a negative end",
            flood(86, &[0xff, 0xff, 0xff, 0xff], 1),
            // No status that is documented.
            Apart(255, &[23]),
        ),
        pulled("errors of every kind", flood(22, &[0xff, 0xff, 0xff, 0x7f], 1), all),
    ]);
}

/// CVE-2026-70462: a peer may not lengthen or lift a time limit.
#[test]
fn time_limits_from_outside() {
    let say = |seconds: i32| Stream::server(Stream::ABILITIES).frame(33, &seconds.to_le_bytes());
    attack(
        [("zero", 0), ("negative", -1), ("greatest", i32::MAX), ("a day and a bit", 86_401)]
            .map(|(name, seconds)| pulled(name, say(seconds), With(12)))
            .into(),
    );
}

/// Cut anywhere, a session ends with a documented status and leaves no
/// temporary file.
#[test]
fn sessions_that_break_off() {
    let whole = Stream::server(Stream::ABILITIES)
        .data(Stream::default().directory(".").file("a", 9000).end())
        .data(
            Stream::default()
                .byte(2)
                .short(0xa000)
                .raw(&[0; 16])
                .int(9000)
                .raw(&[7; 9000])
                .int(0)
                .raw(&[1; 16]),
        )
        .data(Stream::default().goodbye())
        .bytes();
    let cuts = (0..80).step_by(7).chain([100, 500, 5000, whole.len() - 30, whole.len() - 5]);
    attack(
        cuts.map(|cut| Attack {
            name: "a cut",
            victim: PULL,
            tree: "",
            script: whole[..cut].to_vec(),
            ends: Apart(12, &[2, 12]),
            after: &["to/a", "to/.~tmp~"],
        })
        .collect(),
    );
}
