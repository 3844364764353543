//! Clients that ask a server for what it must not do.

use super::bytes::Stream;
use super::{Attack, REFUSED, Victim, attack};

fn pushed(
    name: &'static str,
    arguments: &'static str,
    tree: &'static str,
    statuses: &'static [i32],
    after: &'static [&'static str],
) -> Attack {
    let list = Stream::default().directory(".").file("a", 4).end();
    let script = Stream::client().data(list).data(Stream::default().transfer(2, b"evil").raw(&[0, 0, 0, 0]));
    Attack { name, victim: Victim::Server(arguments), tree, script: script.bytes(), statuses, after }
}

/// CVE-2026-53794 and CVE-2026-70455: the peer does not choose what we may use.
#[test]
fn resources_the_peer_chooses() {
    attack(vec![
        pushed("no limit of memory", "-tre.LsfxC --max-alloc=0 . to/", "", &[0, 1, 2, 4, 12, 20, 23], &[]),
        pushed("threads", "-tre.LsfxC --compress-threads=1000000 . to/", "", &[0, 1, 2, 4, 12, 20, 23], &[]),
        pushed("a block size", "-tre.LsfxC -B2147483647 . to/", "", REFUSED, &["to/a"]),
        pushed(
            "a size with a tail",
            "-tre.LsfxC --max-size=99999999999999999999999999K . to/",
            "",
            REFUSED,
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
    let any: &[i32] = &[0, 1, 2, 3, 4, 11, 12, 13, 20, 22, 23];
    attack(vec![
        pushed("partial", "-tre.LsfxC --partial-dir door . to/", DOOR, any, &["victim/a"]),
        pushed(
            "partial and in place",
            "-tre.LsfxCI --partial-dir door --delay-updates . to/",
            DOOR,
            any,
            &["victim/a"],
        ),
        pushed("backup", "-btre.LsfxC --backup-dir door . to/", DOOR, any, &["victim/a"]),
        pushed("basis", "-tre.LsfxC --link-dest ../victim . to/", DOOR, any, &[]),
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
        statuses: &[1, 2, 4, 12, 22],
        after: &[],
    }]);
}
