//! The queue of one environment, and its locks.
//!
//! A ticket is a file with a number for a name, locked as long as the request
//! lives (see [`order`]). Whoever's turn it is also locks the environment's own
//! directories, for those whose queue is elsewhere: other users, containers that
//! share the directory. All locks are the kernel's and end with their holder;
//! they are handed down to pip, so that a pip whose supervisor was killed still
//! has them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::pip::fields::Fields;
use crate::pip::order::{self, Place};
use crate::trusted::TrustedDir;

/// Held for the moment in which a number is drawn; holds the last one drawn.
const DOOR: &str = "door";
/// A ticket's name: this and the number.
const TICKET: &str = "ticket-";

/// The queue of one environment.
#[derive(Debug, Clone)]
pub struct Queue {
    directory: TrustedDir,
}

/// A place in a queue.
#[derive(Debug)]
pub struct Ticket {
    queue: Queue,
    /// The number.
    pub number: u64,
    file: File,
}

/// Who has a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The number.
    pub number: u64,
    /// The front that waits for it.
    pub pid: u32,
    /// What it was asked to do.
    pub command: String,
    /// When it came, since 1970.
    pub since: Duration,
}

impl Queue {
    /// The queue in a directory of ours.
    pub fn new(directory: TrustedDir) -> Self {
        Self { directory }
    }

    /// Its directory.
    pub fn directory(&self) -> &TrustedDir {
        &self.directory
    }

    /// Draws a number.
    ///
    /// # Errors
    /// When files cannot be made or locked.
    pub fn draw(&self, holder: &Holder) -> io::Result<Ticket> {
        let door = super::patiently(|| self.directory.update(DOOR))?;
        door.lock()?;
        let number = order::next_number(self.last_drawn(), &self.numbers()?);
        let file = super::patiently(|| self.directory.append(&name(number)))?;
        file.lock()?;
        let about = Fields::default()
            .with("pid", holder.pid.to_string())
            .with("command", &holder.command)
            .with("since", holder.since.as_secs().to_string());
        // Who cannot say who it is still waits and is waited for.
        let _ = (&file).write_all(&about.encode());
        // Over what is there, in one write: on a full file system the note stays
        // as it was, or is missing, and the tickets themselves keep the order.
        // Nobody is given an answer by a number that is not noted.
        let _ = door.write_all_at(format!("{number:020}").as_bytes(), 0);
        Ok(Ticket { queue: self.clone(), number, file })
    }

    /// The last number drawn, as the door has it.
    pub fn last_drawn(&self) -> Option<u64> {
        let mut text = String::new();
        self.directory.read(DOOR).ok()?.take(32).read_to_string(&mut text).ok()?;
        text.parse().ok()
    }

    /// The numbers that are waited for: of tickets in the directory.
    fn numbers(&self) -> io::Result<Vec<u64>> {
        Ok(super::patiently(|| self.directory.names())?
            .iter()
            .filter_map(|name| name.strip_prefix(TICKET)?.parse().ok())
            .collect())
    }

    /// Who is in the queue, first the one whose turn it is.
    pub fn holders(&self) -> Vec<Holder> {
        let mut numbers = self.numbers().unwrap_or_default();
        numbers.sort_unstable();
        numbers.into_iter().filter_map(|number| self.holder(number)).collect()
    }

    /// The place of that number, whose file another process has handed down.
    pub fn taken_over(&self, number: u64, file: File) -> Ticket {
        Ticket { queue: self.clone(), number, file }
    }

    /// Whether whoever has drawn this number still has it; also where that cannot
    /// be found out.
    pub fn is_taken(&self, number: u64) -> bool {
        match self.directory.read(&name(number)) {
            Ok(file) => file.try_lock_shared().is_err(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    fn holder(&self, number: u64) -> Option<Holder> {
        let file = self.directory.read(&name(number)).ok()?;
        if file.try_lock_shared().is_ok() { None } else { Holder::in_ticket(number, &file) }
    }
}

impl Holder {
    /// Who a ticket says has it.
    fn in_ticket(number: u64, file: &File) -> Option<Self> {
        let mut text = Vec::new();
        file.take(64 << 10).read_to_end(&mut text).ok()?;
        let fields = Fields::decode(&text)?;
        Some(Self {
            number,
            pid: fields.number("pid")? as u32,
            command: fields.text("command")?.to_owned(),
            since: Duration::from_secs(fields.number("since")?),
        })
    }
}

impl Ticket {
    /// Waits until it is this one's turn; who died on the way here, right before.
    ///
    /// # Errors
    /// When the directory cannot be read any more.
    pub fn wait(&self) -> io::Result<Vec<Holder>> {
        let mut dead = Vec::new();
        loop {
            let number = match order::place(&self.queue.numbers()?, self.number) {
                Place::First => return Ok(dead),
                Place::Behind(number) => number,
            };
            let before = name(number);
            match super::patiently(|| self.queue.directory.read(&before)) {
                Ok(file) => {
                    // The kernel wakes us when its last holder is gone.
                    file.lock_shared()?;
                    match self.queue.directory.remove(&before) {
                        Ok(()) => dead.extend(Holder::in_ticket(number, &file)),
                        // Who left in good order took it along.
                        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                        Err(error) => return Err(error),
                    }
                }
                // It went in the moment between.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The lock, to be handed down.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Leaves the queue.
    pub fn leave(self) {
        // Where it cannot be removed, the next one removes it.
        let _ = self.queue.directory.remove(&name(self.number));
    }
}

fn name(number: u64) -> String {
    format!("{TICKET}{number}")
}

/// Locks directories themselves, in the order given: those that are there.
/// Blocks until all are had.
///
/// # Errors
/// When there is a lasting want of files.
pub fn lock_directories(paths: &[PathBuf]) -> io::Result<Vec<File>> {
    let mut locked = Vec::new();
    for path in paths {
        match super::patiently(|| File::open(path)) {
            // A file system without locks leaves us with the queue.
            Ok(file) => locked.extend(file.lock().ok().map(|()| file)),
            Err(error) if super::is_shortage(&error) => return Err(error),
            // Not there, or not ours to read: then pip cannot change it either.
            Err(_) => {}
        }
    }
    Ok(locked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread;

    fn holder() -> Holder {
        Holder { number: 0, pid: 1, command: "pip3 install x".into(), since: Duration::ZERO }
    }

    fn queue(folder: &std::path::Path) -> Queue {
        let mut world = crate::World::of_this_process();
        world.root = folder.to_owned();
        Queue::new(TrustedDir::open_or_make(&world, "/queue", 0o700).expect("a directory"))
    }

    #[test]
    fn turns_come_in_the_order_of_arrival_even_past_the_dead() {
        let folder = std::env::temp_dir().join(format!("loopshim-queue-{}", super::super::random()));
        std::fs::create_dir(&folder).expect("a folder");
        let queue = queue(&folder);
        let first = queue.draw(&holder()).expect("a ticket");
        first.wait().expect("its turn");
        let (sender, turns) = mpsc::channel();
        let mut waiters = Vec::new();
        for _ in 0..8 {
            let ticket = queue.draw(&holder()).expect("a ticket");
            if ticket.number == 4 {
                // Dies in the queue: its lock ends, its file stays.
                drop(ticket);
                continue;
            }
            let sender = sender.clone();
            waiters.push(thread::spawn(move || {
                let dead = ticket.wait().expect("its turn");
                assert_eq!(
                    dead.iter().map(|holder| holder.number).collect::<Vec<_>>(),
                    if ticket.number == 5 { vec![4] } else { vec![] }
                );
                sender.send(ticket.number).expect("sent");
                ticket.leave();
            }));
        }
        assert_eq!(queue.holders().len(), 8);
        assert_eq!(queue.holders()[0].command, "pip3 install x");
        assert!(turns.recv_timeout(Duration::from_millis(50)).is_err(), "a turn while another has it");
        first.leave();
        let order: Vec<u64> =
            (0..7).map(|_| turns.recv_timeout(Duration::from_secs(10)).expect("a turn")).collect();
        assert_eq!(order, [2, 3, 5, 6, 7, 8, 9]);
        for waiter in waiters {
            waiter.join().expect("no panic");
        }
        assert_eq!(queue.draw(&holder()).expect("a ticket").number, 10);
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
