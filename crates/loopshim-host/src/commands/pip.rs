//! `loopshim pip`: the `pip3` stand-in's own view of things, and its clearing
//! away, without a pip being run.

use std::path::PathBuf;

use loopshim_core::pip::outer::places::Places;
use loopshim_core::pip::outer::{clean, quarantine, queue, status};
use loopshim_core::pip::{distribution, settings::Settings};
use loopshim_core::{Ending, World};
use serde_json::json;

use super::Session;
use crate::cli::{Means, Pip, PipAction, Plan, Selection};
use crate::facts::python::Python;
use crate::output::{Failure, Outcome, Status, print, print_json, say};

/// Runs one of the commands in `world`, which is the stand-in's.
pub(crate) fn run(session: &Session, world: &World, arguments: &Pip) -> Outcome {
    match &arguments.action {
        None | Some(PipAction::Status) => shown(session, world, &[]),
        Some(PipAction::Quarantine { restore: Some(name) }) => {
            session.require_root("pip")?;
            shown(session, world, &["restore", name])
        }
        Some(PipAction::Quarantine { restore: None }) => kept(session, world),
        Some(PipAction::Repair { dry_run: true }) => {
            let selection = Selection { only: vec!["pip-leftovers".to_owned()], ..Selection::default() };
            super::plan::run(
                session,
                &Plan { selection, means: Means::default(), diff: false, detailed_exitcode: false },
            )
        }
        Some(PipAction::Repair { dry_run: false }) => repair(session, world),
    }
}

/// What `pip3 --loopshim-status` says.
fn shown(session: &Session, world: &World, words: &[&str]) -> Outcome {
    let settings =
        Settings::read(|name| world.var(name)).map_err(|error| Failure::usage(error.to_string()))?;
    let mut world = World { root: world.root.clone(), ..World::of_this_process() };
    world.args = ["--loopshim-status"].iter().chain(words).map(Into::into).collect();
    let captured = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    if session.json {
        world.stdout = Box::new(Captured(std::rc::Rc::clone(&captured)));
    }
    let status = match status::show(&mut world, &settings) {
        Ending::Status(status) => Status::Own(status),
        Ending::Original(_) => Status::Failed,
    };
    if session.json {
        let text = String::from_utf8_lossy(&captured.borrow()).into_owned();
        print_json(&json!({"lines": text.lines().collect::<Vec<_>>()}));
    }
    Ok(status)
}

/// Output that is kept.
struct Captured(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl std::io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn kept(session: &Session, world: &World) -> Outcome {
    let places = Places::prepare(world);
    let kept = places.quarantine.as_ref().map(quarantine::list).unwrap_or_default();
    if session.json {
        let one =
            |kept: &quarantine::Kept| json!({"name": kept.name, "origin": kept.origin.display().to_string()});
        print_json(&json!({"quarantine": kept.iter().map(one).collect::<Vec<_>>()}));
        return Ok(Status::Good);
    }
    for kept in &kept {
        print(&format!("{}  {}\n", kept.name, kept.origin.display()));
    }
    print(match kept.len() {
        0 => "Nothing was set aside.\n",
        _ => "`loopshim pip quarantine --restore NAME` puts one back.\n",
    });
    Ok(Status::Good)
}

/// What the stand-in does before each run of pip, under the same locks.
fn repair(session: &Session, world: &World) -> Outcome {
    session.require_root("pip")?;
    let root = &session.machine.root;
    let Some(python) = Python::find(root) else { return Err("there is no Python 3 here".into()) };
    let sites: Vec<PathBuf> = python.sites.iter().map(|site| root.path(site)).collect();
    let names: Vec<String> =
        session.settings.packages.iter().map(|name| distribution::normalised(name)).collect();
    let places = Places::prepare(world);
    let _locks = queue::lock_directories(&sites);
    let repairs = clean::run(world, &places, &sites, &names);
    if session.json {
        let paths =
            |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        print_json(
            &json!({"removed": paths(&repairs.removed), "quarantined": paths(&repairs.quarantined), "refused": repairs.refused}),
        );
    } else {
        repairs.removed.iter().for_each(|path| print(&format!("removed {}\n", path.display())));
        repairs.quarantined.iter().for_each(|path| print(&format!("set aside {}\n", path.display())));
        if repairs.is_empty() {
            print("Nothing to repair.\n");
        }
    }
    repairs.refused.iter().for_each(|why| say(why));
    Ok(if repairs.refused.is_empty() { Status::Good } else { Status::Failed })
}
