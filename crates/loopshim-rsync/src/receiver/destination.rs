//! What the last operand means: a directory, or a new name for a single entry.

use rsync_proto::file_list::Entry;
use rustix::io::Errno;

use super::list::FileList;
use super::run::Run;
use crate::failure::{Failure, Status};
use crate::fs::{self, Facts, Links, Tree, Trust, WayError, error_text};
use crate::options::{Info, has_escape};

/// Where entries go.
#[derive(Debug, Clone)]
pub struct Destination {
    /// What names are relative to.
    pub tree: Tree,
    /// The name of the only entry, if it gets another.
    pub renamed: Option<Vec<u8>>,
    /// It was made by this run: nothing is in it.
    pub is_fresh: bool,
}

impl Destination {
    /// The path of an entry below the destination.
    pub fn path<'p>(&'p self, entry: &'p Entry) -> &'p [u8] {
        self.renamed.as_deref().unwrap_or(entry.name.bytes())
    }
}

/// Finds out what `operand` means for these lists, and makes the directory if
/// there is to be one.
///
/// # Errors
/// Where it cannot be a directory and has to be.
pub fn prepare(run: &Run, operand: &[u8], lists: &[&FileList]) -> Result<Destination, Failure> {
    let operand = if operand.is_empty() { b"." } else { operand };
    let links = links(run);
    let shown = absolute(operand);
    let trust = run.options().links.trust();
    let error = match fs::open_directory(operand, trust) {
        Ok(root) => {
            let tree = Tree::new(root, shown, links);
            return Ok(Destination { tree, renamed: None, is_fresh: false });
        }
        Err(error) => error,
    };
    let (is_there, is_directory) = match what_is(operand) {
        Ok(facts) if facts.is_directory() => {
            let path = if error == WayError::Untrusted { &named(operand) } else { &shown };
            return Err(cannot("change_dir#1", path, error).at("main.c(768)"));
        }
        Ok(_) => (true, false),
        Err(Errno::NOENT) => (false, false),
        Err(Errno::NOTDIR) if run.options().selection.makes_path => (false, false),
        Err(errno) => {
            let why = error_text(errno);
            let head = b"[Receiver] ERROR: cannot stat destination \"";
            let text = [&head[..], &named(operand), b"\": ", why.as_bytes()].concat();
            return Err(Failure::new(Status::FileSelection, text).at("main.c(789)"));
        }
    };
    let count: usize = lists.iter().map(|list| list.slots.len()).sum();
    let only = lists.iter().flat_map(|list| &list.slots).next();
    let needs_directory = count > 1 || operand.ends_with(b"/");
    if is_there && !is_directory && count > 1 {
        let text = "ERROR: destination must be a directory when copying more than 1 file";
        return Err(Failure::new(Status::FileSelection, text).bare());
    }
    if is_there && !is_directory && only.is_some_and(|slot| slot.entry.is_directory()) {
        let text = "ERROR: cannot overwrite non-directory with a directory";
        return Err(Failure::new(Status::FileSelection, text).bare().at("main.c(783)"));
    }
    if needs_directory {
        return make(run, operand, shown, links, None);
    }
    let (parent, leaf) = match fs::open_parent(None, operand, trust) {
        Ok(place) => place,
        Err(WayError::System(Errno::NOENT | Errno::NOTDIR)) if run.options().selection.makes_path => {
            let cut = operand.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
            let file = NewFile { path: operand, comes: only.is_some() };
            let made = make(run, &operand[..cut], absolute(&operand[..cut]), links, Some(file))?;
            return Ok(Destination { renamed: Some(operand[cut..].to_vec()), ..made });
        }
        Err(error) => {
            let cut = shown.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
            return Err(cannot("change_dir#3", &shown[..cut], error).at("main.c(855)"));
        }
    };
    let cut = shown.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    let tree = Tree::new(parent, shown[..cut.max(1)].to_vec(), links);
    Ok(Destination { tree, renamed: Some(leaf), is_fresh: false })
}

/// Links inside the destination are followed only where the user says that
/// directories may be links.
fn links(run: &Run) -> Links {
    let options = run.options();
    let has_gaps = options.selection.is_relative && options.selection.omits_implied_directories;
    if options.links.keeps_dirlinks || has_gaps { Links::Beneath } else { Links::Refused }
}

/// What is there, wherever links lead.
fn what_is(operand: &[u8]) -> Result<Facts, Errno> {
    let (parent, leaf) = fs::open_parent(None, operand, Trust::All)?;
    let facts = parent.facts_followed(&leaf)?;
    let is_other = operand.ends_with(b"/") && !facts.is_directory();
    if is_other { Err(Errno::NOTDIR) } else { Ok(facts) }
}

/// A file that a directory is made for.
#[derive(Debug, Clone, Copy)]
struct NewFile<'p> {
    path: &'p [u8],
    /// There is one to come.
    comes: bool,
}

/// Makes the directory `operand`, the destination or on the way to `file`.
fn make(
    run: &Run,
    operand: &[u8],
    shown: Vec<u8>,
    links: Links,
    file: Option<NewFile<'_>>,
) -> Result<Destination, Failure> {
    let options = run.options();
    let makes_path = options.selection.makes_path;
    let name = operand.strip_suffix(b"/").filter(|rest| !rest.is_empty()).unwrap_or(operand);
    let says = options.output.info.has(Info::Name, 1)
        || options.output.format.as_ref().is_some_and(|format| has_escape(format, b'i'));
    let lacking = if makes_path { missing(operand) } else { 0 };
    let blocked = if makes_path { blocked(operand, options.is_dry_run) } else { None };
    let made = match blocked {
        Some(errno) => Err((named(file.map_or(operand, |file| file.path)), errno)),
        None if options.is_dry_run => Ok(None),
        None => match make_directory(operand, makes_path, options.links.trust()) {
            Ok(made) => Ok(Some(made)),
            // What is made there is not made for us: it is found behind a link.
            Err(WayError::Untrusted) => {
                let (call, path, site) = match file {
                    Some(_) => ("change_dir#3", shown, "main.c(855)"),
                    None if makes_path => ("change_dir#1", named(operand), "main.c(768)"),
                    None => ("change_dir#2", shown, "main.c(826)"),
                };
                return Err(cannot(call, &path, WayError::Untrusted).at(site));
            }
            Err(WayError::System(errno)) => Err((shown.clone(), errno)),
        },
    };
    let made =
        made.map_err(|(shown, errno)| Failure::new(Status::FileIo, refused("mkdir", &shown, errno)))?;
    if makes_path && says {
        let what = if lacking == 1 { "1 directory".to_owned() } else { format!("{lacking} directories") };
        // Where nothing comes, all of the path is told (observed: 3.5.0).
        let told = file.filter(|file| !file.comes).map_or(name, |file| file.path);
        run.say(&[format!("created {what} for ").as_bytes(), told]);
    }
    if says && file.is_none() && (options.is_dry_run || !makes_path) {
        run.say(&[b"created directory ", name]);
    }
    Ok(match made {
        None => Destination { tree: Tree::missing(shown), renamed: None, is_fresh: true },
        // A path that was made is then found as if it had been there.
        Some(made) => {
            Destination { tree: Tree::new(made, shown, links), renamed: None, is_fresh: !makes_path }
        }
    })
}

/// What is said where something on the way is no directory: that depends on how
/// far down it is (observed: 3.5.0).
fn blocked(operand: &[u8], is_dry_run: bool) -> Option<Errno> {
    let end = operand.iter().rposition(|&byte| byte != b'/').map_or(0, |at| at + 1);
    let operand = &operand[..end];
    let ends = (1..=operand.len()).filter(|&at| at == operand.len() || operand[at] == b'/');
    let is_other = |path: &[u8]| what_is(path).is_ok_and(|facts| !facts.is_directory());
    let mut ends = ends.skip_while(|&at| !is_other(&operand[..at]));
    ends.next()?;
    Some(match ends.count() {
        _ if is_dry_run => Errno::NOTDIR,
        0 => Errno::EXIST,
        1 => Errno::NOTDIR,
        _ => Errno::LOOP,
    })
}

/// How many directories of a path are not there.
fn missing(operand: &[u8]) -> usize {
    let ends = (1..=operand.len()).filter(|&at| at == operand.len() || operand[at] == b'/');
    let parts = ends.map(|end| &operand[..end]).filter(|part| !part.ends_with(b"/"));
    parts.filter(|part| fs::open_directory(part, Trust::All).is_err()).count()
}

fn make_directory(operand: &[u8], with_parents: bool, trust: Trust) -> Result<fs::Directory, WayError> {
    let permissions = 0o777 & !fs::umask();
    let (parent, leaf) = match fs::open_parent(None, operand, trust) {
        // Where the way ends behind the link the system's word counts.
        Err(WayError::Untrusted) if !with_parents => {
            fs::open_parent(None, operand, Trust::All)?;
            return Err(WayError::Untrusted);
        }
        Err(WayError::System(Errno::NOENT)) if with_parents => {
            let end = operand.iter().rposition(|&byte| byte != b'/').map_or(0, |at| at + 1);
            let cut = operand[..end].iter().rposition(|&byte| byte == b'/').unwrap_or(0);
            make_directory(&operand[..cut], true, trust)?;
            fs::open_parent(None, operand, trust)?
        }
        place => place?,
    };
    match parent.make_directory(&leaf, permissions) {
        Ok(()) => fs::open_directory(operand, trust),
        // A link to nothing is in the way as well.
        Err(Errno::EXIST) => fs::open_directory(operand, trust).map_err(|_| Errno::EXIST.into()),
        Err(errno) => Err(errno.into()),
    }
}

/// An operand from the root on, with a slash behind it if it has one.
fn named(operand: &[u8]) -> Vec<u8> {
    let mut path = absolute(operand);
    if operand.ends_with(b"/") && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path
}

/// A path as the original shows it: absolute, but never resolved.
fn absolute(operand: &[u8]) -> Vec<u8> {
    let trimmed = operand.strip_suffix(b"/").filter(|rest| !rest.is_empty()).unwrap_or(operand);
    if trimmed.starts_with(b"/") {
        return trimmed.to_vec();
    }
    let here = here();
    match trimmed.strip_prefix(b"./").unwrap_or(trimmed) {
        b"." => here,
        rest => [&here[..], rest].join(&b'/'),
    }
}

/// The current directory; empty where it has no path.
pub(super) fn here() -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    std::env::current_dir().map(|path| path.as_os_str().as_bytes().to_vec()).unwrap_or_default()
}

fn cannot(call: &str, path: &[u8], error: WayError) -> Failure {
    Failure::new(Status::FileSelection, refused(call, path, error.into())).on_the_way(error)
}

fn refused(call: &str, path: &[u8], errno: Errno) -> Vec<u8> {
    let (call, why) = (format!("[Receiver] {call} \""), error_text(errno));
    [call.as_bytes(), path, b"\" failed: ", why.as_bytes()].concat()
}
