//! A BMC in this process, reached as the original reaches one through the
//! kernel (`-I open`): same traces, same left-overs in the receive buffer.

use std::time::{SystemTime, UNIX_EPOCH};

use ipmi::{Bmc, Request, Response};

use super::{Addressing, Transport};
use crate::ipmitool::{Console, Failed, Level, Reply};

/// Send Message (IPMI 2.0 section 22.7): network function and command.
const SEND_MESSAGE: (u8, u8) = (0x06, 0x34);

/// What answers requests in this process: the modelled BMC, or in tests a
/// recorded conversation.
pub trait Controller {
    /// Answers one request; `clock` tells the seconds since 1970.
    fn answer(&mut self, request: &Request, clock: &dyn Fn() -> u64) -> Response;

    /// Takes over what others have changed, before a command begins.
    fn refresh(&mut self) {}

    /// What went wrong beside the answers, to be told once.
    fn complaint(&mut self) -> Option<String> {
        None
    }
}

impl Controller for Bmc {
    fn answer(&mut self, request: &Request, clock: &dyn Fn() -> u64) -> Response {
        self.answer_by(request, clock)
    }
}

/// A controller behind the interface the original calls `open`.
pub struct Model {
    controller: Box<dyn Controller>,
    clock: fn() -> SystemTime,
    next_sequence: u32,
}

impl Model {
    /// A transport to `controller`, which is device 0.
    pub fn new(controller: Box<dyn Controller>, clock: fn() -> SystemTime) -> Self {
        Self { controller, clock, next_sequence: 0 }
    }

    fn answer(&mut self, request: &Request) -> Response {
        let clock = self.clock;
        let now = || clock().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.controller.answer(request, &now)
    }
}

impl Transport for Model {
    fn name(&self) -> &'static str {
        "open"
    }

    fn response_limit(&self) -> Option<u16> {
        Some(35)
    }

    fn request_limit(&self) -> Option<u16> {
        Some(38)
    }

    fn open(&mut self, console: &mut Console<'_>, my_addr: u8) -> Result<(), Failed> {
        console.log(Level::DEBUG, format_args!("Using ipmi device 0"));
        console.log(Level::DEBUG, format_args!("Set IPMB address to 0x{my_addr:x}"));
        Ok(())
    }

    fn exchange(
        &mut self,
        console: &mut Console<'_>,
        verbose: i32,
        addressing: Addressing,
        request: &Request,
        buffer: &mut [u8; Reply::CAPACITY],
    ) -> Option<(u8, usize)> {
        let bridge = Bridge::of(addressing);
        if verbose > 2 {
            trace_request(console, request);
        }
        log_sending(console, addressing, bridge, request);
        let wrapped = (bridge == Bridge::Double).then(|| encapsulate(addressing, request));
        if let (Some(wrapped), true) = (&wrapped, verbose > 4) {
            trace_message(console, "Converting message:\n", request.netfn, request.cmd, &request.data);
            trace_message(console, "Encapsulated message:\n", wrapped.netfn, wrapped.cmd, &wrapped.data);
        }
        let sent = wrapped.as_ref().unwrap_or(request);
        let response = self.answer(sent);
        if let Some(complaint) = self.controller.complaint() {
            console.print_err(format_args!("ipmitool: {complaint}\n"));
        }
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        if addressing.no_answer {
            return None;
        }
        let mut len = place(&response, buffer);
        if verbose > 4 {
            trace_received(console, addressing, bridge, sequence);
            trace_message(console, "", sent.netfn | 1, sent.cmd, &buffer[..len]);
        }
        if has_transit(addressing) {
            len = decapsulate(console, verbose, addressing.transit_addr, buffer, len);
        }
        Some(strip_completion(buffer, len))
    }

    fn refresh(&mut self) {
        self.controller.refresh();
    }

    fn close(&mut self, _console: &mut Console<'_>) {}
}

/// How many controllers forward a request. Unlike [`super::Link`]'s sizes, the
/// kernel interface wraps whenever an intermediate other than ourselves is
/// named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bridge {
    None,
    Single,
    Double,
}

impl Bridge {
    fn of(addressing: Addressing) -> Self {
        if addressing.target_addr == 0 || addressing.target_addr == addressing.my_addr {
            Self::None
        } else if has_transit(addressing) {
            Self::Double
        } else {
            Self::Single
        }
    }
}

fn has_transit(addressing: Addressing) -> bool {
    addressing.transit_addr != 0 && addressing.transit_addr != addressing.my_addr
}

fn log_sending(console: &mut Console<'_>, addressing: Addressing, bridge: Bridge, request: &Request) {
    let Addressing { my_addr, target_addr, target_channel, transit_addr, transit_channel, .. } = addressing;
    let cmd = request.cmd;
    if bridge == Bridge::None {
        return console.log(Level::DEBUG2, format_args!("Sending request 0x{cmd:x} to System Interface"));
    }
    console.log(
        Level::DEBUG,
        format_args!(
            "Sending request 0x{cmd:x} to IPMB target @ 0x{target_addr:x}:0x{target_channel:x} (from 0x{my_addr:x})"
        ),
    );
    if bridge == Bridge::Double {
        let tracked_channel = 0x40 | target_channel;
        console.log(
            Level::DEBUG,
            format_args!(
                "Encapsulating data sent to end target [0x{tracked_channel:02x},0x{target_addr:02x}] \
                 using transit [0x{transit_channel:02x},0x{transit_addr:02x}] from 0x{my_addr:x} "
            ),
        );
    }
}

/// `request` as the Send Message that asks the intermediate to pass it on.
fn encapsulate(addressing: Addressing, request: &Request) -> Request {
    let header = [addressing.target_addr, request.netfn << 2 | request.lun];
    // The requester's address is left for the intermediate to fill in.
    let mut body = vec![0xFF, 0x00, request.cmd];
    body.extend(&request.data);
    let mut data = vec![0x40 | addressing.target_channel];
    data.extend(header);
    data.push(checksum(&header));
    data.extend(&body);
    data.push(checksum(&body));
    let (netfn, cmd) = SEND_MESSAGE;
    Request { netfn, lun: request.lun, cmd, data }
}

/// Two's complement checksum: all bytes and it sum to zero.
fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)).wrapping_neg()
}

/// Puts a response, completion code first, at the start of the receive buffer;
/// its length. Bytes beyond it stay.
fn place(response: &Response, buffer: &mut [u8; Reply::CAPACITY]) -> usize {
    let (completion, room) = buffer.split_at_mut(1);
    completion[0] = response.completion.0;
    let len = response.data.len().min(room.len());
    room[..len].copy_from_slice(&response.data[..len]);
    1 + len
}

/// Takes the inner response out of a successful Send Message response.
fn decapsulate(
    console: &mut Console<'_>,
    verbose: i32,
    transit_addr: u8,
    buffer: &mut [u8; Reply::CAPACITY],
    len: usize,
) -> usize {
    console.log(
        Level::DEBUG,
        format_args!("Decapsulating data received from transit IPMB target @ 0x{transit_addr:x}"),
    );
    if buffer[0] != 0 {
        return len;
    }
    let (netfn, cmd) = (buffer[2] >> 2, buffer[6]);
    buffer.copy_within(7..len.max(7), 0);
    // A response too short to hold an inner one would be of negative length in
    // the original.
    let inner = len.saturating_sub(8);
    if verbose > 4 {
        trace_message(console, "Decapsulated  message:\n", netfn, cmd, &buffer[..inner]);
    }
    inner
}

/// Moves a successful response's data over its completion code, as the
/// original does; an unsuccessful one's stays behind it.
fn strip_completion(buffer: &mut [u8; Reply::CAPACITY], len: usize) -> (u8, usize) {
    let completion = buffer[0];
    let data_len = len.saturating_sub(1);
    if completion == 0 && data_len > 0 {
        buffer.copy_within(1..len, 0);
        buffer[data_len] = 0;
    }
    (completion, data_len)
}

fn trace_request(console: &mut Console<'_>, request: &Request) {
    console.print_err(format_args!("OpenIPMI Request Message Header:\n"));
    console.print_err(format_args!("  netfn     = 0x{:x}\n", request.netfn));
    console.print_err(format_args!("  cmd       = 0x{:x}\n", request.cmd));
    if request.data.is_empty() {
        return;
    }
    let len = request.data.len();
    console.print_err(format_args!("OpenIPMI Request Message Data ({len} bytes)\n"));
    let rows: Vec<String> = request.data.chunks(16).map(|row| hex(row, " ")).collect();
    console.print_err(format_args!("{}\n", rows.join("\n")));
}

/// Where a response came from; the original ends the first line without a
/// newline.
fn trace_received(console: &mut Console<'_>, addressing: Addressing, bridge: Bridge, sequence: u32) {
    let channel = match bridge {
        Bridge::None => 0x0F,
        Bridge::Single => addressing.target_channel & 0x0F,
        Bridge::Double => addressing.transit_channel,
    };
    console.print_err(format_args!("Got message:  type      = 1\n"));
    console.print_err(format_args!("  channel   = 0x{channel:x}\n"));
    console.print_err(format_args!("  msgid     = {sequence}\n"));
}

fn trace_message(console: &mut Console<'_>, heading: &str, netfn: u8, cmd: u8, data: &[u8]) {
    console.print_err(format_args!("{heading}  netfn     = 0x{netfn:x}\n  cmd       = 0x{cmd:x}\n"));
    if !data.is_empty() {
        console.print_err(format_args!("  data_len  = {}\n", data.len()));
        console.print_err(format_args!("  data      = {}\n", hex(data, "")));
    }
}

fn hex(bytes: &[u8], before: &str) -> String {
    bytes.iter().map(|byte| format!("{before}{byte:02x}")).collect()
}
