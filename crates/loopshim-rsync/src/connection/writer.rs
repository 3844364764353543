//! The thread that empties a queue into a descriptor.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rsync_proto::multiplex::{Code, Header};
use rustix::event::{PollFd, PollFlags, poll};

use crate::failure::system_text;

use super::queue::{Queue, Taken};
use super::traffic::Traffic;

/// Most buffers written by one call.
const SLICES_MAX: usize = 64;

/// Starts the thread. `bandwidth` is in bytes a second.
pub(super) fn start(
    queue: Arc<Queue>,
    file: File,
    traffic: Arc<Traffic>,
    bandwidth: Option<u64>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut writer = Writer { queue: &queue, file, traffic: &traffic, pace: bandwidth.map(Pace::new) };
        if let Err(error) = writer.run() {
            queue.break_off(format!("write error: {}", system_text(&error)));
        }
    })
}

struct Writer<'w> {
    queue: &'w Queue,
    file: File,
    traffic: &'w Traffic,
    pace: Option<Pace>,
}

impl Writer<'_> {
    fn run(&mut self) -> io::Result<()> {
        loop {
            // Half the limit leaves time for the bytes to arrive.
            let limit = self.traffic.limit().filter(|_| self.traffic.has_frames());
            let until = limit.map(|limit| self.traffic.last() + limit / 2);
            match self.queue.take(until) {
                Taken::Buffers(buffers) => self.write(buffers)?,
                Taken::Nothing => self.keep_alive()?,
                Taken::End => return Ok(()),
            }
        }
    }

    /// An empty frame tells the peer that we live.
    fn keep_alive(&mut self) -> io::Result<()> {
        let frame = Header { code: Code::Data, length: 0 }.encode();
        self.traffic.note_written(frame.len() as u64);
        self.write_all(&mut [IoSlice::new(&frame)])
    }

    fn write(&mut self, mut buffers: VecDeque<Vec<u8>>) -> io::Result<()> {
        if self.pace.is_some() {
            buffers.iter().try_for_each(|buffer| self.write_slowly(buffer))?;
        } else {
            for buffers in buffers.make_contiguous().chunks(SLICES_MAX) {
                let mut slices: Vec<IoSlice<'_>> =
                    buffers.iter().map(|buffer| IoSlice::new(buffer)).collect();
                self.write_all(&mut slices)?;
            }
        }
        buffers.into_iter().for_each(|buffer| self.queue.give_back(buffer));
        Ok(())
    }

    fn write_slowly(&mut self, buffer: &[u8]) -> io::Result<()> {
        let step = self.pace.as_ref().map_or(buffer.len(), Pace::step).max(1);
        for piece in buffer.chunks(step) {
            self.write_all(&mut [IoSlice::new(piece)])?;
            if let Some(pace) = &mut self.pace {
                pace.wait_after(piece.len());
            }
        }
        Ok(())
    }

    fn write_all(&mut self, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        while !slices.is_empty() {
            match self.file.write_vectored(slices) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut slices, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The descriptor is shared with somebody who wants it so.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], None)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Spreads bytes over time.
struct Pace {
    bytes_a_second: u64,
    /// When all bytes written so far were allowed.
    due: Instant,
}

impl Pace {
    fn new(bytes_a_second: u64) -> Self {
        Self { bytes_a_second: bytes_a_second.max(1), due: Instant::now() }
    }

    /// Bytes written at a time: a tenth of a second's.
    fn step(&self) -> usize {
        (self.bytes_a_second / 10).clamp(512, 32 << 10) as usize
    }

    fn wait_after(&mut self, bytes: usize) {
        let now = Instant::now();
        let cost = Duration::from_secs_f64(bytes as f64 / self.bytes_a_second as f64);
        self.due = self.due.max(now) + cost;
        // Being early is the one thing there is to wait for.
        std::thread::sleep(self.due.saturating_duration_since(now));
    }
}
