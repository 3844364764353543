//! How requests reach a BMC: in this process ([`model`]) or over the
//! original's own test socket ([`dummy`]).

pub mod dummy;

use super::{Console, Reply};
use ipmi::Request;

/// A way to a BMC.
pub trait Transport {
    /// The interface's name as given to `-I`.
    fn name(&self) -> &'static str;

    /// Makes the connection. `Err` after logging why.
    fn open(&mut self, console: &mut Console<'_>) -> Result<(), super::Failed>;

    /// Sends one request and receives its response: the completion code, and
    /// the number of data bytes placed at the start of `buffer` (bytes beyond
    /// stay as they were). `None` after logging why.
    fn exchange(
        &mut self,
        console: &mut Console<'_>,
        verbose: i32,
        request: &Request,
        buffer: &mut [u8; Reply::CAPACITY],
    ) -> Option<(u8, usize)>;

    /// Ends the connection.
    fn close(&mut self, console: &mut Console<'_>);
}

/// The BMC a session talks to, and the addressing in force.
pub struct Link {
    transport: Box<dyn Transport>,
    buffer: Box<[u8; Reply::CAPACITY]>,
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
}

impl Link {
    /// A link over `transport`, addressing the local BMC.
    pub fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            transport,
            buffer: Box::new([0; Reply::CAPACITY]),
            my_addr: 0x20,
            target_addr: 0x20,
            target_channel: 0,
            target_lun: 0,
            transit_addr: 0,
            transit_channel: 0,
            target_ipmb_addr: 0,
        }
    }

    /// The interface's name.
    pub fn name(&self) -> &'static str {
        self.transport.name()
    }

    /// Opens the transport.
    pub fn open(&mut self, console: &mut Console<'_>) -> Result<(), super::Failed> {
        self.transport.open(console)
    }

    /// Closes the transport.
    pub fn close(&mut self, console: &mut Console<'_>) {
        self.transport.close(console);
    }

    /// Sends one request and waits for its response.
    pub fn exchange(&mut self, console: &mut Console<'_>, verbose: i32, request: &Request) -> Option<Reply> {
        let (completion, len) = self.transport.exchange(console, verbose, request, &mut self.buffer)?;
        Some(Reply::new(completion, self.buffer.clone(), len))
    }
}
