//! Every state of a place, every moment of being killed, every way on from
//! there: simulated on names that lead to files.

use super::*;

/// Files by name: an inode number each, which tells what it is.
type Names = BTreeMap<Name, u64>;

/// Inode numbers of what may be there.
const SHIM: u64 = 1;
const ORIGINAL: u64 = 10;
const STRANGER: u64 = 11;
const UPDATE: u64 = 12;

const REAL: Name = Name::Aside(Aside::Real);
const REPLACED: Name = Name::Aside(Aside::Replaced);

/// A machine with one place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    names: Names,
    diversion: Diversion,
    /// Whether its file system has hard links.
    has_links: bool,
}

impl Place {
    fn found(&self) -> Found {
        let thing = |(name, inode): (&Name, &u64)| {
            let kind = if *inode < ORIGINAL { Kind::Ours } else { Kind::Foreign };
            (*name, Thing { identity: (0, *inode), kind })
        };
        Found { things: self.names.iter().map(thing).collect(), diversion: self.diversion }
    }

    fn rename(&mut self, from: Name, to: Name) {
        let inode = self.names.remove(&from).expect("a file to rename");
        self.names.insert(to, inode);
    }

    /// The durable operations that an action is made of.
    fn operations(&self, action: Action) -> Vec<Action> {
        match action {
            Action::Replace { kept, why } if self.has_links => vec![
                Action::SecondName { from: Name::At, to: Name::NewKept, why },
                Action::Rename { from: Name::NewKept, to: kept },
            ],
            Action::Replace { kept, .. } => vec![Action::Rename { from: Name::At, to: kept }],
            action => vec![action],
        }
    }

    fn carry_out(&mut self, operation: Action) {
        match operation {
            Action::Divert(to) => self.diversion = Diversion::To(to),
            Action::Undivert => self.diversion = Diversion::None,
            Action::SecondName { from, to, .. } if self.has_links => {
                let inode = *self.names.get(&from).expect("a file to link");
                assert!(self.names.insert(to, inode).is_none(), "{to:?} was there");
            }
            Action::SecondName { from, to, .. } => {
                assert!(!self.names.contains_key(&to), "{to:?} was there");
                self.rename(from, to);
            }
            Action::Rename { from, to } => self.rename(from, to),
            Action::Remove(name) => drop(self.names.remove(&name)),
            Action::Replace { .. } => unreachable!("taken apart"),
        }
    }

    /// Carries out a plan; killed after so many operations. Whether it came to its end.
    fn run(&mut self, plan: &Plan, stop: usize) -> bool {
        let mut left = stop;
        for action in &plan.actions {
            for operation in self.operations(*action) {
                if left == 0 {
                    return false;
                }
                left -= 1;
                self.carry_out(operation);
                let dangles = self.has_links && !self.names.contains_key(&Name::At);
                assert!(!dangles || self.had_none(), "the command is gone after {operation:?}: {self:?}");
            }
        }
        true
    }

    /// Whether nothing is lost by the command's not being there: no original waits to come back.
    fn had_none(&self) -> bool {
        !self.names.contains_key(&REAL) || !self.names.values().any(|inode| *inode == ORIGINAL)
    }

    /// Installs; killed after so many operations.
    fn install(&mut self, row: &Row, vouches: bool, stop: usize) -> bool {
        // As `put` does: staged unless the shim is there already.
        let is_new = self.names.get(&Name::At) != Some(&SHIM);
        if is_new {
            self.names.insert(Name::New, SHIM);
        } else {
            self.names.remove(&Name::New);
        }
        let plan = placing(&self.found(), row, is_new, &|| vouches);
        self.run(&plan, stop)
    }

    fn remove(&mut self, row: &Row, vouches: bool, stop: usize) -> bool {
        let plan = taking_back(&self.found(), row, &|| vouches);
        self.run(&plan, stop)
    }

    fn has(&self, inode: u64) -> bool {
        self.names.values().any(|there| *there == inode)
    }
}

/// Every machine before it is installed on.
fn starts() -> Vec<(Place, How)> {
    let mut starts = Vec::new();
    for at in [None, Some(ORIGINAL)] {
        for real in [None, Some(STRANGER)] {
            for how in [How::Plain, How::Rpm, How::DpkgDivert] {
                for has_links in [true, false] {
                    let names = [(Name::At, at), (REAL, real)];
                    let names = names.into_iter().filter_map(|(name, inode)| Some((name, inode?)));
                    let place = Place { names: names.collect(), diversion: Diversion::None, has_links };
                    starts.push((place, how));
                }
            }
        }
    }
    starts
}

/// More than any plan has operations.
const ALL: usize = 99;

#[test]
fn killed_anywhere_it_is_completed_or_taken_back() {
    let mut walked = 0;
    for (start, how) in starts() {
        let row = decide(&start.found(), how).expect("a free name");
        let mut installed = start.clone();
        assert!(installed.install(&row, false, ALL));
        assert_eq!(state(&installed.found(), Some(&row)), State::Installed, "{start:?} {how:?}");
        for stop in 0.. {
            let mut killed = start.clone();
            let is_done = killed.install(&row, false, stop);
            let mut completed = killed.clone();
            assert!(completed.install(&row, false, ALL));
            assert_eq!(completed, installed, "{start:?} {how:?}, killed after {stop}, completed");
            // Taking it back is killed as well, in its turn.
            for stop_again in 0.. {
                let mut back = killed.clone();
                let is_back = back.remove(&row, false, stop_again);
                back.remove(&row, false, ALL);
                assert_eq!(back, start, "{start:?} {how:?}, killed after {stop} and {stop_again}");
                walked += 1;
                if is_back {
                    break;
                }
            }
            if is_done {
                break;
            }
        }
    }
    assert!(walked > 100, "only {walked}");
}

/// A package, or a hand, put another file over the shim; or dpkg did, beside it.
#[test]
fn whatever_comes_later_nothing_of_somebody_elses_is_lost() {
    for (start, how) in starts() {
        let row = decide(&start.found(), how).expect("a free name");
        for vouches in [true, false].into_iter().filter(|vouches| !vouches || how == How::Rpm) {
            for stop in 0..8 {
                let mut place = start.clone();
                place.install(&row, false, stop);
                let had: Vec<u64> =
                    place.names.values().copied().filter(|inode| *inode >= ORIGINAL).collect();
                // A rename over the name, as package managers do.
                let replaced = place.names.insert(Name::At, UPDATE);
                let lost_by_update = |inode: &u64| replaced == Some(*inode) && !place.has(*inode);
                let had: Vec<u64> = had.into_iter().filter(|inode| !lost_by_update(inode)).collect();
                for way in 0..3 {
                    for stop_again in 0..8 {
                        let mut next = place.clone();
                        match way {
                            0 => drop(next.install(&row, vouches, stop_again)),
                            1 => drop(next.remove(&row, vouches, stop_again)),
                            _ => {
                                next.install(&row, vouches, stop_again);
                                next.install(&row, vouches, ALL);
                                assert_eq!(state(&next.found(), Some(&row)), State::Installed);
                                next.remove(&row, vouches, ALL);
                                assert!(!next.names.values().any(|inode| *inode < ORIGINAL), "{next:?}");
                            }
                        }
                        assert!(next.has(UPDATE), "{start:?} {how:?} {stop} {way} {stop_again}: {next:?}");
                        let is_outdated = |inode: u64| vouches && inode == ORIGINAL;
                        for inode in had.iter().filter(|inode| !is_outdated(**inode)) {
                            let when = format!("{start:?} {how:?} {stop} {way} {stop_again}");
                            assert!(next.has(*inode), "{inode} lost: {when}: {next:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_wrapper_is_never_taken_for_an_original() {
    let thing = |inode, kind| Thing { identity: (0, inode), kind };
    let mut found = Found { things: BTreeMap::new(), diversion: Diversion::None };
    found.things.insert(Name::At, thing(10, Kind::Wrapper));
    let alone = decide(&found, How::Plain).expect("a free name");
    assert_eq!((alone.original, alone.kept), (Aside::Real, Aside::Replaced), "it would hand over to itself");
    found.things.insert(REAL, thing(11, Kind::Foreign));
    let over = decide(&found, How::Plain).expect("a free name");
    assert_eq!((over.original, over.kept), (Aside::Real, Aside::Replaced));
    found.things.insert(REPLACED, thing(12, Kind::Foreign));
    assert_eq!(decide(&found, How::Plain), Err(NamesTaken));
    found.things.remove(&REPLACED);
    found.things.insert(Name::At, thing(10, Kind::Foreign));
    let stranger = decide(&found, How::Plain).expect("a free name");
    assert_eq!((stranger.original, stranger.kept), (Aside::Replaced, Aside::Replaced));
}
