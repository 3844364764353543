//! The end of a request: what the caller is told, and what is done once it
//! waits no more.

use std::os::unix::process::ExitStatusExt;

use signal_hook::consts::SIGINT;

use super::super::channel::{self, Message};
use super::super::orphans;
use super::Supervisor;
use crate::pip::flow::Answer;

impl Supervisor<'_> {
    pub(super) fn finish(mut self, answer: Answer) {
        match answer {
            Answer::OfPip { failed } => {
                self.make_output_public();
                if !failed {
                    self.leave_answer();
                }
                if !self.flow.was_interrupted() {
                    self.remember(failed);
                }
                self.entry.result = if failed { "failed" } else { "ok" };
                self.release();
                self.tell_pips_answer();
            }
            Answer::Shared => {
                self.entry.result = "shared";
                self.remember(false);
                self.release();
                if let Some(answer) = self.shared.take() {
                    self.tell(&answer.out, &answer.err);
                }
                let _ = Message::Status(0).send(&self.channel);
            }
            Answer::TimedOut => self.end_without_pip("timed-out", Message::Status(1), 1),
            Answer::Signal(signal) => self.end_without_pip("signalled", Message::Signal(signal), -signal),
            Answer::Abandoned => self.end_without_pip("abandoned", Message::Status(1), 1),
        }
        self.keep_house();
    }

    fn end_without_pip(&mut self, result: &'static str, message: Message, status: i32) {
        (self.entry.result, self.entry.status) = (result, status);
        self.release();
        // Nobody may be there to read it.
        let _ = message.send(&self.channel);
    }

    /// Removes the private directory and lets the next one have its turn.
    fn release(&mut self) {
        self.temporary = None;
        self.leave_queue();
    }

    fn tell(&self, out: &[u8], err: &[u8]) {
        // The front may be gone: then nobody wants to know.
        let _ = channel::send_output(&self.channel, out, Message::Out);
        let _ = channel::send_output(&self.channel, err, Message::Err);
    }

    /// Shows what the last run of pip showed, and ends as it did.
    fn tell_pips_answer(&mut self) {
        let Some((out, err, status)) = self.last.take() else { return };
        self.tell(&out, &err);
        let mut end = match (status.code(), status.signal()) {
            (Some(code), _) => Message::Status(code),
            (None, Some(signal)) => Message::Signal(signal),
            (None, None) => Message::Status(1),
        };
        match self.flow.held() {
            // What pip says and does when it is interrupted; only later.
            Some(SIGINT) => {
                let _ = Message::Err(b"ERROR: Operation cancelled by user\n".to_vec()).send(&self.channel);
                end = Message::Status(1);
            }
            Some(signal) => end = Message::Signal(signal),
            None => {}
        }
        self.entry.status = match end {
            Message::Status(status) => status,
            Message::Signal(signal) => -signal,
            _ => 0,
        };
        let _ = end.send(&self.channel);
    }

    /// What the caller need not wait for.
    fn keep_house(&mut self) {
        if let Some(state) = &self.places.state {
            let own = self.folder.as_ref().map(|(folder, _)| folder.as_path());
            let removed = orphans::collect(self.world, self.settings, state, own);
            self.entry
                .notes
                .extend(removed.iter().map(|path| format!("removed the orphan {}", path.display())));
        }
        if let Some(log) = &self.places.log {
            self.entry.write(self.world, log);
        }
    }
}
