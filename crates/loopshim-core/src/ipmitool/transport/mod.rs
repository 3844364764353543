//! How requests reach a BMC: in this process ([`model`]) or over the
//! original's own test socket ([`dummy`]).

pub mod absent;
pub mod dummy;
pub mod model;

use std::rc::Rc;

use super::{Console, Reply};
use ipmi::Request;

/// A way to a BMC.
pub trait Transport {
    /// The interface's name as given to `-I`.
    fn name(&self) -> &'static str;

    /// Most data bytes (completion code included) a response may carry, where
    /// the interface states a limit: 35 for `open`. Without one the IPMB's
    /// applies.
    fn response_limit(&self) -> Option<u16> {
        None
    }

    /// Most data bytes a request may carry, where the interface states a
    /// limit: 38 for `open`.
    fn request_limit(&self) -> Option<u16> {
        None
    }

    /// Makes the connection, as the controller at `my_addr`. `Err` after
    /// logging why.
    fn open(&mut self, console: &mut Console<'_>, my_addr: u8) -> Result<(), super::Failed>;

    /// Sends one request and receives its response: the completion code, and
    /// the number of data bytes placed at the start of `buffer` (bytes beyond
    /// stay as they were). `None` after logging why.
    fn exchange(
        &mut self,
        console: &mut Console<'_>,
        verbose: i32,
        addressing: Addressing,
        request: &Request,
        buffer: &mut [u8; Reply::CAPACITY],
    ) -> Option<(u8, usize)>;

    /// Looks at what other clients of a controller in this process have changed.
    fn refresh(&mut self) {}

    /// Ends the connection.
    fn close(&mut self, console: &mut Console<'_>);
}

/// IPMB address of every BMC.
const BMC_ADDRESS: u8 = 0x20;

/// From whom, to whom, and through whom a request goes: IPMB addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressing {
    /// Our own address.
    pub my_addr: u8,
    /// The controller that is to execute the request; zero is our own.
    pub target_addr: u8,
    /// Channel of the target.
    pub target_channel: u8,
    /// Intermediate controller for double bridging; zero is none.
    pub transit_addr: u8,
    /// Channel of the intermediate controller.
    pub transit_channel: u8,
    /// Whether to return without waiting for the response (a reset).
    pub no_answer: bool,
}

/// Data bytes in a message of the 32 bytes that IPMB allows.
const IPMB_PAYLOAD: u16 = 25;

/// `size` less what wrapping the message into `level` Send Messages takes.
fn bridged_size(size: u16, level: u8) -> u16 {
    match level {
        0 => size,
        1 => size.saturating_sub(8).min(IPMB_PAYLOAD),
        _ => size.saturating_sub(8).min(IPMB_PAYLOAD).saturating_sub(8),
    }
}

/// The BMC a session talks to, and the addressing in force.
pub struct Link {
    transport: Box<dyn Transport>,
    /// Shared with the replies that are still looked at.
    buffer: Rc<[u8; Reply::CAPACITY]>,
    received: usize,
    /// Our own IPMB address.
    pub my_addr: u8,
    /// IPMB address requests go to.
    pub target_addr: u8,
    /// Channel of the target.
    pub target_channel: u8,
    /// LUN for `raw`.
    pub target_lun: u8,
    /// Intermediate controller for double bridging.
    pub transit_addr: u8,
    /// Channel of the intermediate controller.
    pub transit_channel: u8,
    /// IPMB-0 address of the target, when discovered.
    pub target_ipmb_addr: u8,
    /// Request size given by `-z`, of at least [`Link::max_request_size`]'s default.
    pub long_packet_size: Option<u16>,
    /// Set before a request whose response is not to be waited for: `open`
    /// then returns none (`mc reset cold`).
    pub no_answer: bool,
}

impl Link {
    /// A link over `transport`, addressing the local BMC.
    pub fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            buffer: Rc::new([0; Reply::CAPACITY]),
            received: 0,
            my_addr: BMC_ADDRESS,
            target_addr: BMC_ADDRESS,
            transport,
            target_channel: 0,
            target_lun: 0,
            transit_addr: 0,
            transit_channel: 0,
            target_ipmb_addr: 0,
            long_packet_size: None,
            no_answer: false,
        }
    }

    /// The interface's name.
    pub fn name(&self) -> &'static str {
        self.transport.name()
    }

    /// Number of controllers a request is forwarded by: 0 when the target is
    /// our own address, 2 when there is a separate intermediate.
    pub fn bridging_level(&self) -> u8 {
        if self.target_addr == 0 || self.target_addr == self.my_addr {
            return 0;
        }
        let transit = (self.transit_addr, self.transit_channel);
        if self.transit_addr != 0 && transit != (self.target_addr, self.target_channel) { 2 } else { 1 }
    }

    /// Most data bytes, completion code included, to expect in a response on
    /// the way in force (`ipmi_intf_get_max_response_data_size` in both
    /// versions).
    pub fn max_response_size(&self) -> u16 {
        let level = self.bridging_level();
        let size = self.transport.response_limit().unwrap_or(IPMB_PAYLOAD + if level > 0 { 7 } else { 0 });
        bridged_size(size, level)
    }

    /// Most data bytes to put into a request on the way in force
    /// (`ipmi_intf_get_max_request_data_size`; `-z` overrides the limit).
    pub fn max_request_size(&self) -> u16 {
        let level = self.bridging_level();
        let limit = self.long_packet_size.or_else(|| self.transport.request_limit());
        // The original counts in 16 bits with a sign.
        if limit.is_some_and(|limit| i16::try_from(limit).is_err()) {
            return 0;
        }
        bridged_size(limit.unwrap_or(IPMB_PAYLOAD + if level > 0 { 8 } else { 0 }), level)
    }

    /// Opens the transport.
    pub fn open(&mut self, console: &mut Console<'_>) -> Result<(), super::Failed> {
        self.transport.open(console, self.my_addr)
    }

    /// Another command begins in the same process.
    pub fn refresh(&mut self) {
        self.transport.refresh();
    }

    /// Closes the transport.
    pub fn close(&mut self, console: &mut Console<'_>) {
        self.transport.close(console);
    }

    /// Sends one request and waits for its response.
    pub fn exchange(&mut self, console: &mut Console<'_>, verbose: i32, request: &Request) -> Option<Reply> {
        let addressing = self.addressing();
        let answer =
            self.transport.exchange(console, verbose, addressing, request, Rc::make_mut(&mut self.buffer));
        let (completion, len) = answer?;
        self.received = len;
        Some(Reply::new(completion, Rc::clone(&self.buffer), len))
    }

    fn addressing(&self) -> Addressing {
        Addressing {
            my_addr: self.my_addr,
            target_addr: self.target_addr,
            target_channel: self.target_channel,
            transit_addr: self.transit_addr,
            transit_channel: self.transit_channel,
            no_answer: self.no_answer,
        }
    }

    /// The byte at `index` of the receive buffer as it is now. For where the
    /// original goes on reading a response after it has asked something else,
    /// and finds the later one.
    pub fn received(&self, index: usize) -> u8 {
        self.buffer.get(index).copied().unwrap_or(0)
    }

    /// Number of data bytes of the last response.
    pub fn received_len(&self) -> usize {
        self.received
    }
}
