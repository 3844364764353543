//! Finding the tool we stand in for, and becoming it.
//!
//! `loopshim shim install` notes where it put each original, one line `NAME<TAB>PATH` a
//! tool, in [`RECORD`]; without a note it is `NAME.real` beside us, or, where
//! the shim was installed for one user alone and set nothing aside, the next
//! NAME on the search path. What is found there may be ourselves again (a second
//! installation moved a shim aside, a link points back, a script calls us), and
//! executing it would never end. So a candidate is refused when it is the same file as this process's
//! program, when it carries our marker, and when this process was itself
//! started by [`DEPTH_LIMIT`] shims in a row.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Tool, World, marker, process, trusted};

/// Where `loopshim shim install`, called by `install.sh`, notes the originals.
pub const RECORD: &str = "/var/lib/loopshim/originals";

/// The variable that counts how many shims have executed an original on the
/// way to this process.
pub const DEPTH_VARIABLE: &str = "LOOPSHIM_DEPTH";

/// From this count on no original is executed. An original may itself run a
/// shimmed tool (rsync starts ssh, which starts anything), hence more than one.
pub const DEPTH_LIMIT: u32 = 4;

/// Largest [`RECORD`] read, in bytes.
const RECORD_MAX: u64 = 64 << 10;

/// An installed original, found not to be ourselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Its path, as the kernel sees it.
    pub path: PathBuf,
    /// Its `argv[0]`, where that is not ours.
    pub arg0: Option<OsString>,
    /// Arguments in front of the caller's.
    pub words: Vec<OsString>,
    depth: u32,
}

/// A file as the kernel tells it from all others, by whatever name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The file system.
    pub device: u64,
    /// The file in it.
    pub inode: u64,
}

impl From<&Metadata> for Identity {
    fn from(found: &Metadata) -> Self {
        Self { device: found.dev(), inode: found.ino() }
    }
}

/// What was found at a place where an original could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Which file it is, links followed.
    pub identity: Identity,
    /// Whether it is a plain file that someone may execute.
    pub is_program: bool,
    /// Whether it carries our marker.
    pub is_marked: bool,
}

/// Whether `candidate` may be executed by the program `ourselves` (`None` when
/// the kernel would not say which file that is).
pub fn is_another_program(ourselves: Option<Identity>, candidate: Candidate) -> bool {
    candidate.is_program && !candidate.is_marked && ourselves != Some(candidate.identity)
}

/// Finds the original of `tool`; `None` when there is none but ourselves.
pub fn find(world: &World, tool: Tool) -> Option<Original> {
    let depth = depth(world.var(DEPTH_VARIABLE).as_deref());
    if depth >= DEPTH_LIMIT {
        return None;
    }
    let ourselves = ourselves(world);
    let is_another =
        |path: &PathBuf| inspect(path).is_ok_and(|candidate| is_another_program(ourselves, candidate));
    let path = candidates(world, tool).into_iter().find(is_another)?;
    Some(Original { path, arg0: None, words: Vec::new(), depth })
}

/// The program and leading arguments of a command line, as an original.
/// `None` when its program is not to be found, or ourselves.
pub fn from_command_line(world: &World, words: &[OsString]) -> Option<Original> {
    let depth = depth(world.var(DEPTH_VARIABLE).as_deref());
    let (first, words) = words.split_first().filter(|_| depth < DEPTH_LIMIT)?;
    let places: Vec<PathBuf> = if first.as_bytes().contains(&b'/') {
        vec![PathBuf::from(first)]
    } else {
        let path = world.var("PATH").unwrap_or_default();
        std::env::split_paths(&path).map(|directory| directory.join(first)).collect()
    };
    let ourselves = ourselves(world);
    let is_another =
        |path: &PathBuf| inspect(path).is_ok_and(|candidate| is_another_program(ourselves, candidate));
    let path = places.into_iter().find(is_another)?;
    Some(Original { arg0: Some(first.clone()), path, words: words.to_vec(), depth })
}

fn ourselves(world: &World) -> Option<Identity> {
    std::fs::metadata(world.proc.join("self/exe")).ok().map(|found| Identity::from(&found))
}

impl Original {
    /// Becomes the original: same `argv[0]`, arguments, environment and
    /// streams, one more in [`DEPTH_VARIABLE`]. Returns only if that failed.
    pub fn execute(&self, world: &World) -> io::Error {
        let name = self.arg0.as_ref().unwrap_or(&world.program);
        let args = [name].into_iter().chain(&self.words).chain(&world.args).cloned().collect();
        let mut vars = world.vars.all();
        vars.retain(|(name, _)| name != DEPTH_VARIABLE);
        vars.push((DEPTH_VARIABLE.into(), self.next_depth()));
        process::replace(&self.path, args, vars)
    }

    fn next_depth(&self) -> OsString {
        (self.depth + 1).to_string().into()
    }

    /// The original with the same arguments and environment, one more in
    /// [`DEPTH_VARIABLE`], to be started.
    pub fn command(&self, world: &World) -> Command {
        let mut command = Command::new(&self.path);
        command
            .arg0(self.arg0.as_ref().unwrap_or(&world.program))
            .args(&self.words)
            .args(&world.args)
            .env_clear()
            .envs(world.vars.all())
            .env(DEPTH_VARIABLE, self.next_depth());
        command
    }
}

/// The count in [`DEPTH_VARIABLE`]. Nonsense counts as the limit: whoever
/// wrote it, going on could be endless, stopping cannot.
fn depth(variable: Option<&OsStr>) -> u32 {
    variable.map_or(0, |text| text.to_str().and_then(|text| text.parse().ok()).unwrap_or(DEPTH_LIMIT))
}

/// The places to look at, best first.
fn candidates(world: &World, tool: Tool) -> Vec<PathBuf> {
    let record = trusted::read(world, RECORD, RECORD_MAX).unwrap_or_default();
    let mut places: Vec<PathBuf> =
        recorded(&record, tool.name()).into_iter().map(|path| world.path(path)).collect();
    let mut aside = OsString::from(tool.name());
    aside.push(".real");
    places.extend(own_paths(world).map(|own| own.with_file_name(&aside)));
    places.extend(on_search_path(world.var("PATH").as_deref(), tool.name()).map(|path| world.path(path)));
    places
}

/// Where the shell would look for `name`, relative entries left out.
fn on_search_path(variable: Option<&OsStr>, name: &str) -> impl Iterator<Item = PathBuf> {
    let directories: Vec<PathBuf> = variable.iter().flat_map(std::env::split_paths).collect();
    directories
        .into_iter()
        .filter(|directory| directory.is_absolute())
        .map(move |directory| directory.join(name))
}

/// The paths noted for `name`, in the order of the record. Lines that are not
/// `NAME<TAB>ABSOLUTE-PATH` are passed over; fields after the path are ignored.
fn recorded(record: &[u8], name: &str) -> Vec<PathBuf> {
    let lines = record.split(|&byte| byte == b'\n');
    let fields = lines.map(|line| line.split(|&byte| byte == b'\t').collect::<Vec<_>>());
    fields
        .filter(|fields| fields.len() >= 2 && fields[0] == name.as_bytes() && fields[1].starts_with(b"/"))
        .map(|fields| PathBuf::from(OsStr::from_bytes(fields[1])))
        .collect()
}

/// Where this program lies: as the kernel resolved it, then as it was called.
fn own_paths(world: &World) -> impl Iterator<Item = PathBuf> {
    let resolved = std::fs::read_link(world.proc.join("self/exe")).ok();
    let called = Path::new(&world.program).is_absolute().then(|| PathBuf::from(&world.program));
    resolved.into_iter().chain(called)
}

fn inspect(path: &Path) -> io::Result<Candidate> {
    let found = std::fs::metadata(path)?;
    let is_program = found.is_file() && found.permissions().mode() & 0o111 != 0;
    let is_marked = is_program && marker::is_in(File::open(path)?)?;
    Ok(Candidate { identity: Identity::from(&found), is_program, is_marked })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURSELVES: Identity = Identity { device: 1, inode: 7 };
    const OTHER: Candidate =
        Candidate { identity: Identity { device: 1, inode: 8 }, is_program: true, is_marked: false };

    #[test]
    fn another_program_is_accepted_whether_or_not_we_know_ourselves() {
        assert!(is_another_program(Some(OURSELVES), OTHER));
        assert!(is_another_program(None, OTHER));
        let same_inode_elsewhere = Identity { device: 2, inode: 7 };
        assert!(is_another_program(Some(OURSELVES), Candidate { identity: same_inode_elsewhere, ..OTHER }));
    }

    #[test]
    fn ourselves_a_copy_of_us_and_no_program_are_refused() {
        assert!(!is_another_program(Some(OURSELVES), Candidate { identity: OURSELVES, ..OTHER }));
        assert!(!is_another_program(Some(OURSELVES), Candidate { is_marked: true, ..OTHER }));
        assert!(!is_another_program(None, Candidate { is_marked: true, ..OTHER }));
        assert!(!is_another_program(None, Candidate { is_program: false, ..OTHER }));
    }

    #[test]
    fn depth_counts_and_nonsense_stops() {
        assert_eq!(depth(None), 0);
        assert_eq!(depth(Some(OsStr::new("3"))), 3);
        for nonsense in ["", "-1", "many", "99999999999"] {
            assert!(depth(Some(OsStr::new(nonsense))) >= DEPTH_LIMIT, "{nonsense}");
        }
    }

    #[test]
    fn the_search_path_is_walked_in_order_without_relative_entries() {
        let places: Vec<PathBuf> = on_search_path(Some(OsStr::new("/b:.::/a/")), "rsync").collect();
        assert_eq!(places, [Path::new("/b/rsync"), Path::new("/a/rsync")]);
        assert_eq!(on_search_path(None, "rsync").count(), 0);
    }

    #[test]
    fn the_record_is_read_line_by_line() {
        let record = b"pip3\t/usr/bin/pip3.real\nipmitool\t/usr/bin/ipmitool.real\tdivert\n\
                       ipmitool\trelative\nipmitool\nipmitool\t/opt/b\nipmitoolx\t/x\n";
        assert_eq!(recorded(record, "ipmitool"), [Path::new("/usr/bin/ipmitool.real"), Path::new("/opt/b")]);
        assert_eq!(recorded(b"rsync\t/a b/\xff", "rsync"), [PathBuf::from(OsStr::from_bytes(b"/a b/\xff"))]);
        assert!(recorded(b"", "rsync").is_empty());
    }
}
