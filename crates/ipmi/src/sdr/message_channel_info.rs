use alloc::vec::Vec;

use crate::reader::Reader;
use crate::{Bits, Error};

/// One channel of the BMC (IPMI 2.0 section 43.11, bytes 6–13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ChannelUse {
    /// Whether messages can be sent (bit 7).
    pub transmits: bool,
    /// LUN that receives messages (bits 6:4).
    pub receive_lun: Bits<3>,
    /// Channel protocol type (bits 3:0); 0 when the channel is unused.
    pub protocol: Bits<4>,
}

/// BMC message channel info record, type 14h (IPMI 2.0 section 43.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MessageChannelInfo {
    /// Channels 0 to 7.
    pub channels: [ChannelUse; 8],
    /// Messaging interrupt type.
    pub messaging_interrupt: u8,
    /// Event message buffer interrupt type.
    pub event_interrupt: u8,
}

impl MessageChannelInfo {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when it ends within a field.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("BMC message channel info record", bytes);
        let channels = reader.array::<8>()?.map(|byte| ChannelUse {
            transmits: byte & 0x80 != 0,
            receive_lun: Bits::low(byte >> 4),
            protocol: Bits::low(byte),
        });
        let [messaging_interrupt, event_interrupt, _] = reader.array()?;
        Ok(Self { channels, messaging_interrupt, event_interrupt })
    }

    /// The body's bytes, the reserved one zero.
    pub fn encode(&self) -> Vec<u8> {
        let byte = |channel: &ChannelUse| {
            u8::from(channel.transmits) << 7 | channel.receive_lun.get() << 4 | channel.protocol.get()
        };
        let mut bytes: Vec<u8> = self.channels.iter().map(byte).collect();
        bytes.extend([self.messaging_interrupt, self.event_interrupt, 0]);
        bytes
    }
}
