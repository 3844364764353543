//! Where files lie besides their place in the destination: partial files,
//! backups, alternatives, files in the making.

use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::keep::Keep;
use super::run::Run;
use crate::failure::UNTRUSTED;
use crate::fs::{Directory, Facts, Links, Tree, Trust, WayError, open_directory, open_from, open_parent};
use crate::options::Backup;

/// The places of one thread, each opened when it is first needed.
#[derive(Default)]
pub struct Places {
    alternatives: Vec<Result<Tree, WayError>>,
    temporary: Option<Directory>,
    backup: Option<Tree>,
}

/// What a directory hands on to those made in it: the set-group-id bit.
const SET_GROUP: u16 = 0o2000;

/// A name in a directory.
pub type Place = (Directory, Vec<u8>);

impl Places {
    /// The tree of an alternative; `None` where there is no such directory. Of a link
    /// on the way to it that is not followed is told each time, as the original does.
    pub fn alternative(&mut self, run: &Run, destination: &Tree, number: u8) -> Option<&mut Tree> {
        if self.alternatives.is_empty() {
            let given = run.options().comparison.alternatives.as_ref();
            let directories = given.map_or(&[][..], |given| &given.directories[..]);
            self.alternatives =
                directories.iter().map(|path| alternative_at(run, destination, path)).collect();
        }
        match self.alternatives.get_mut(usize::from(number))? {
            Ok(tree) => Some(tree),
            Err(error) => {
                warn_of_way(run, *error);
                None
            }
        }
    }

    /// Why there is no alternative at a path, if there is none, and the path as
    /// messages show it.
    pub fn lacks_alternative(destination: &Tree, path: &[u8]) -> Option<(Lack, Vec<u8>)> {
        let shown = alternative_path(destination, path);
        let lack = match destination.root() {
            Ok(root) => lack(Some(root), path),
            Err(_) => lack(None, &shown),
        };
        Some((lack?, shown))
    }

    /// Where files in the making lie, if not beside the files.
    ///
    /// # Errors
    /// What the system says.
    pub fn temporary(&mut self, run: &Run, destination: &Tree) -> Result<Option<Directory>, Errno> {
        let Some(path) = &run.options().writing.temp_dir else { return Ok(None) };
        if self.temporary.is_none() {
            let opened = open_from(destination.root()?, path, run.options().links.trust());
            self.temporary = Some(opened.inspect_err(|&error| warn_of_way(run, error))?);
        }
        Ok(self.temporary.clone())
    }

    /// Where the partial file of `name` lies; with `makes` its directory is made.
    ///
    /// # Errors
    /// What the system says; [`Errno::NOENT`] where there is no such directory.
    pub fn partial(
        &mut self,
        run: &Run,
        destination: &mut Tree,
        name: &[u8],
        makes: bool,
    ) -> Result<Option<Place>, Errno> {
        let Some(path) = &run.options().writing.partial_dir else { return Ok(None) };
        let (parent, leaf) = destination.parent(name)?;
        if path.starts_with(b"/") {
            let directory = open_from(&parent, path, run.options().links.trust())?;
            return Ok(Some((directory, leaf.to_vec())));
        }
        // Relative to each directory: what lies there is no more trusted than
        // the rest of the destination, so no link is followed.
        let mut directory = parent;
        for component in path.split(|&byte| byte == b'/').filter(|component| !component.is_empty()) {
            directory = match directory.child(component) {
                Err(Errno::NOENT) if makes => {
                    directory.make_directory(component, 0o700)?;
                    directory.child(component)?
                }
                // In the way of a directory that is ours to make.
                Err(Errno::NOTDIR | Errno::LOOP) if makes => {
                    directory.remove(component)?;
                    directory.make_directory(component, 0o700)?;
                    directory.child(component)?
                }
                opened => opened?,
            };
        }
        Ok(Some((directory, leaf.to_vec())))
    }

    /// Removes the partial directory beside `name`, if it is empty and ours.
    pub fn remove_partial_directory(&mut self, run: &Run, destination: &mut Tree, name: &[u8]) {
        let Some(path) = run.options().writing.partial_dir.as_ref().filter(|path| !path.starts_with(b"/"))
        else {
            return;
        };
        if path.contains(&b'/') {
            return;
        }
        if let Ok((parent, _)) = destination.parent(name) {
            // One that is not empty stays, as one that is not there does.
            let _ = parent.remove_directory(path);
        }
    }

    /// Where the backup of `name` goes, and the path by which it is shown.
    ///
    /// # Errors
    /// What the system says.
    pub fn backup(
        &mut self,
        run: &Run,
        destination: &mut Tree,
        name: &[u8],
        backup: &Backup,
    ) -> Result<(Place, Vec<u8>), Errno> {
        let path = [name, &backup.suffix].concat();
        let Some(directory) = &backup.directory else {
            let (parent, _) = destination.parent(name)?;
            let leaf = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default().to_vec();
            return Ok(((parent, leaf), path));
        };
        if self.backup.is_none() {
            let made = made_tree(destination, directory, run.options().links.trust());
            self.backup = Some(made.inspect_err(|&error| warn_of_way(run, error))?);
        }
        let Some(tree) = &mut self.backup else { return Err(Errno::NOENT) };
        make_way(&run.keep, tree, destination, &path)?;
        let (parent, leaf) = tree.parent(&path)?;
        let shown = [directory.strip_suffix(b"/").unwrap_or(directory), &path[..]].join(&b'/');
        Ok(((parent, leaf.to_vec()), shown))
    }

    /// Opens the backup of `name`, which was just made.
    ///
    /// # Errors
    /// What the system says; [`Errno::NOENT`] where none is kept.
    pub fn open_backup(
        &mut self,
        run: &Run,
        destination: &mut Tree,
        name: &[u8],
    ) -> Result<(OwnedFd, Facts), Errno> {
        let backup = run.options().writing.backup.as_ref().ok_or(Errno::NOENT)?;
        let ((directory, leaf), _) = self.backup(run, destination, name, backup)?;
        directory.open_file(&leaf)
    }

    /// Whether `name` is a backup beside its file. What is in a directory of
    /// backups is not spared (observed: 3.5.0).
    pub fn is_backup(run: &Run, name: &[u8]) -> bool {
        let backup = run.options().writing.backup.as_ref().filter(|backup| backup.directory.is_none());
        backup.is_some_and(|backup| !backup.suffix.is_empty() && name.ends_with(&backup.suffix))
    }
}

/// Why a path that a user named is no directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Nothing is there.
    Missing,
    /// Something else is there.
    NoDirectory,
    /// What is there cannot be looked at.
    Unseen(Errno),
}

/// What is lacking at `path`, relative to `from` or to the current directory. It is
/// looked at, and all links lead on.
pub fn lack(from: Option<&Directory>, path: &[u8]) -> Option<Lack> {
    let all = Trust::All;
    let opened = from.map_or_else(|| open_directory(path, all), |from| open_from(from, path, all));
    let found = || {
        let (parent, leaf) = open_parent(from, path, all)?;
        parent.facts_followed(&leaf)
    };
    let errno = match opened.err()?.into() {
        Errno::NOTDIR => match found() {
            Ok(_) => return Some(Lack::NoDirectory),
            Err(errno) => errno,
        },
        errno => errno,
    };
    Some(if errno == Errno::NOENT { Lack::Missing } else { Lack::Unseen(errno) })
}

/// Tells of a link that is not followed, if that is it.
fn warn_of_way(run: &Run, error: WayError) {
    if error == WayError::Untrusted {
        run.warn(&[UNTRUSTED.as_bytes()]);
    }
}

/// The directory of an alternative.
fn alternative_at(run: &Run, destination: &Tree, path: &[u8]) -> Result<Tree, WayError> {
    let trust = run.options().links.trust();
    if destination.root().is_ok() || path.starts_with(b"/") {
        return tree_at(destination, path, trust);
    }
    let shown = alternative_path(destination, path);
    Ok(Tree::new(open_directory(&shown, trust)?, shown, Links::Refused))
}

/// The path of an alternative. A destination that is only tried, and not there,
/// is left by a first `..` as its name says (observed: 3.5.0).
fn alternative_path(destination: &Tree, path: &[u8]) -> Vec<u8> {
    let shown = destination.shown(b"");
    let above = shown.iter().rposition(|&byte| byte == b'/').map_or(&b""[..], |at| &shown[..at]);
    match path.strip_prefix(b"../") {
        _ if path.starts_with(b"/") => path.to_vec(),
        Some(rest) if destination.root().is_err() => [above, rest].join(&b'/'),
        _ => destination.shown(path),
    }
}

fn tree_at(destination: &Tree, path: &[u8], trust: Trust) -> Result<Tree, WayError> {
    let directory = match destination.root() {
        Err(_) if path.starts_with(b"/") => open_directory(path, trust)?,
        root => open_from(root?, path, trust)?,
    };
    let shown = if path.starts_with(b"/") { path.to_vec() } else { destination.shown(path) };
    Ok(Tree::new(directory, shown, Links::Refused))
}

/// A tree whose root is made where it is missing, with all on the way to it.
fn made_tree(destination: &Tree, path: &[u8], trust: Trust) -> Result<Tree, WayError> {
    let mut end = 0;
    while end < path.len() {
        end += path[end..].iter().position(|&byte| byte == b'/').unwrap_or(path.len() - end);
        let part = &path[..end];
        end += 1;
        if part.is_empty() || open_from(destination.root()?, part, trust).is_ok() {
            continue;
        }
        let cut = part.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
        let above = if cut == 0 { b"." } else { &part[..cut] };
        let parent = open_from(destination.root()?, above, trust)?;
        match parent.make_directory(&part[cut..], 0o777 & !crate::fs::umask()) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    tree_at(destination, path, trust)
}

/// Makes the directories of `path` in `tree` that it lacks, as those of the
/// destination are.
fn make_way(keep: &Keep, tree: &mut Tree, destination: &mut Tree, path: &[u8]) -> Result<(), Errno> {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    for end in ends {
        let part = &path[..end];
        let (parent, leaf) = tree.parent(part)?;
        match parent.facts(leaf) {
            Ok(facts) if facts.is_directory() => continue,
            // A backup of something else has the name.
            Ok(_) => parent.remove(leaf)?,
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
        let model = destination.facts(part)?.filter(crate::fs::Facts::is_directory);
        parent.make_directory(leaf, 0o700)?;
        if let Some(model) = model {
            let target = crate::fs::Target { directory: &parent, leaf, file: None };
            let made = parent.facts(leaf)?;
            let inherited = if keep.permissions { 0 } else { made.permissions & SET_GROUP };
            let wanted = crate::fs::Attributes {
                permissions: Some(model.permissions | inherited),
                user: keep.owner.then_some(model.user),
                group: keep.group.then_some(model.group),
                ..crate::fs::Attributes::default()
            };
            // As good as we may: a backup of less is better than none.
            let _ = crate::fs::apply(target, &made, &wanted);
        }
    }
    Ok(())
}
