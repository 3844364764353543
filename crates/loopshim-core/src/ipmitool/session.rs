//! What every command is given: where to print, whom to ask, and how.

use std::io::Read;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use super::commands::sel::OemMessages;
use super::help::Help;
use super::interface::Kind;
use super::locale::Environment;
use super::oem::Carrier;
use super::sdr_repository::SdrRepository;
use super::text::completion::completion_name;
use super::text::manufacturers::Manufacturers;
use super::time::Times;
use super::transport::{Link, Transport};
use super::{Console, Level, Personality, password};

/// One command-line argument: bytes, as the kernel passed them.
pub type Arg = Vec<u8>;

/// The command failed and has said why; the process exits with status 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed;

/// How a command ended. The original knows only these two (status 0 and 1).
pub type Outcome = Result<(), Failed>;

/// One run of one command.
pub struct Session<'w> {
    /// Standard output and the log.
    pub console: Console<'w>,
    /// Standard input, for `shell` and secrets.
    pub stdin: Option<&'w mut dyn Read>,
    /// Whether standard input is a terminal, which shows what is typed.
    pub stdin_is_terminal: fn() -> bool,
    /// Where this program's file is linked, if it prints to a terminal: beside it
    /// there may be a line editor.
    pub terminal_program: Option<PathBuf>,
    /// The version being stood in for.
    pub personality: Personality,
    /// Number of `-v`.
    pub verbose: i32,
    /// `-c`: comma-separated output where the command has it.
    pub csv: bool,
    /// The interface in use, as selected by name.
    pub interface: Kind,
    /// `-o`: name of the OEM type in force.
    pub oem: Option<&'static str>,
    /// `-O`: descriptions of OEM records.
    pub sel_oem: OemMessages,
    /// Where manufacturer names come from.
    pub manufacturers: Manufacturers,
    /// Set when a sub-command turns out not to be reproduced.
    pub met_unmodelled: bool,
    /// The BMC and how it is addressed.
    pub link: Link,
    /// Sensor data records read so far.
    pub sdr: SdrRepository,
    /// What the start of the session found out about the BMC.
    pub carrier: Carrier,
    /// Waits, where the original sleeps.
    pub pause: fn(Duration),
    /// The controlling terminal, where secrets are asked for.
    pub terminal: PathBuf,
    /// Whether the users' table has its title already.
    pub users_titled: bool,
    /// Whether the BMC has refused to hear of changes of boot options.
    pub boot_progress_refused: bool,
    /// Whether `pef` has printed a field that the next one goes on the line of.
    pub pef_line_begun: bool,
    /// Whether the last command ended with [`Session::positive`].
    pub was_positive: bool,
    /// Whether `sunoem led` has failed to read a lamp, and to set one.
    pub sun_leds_failed: [bool; 2],
    /// The current time.
    pub clock: fn() -> SystemTime,
    /// How times are printed, in which zone and locale.
    pub times: Times,
}

impl Session<'_> {
    /// Runs `work` as if `-v` had been given that many times: some commands
    /// print in full whatever was asked, and the test socket's traces follow.
    pub fn with_verbosity<T>(&mut self, verbose: i32, work: impl FnOnce(&mut Self) -> T) -> T {
        let given = std::mem::replace(&mut self.verbose, verbose);
        let result = work(self);
        self.verbose = given;
        result
    }

    /// Sends a request to LUN 0 and waits for the answer; `None` when the
    /// transport failed (it has logged why, as the original's interface does).
    pub fn send(&mut self, netfn: u8, cmd: u8, data: &[u8]) -> Option<Reply> {
        self.send_lun(netfn, 0, cmd, data)
    }

    /// Sends a request to a given LUN.
    pub fn send_lun(&mut self, netfn: u8, lun: u8, cmd: u8, data: &[u8]) -> Option<Reply> {
        let request = ipmi::Request { netfn, lun, cmd, data: data.to_vec() };
        self.link.exchange(&mut self.console, self.verbose, &request)
    }

    /// Shows bytes on standard error, sixteen a line, under a headline; only
    /// with `-v`, and nothing for no bytes.
    pub fn dump(&mut self, headline: &str, bytes: &[u8]) {
        if self.verbose < 1 || bytes.is_empty() {
            return;
        }
        let mut text = format!("{headline} ({} bytes)\n", bytes.len());
        for (index, line) in bytes.chunks(16).enumerate() {
            text.push_str(if index > 0 { "\n" } else { "" });
            text.extend(line.iter().map(|byte| format!(" {byte:02x}")));
        }
        self.console.print_err(format_args!("{text}\n"));
    }

    /// Sends a request whose failure ends the command. `silence` is logged when
    /// no response comes, `refusal` (with the completion code in words) when
    /// the BMC refuses.
    pub fn ask(
        &mut self,
        (netfn, cmd): (u8, u8),
        data: &[u8],
        silence: &str,
        refusal: &str,
    ) -> Result<Reply, Failed> {
        let Some(reply) = self.send(netfn, cmd, data) else {
            self.console.log_bytes(Level::ERR, silence.as_bytes());
            return Err(Failed);
        };
        if !reply.is_ok() {
            let words = completion_name(reply.completion);
            self.console.log(Level::ERR, format_args!("{refusal}: {words}"));
            return Err(Failed);
        }
        Ok(reply)
    }

    /// Asks for a secret without showing it.
    pub fn ask_secret(&mut self, prompt: &str) -> Arg {
        match &mut self.stdin {
            Some(stdin) => password::ask(&self.terminal, &mut **stdin, &mut self.console, prompt),
            None => Arg::new(),
        }
    }

    /// Shows help, each line an entry of the log.
    pub fn help(&mut self, help: Help) {
        self.help_at(Level::NOTICE, help);
    }

    /// Shows help at a level.
    pub fn help_at(&mut self, level: Level, help: Help) {
        help.text().split('\n').for_each(|line| self.console.log_bytes(level, line.as_bytes()));
    }

    /// Logs help as one entry, which the original's buffer cuts short.
    pub fn help_at_once(&mut self, help: Help) {
        self.console.log_bytes(Level::NOTICE, help.text().as_bytes());
    }

    /// Shows help that was asked for.
    pub fn explain(&mut self, help: Help) -> Outcome {
        self.help(help);
        Ok(())
    }

    /// Shows help that was not.
    pub fn misused(&mut self, help: Help) -> Outcome {
        self.help(help);
        Err(Failed)
    }

    /// Logs an error about something the caller typed.
    pub fn complain(&mut self, before: &str, typed: &[u8], after: &str) -> Failed {
        let line = [before.as_bytes(), typed, after.as_bytes()].concat();
        self.console.log_bytes(Level::ERR, &line);
        Failed
    }

    /// An outcome that is a positive number to the original: no failure, but in
    /// a file of commands it takes the place of an earlier one.
    pub fn positive(&mut self) -> Outcome {
        self.was_positive = true;
        Ok(())
    }

    /// The outcome of a sub-command the original has and we do not: it goes the
    /// way of unmodelled commands instead of failing for good. To be returned
    /// before anything is sent or printed.
    pub fn unmodelled(&mut self) -> Outcome {
        self.met_unmodelled = true;
        Err(Failed)
    }
}

/// A response, in the buffer the original would have it in.
///
/// The original receives into one static buffer and seldom looks at the length:
/// where a response is shorter than expected it prints what an earlier response
/// left there. [`Reply::at`] sees those bytes too; [`Reply::data`] does not.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Completion code; zero is success.
    pub completion: u8,
    buffer: Rc<[u8; Self::CAPACITY]>,
    len: usize,
}

impl Reply {
    /// Size of the original's receive buffer (`IPMI_BUF_SIZE`).
    pub const CAPACITY: usize = 1024;

    /// A reply over a receive buffer of which the first `len` bytes are new.
    pub fn new(completion: u8, buffer: Rc<[u8; Self::CAPACITY]>, len: usize) -> Self {
        Self { completion, buffer, len: len.min(Self::CAPACITY) }
    }

    /// Whether the command completed normally.
    pub fn is_ok(&self) -> bool {
        self.completion == 0
    }

    /// The data that arrived with this response.
    pub fn data(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    /// Number of data bytes that arrived.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a response is asked for its length, never for emptiness"
    )]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The byte at `index` of the receive buffer, new or left over.
    pub fn at(&self, index: usize) -> u8 {
        self.buffer.get(index).copied().unwrap_or(0)
    }

    /// The whole receive buffer, left-over bytes included.
    pub fn buffer(&self) -> &[u8; Self::CAPACITY] {
        &self.buffer
    }
}

impl<'w> Session<'w> {
    /// A session over `transport` with nothing addressed yet.
    pub fn new(console: Console<'w>, personality: Personality, transport: Box<dyn Transport>) -> Self {
        Self {
            console,
            stdin: None,
            stdin_is_terminal: || false,
            terminal_program: None,
            personality,
            verbose: 0,
            csv: false,
            interface: Kind::Open,
            oem: None,
            sel_oem: OemMessages::default(),
            manufacturers: Manufacturers::BuiltIn,
            met_unmodelled: false,
            link: Link::new(transport),
            sdr: SdrRepository::default(),
            carrier: Carrier::default(),
            pause: std::thread::sleep,
            terminal: PathBuf::new(),
            users_titled: false,
            boot_progress_refused: false,
            pef_line_begun: false,
            was_positive: false,
            sun_leds_failed: [false; 2],
            clock: SystemTime::now,
            times: Times::new(personality, Environment::default()),
        }
    }
}
