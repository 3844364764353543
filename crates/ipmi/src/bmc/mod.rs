//! A modelled baseboard management controller: it answers requests from its
//! state, given the current time, and knows nothing of files, clocks or text.
//!
//! One file per network function holds the commands; each command is a row of
//! its table with the lengths it accepts. A command without a row is answered
//! with C1h, as a controller that does not implement it answers.

pub mod app;
pub mod canned;
pub mod channel;
pub mod chassis;
pub mod dcmi;
pub mod fru_inventory;
pub mod parameters;
pub mod pef;
pub mod sdr_repository;
pub mod sel;
pub mod sensor_event;
pub mod state;
pub mod storage;
pub mod system_info;
mod threshold_event;
pub mod transport;
pub mod user;
pub mod watchdog;

use alloc::vec::Vec;

use crate::{CompletionCode, Map, Request, Response};

pub use canned::{CannedResponse, Pattern};
pub use channel::{Channel, ChannelAccess, SecurityKey};
pub use chassis::{Chassis, Identify};
pub use dcmi::{Dcmi, PowerLimit};
pub use parameters::{Parameter, Parameters};
pub use pef::Pef;
pub use sdr_repository::SdrRepository;
pub use sel::{Sel, SelClock};
pub use sensor_event::{Sensor, SensorKey, ThresholdSet};
pub use state::State;
pub use system_info::SystemInfo;
pub use user::{User, UserAccess, Users};
pub use watchdog::Watchdog;

/// The state of a modelled controller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bmc {
    /// Response data of Get Device ID (IPMI 2.0 section 20.1), 11 or 15 bytes.
    pub device_id: Vec<u8>,
    /// Response data of Get Self Test Results (section 20.4).
    pub self_test: [u8; 2],
    /// Response data of Get Device GUID (section 20.8).
    pub device_guid: Option<[u8; 16]>,
    /// Response data of Get System GUID (section 22.14).
    pub system_guid: Option<[u8; 16]>,
    /// BMC Global Enables (section 22.1).
    pub global_enables: u8,
    /// The watchdog timer (section 27).
    pub watchdog: Watchdog,
    /// System info parameters by number (section 22.14a).
    pub system_info: Map<u8, SystemInfo>,
    /// Chassis state (section 28).
    pub chassis: Chassis,
    /// Event receiver's IPMB address and LUN (section 29.1).
    pub event_receiver: [u8; 2],
    /// Sensors by LUN and number (section 35).
    pub sensors: Map<SensorKey, Sensor>,
    /// Platform event filtering, where supported (section 30).
    pub pef: Option<Pef>,
    /// Data center manageability, where supported (DCMI 1.5).
    pub dcmi: Option<Dcmi>,
    /// FRU inventory images by device id (section 34).
    pub frus: Map<u8, Vec<u8>>,
    /// The sensor data record repository (section 33).
    pub sdr: SdrRepository,
    /// The system event log (section 31).
    pub sel: Sel,
    /// Channels by number (section 6.3), system interface (0Fh) included.
    pub channels: Map<u8, Channel>,
    /// User names, passwords and privileges (section 22.26).
    pub users: Users,
    /// Sessions reported by Get Session Info.
    pub sessions: app::Sessions,
    /// Answers that come before all others: vendor commands, and whatever a
    /// machine is known to answer differently.
    pub responses: Vec<CannedResponse>,
    /// The reservation given out last; the repository and the log share the
    /// count.
    pub reservations: u16,
}

/// Reservations of the repository and of the log, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservations {
    given_out: u16,
    in_force: (Option<u16>, Option<u16>),
}

/// What a command's handler comes to: response data, or a completion code.
pub type Answer = Result<Vec<u8>, CompletionCode>;

/// One request as its handler sees it; the data has a length the row allows.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) lun: u8,
    pub(crate) data: &'a [u8],
    /// Tells the seconds since 1970-01-01 00:00 UTC.
    pub(crate) clock: &'a dyn Fn() -> u64,
}

impl Call<'_> {
    /// The time in seconds since 1970-01-01 00:00 UTC.
    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// The data byte at `index`, zero where the request ends before it.
    pub(crate) fn byte(&self, index: usize) -> u8 {
        self.data.get(index).copied().unwrap_or(0)
    }

    /// The little-endian 16 bits at `index`.
    pub(crate) fn word(&self, index: usize) -> u16 {
        u16::from_le_bytes([self.byte(index), self.byte(index + 1)])
    }

    /// The data from `index` on.
    pub(crate) fn rest(&self, index: usize) -> &[u8] {
        self.data.get(index..).unwrap_or_default()
    }
}

/// A command of a network function.
pub(crate) struct Command {
    cmd: u8,
    shortest: usize,
    longest: usize,
    run: Run,
}

/// What carries out a command.
enum Run {
    /// It changes nothing.
    Reads(fn(&Bmc, Call<'_>) -> Answer),
    /// It changes only what a controller forgets: reservations.
    Passes(fn(&mut Bmc, Call<'_>) -> Answer),
    /// It may change what a [`State`] holds.
    Writes(fn(&mut Bmc, Call<'_>) -> Answer),
}

impl Command {
    /// A command that may change the controller's state; its data is
    /// `shortest..=longest` bytes.
    pub(crate) const fn new(
        cmd: u8,
        shortest: usize,
        longest: usize,
        run: fn(&mut Bmc, Call<'_>) -> Answer,
    ) -> Self {
        Self { cmd, shortest, longest, run: Run::Writes(run) }
    }

    /// A command that changes nothing.
    pub(crate) const fn reading(
        cmd: u8,
        shortest: usize,
        longest: usize,
        run: fn(&Bmc, Call<'_>) -> Answer,
    ) -> Self {
        Self { cmd, shortest, longest, run: Run::Reads(run) }
    }

    /// A command that gives out a reservation. Those last as long as the
    /// controller's process: a client that only wants to read need not write.
    pub(crate) const fn passing(
        cmd: u8,
        shortest: usize,
        longest: usize,
        run: fn(&mut Bmc, Call<'_>) -> Answer,
    ) -> Self {
        Self { cmd, shortest, longest, run: Run::Passes(run) }
    }
}

/// The network function that groups outside IPMI share.
const GROUP_EXTENSION: u8 = 0x2C;

/// Longest data of commands that end in as many bytes as the caller likes.
pub(crate) const ANY_LENGTH: usize = usize::MAX;

impl Bmc {
    /// Answers a request. `now` is in seconds since 1970-01-01 00:00 UTC.
    pub fn answer(&mut self, request: &Request, now: u64) -> Response {
        self.answer_by(request, &|| now)
    }

    /// Answers a request. `clock` tells the seconds since 1970-01-01 00:00 UTC;
    /// few commands look at it.
    pub fn answer_by(&mut self, request: &Request, clock: &dyn Fn() -> u64) -> Response {
        if let Some(canned) = self.responses.iter().find(|canned| canned.request.matches(request)) {
            return canned.response.clone();
        }
        let call = Call { lun: request.lun, data: &request.data, clock };
        match self.execute(request.netfn, request.cmd, call) {
            Ok(data) => Response::ok(data),
            Err(completion) => completion.into(),
        }
    }

    fn execute(&mut self, netfn: u8, cmd: u8, call: Call<'_>) -> Answer {
        let command = command(netfn, cmd, call.data).ok_or(CompletionCode::INVALID_COMMAND)?;
        if call.data.len() < command.shortest || call.data.len() > command.longest {
            return Err(CompletionCode::LENGTH_INVALID);
        }
        match command.run {
            Run::Reads(run) => run(self, call),
            Run::Passes(run) | Run::Writes(run) => run(self, call),
        }
    }

    /// Whether answering `request` may change what a [`State`] holds.
    pub fn may_change(&self, request: &Request) -> bool {
        let writes = command(request.netfn, request.cmd, &request.data)
            .is_some_and(|command| matches!(command.run, Run::Writes(_)));
        writes && !self.responses.iter().any(|canned| canned.request.matches(request))
    }

    /// Puts in force the reservation that the next request for one will be
    /// given. A model that lives for one client program only has to honour what
    /// another one obtained: `ipmitool raw` reserves in one process and reads in
    /// the next.
    pub fn keep_reservation(&mut self) {
        let next = Some(self.reservations.checked_add(1).unwrap_or(1));
        (self.sdr.reservation, self.sel.reservation) = (next, next);
    }

    /// The reservations given out and in force, which no [`State`] holds.
    pub fn reservations(&self) -> Reservations {
        Reservations { given_out: self.reservations, in_force: (self.sdr.reservation, self.sel.reservation) }
    }

    /// Puts reservations in force again.
    pub fn reserve_again(&mut self, reservations: Reservations) {
        self.reservations = reservations.given_out;
        (self.sdr.reservation, self.sel.reservation) = reservations.in_force;
    }

    pub(crate) fn next_reservation(&mut self) -> u16 {
        // Zero is never given out: callers pass it for "no reservation".
        self.reservations = self.reservations.checked_add(1).unwrap_or(1);
        self.reservations
    }
}

/// The command of these codes; a group extension's data says which group.
fn command(netfn: u8, cmd: u8, data: &[u8]) -> Option<&'static Command> {
    let is_of_group = netfn != GROUP_EXTENSION || data.first() == Some(&dcmi::GROUP);
    let commands = if is_of_group { commands_of(netfn) } else { &[] };
    commands.iter().find(|command| command.cmd == cmd)
}

/// The commands of a request network function (IPMI 2.0 table 5-1).
fn commands_of(netfn: u8) -> &'static [Command] {
    match netfn {
        0x00 => chassis::COMMANDS,
        0x04 => sensor_event::COMMANDS,
        0x06 => app::COMMANDS,
        0x0A => storage::COMMANDS,
        0x0C => transport::COMMANDS,
        GROUP_EXTENSION => dcmi::COMMANDS,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_without_a_row_is_invalid_and_a_wrong_length_is_named() {
        let mut bmc = Bmc { device_id: alloc::vec![0x20; 11], ..Bmc::default() };
        let mut completion =
            |netfn, cmd, data: &[u8]| bmc.answer(&Request::new(netfn, cmd, data), 0).completion;
        assert_eq!(completion(0x06, 0x01, &[]), CompletionCode::OK);
        assert_eq!(completion(0x06, 0x01, &[0]), CompletionCode::LENGTH_INVALID);
        assert_eq!(completion(0x06, 0xFF, &[]), CompletionCode::INVALID_COMMAND);
        assert_eq!(completion(0x2E, 0x01, &[]), CompletionCode::INVALID_COMMAND);
    }

    /// Whoever has put back state and reservations has undone a request.
    #[test]
    fn a_request_changes_state_and_reservations_only() {
        let mut bmc = crate::bmc::tests_support::filled();
        bmc.keep_reservation();
        let (before, state, reservations) = (bmc.clone(), bmc.state(), bmc.reservations());
        let mut changes = 0;
        for netfn in [0x00, 0x04, 0x06, 0x0A, 0x0C, GROUP_EXTENSION] {
            for command in commands_of(netfn) {
                for len in command.shortest..=command.longest.min(24) {
                    for fill in [0x00, 0x01, 0x02, 0x0E, 0x7F, 0xDC, 0xFF] {
                        let mut data = alloc::vec![fill; len];
                        if let (GROUP_EXTENSION, Some(group)) = (netfn, data.first_mut()) {
                            *group = dcmi::GROUP;
                        }
                        let request = Request::new(netfn, command.cmd, data);
                        bmc.answer(&request, 1_700_000_000);
                        changes += usize::from(bmc != before);
                        bmc.apply(&state);
                        bmc.reserve_again(reservations);
                        assert_eq!(bmc, before, "{request:02x?}");
                    }
                }
            }
        }
        assert!(changes > 100, "only {changes} requests changed anything");
    }

    /// Every command with every length up to 40 bytes of several fillings, on
    /// an empty and on a filled model, comes to a response.
    #[test]
    fn any_request_has_a_response() {
        for mut bmc in [Bmc::default(), crate::bmc::tests_support::filled()] {
            for netfn in 0..=0x3F {
                for cmd in 0..=0xFF {
                    for len in 0..40usize {
                        for fill in [0x00, 0x01, 0x0E, 0x7F, 0xDC, 0xFF] {
                            let request = Request::new(netfn, cmd, alloc::vec![fill; len]);
                            let response = bmc.answer(&request, 1_700_000_000);
                            assert!(response.data.len() <= 0x110, "{request:?}");
                        }
                    }
                    if commands_of(netfn).is_empty() {
                        break;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests_support {
    use super::*;

    /// A model with something of everything.
    pub(crate) fn filled() -> Bmc {
        let mut bmc = Bmc { device_id: alloc::vec![0x20; 15], pef: Some(Pef::default()), ..Bmc::default() };
        bmc.system_guid = Some([1; 16]);
        bmc.dcmi = Some(Dcmi::default());
        bmc.frus.insert(0, alloc::vec![0x55; 256]);
        bmc.sdr.records =
            alloc::vec![alloc::vec![0x01, 0x00, 0x51, 0x01, 43].into_iter().chain([0; 43]).collect()];
        bmc.sel.capacity = 4;
        bmc.sel.entries.push([1; 16]);
        bmc.sensors.insert(SensorKey { lun: Some(0), number: 1 }, Sensor::default());
        bmc.channels.insert(1, Channel { lan: Some(Parameters::default()), ..Channel::default() });
        bmc.users.max = 10;
        bmc
    }
}
