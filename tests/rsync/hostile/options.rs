//! Clients that ask a server for what it must not do.

use super::Ends::{self, Apart, With};
use super::bytes::Stream;
use super::{Attack, EARLY, Victim, attack};

fn pushed(
    name: &'static str,
    arguments: &'static str,
    tree: &'static str,
    ends: Ends,
    after: &'static [&'static str],
) -> Attack {
    let list = Stream::default().directory(".").file("a", 4).end();
    let script = Stream::client().data(list).data(Stream::default().transfer(2, b"evil").raw(&[0, 0, 0, 0]));
    Attack { name, victim: Victim::Server(arguments), tree, script: script.bytes(), ends, after }
}

/// CVE-2026-53794 and CVE-2026-70455: the peer does not choose what we may use.
#[test]
fn resources_the_peer_chooses() {
    attack(vec![
        pushed("no limit of memory", "-tre.LsfxC --max-alloc=0 . to/", "", EARLY, &[]),
        pushed("threads", "-tre.LsfxC --compress-threads=1000000 . to/", "", EARLY, &[]),
        pushed("a block size", "-tre.LsfxC -B2147483647 . to/", "", With(1), &["to/a"]),
        pushed(
            "a size with a tail",
            "-tre.LsfxC --max-size=99999999999999999999999999K . to/",
            "",
            With(1),
            &["to/a"],
        ),
    ]);
}

/// CVE-2026-70460 and CVE-2026-53795: folders for partial files, backups and
/// temporary ones that are links somewhere else, of somebody else: those of
/// root or oneself are an operator's way to say where.
#[test]
fn folders_that_are_links() {
    const DOOR: &str = "f to/a =old\nl to/door -> ../victim own=4242:4242\n";
    attack(vec![
        pushed("partial", "-tre.LsfxC --partial-dir door . to/", DOOR, EARLY, &["victim/a"]),
        pushed(
            "partial and in place",
            "-tre.LsfxCI --partial-dir door --delay-updates . to/",
            DOOR,
            EARLY,
            &["victim/a"],
        ),
        pushed("backup", "-btre.LsfxC --backup-dir door . to/", DOOR, Apart(11, &[2, 11]), &["victim/a"]),
        pushed("basis", "-tre.LsfxC --link-dest ../victim . to/", DOOR, EARLY, &[]),
    ]);
}

/// CVE-2026-70456: more arguments than anybody has.
#[test]
fn arguments_without_end() {
    let flood = b"-v\0".repeat(20_000);
    attack(vec![Attack {
        name: "secluded",
        victim: Victim::Server("-se.LsfxC"),
        tree: "",
        script: flood,
        // The original takes what has come for all there is.
        ends: Apart(1, &[2]),
        after: &[],
    }]);
}
