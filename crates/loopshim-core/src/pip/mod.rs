//! `pip3`: the real pip, one at a time, checked and mended.
//!
//! What changes no environment is executed at once. What does goes through a
//! queue for its environment, is run under watch, verified, cleaned up after
//! and run again where that helps, and only then does the caller see pip's
//! output and status. The parts that decide are pure and lie here; processes,
//! files and clocks are in [`outer`].
//!
//! For programs that look after it: [`outer::status::Report`] says what is going
//! on, [`outer::clean::run`] mends an environment whose directories
//! [`outer::queue::lock_directories`] holds, and [`outer::quarantine`] lists and
//! restores what [`outer::places::Places`] keeps.

pub mod arguments;
pub mod breaker;
pub mod distribution;
pub mod failure;
pub mod fields;
pub mod flow;
pub mod order;
pub mod outer;
pub mod record;
pub mod secrets;
pub mod settings;
pub mod sharing;

use std::fmt::Display;
use std::io::Write;

use crate::{Config, Ending, FindOriginal, World};

use arguments::Command;
use settings::Settings;

/// The command that shows what the stand-in is doing.
const STATUS: &str = "--loopshim-status";

/// Status where there is no pip. Not a shell's 127, which stands for a program
/// that cannot be executed at all.
const NOT_FOUND: u8 = 1;

/// Runs one `pip3` invocation.
pub fn run(world: &mut World, _: &Config, find: FindOriginal) -> Ending {
    let settings = match Settings::read(|name| world.var(name)) {
        Ok(settings) => settings,
        Err(error) => return refuse(world, &error, 1),
    };
    if let Some(ending) = outer::supervisor::answer_front(world, &settings) {
        return ending;
    }
    if world.args.first().is_some_and(|arg| arg == STATUS) {
        return outer::status::show(world, &settings);
    }
    let Some(original) = outer::real::find(world, &settings, find) else {
        let sought = match &settings.real_pip {
            Some(_) => "what LOOPSHIM_REAL_PIP names is not there, or is this program itself",
            None => "there is no pip3 here but this stand-in for it",
        };
        return refuse(world, &sought, NOT_FOUND);
    };
    match arguments::parse(&world.args) {
        Command::PassThrough => Ending::Original(original),
        Command::Change(change) => outer::front::run(world, &settings, original, &change),
    }
}

/// Says why nothing was done.
fn refuse(world: &mut World, reason: &dyn Display, status: u8) -> Ending {
    // A closed standard error loses the text; the status remains.
    let _ = writeln!(world.stderr, "pip3: loopshim: {reason}");
    Ending::Status(status)
}
