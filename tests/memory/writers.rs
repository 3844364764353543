//! Many writers at a time.

use std::collections::BTreeSet;
use std::thread;

use super::{ask, expect, machine};

const WRITERS: u8 = 16;

#[test]
fn sixteen_writers_lose_no_update() {
    const EVENTS: u8 = 8;
    let machine = machine();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let machine = &machine;
            scope.spawn(move || {
                for event in 0..EVENTS {
                    ask(machine, &format!("raw 0x0a 0x44 0 0 2 0 0 0 0 {writer} 0 4 1 1 0x57 {event} 0 0"));
                }
                // Ids 1 and 2 are named already; a second entry of LAN parameters, too.
                ask(machine, &format!("user set name {} writer{writer}", writer % 13 + 3));
            });
        }
    });
    expect(&machine, "sel info", &["Entries", &format!(": {}", WRITERS * EVENTS)]);
    let mut seen = BTreeSet::new();
    for id in 1..=WRITERS * EVENTS {
        let entry = ask(&machine, &format!("raw 0x0a 0x43 0 0 {id} 0 0 0xff"));
        let bytes: Vec<&str> = entry.split_whitespace().collect();
        assert_eq!(bytes[2], format!("{id:02x}"));
        // Generator and event data: who added it, and which of his it was.
        seen.insert((bytes[9].to_owned(), bytes[15].to_owned()));
    }
    assert_eq!(seen.len(), usize::from(WRITERS * EVENTS), "one was stored over another");
    for id in 3..16 {
        expect(&machine, "user list 1", &[&format!("{id:<4}writer")]);
    }
}

#[test]
fn writers_of_different_things_do_not_undo_each_other() {
    let machine = machine();
    thread::scope(|scope| {
        for line in [
            "lan set 1 ipaddr 10.9.9.9",
            "lan set 1 netmask 255.9.0.0",
            "chassis policy always-on",
            "power off",
        ] {
            let machine = &machine;
            scope.spawn(move || ask(machine, line));
        }
    });
    expect(&machine, "lan print 1", &["IP Address  ", "10.9.9.9"]);
    expect(&machine, "lan print 1", &["Subnet Mask", "255.9.0.0"]);
    expect(&machine, "chassis status", &["always-on"]);
    expect(&machine, "power status", &["is off"]);
}
