//! One file: from the first byte of its data to its name.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rsync_proto::file_list::Entry;
use rsync_proto::item::Basis;
use rsync_proto::sums::Head;

use super::Receiver;
use super::data::{Arrived, BasisFile, Data, Trouble};
use super::placer::{Opening, Output, WHO};
use super::run::{Asked, Run};
use crate::connection::Incoming;
use crate::crossing::Crossing;
use crate::failure::{Failure, Status};
use crate::options::Append;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is there.
    Done,
    /// It is not; of that all has been said.
    Failed,
    /// What came was not it.
    Redo,
}

impl Receiver<'_> {
    /// Takes a file's data and puts it in its place.
    pub(super) fn transfer(
        &mut self,
        input: &mut Incoming,
        entry: &Entry,
        asked: &Asked,
    ) -> Result<Outcome, Failure> {
        let run = self.run;
        let begun = input.data_taken();
        let head = Head::read(input, run.session.checksum.length())?;
        if head != asked.head {
            return Err(Failure::new(Status::Protocol, "the sender answers other sums than were sent"));
        }
        let destination = Arc::clone(&self.placer.destination);
        let name = destination.path(entry);
        let before = self.placer.before(name, asked);
        let is_append = run.options().writing.append != Append::No && !asked.is_second;
        let is_in_place = run.options().writing.inplace;
        let basis_is_output = is_in_place && asked.basis == Basis::Destination;
        let file = if head.count() > 0 { self.placer.open_basis(name, asked) } else { None };
        let basis = BasisFile { file, head, is_output: basis_is_output };
        let prefix = if is_append { head.basis_length() } else { 0 };
        let opening = match is_in_place {
            true => Opening::InPlace { prefix },
            false => self.placer.in_the_making(entry, &before),
        };
        let mut output = self.placer.open_output(entry, name, &before, opening);
        let counts = is_append && run.options().writing.append == Append::Verify;
        // Where a signal ends the run, what came so far is kept if that is wanted.
        if run.options().writing.keeps_partial {
            self.placer.keep_if_interrupted(name, output.as_mut());
        }
        let observer = &run.observer;
        let mut progress = |bytes| observer.progress(entry, bytes, false);
        let (reader, session) = (&mut self.reader, &run.session);
        let data = Data { input: &mut *input, reader, session, progress: &mut progress };
        let writer = output.as_mut().map(Output::writer);
        let arrived = match data.take(writer, &basis, prefix, counts) {
            Ok(arrived) => arrived,
            Err(failure) => {
                self.placer.interrupted(output, name);
                return Err(failure);
            }
        };
        self.count(&arrived, prefix);
        let (data, checksum) = (input.data_taken() - begun, run.session.checksum);
        observer.crossed(Crossing { data, sums: 0, sum: arrived.sum, checksum });
        observer.progress(entry, arrived.length, true);
        let Some(output) = output else { return Ok(Outcome::Failed) };
        match arrived.error {
            None => {}
            Some(Trouble::Write(errno)) => {
                self.placer.keep_or_discard(output, name);
                return Err(Run::cannot_write(&self.placer.tree.shown(name), errno));
            }
            Some(Trouble::Read(errno)) => {
                run.failed(WHO, "read", &self.placer.tree, name, errno);
                self.placer.keep_or_discard(output, name);
                return Ok(Outcome::Failed);
            }
        }
        if !arrived.is_whole {
            return Ok(self.placer.not_verified(output, entry, name, &before, asked));
        }
        let is_done = self.placer.finish(output, entry, name, &before);
        if is_done && asked.basis == Basis::Partial && !run.options().writing.delays_updates {
            self.placer.remove_partial(name);
        }
        Ok(if is_done { Outcome::Done } else { Outcome::Failed })
    }

    /// Counts what arrived; of what is appended to nothing was looked for.
    fn count(&self, arrived: &Arrived, prefix: u64) {
        let counts = &self.run.counts;
        counts.transferred_files.fetch_add(1, Ordering::Relaxed);
        counts.transferred_size.fetch_add(arrived.length, Ordering::Relaxed);
        counts.literal.fetch_add(arrived.literal, Ordering::Relaxed);
        counts.matched.fetch_add(arrived.length.saturating_sub(arrived.literal + prefix), Ordering::Relaxed);
    }
}
