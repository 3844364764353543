//! The record of what was put in place, which is written before anything is
//! touched and removed after everything is back: what is found on the disk
//! decides, the record says what for. One line for each program, fields between
//! tabs, paths as seen inside the root:
//!
//! ```text
//! NAME  ORIGINAL  INSTALLED  KEPT  HOW
//! ```
//!
//! ORIGINAL is the program to hand over to; it need not exist (yet). KEPT is
//! what is renamed back to INSTALLED in the end: the same file, but where an
//! earlier stand-in was replaced. HOW is dpkg-divert, rpm or plain. Lines that
//! begin with `#` are for us alone: directories that were made, files that were
//! left. Shims read the first two fields (`loopshim_core::original`).

use std::collections::BTreeMap;
use std::io;

use super::layout::{Layout, Slot, on_the_way};
use crate::machine::root::Root;

/// The first line.
const HEAD: &str = "# What loopshim put in place: NAME, ORIGINAL, INSTALLED, KEPT, HOW (see install.sh).";
/// What precedes a directory that was made.
const CREATED: &str = "#created\t";
/// What precedes a file that was left.
const LEFT: &str = "#left\t";

/// The name under which something is kept beside a shim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aside {
    /// `NAME.real`.
    Real,
    /// `NAME.replaced`, where NAME.real is somebody else's.
    Replaced,
}

impl Aside {
    /// What is added to the name.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Real => ".real",
            Self::Replaced => ".replaced",
        }
    }

    fn of(path: &str, installed: &str) -> Option<Self> {
        let suffix = path.strip_prefix(installed)?;
        [Self::Real, Self::Replaced].into_iter().find(|aside| aside.suffix() == suffix)
    }
}

/// Which package manager is told, or warned of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// dpkg: it unpacks its own file at ORIGINAL.
    DpkgDivert,
    /// RPM, which has no such thing: an update puts the original back.
    Rpm,
    /// None.
    Plain,
}

impl How {
    const ALL: [Self; 3] = [Self::DpkgDivert, Self::Rpm, Self::Plain];

    const fn word(self) -> &'static str {
        match self {
            Self::DpkgDivert => "dpkg-divert",
            Self::Rpm => "rpm",
            Self::Plain => "plain",
        }
    }
}

/// How the original of a program is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Under which name it is.
    pub original: Aside,
    /// Under which name that is which comes back.
    pub kept: Aside,
    /// Who is told.
    pub how: How,
}

/// The record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// What is in place, or about to be.
    pub rows: BTreeMap<Slot, Row>,
    /// Directories that were made, outermost first.
    pub created: Vec<String>,
    /// Files that were kept for good.
    pub left: Vec<String>,
    /// Lines about programs that this version does not know.
    others: Vec<String>,
}

impl Record {
    /// Reads it, with its text. `None` when there is none: a link in its place
    /// is none of ours, and will be replaced.
    ///
    /// # Errors
    /// When it cannot be read, or a line is not as we write it: what it says is
    /// renamed by root.
    pub fn read(root: &Root, layout: &Layout) -> io::Result<Option<(Self, String)>> {
        let opened = root.place(layout.record()).and_then(|place| {
            let is_file = place.open().is_ok();
            if is_file { place.read().map(Some) } else { place.stat().map(|_| None) }
        });
        let bytes = match opened {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = String::from_utf8(bytes).map_err(|_| io::Error::other("the record is no text"))?;
        Ok(Some((Self::parse(&text, layout)?, text)))
    }

    fn parse(text: &str, layout: &Layout) -> io::Result<Self> {
        let mut record = Self::default();
        for (at, line) in text.lines().enumerate() {
            record.take(line, layout).ok_or_else(|| {
                io::Error::other(format!(
                    "line {} of {} is not as loopshim writes it",
                    at + 1,
                    layout.record()
                ))
            })?;
        }
        Ok(record)
    }

    fn take(&mut self, line: &str, layout: &Layout) -> Option<()> {
        if let Some(path) = line.strip_prefix(CREATED) {
            // Directories that are removed when empty: only ours may be named.
            let mut ways = Slot::ALL.map(|slot| layout.folder(slot)).to_vec();
            ways.push(layout.state());
            ways.iter().any(|way| on_the_way(way).any(|known| known == path)).then_some(())?;
            self.created.push(path.to_owned());
        } else if let Some(path) = line.strip_prefix(LEFT) {
            self.left.push(path.to_owned());
        } else if !line.starts_with('#') && !line.is_empty() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [_, original, installed, kept, how] = fields[..] else { return None };
            let Some(slot) = layout.slots().find(|slot| layout.installed(*slot) == installed) else {
                self.others.push(line.to_owned());
                return Some(());
            };
            let row = Row {
                original: Aside::of(original, installed)?,
                kept: Aside::of(kept, installed)?,
                how: How::ALL.into_iter().find(|known| known.word() == how)?,
            };
            self.rows.insert(slot, row);
        }
        Some(())
    }

    /// Whether it says nothing that anybody needs.
    pub fn is_over(&self) -> bool {
        self.rows.is_empty() && self.others.is_empty()
    }

    /// As it is written.
    pub fn text(&self, layout: &Layout) -> String {
        let mut lines = vec![HEAD.to_owned()];
        lines.extend(self.created.iter().map(|path| format!("{CREATED}{path}")));
        lines.extend(self.left.iter().map(|path| format!("{LEFT}{path}")));
        lines.extend(self.rows.iter().map(|(slot, row)| {
            let installed = layout.installed(*slot);
            let (original, kept) = (row.original.suffix(), row.kept.suffix());
            let name = slot.name();
            format!("{name}\t{installed}{original}\t{installed}\t{installed}{kept}\t{}", row.how.word())
        }));
        lines.extend(self.others.iter().cloned());
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: Layout = Layout { staging: false, prefix: None };

    #[test]
    fn what_is_written_is_read() {
        let text = format!(
            "{HEAD}\n#created\t/var/lib/loopshim\n#left\t/usr/bin/pip3.real.1\n\
             ipmitool\t/usr/bin/ipmitool.real\t/usr/bin/ipmitool\t/usr/bin/ipmitool.replaced\tdpkg-divert\n\
             rsync\t/usr/bin/rsync.real\t/usr/bin/rsync\t/usr/bin/rsync.real\trpm\n\
             later\t/opt/later.real\t/opt/later\t/opt/later.real\tplain\n"
        );
        let record = Record::parse(&text, &SYSTEM).expect("a record");
        assert_eq!(record.rows.len(), 2);
        assert_eq!(record.rows[&Slot::Ipmitool].kept, Aside::Replaced);
        assert_eq!(record.text(&SYSTEM), text);
        assert!(!record.is_over() && Record::default().is_over());
    }

    /// Root renames what the record names, and in a user's own folder the user writes it.
    #[test]
    fn a_record_that_names_other_files_is_refused() {
        for line in [
            "ipmitool\t/etc/shadow\t/usr/bin/ipmitool\t/usr/bin/ipmitool.real\tplain",
            "ipmitool\t/usr/bin/ipmitool.real\t/usr/bin/ipmitool\t/etc/shadow\tplain",
            "ipmitool\t/usr/bin/ipmitool.real\t/usr/bin/ipmitool\t/usr/bin/ipmitool.real\tno-such",
            "ipmitool\t/usr/bin/ipmitool.real\t/usr/bin/ipmitool",
            "#created\t/home",
        ] {
            let error = Record::parse(&format!("{HEAD}\n{line}\n"), &SYSTEM).expect_err(line);
            assert!(error.to_string().starts_with("line 2 of /var/lib/loopshim/originals"), "{error}");
        }
    }
}
