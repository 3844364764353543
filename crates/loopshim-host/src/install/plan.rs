//! What is to be done at one place, from what is found there: pure, so that
//! every state a killed run or another program can leave is tried in a test.
//!
//! A command's name never dangles: the original gets a second name by a hard
//! link first, then the shim is renamed over the first name. Nothing of
//! somebody else's is removed, unless another name of the same file stays or
//! its package has brought a newer one.

use std::collections::BTreeMap;

use super::record::{Aside, How, Row};

/// A name in a program's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// The command's own.
    At,
    /// Where its original is kept.
    Aside(Aside),
    /// Where a file is kept for good: `NAME.real.1`, `.2` …
    Spare(u32),
    /// Where the shim is written before it takes its place.
    New,
    /// A second name of the original for the moment in which it replaces an older one.
    NewKept,
}

impl Name {
    /// The name itself, of the program `name`.
    pub fn of(self, name: &str) -> String {
        match self {
            Self::At => name.to_owned(),
            Self::Aside(aside) => format!("{name}{}", aside.suffix()),
            Self::Spare(number) => format!("{name}.real.{number}"),
            Self::New => format!(".{name}.loopshim-new"),
            Self::NewKept => format!(".{name}.loopshim-new.kept"),
        }
    }
}

/// Device and inode.
pub type Identity = (u64, u64);

/// Something under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thing {
    /// Which file it is.
    pub identity: Identity,
    /// What it is.
    pub kind: Kind,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of ours.
    Ours,
    /// A script that hands over to `NAME.real`.
    Wrapper,
    /// A directory.
    Directory,
    /// Anything else: somebody's.
    Foreign,
}

/// Where dpkg is to unpack its own file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diversion {
    /// At the command's own name, or there is no dpkg.
    None,
    /// Under this name.
    To(Aside),
    /// Where somebody else said; or it will not tell.
    Elsewhere,
}

/// What is found at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// By name.
    pub things: BTreeMap<Name, Thing>,
    /// What dpkg was told.
    pub diversion: Diversion,
}

impl Found {
    /// What is under a name.
    pub fn get(&self, name: Name) -> Option<Thing> {
        self.things.get(&name).copied()
    }

    /// Whether there is one of ours under a name.
    pub fn is_ours(&self, name: Name) -> bool {
        self.get(name).is_some_and(|thing| thing.kind == Kind::Ours)
    }

    /// Whether two names are of one file.
    pub fn is_same(&self, one: Name, other: Name) -> bool {
        self.get(one).zip(self.get(other)).is_some_and(|(one, other)| one.identity == other.identity)
    }

    fn is_foreign(&self, name: Name) -> bool {
        self.get(name).is_some_and(|thing| thing.kind != Kind::Ours)
    }

    fn is_diverted(&self, row: &Row) -> bool {
        row.how == How::DpkgDivert && self.diversion == Diversion::To(row.original)
    }

    /// A name to keep a file for good: the first that is free, or is its own already.
    fn spare(&self, name: Name) -> Name {
        let mut number = 1;
        while self.get(Name::Spare(number)).is_some() && !self.is_same(Name::Spare(number), name) {
            number += 1;
        }
        Name::Spare(number)
    }
}

/// Both names of a foreign original are taken by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamesTaken;

/// How the original of a program that is not in the record is kept.
///
/// # Errors
/// When there is no name left for it.
pub fn decide(found: &Found, how: How) -> Result<Row, NamesTaken> {
    let real = Name::Aside(Aside::Real);
    let is_wrapper = found.get(Name::At).is_some_and(|thing| thing.kind == Kind::Wrapper);
    let is_clear = match found.get(real) {
        // A wrapper under NAME.real would hand over to itself for ever.
        None => !is_wrapper,
        Some(_) => {
            found.is_ours(real)
                || found.is_ours(Name::At)
                || found.is_same(real, Name::At)
                || found.diversion == Diversion::To(Aside::Real)
        }
    };
    if is_clear {
        return Ok(Row { original: Aside::Real, kept: Aside::Real, how });
    }
    // Somebody else's NAME.real: it stays, and what we replace gets another name.
    if found.get(Name::Aside(Aside::Replaced)).is_some() {
        return Err(NamesTaken);
    }
    let original = if found.get(Name::At).is_some() && !is_wrapper { Aside::Replaced } else { Aside::Real };
    Ok(Row { original, kept: Aside::Replaced, how })
}

/// A single change, of names in one folder but for dpkg's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// dpkg unpacks its own file under this name from now on.
    Divert(Aside),
    /// It does so no more.
    Undivert,
    /// A file gets a second name; where the file system has no such thing, another one.
    SecondName {
        /// The file.
        from: Name,
        /// The name, which is free.
        to: Name,
        /// Why.
        why: Why,
    },
    /// The file under the command's name gets a second one in place of the file that had it.
    Replace {
        /// The name.
        kept: Name,
        /// Why.
        why: Why,
    },
    /// A file gets another name, in place of any that had it.
    Rename {
        /// The file.
        from: Name,
        /// The name.
        to: Name,
    },
    /// A name goes.
    Remove(Name),
}

/// A shim that lies ready takes its place.
pub const PUT: Action = Action::Rename { from: Name::New, to: Name::At };

/// Why a file is given another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The shim takes its place.
    Original,
    /// As [`Why::Original`]; a copy of the shim has that name.
    OverShim,
    /// Its package brought it; an older one has that name.
    Newer,
    /// A newer one gets its name.
    Older,
}

impl Action {
    /// What it does, in words, of the program at `installed`; `None` for what
    /// nobody needs to know.
    pub fn words(self, installed: &str) -> Option<String> {
        let (folder, program) = installed.rsplit_once('/').unwrap_or_default();
        let path = |name: Name| format!("{folder}/{}", name.of(program));
        Some(match self {
            Self::Divert(aside) => format!("divert {installed} to {installed}{} in dpkg", aside.suffix()),
            Self::Undivert => format!("remove dpkg's diversion of {installed}"),
            Self::SecondName { from, to, why } => why.words(&path(from), &path(to)),
            Self::Replace { kept, why } => why.words(installed, &path(kept)),
            Self::Rename { from: Name::New, .. } => format!("put the shim at {installed}"),
            Self::Rename { from, to: Name::At } => format!("put {} back at {installed}", path(from)),
            Self::Rename { from, to } => Why::Older.words(&path(from), &path(to)),
            Self::Remove(Name::New | Name::NewKept) => return None,
            Self::Remove(name) => format!("remove {}", path(name)),
        })
    }
}

impl Why {
    fn words(self, from: &str, to: &str) -> String {
        match self {
            Self::Original => format!("keep {from} as {to}"),
            Self::OverShim => format!("keep {from} as {to}, where a copy of the shim was"),
            Self::Newer => format!("keep the newer {from} as {to}"),
            Self::Older => format!("keep the older {from} as {to}"),
        }
    }
}

/// A plan for one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes, in order.
    pub actions: Vec<Action>,
    /// Names under which files are kept for good.
    pub left: Vec<Name>,
    /// Whether somebody else's file is at the place and stays, and so does what
    /// was replaced.
    pub is_given_up: bool,
}

/// Whether the package manager knows the file at the place, unmodified: then
/// what it replaced is no loss. Asked only when it matters.
pub type Vouches<'v> = &'v dyn Fn() -> bool;

/// Puts a shim, if there is one under [`Name::New`], at the place.
pub fn placing(found: &Found, row: &Row, is_new: bool, vouches: Vouches<'_>) -> Plan {
    let mut plan = Plan::default();
    plan.clear_new_kept(found, row);
    let is_diverted = found.is_diverted(row);
    if row.how == How::DpkgDivert && !is_diverted {
        plan.actions.push(Action::Divert(row.original));
    }
    if found.is_foreign(Name::At) {
        plan.set_aside(found, row, is_diverted, vouches);
    }
    if is_new {
        plan.actions.push(PUT);
    }
    plan
}

/// The original back at its place, whatever state is found.
pub fn taking_back(found: &Found, row: &Row, vouches: Vouches<'_>) -> Plan {
    let mut plan = Plan::default();
    let kept = Name::Aside(row.kept);
    if found.get(Name::New).is_some() {
        plan.actions.push(Action::Remove(Name::New));
    }
    plan.clear_new_kept(found, row);
    if found.is_foreign(Name::At) {
        plan.leave_to_another(found, row, vouches);
    } else if found.is_foreign(kept) {
        plan.actions.push(Action::Rename { from: kept, to: Name::At });
    } else {
        let ours = [kept, Name::At].into_iter().filter(|name| found.is_ours(*name));
        plan.actions.extend(ours.map(Action::Remove));
    }
    if found.is_diverted(row) {
        plan.actions.push(Action::Undivert);
    }
    plan
}

impl Plan {
    /// A name goes, and nothing else.
    pub fn remove(name: Name) -> Self {
        Self { actions: vec![Action::Remove(name)], ..Self::default() }
    }

    /// A run was killed while it replaced what is kept.
    fn clear_new_kept(&mut self, found: &Found, row: &Row) {
        let is_second =
            [Name::At, Name::Aside(row.kept)].iter().any(|name| found.is_same(*name, Name::NewKept));
        if is_second {
            self.actions.push(Action::Remove(Name::NewKept));
        } else if found.get(Name::NewKept).is_some() {
            // What it was the second name of was replaced since.
            self.spare(found, Name::NewKept);
        }
    }

    /// The file at the place is not ours: it gets the name it is kept under.
    fn set_aside(&mut self, found: &Found, row: &Row, is_diverted: bool, vouches: Vouches<'_>) {
        let kept = Name::Aside(row.kept);
        if found.get(kept).is_none() {
            self.actions.push(Action::SecondName { from: Name::At, to: kept, why: Why::Original });
        } else if found.is_same(Name::At, kept) {
            // A killed run came as far as that.
        } else if found.is_ours(kept) {
            self.actions.push(Action::Replace { kept, why: Why::OverShim });
        } else if is_diverted && row.original == row.kept {
            // dpkg unpacks there: what is there is the package's own.
            self.spare(found, Name::At);
        } else {
            if !vouches() {
                self.spare(found, kept);
            }
            self.actions.push(Action::Replace { kept, why: Why::Newer });
        }
    }

    /// Somebody else's file is at our place.
    fn leave_to_another(&mut self, found: &Found, row: &Row, vouches: Vouches<'_>) {
        let kept = Name::Aside(row.kept);
        if found.get(kept).is_none() {
            return;
        }
        if found.is_same(Name::At, kept) || found.is_ours(kept) {
            self.actions.push(Action::Remove(kept));
        } else if found.is_diverted(row) && row.original == row.kept {
            self.spare(found, Name::At);
            self.actions.push(Action::Rename { from: kept, to: Name::At });
        } else if vouches() {
            self.actions.push(Action::Remove(kept));
        } else {
            self.is_given_up = true;
        }
    }

    /// Keeps a file under a name of its own for good.
    fn spare(&mut self, found: &Found, name: Name) {
        let spare = found.spare(name);
        let taken = self.left.contains(&spare);
        let spare = match spare {
            Name::Spare(number) if taken => Name::Spare(number + 1),
            spare => spare,
        };
        if name == Name::NewKept {
            self.actions.push(Action::Rename { from: name, to: spare });
        } else if !found.is_same(name, spare) {
            self.actions.push(Action::SecondName { from: name, to: spare, why: Why::Older });
        }
        self.left.push(spare);
    }
}

/// How things stand at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Installed,
    /// Nothing of ours.
    NotInstalled,
    /// The record says that there was a shim; another program is there.
    Overwritten,
    /// A run was killed.
    Interrupted,
    /// dpkg's diversion is gone.
    Undiverted,
    /// A shim that the record does not know.
    Unrecorded,
}

impl State {
    /// In one word, as programs read it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::NotInstalled => "not-installed",
            Self::Overwritten => "overwritten",
            Self::Interrupted => "interrupted",
            Self::Undiverted => "undiverted",
            Self::Unrecorded => "unrecorded",
        }
    }
}

/// How things stand; `row` is the record's.
pub fn state(found: &Found, row: Option<&Row>) -> State {
    let is_ours = found.is_ours(Name::At);
    let Some(row) = row else {
        return if is_ours { State::Unrecorded } else { State::NotInstalled };
    };
    let is_half_done = found.get(Name::New).is_some() || found.is_same(Name::At, Name::Aside(row.kept));
    if is_half_done || found.get(Name::At).is_none() {
        State::Interrupted
    } else if !is_ours {
        State::Overwritten
    } else if row.how == How::DpkgDivert && !found.is_diverted(row) {
        State::Undiverted
    } else {
        State::Installed
    }
}

#[cfg(test)]
mod tests;
