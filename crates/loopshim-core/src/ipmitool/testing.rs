//! What unit tests of commands share: a BMC in memory, and a run of one command
//! on it.

use std::cell::RefCell;
use std::rc::Rc;

use ipmi::Request;

use super::transport::{Addressing, Transport};
use super::{Arg, Console, Failed, Outcome, Personality, Reply, Session};

/// The versions stood in for.
pub(crate) const OLD: Personality = Personality::V1_8_18El8;
/// See [`OLD`].
pub(crate) const NEW: Personality = Personality::V1_8_19Deb12;

/// A completion code and data, or no answer at all.
pub(crate) type Answer = Option<(u8, Vec<u8>)>;

/// A BMC that a test makes up. Clones are the same one to those who ask what it
/// was asked.
pub(crate) trait Fake: Clone + 'static {
    /// Answers one request.
    fn answer(&self, request: &Request) -> Answer;

    /// Where requests are noted, if the test wants to see them.
    fn requests(&self) -> Option<Rc<RefCell<Vec<Request>>>> {
        None
    }

    /// Runs `command` on this BMC.
    fn run_command(
        &self,
        personality: Personality,
        verbose: i32,
        set_up: impl FnOnce(&mut Session<'_>),
        command: fn(&mut Session<'_>, &[Arg]) -> Outcome,
        args: &[&str],
    ) -> Ran {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut stdout, false, &mut stderr);
        console.open_log(verbose);
        let mut session = Session::new(console, personality, Box::new(Memory(self.clone())));
        session.verbose = verbose;
        set_up(&mut session);
        let args: Vec<Arg> = args.iter().map(|arg| arg.as_bytes().to_vec()).collect();
        let outcome = command(&mut session, &args);
        session.console.flush();
        drop(session);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&stdout), text(&stderr), outcome.is_ok())
    }
}

impl<F: Fn(&Request) -> Answer + Clone + 'static> Fake for F {
    fn answer(&self, request: &Request) -> Answer {
        self(request)
    }
}

/// Standard output, standard error, and whether the command succeeded.
pub(crate) type Ran = (String, String, bool);

/// The way to a [`Fake`].
struct Memory<F>(F);

impl<F: Fake> Transport for Memory<F> {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn open(&mut self, _console: &mut Console<'_>, _my_addr: u8) -> Result<(), Failed> {
        Ok(())
    }

    fn exchange(
        &mut self,
        _console: &mut Console<'_>,
        _verbose: i32,
        _addressing: Addressing,
        request: &Request,
        buffer: &mut [u8; Reply::CAPACITY],
    ) -> Option<(u8, usize)> {
        if let Some(requests) = self.0.requests() {
            requests.borrow_mut().push(request.clone());
        }
        let (completion, data) = self.0.answer(request)?;
        buffer[..data.len()].copy_from_slice(&data);
        Some((completion, data.len()))
    }

    fn close(&mut self, _console: &mut Console<'_>) {}
}
