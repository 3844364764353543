//! The end of a request for which pip was run: what the caller is told, what is
//! left for others, and what is done once the caller waits no more.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;

use sha2::{Digest, Sha256};
use signal_hook::consts::SIGINT;

use super::super::channel::{self, Message};
use super::super::shared::{self, Answer as SharedAnswer};
use super::super::{orphans, request, site, target};
use super::Supervisor;
use crate::pip::flow::Answer;
use crate::pip::sharing::{self, Finished};

impl Supervisor<'_> {
    pub(super) fn finish(mut self, answer: Answer) {
        match answer {
            Answer::OfPip { failed } => {
                self.make_output_public();
                if !failed {
                    self.leave_answer();
                }
                if !self.flow.was_interrupted() {
                    self.request.remember(failed);
                }
                self.request.entry.result = if failed { "failed" } else { "ok" };
                self.release();
                self.tell_pips_answer();
            }
            Answer::Shared | Answer::TimedOut => {
                (self.request.entry.result, self.request.entry.status) = ("not-run", 1);
                self.release();
                let _ = Message::Status(1).send(io::stdin());
            }
        }
        self.keep_house();
    }

    /// Removes the private directory, lets the next one have its turn, and the
    /// caller's streams go: whoever reads them waits for their last holder.
    fn release(&mut self) {
        self.temporary = None;
        std::mem::take(&mut self.turn).leave();
        // Where it cannot be, they go with this process.
        let _ = rustix::stdio::dup2_stdout(io::stdin());
        let _ = rustix::stdio::dup2_stderr(io::stdin());
    }

    /// Shows what the last run of pip showed, and ends as it did.
    fn tell_pips_answer(&mut self) {
        let Some((out, err, status)) = self.last.take() else { return };
        // The front may be gone: then nobody wants to know.
        let _ = channel::send_output(io::stdin(), &out, Message::Out);
        let _ = channel::send_output(io::stdin(), &err, Message::Err);
        let mut end = match (status.code(), status.signal()) {
            (Some(code), _) => Message::Status(code),
            (None, Some(signal)) => Message::Signal(signal),
            (None, None) => Message::Status(1),
        };
        match self.flow.held() {
            // What pip says and does when it is interrupted; only later.
            Some(SIGINT) => {
                let cancelled = b"ERROR: Operation cancelled by user\n".to_vec();
                let _ = Message::Err(cancelled).send(io::stdin());
                end = Message::Status(1);
            }
            Some(signal) => end = Message::Signal(signal),
            None => {}
        }
        self.request.entry.status = match end {
            Message::Status(status) => status,
            Message::Signal(signal) => -signal,
            _ => 0,
        };
        let _ = end.send(io::stdin());
    }

    /// Leaves the answer for identical requests that are already waiting. The
    /// output has lost its private names by now.
    fn leave_answer(&self) {
        let request = &self.request;
        let Some(queue) = &request.queue else { return };
        let (Some(likeness), Some((folder, Some(digests))), [installed], Some((out, err, _))) =
            (&request.likeness, &request.folder, self.changed.as_slice(), &self.last)
        else {
            return;
        };
        let (Some(last_ticket), false) = (queue.last_drawn(), request::is_terminal()) else { return };
        let Some(record) = site::read(&installed.path.join("RECORD")) else { return };
        let answer = SharedAnswer {
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
    fn make_output_public(&mut self) {
        let (Some(temporary), Some((out, err, _))) = (&self.temporary, &mut self.last) else { return };
        let (private, public) = (temporary.path().as_os_str(), temporary.parent().as_os_str());
        for stream in [out, err] {
            *stream = sharing::replace(stream, private.as_bytes(), public.as_bytes());
        }
    }

    /// What the caller need not wait for.
    fn keep_house(&mut self) {
        let request = &mut self.request;
        if let Some(state) = &request.places.state {
            let own = request.folder.as_ref().map(|(folder, _)| folder.as_path());
            let removed = orphans::collect(request.world, request.settings, state, own);
            let note = |path: &std::path::PathBuf| format!("removed the orphan {}", path.display());
            request.entry.notes.extend(removed.iter().map(note));
        }
        request.write_down();
    }
}
