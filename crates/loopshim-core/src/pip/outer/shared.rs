//! The answer that a run leaves for identical requests behind it in the queue.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::target::{Target, hex};
use crate::World;
use crate::pip::arguments::{Action, Change};
use crate::pip::fields::Fields;
use crate::pip::sharing::Finished;
use crate::trusted::TrustedDir;

/// Where it is, in the queue's directory.
const FILE: &str = "answer";
/// Largest answer kept, in bytes of output.
const OUTPUT_MAX: usize = 1 << 20;

/// An answer and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it may be shared by.
    pub finished: Finished,
    /// The folder that was installed.
    pub folder: PathBuf,
    /// The metadata that was installed.
    pub dist_info: PathBuf,
    /// What pip printed on standard output.
    pub out: Vec<u8>,
    /// What it printed on standard error.
    pub err: Vec<u8>,
    /// The process that installed it.
    pub pid: u32,
}

/// A digest of all in which two requests must agree that could share an answer
/// (sharing's parts 1 and 2); `None` where this one cannot.
pub fn likeness(world: &World, change: &Change, target: &Target) -> Option<String> {
    let (at, _) = change.only_folder(&world.args)?;
    let forbidden = ["editable", "requirement", "constraint", "dry_run", "root", "prefix", "log", "group"];
    let allowed = change.action == Action::Install
        && change.is_plain
        && target.has("no-deps")
        && change.no_deps
        && !target.is_target_option
        && !target.sites.is_empty()
        && !forbidden.iter().any(|option| target.has(option));
    if !allowed {
        return None;
    }
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    add(target.identity.as_bytes());
    add(rustix::process::getuid().as_raw().to_string().as_bytes());
    add(super::processes::umask()?.as_bytes());
    add(std::env::current_dir().ok()?.as_os_str().as_bytes());
    for (index, arg) in world.args.iter().enumerate() {
        add(if index == at { b"" } else { arg.as_bytes() });
    }
    Some(hex(&digest.finalize()))
}

/// The answer that the last run left.
pub fn load(directory: &TrustedDir) -> Option<Answer> {
    let mut text = Vec::new();
    directory.read(FILE).ok()?.take(4 * OUTPUT_MAX as u64).read_to_end(&mut text).ok()?;
    let fields = Fields::decode(&text)?;
    let path = |name| fields.bytes(name).map(|path| PathBuf::from(OsStr::from_bytes(path)));
    Some(Answer {
        finished: Finished {
            likeness: fields.text("likeness")?.to_owned(),
            tree: fields.text("tree")?.to_owned(),
            last_ticket: fields.number("last_ticket")?,
            record: fields.text("record")?.to_owned(),
        },
        folder: path("folder")?,
        dist_info: path("dist_info")?,
        out: fields.bytes("out")?.to_vec(),
        err: fields.bytes("err")?.to_vec(),
        pid: fields.number("pid")? as u32,
    })
}

/// Leaves an answer.
pub fn store(directory: &TrustedDir, answer: &Answer) {
    if answer.out.len() + answer.err.len() > OUTPUT_MAX {
        return;
    }
    let fields = Fields::default()
        .with("likeness", &answer.finished.likeness)
        .with("tree", &answer.finished.tree)
        .with("last_ticket", answer.finished.last_ticket.to_string())
        .with("record", &answer.finished.record)
        .with("folder", answer.folder.as_os_str().as_bytes())
        .with("dist_info", answer.dist_info.as_os_str().as_bytes())
        .with("out", &answer.out)
        .with("err", &answer.err)
        .with("pid", answer.pid.to_string());
    replace(directory, FILE, &fields);
}

/// Takes back the answer: the environment is about to change.
///
/// # Errors
/// When it is still there; then nothing may be changed under it.
pub fn forget(directory: &TrustedDir) -> std::io::Result<()> {
    directory.remove(FILE)
}

/// Writes a record beside and renames it, so that it is never half there; its
/// file. Where that fails there is none.
pub fn replace(directory: &TrustedDir, name: &str, fields: &Fields) -> Option<File> {
    let draft = format!("{name}.{:x}", super::random());
    let written = directory.make_anew(&draft).and_then(|mut file| {
        file.write_all(&fields.encode())?;
        directory.rename(&draft, name)?;
        Ok(file)
    });
    if written.is_err() {
        // A full file system: what is left of it goes.
        let _ = directory.remove(&draft);
    }
    written.ok()
}

/// Reads a record.
pub fn record(directory: &TrustedDir, name: &str) -> Option<Fields> {
    let mut text = Vec::new();
    directory.read(name).ok()?.take(4 << 20).read_to_end(&mut text).ok()?;
    Fields::decode(&text)
}

/// What is known of the project in a folder, by its own files: a hint.
pub fn project_in(folder: &Path) -> Option<String> {
    const LIMIT: u64 = 256 << 10;
    ["PKG-INFO", "setup.cfg", "pyproject.toml", "setup.py"].into_iter().find_map(|name| {
        let mut text = Vec::new();
        super::open_plain(&folder.join(name)).ok()?.take(LIMIT).read_to_end(&mut text).ok()?;
        crate::pip::distribution::name_in(&String::from_utf8_lossy(&text))
    })
}
