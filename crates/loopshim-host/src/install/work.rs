//! What installing and removing have in common: every change of the machine is
//! a step, which is told when it is done, or only told of in a dry run.

use std::io;

use super::layout::Layout;
use super::plan::{Action, Plan};
use super::spot::Spot;
use crate::machine::Machine;
use crate::output::Failure;

/// Work under way on a machine.
pub(super) struct Work<'m> {
    /// The machine.
    pub(super) machine: &'m Machine,
    /// Where things go on it.
    pub(super) layout: &'m Layout,
    /// Whether changes are only told.
    pub(super) dry_run: bool,
    /// Is told each step, in a line.
    pub(super) tell: &'m dyn Fn(&str),
}

impl Work<'_> {
    /// Changes something; between any two steps the machine works as before or
    /// as meant, and another run completes or takes back.
    ///
    /// # Errors
    /// When it cannot be done, with what was tried.
    pub(super) fn step(&self, words: &str, change: impl FnOnce() -> io::Result<()>) -> Result<(), Failure> {
        if self.dry_run {
            (self.tell)(&format!("would {words}"));
            return Ok(());
        }
        change().map_err(|error| format!("could not {words}: {error}"))?;
        (self.tell)(words);
        self.machine.checkpoint();
        Ok(())
    }

    /// Carries out what is planned for a place.
    ///
    /// # Errors
    /// As [`Work::step`].
    pub(super) fn carry_out(&self, spot: &Spot<'_>, plan: &Plan) -> Result<(), Failure> {
        plan.actions.iter().try_for_each(|action| self.act(spot, *action))
    }

    fn act(&self, spot: &Spot<'_>, action: Action) -> Result<(), Failure> {
        if let Some(words) = action.words(&spot.installed) {
            return self.step(&words, || spot.carry_out(action));
        }
        if !self.dry_run {
            spot.carry_out(action)
                .map_err(|error| format!("could not tidy up beside {}: {error}", spot.installed))?;
            self.machine.checkpoint();
        }
        Ok(())
    }

    /// Opens a place.
    ///
    /// # Errors
    /// When its folder cannot be opened.
    pub(super) fn spot(&self, slot: super::layout::Slot) -> Result<Spot<'_>, Failure> {
        let cannot = |error| format!("cannot open {}: {error}", self.layout.folder(slot));
        Ok(Spot::open(self.machine, self.layout, slot).map_err(cannot)?)
    }

    /// A path inside the root as it is seen from outside, for messages.
    pub(super) fn outside(&self, inside: &str) -> String {
        self.machine.root.path(inside).display().to_string()
    }
}
