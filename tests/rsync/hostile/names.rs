//! Senders whose lists name what they should not.

use super::Ends::{self, Apart, With};
use super::bytes::{DIRECTORY, FILE, LINK, Stream, flag};
use super::{Attack, EARLY, Victim, attack};

const PULL: Victim = Victim::Client("-rlt --timeout=10 lh:asked/ to/");
const SERVER: Victim = Victim::Server("-ltre.LsfxC . to/");

/// A server's list and, of what it lists, the first regular files' data.
fn pulled(list: Stream, transfers: Stream) -> Vec<u8> {
    Stream::server(Stream::ABILITIES).data(list.end()).data(transfers.goodbye()).bytes()
}

/// The same from a client that pushes.
fn pushed(list: Stream, transfers: Stream) -> Vec<u8> {
    Stream::client().data(list.end()).data(transfers.raw(&[0, 0, 0, 0])).bytes()
}

/// A list both ways, as a server's and as a client's.
fn both(
    names: [&'static str; 2],
    list: &Stream,
    transfers: &Stream,
    tree: &'static str,
    ends: Ends,
    after: &'static [&'static str],
) -> Vec<Attack> {
    let by_server = pulled(list.clone(), transfers.clone());
    let by_client = pushed(list.clone(), transfers.clone());
    vec![
        Attack { name: names[0], victim: PULL, tree, script: by_server, ends, after },
        Attack { name: names[1], victim: SERVER, tree, script: by_client, ends, after },
    ]
}

fn root() -> Stream {
    Stream::default().directory(".")
}

/// A name that climbs, from the root, or is none.
#[test]
fn names_that_leave_the_destination() {
    let mut attacks = Vec::new();
    let evil = |name: &str| root().file(name, 4);
    let data = Stream::default().transfer(2, b"evil");
    let names: [([&'static str; 2], &str); 6] = [
        (["pulled ..", "pushed .."], ".."),
        (["pulled ../evil", "pushed ../evil"], "../evil"),
        (["pulled sub/../../evil", "pushed sub/../../evil"], "sub/../../evil"),
        (["pulled sub/..", "pushed sub/.."], "sub/.."),
        (["pulled /loopshim-evil", "pushed /loopshim-evil"], "/loopshim-evil"),
        (["pulled nothing", "pushed nothing"], ""),
    ];
    for (labels, name) in names {
        attacks.extend(both(labels, &evil(name), &data, "", With(4), &["evil", "../evil", "/loopshim-evil"]));
    }
    // To a server of the original such a name is one that it cannot ask for.
    for attack in attacks.iter_mut().filter(|attack| attack.name == "pushed nothing") {
        attack.ends = Apart(2, &[4]);
    }
    attack(attacks);
}

/// CVE-2022-29154.
#[test]
fn names_nobody_asked_for() {
    let list = || Stream::default().file("asked", 4).file("evil", 4);
    let below = || root().directory("sub").file("sub/.bashrc", 4);
    let data = Stream::default().transfer(1, b"good").transfer(1, b"evil");
    let attacks = [
        ("one file", "-rlt --timeout=10 lh:asked to/", pulled(list(), data.clone())),
        ("two files", "-rlt --timeout=10 lh:asked lh:other to/", pulled(list(), data.clone())),
        (
            "excluded",
            "-rlt --timeout=10 --exclude=evil lh:top/ to/",
            pulled(root().file("evil", 4), Stream::default().transfer(2, b"evil")),
        ),
        (
            "no recursion",
            "-lt --timeout=10 lh:sub to/",
            pulled(below(), Stream::default().transfer(3, b"evil")),
        ),
    ];
    attack(
        attacks
            .map(|(name, arguments, script)| Attack {
                name,
                victim: Victim::Client(arguments),
                tree: "",
                script,
                ends: With(4),
                after: &["to/evil", "to/sub/.bashrc"],
            })
            .into(),
    );
}

/// The same where a list says what is asked for. The server that plays reads
/// nothing, so that it cannot know the list: the client must.
#[test]
fn names_not_in_the_list() {
    const PATHS: &str = "-lt --timeout=10 --files-from=list lh:top/ to/";
    const NO_PATHS: &str = "-lt --timeout=10 --no-relative --files-from=list lh:top/ to/";
    const DEEP: &str = "-lrt --timeout=10 --files-from=list lh:top/ to/";
    let evil = || Stream::default().file("evil", 4);
    let below = || Stream::default().directory("sub").file("sub/evil", 4);
    let attacks = [
        ("another", PATHS, "f list =asked\\n", evil()),
        ("another without paths", NO_PATHS, "f list =sub/asked\\n", evil()),
        ("above", PATHS, "f list =../evil\\n", evil()),
        ("above without paths", NO_PATHS, "f list =sub/..\\n", evil()),
        ("climbed", PATHS, "f list =/../../evil\\n", evil()),
        ("beside it", DEEP, "f list =sub/asked\\n", below()),
        ("another's folder", DEEP, "f list =asked\\n", below()),
        ("no home", NO_PATHS, "f list =~evil\\n", evil()),
    ];
    let attacks = attacks.map(|(name, arguments, tree, list)| Attack {
        name,
        victim: Victim::Client(arguments),
        tree,
        script: pulled(list, Stream::default().transfer(1, b"evil")),
        ends: With(4),
        after: &["to/evil", "to/sub/evil"],
    });
    attack(attacks.into());
}

/// CVE-2024-12087 and its kin: an entry below another that is a link, or whose
/// directory no list has.
#[test]
fn entries_below_a_link() {
    let mut attacks = Vec::new();
    let data = Stream::default().transfer(3, b"evil");
    let through = root().link("door", "../victim").file("door/secret", 4);
    attacks.extend(both(["pulled", "pushed"], &through, &data, "", With(2), &[]));
    let twice = root().link("door", "../victim").directory("door").file("door/secret", 4);
    attacks.extend(both(
        ["pulled twice", "pushed twice"],
        &twice,
        &Stream::default().transfer(4, b"evil"),
        "",
        EARLY,
        &[],
    ));
    let orphan = root().file("nowhere/evil", 4);
    attacks.extend(both(
        ["pulled orphan", "pushed orphan"],
        &orphan,
        &Stream::default().transfer(2, b"evil"),
        "",
        With(2),
        &["to/nowhere"],
    ));
    // A link that is there already is never followed for what is below it.
    let there = root().directory("door").file("door/secret", 4);
    attacks.extend(both(
        ["pulled over a link", "pushed over a link"],
        &there,
        &data,
        "l to/door -> ../victim\n",
        EARLY,
        &[],
    ));
    attack(attacks);
}

/// CVE-2024-12088: what --safe-links calls safe.
#[test]
fn links_that_only_look_safe() {
    let list = root().link("evil", "a/../../victim/secret").link("evil2", "/etc/passwd").link("good", "x");
    attack(vec![Attack {
        name: "pulled",
        victim: Victim::Client("-rlt --safe-links --timeout=10 lh:asked/ to/"),
        tree: "",
        script: pulled(list, Stream::default()),
        ends: Apart(12, &[0]),
        after: &["to/evil", "to/evil2"],
    }]);
}

/// CVE-2026-70459 and CVE-2026-43620.
#[test]
fn a_root_that_is_no_directory() {
    let mut attacks = Vec::new();
    let data = Stream::default().transfer(1, b"evil");
    for (labels, mode) in [(["pulled file", "pushed file"], FILE), (["pulled link", "pushed link"], LINK)] {
        let list = Stream::default().entry(flag::TOP, ".", mode, 4);
        let list = if mode == LINK { list.varint(4).raw(b"evil") } else { list };
        attacks.extend(both(labels, &list, &data, "f to/kept =kept\n", With(2), &["!to/kept"]));
    }
    attack(attacks);
}

/// CVE-2026-70458, and indexes of links that are no entries.
#[test]
fn hard_links_that_are_none() {
    let mut attacks = Vec::new();
    let flagged = root().entry(flag::HARD_LINK | flag::FIRST_LINK, "a", FILE, 4);
    attacks.extend(both(
        ["pulled unasked", "pushed unasked"],
        &flagged,
        &Stream::default().transfer(2, b"evil"),
        "",
        With(12),
        &[],
    ));
    for (name, index) in [("far", 1_000_000), ("negative", -5), ("itself", 1), ("greatest", i32::MAX)] {
        let list = root().short(0x5c | flag::HARD_LINK).varint(1).raw(b"a").varint(index).varlong(4, 3);
        let script = pulled(list.varlong(1_704_164_645, 4).int(FILE), Stream::default());
        attacks.extend(vec![Attack {
            name,
            victim: Victim::Client("-rltH --timeout=10 lh:asked/ to/"),
            tree: "",
            script,
            ends: With(2),
            after: &["to/a"],
        }]);
    }
    attack(attacks);
}

/// Lengths of everything in an entry that no memory has.
#[test]
fn lengths_beyond_measure() {
    let mut attacks = Vec::new();
    let head = |length: i32| Stream::default().directory(".").short(0x5c).varint(length).raw(b"aaaa");
    let link = Stream::default().directory(".").entry(0, "l", LINK, 5).varint(0x7fff_fff0).raw(b"aaaa");
    let cases = [
        (22, "a name", head(0x7fff_fff0), "-rlt"),
        (22, "a negative name", head(-4), "-rlt"),
        (22, "a target", link, "-rlt"),
        (4, "a size", root().entry(0, "a", FILE, -5), "-rlt"),
        (2, "a mode", root().entry(0, "a", 0o7_777_777, 4), "-rlt"),
        (2, "attributes", root().varint(0).varint(0x7fff_fff0), "-rltX"),
        (2, "an attribute's name", root().varint(0).varint(1).varint(0x7fff_fff0).varint(3), "-rltX"),
        (2, "an attribute's value", root().varint(0).varint(1).varint(7).varint(0x7fff_fff0), "-rltX"),
        (12, "a set of attributes", root().varint(77), "-rltX"),
        (2, "a list of access", root().varint(0).byte(0x10).varint(0x7fff_fff0), "-rltA"),
        (12, "a set of access", root().varint(-9), "-rltA"),
    ];
    for (status, name, list, options) in cases {
        let arguments: &'static str = match options {
            "-rltX" => "-rltX --timeout=5 lh:asked/ to/",
            "-rltA" => "-rltpA --timeout=5 lh:asked/ to/",
            _ => "-rlt --timeout=5 lh:asked/ to/",
        };
        attacks.extend(vec![Attack {
            name,
            victim: Victim::Client(arguments),
            tree: "f to/kept =kept\n",
            script: Stream::server(Stream::ABILITIES).data(list.raw(&[0; 64])).bytes(),
            ends: With(status),
            after: &["!to/kept"],
        }]);
    }
    attack(attacks);
}

/// CVE-2026-53789: a parent that is only on the way is not swept, whatever the
/// sender says of it.
#[test]
fn deletions_beside_what_was_asked_for() {
    let list = || Stream::default().directory("a").directory("a/b").file("a/b/c", 4);
    attack(vec![
        Attack {
            name: "an implied parent",
            victim: Victim::Client("-rltR --delete --timeout=10 lh:a/b to/"),
            tree: "f to/a/other =stays\nf to/a/b/gone =may go\nf to/else =stays\n",
            script: pulled(list(), Stream::default().transfer(3, b"good")),
            ends: EARLY,
            after: &["!to/a/other", "!to/else"],
        },
        Attack {
            name: "the root",
            victim: Victim::Client("-rlt --delete --timeout=10 lh:a to/"),
            tree: "f to/else =stays\n",
            script: pulled(root().directory("a"), Stream::default()),
            ends: EARLY,
            after: &["!to/else"],
        },
        Attack {
            name: "one file",
            victim: Victim::Client("-rlt --delete --timeout=10 lh:a/x to/"),
            tree: "f to/else =stays\nf to/x/y =stays or is replaced as a whole\n",
            script: pulled(Stream::default().entry(flag::TOP, ".", DIRECTORY, 0), Stream::default()),
            ends: EARLY,
            after: &["!to/else"],
        },
    ]);
}

/// Names are told without what a terminal would obey.
#[test]
fn control_characters_in_names() {
    use std::process::Command;
    let script = pulled(root().file("\x1b[2Jred", 4), Stream::default());
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("said"), script).expect("a script");
    super::write_script(&folder.path().join("shell"), &super::plays(std::path::Path::new("said")));
    let output = Command::new(super::Subject::Ours.program())
        .args(["-rltvi", "--list-only", "--timeout=5", "--rsh=./shell", "lh:asked/"])
        .current_dir(folder.path())
        .output()
        .expect("a run");
    let shown = [output.stdout, output.stderr].concat();
    let failed = shown.contains(&0x1b) || !String::from_utf8_lossy(&shown).contains("\\#033[2Jred");
    let failures = failed.then(|| ("shown".to_owned(), format!("{:?}", String::from_utf8_lossy(&shown))));
    super::pending::settle("control_characters_in_names", &failures.into_iter().collect::<Vec<_>>());
}
