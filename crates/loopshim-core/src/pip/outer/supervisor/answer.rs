//! The end of a request for which pip was run: what the caller is told, what is
//! left for others, and what is done once the caller waits no more.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use sha2::{Digest, Sha256};
use signal_hook::consts::SIGINT;

use super::super::channel::{self, Message};
use super::super::ledger::{self, Entry};
use super::super::shared::{self, Answer as SharedAnswer};
use super::super::{orphans, request, site, target};
use super::Supervisor;
use crate::pip::flow::Answer;
use crate::pip::sharing::{self, Finished};

impl Supervisor<'_> {
    pub(super) fn finish(mut self, answer: Answer) {
        let end = match answer {
            Answer::OfPip { failed } => {
                self.make_output_public();
                if !failed {
                    self.leave_answer();
                }
                if !self.flow.was_interrupted() {
                    self.request.remember(failed);
                }
                self.request.entry.result = if failed { "failed" } else { "ok" };
                self.end_of_pip()
            }
            Answer::Shared | Answer::TimedOut => {
                self.last = None;
                self.request.entry.result = "not-run";
                Message::Status(1)
            }
        };
        self.request.entry.status = match end {
            Message::Status(status) => status,
            Message::Signal(signal) => -signal,
            _ => 0,
        };
        // Before the next one has its turn, and before the caller can look.
        self.request.write_down();
        self.release();
        self.tell(&end);
        self.remove_orphans();
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

    /// How the caller is to end: as the last run of pip did, or as a signal has it
    /// that came too late for pip.
    fn end_of_pip(&mut self) -> Message {
        let of_status = |status: ExitStatus| match (status.code(), status.signal()) {
            (Some(code), _) => Message::Status(code),
            (None, Some(signal)) => Message::Signal(signal),
            (None, None) => Message::Status(1),
        };
        match (self.flow.held(), &mut self.last) {
            // What pip says and does when it is interrupted; only later.
            (Some(SIGINT), Some((_, err, _))) => {
                err.extend(b"ERROR: Operation cancelled by user\n");
                Message::Status(1)
            }
            (Some(signal), _) => Message::Signal(signal),
            (None, last) => last.as_ref().map_or(Message::Status(1), |(_, _, status)| of_status(*status)),
        }
    }

    /// Shows what the last run of pip showed, and has the front end like this.
    fn tell(&mut self, end: &Message) {
        // The front may be gone: then nobody wants to know.
        if let Some((out, err, _)) = self.last.take() {
            let _ = channel::send_output(io::stdin(), &out, Message::Out);
            let _ = channel::send_output(io::stdin(), &err, Message::Err);
        }
        let _ = end.send(io::stdin());
    }

    /// Leaves the answer for identical requests that are already waiting. The
    /// output has lost its private names by now.
    fn leave_answer(&self) {
        let request = &self.request;
        let (Some(queue), Some(ticket)) = (&request.queue, &self.turn.ticket) else { return };
        let (Some(likeness), Some((folder, Some(digests))), [installed], Some((out, err, _))) =
            (&request.likeness, &request.folder, self.changed.as_slice(), &self.last)
        else {
            return;
        };
        let (Some(last_ticket), false) = (queue.last_drawn(), request::is_terminal()) else { return };
        if last_ticket <= ticket.number {
            // Nobody waits.
            return;
        }
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

    /// Cleans up after earlier requests, which the caller need not wait for, and
    /// adds a line of its own to the ledger where something was removed.
    fn remove_orphans(&mut self) {
        let request = &mut self.request;
        let Some(state) = &request.places.state else { return };
        let own = request.folder.as_ref().map(|(folder, _)| folder.as_path());
        let removed = orphans::collect(request.world, request.settings, state, own);
        if removed.is_empty() {
            return;
        }
        let notes = removed.iter().map(|path| format!("removed the orphan {}", path.display())).collect();
        let (time, site) = (request.entry.time, request.entry.site.take());
        request.entry = Entry { time, site, notes, result: ledger::CLEANED, ..Entry::default() };
        request.write_down();
    }
}
