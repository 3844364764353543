//! Sharing: taking the answer of the run before, and leaving one.

use std::os::unix::ffi::OsStrExt;

use sha2::{Digest, Sha256};

use super::super::shared::{self, Answer};
use super::super::{random, site, target, tree};
use super::Supervisor;
use crate::pip::flow::{Action, Event};
use crate::pip::sharing::{self, Finished, Now, Request};

impl Supervisor<'_> {
    /// Sees whether the answer of the run before is this one's too.
    pub(super) fn examine(&mut self) -> Action {
        let shared = self.shareable().is_some();
        self.flow.handle(Event::Examined { shared }, random())
    }

    fn shareable(&mut self) -> Option<()> {
        let (folder, digests) = self.folder.as_ref()?;
        let queue = self.queue.as_ref()?;
        let ticket = self.turn.as_ref()?.ticket.as_ref()?.number;
        let likeness = self.likeness.clone()?;
        let answer = shared::load(queue.directory())?;
        let request = Request { likeness: Some(likeness), tree: digests.as_ref()?.all.clone(), ticket };
        // What is cheap to refuse is refused before anything is read again.
        let glance = Now { tree: Some(&request.tree), record: Some(&answer.finished.record) };
        if self.is_terminal() || !sharing::may_share(&request, &answer.finished, glance) {
            return None;
        }
        let tree = tree::digest(folder)?.all;
        let record = site::whole_record(&answer.dist_info)?;
        let now = Now { tree: Some(&tree), record: Some(&record) };
        if !sharing::may_share(&request, &answer.finished, now) {
            return None;
        }
        let here = std::env::current_dir().ok()?;
        let out = sharing::replayed(&answer.out, &answer.folder, folder, &here)?;
        let err = sharing::replayed(&answer.err, &answer.folder, folder, &here)?;
        self.entry.shared_with = Some(answer.pid);
        self.shared = Some(Answer { out, err, ..answer });
        Some(())
    }

    /// Leaves the answer for identical requests that are already waiting. The
    /// output has lost its private names by now.
    pub(super) fn leave_answer(&self) {
        let Some(queue) = &self.queue else { return };
        let (Some(likeness), Some((folder, Some(digests))), [installed], Some((out, err, _))) =
            (&self.likeness, &self.folder, self.changed.as_slice(), &self.last)
        else {
            return;
        };
        let (Some(last_ticket), false) = (queue.last_drawn(), self.is_terminal()) else { return };
        let Some(record) = site::read(&installed.path.join("RECORD")) else { return };
        let answer = Answer {
            finished: Finished {
                likeness: likeness.clone(),
                tree: digests.all.clone(),
                last_ticket,
                record: target::hex(&Sha256::digest(&record)),
            },
            folder: folder.clone(),
            dist_info: installed.path.clone(),
            out: out.clone(),
            err: err.clone(),
            pid: std::process::id(),
        };
        shared::store(queue.directory(), &answer);
    }

    /// Takes the private directory's name out of pip's output: the caller knows
    /// nothing of it.
    pub(super) fn make_output_public(&mut self) {
        let (Some(temporary), Some((out, err, _))) = (&self.temporary, &mut self.last) else { return };
        let (private, public) = (temporary.path().as_os_str(), temporary.parent().as_os_str());
        for stream in [out, err] {
            *stream = sharing::replace(stream, private.as_bytes(), public.as_bytes());
        }
    }
}
