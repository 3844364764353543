//! The common header of a FRU image (FRU Information Storage Definition 1.0
//! section 8).

use super::device::{Device, present};
use crate::ipmitool::{Reply, Session};
use crate::log;

/// A common header, as it is in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header(pub(super) [u8; 8]);

/// Why a header cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The device would not return it.
    Absent,
    /// It is of another format version.
    Version,
}

impl Header {
    /// The header in the reply to a read.
    pub(super) fn of_reply(reply: &Reply) -> Self {
        Self(std::array::from_fn(|at| reply.at(1 + at)))
    }

    /// Reads the header of `device`; the original's log of it with `-vv`.
    /// `Err` after printing why not.
    pub(super) fn read(session: &mut Session<'_>, device: &Device) -> Result<Self, Refusal> {
        let reply = device.ask_header(session);
        let reply = present(session, reply).map_err(|_| Refusal::Absent)?;
        if session.verbose > 1 {
            session.dump("FRU DATA", reply.data());
        }
        let header = Self::of_reply(&reply);
        let version = header.version();
        if version != 1 {
            log!(session, ERR, " Unknown FRU header version 0x{version:02x}");
            return Err(Refusal::Version);
        }
        log!(session, DEBUG, "fru.header.version:         0x{version:x}");
        log!(session, DEBUG, "fru.header.offset.internal: 0x{:x}", header.internal_use());
        log!(session, DEBUG, "fru.header.offset.chassis:  0x{:x}", header.chassis());
        log!(session, DEBUG, "fru.header.offset.board:    0x{:x}", header.board());
        log!(session, DEBUG, "fru.header.offset.product:  0x{:x}", header.product());
        log!(session, DEBUG, "fru.header.offset.multi:    0x{:x}", header.multirecord());
        Ok(header)
    }

    /// Format version; 1 is the one there is.
    pub(super) fn version(&self) -> u8 {
        self.0[0]
    }

    /// Whether all bytes add up to zero.
    pub(super) fn is_sound(&self) -> bool {
        self.0.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) == 0
    }

    /// Offset of the internal use area in bytes; zero is none.
    pub(super) fn internal_use(&self) -> u32 {
        self.offset(1)
    }

    /// Offset of the chassis area in bytes; zero is none.
    pub(super) fn chassis(&self) -> u32 {
        self.offset(2)
    }

    /// Offset of the board area in bytes; zero is none.
    pub(super) fn board(&self) -> u32 {
        self.offset(3)
    }

    /// Offset of the product area in bytes; zero is none.
    pub(super) fn product(&self) -> u32 {
        self.offset(4)
    }

    /// Offset of the multirecord area in bytes; zero is none.
    pub(super) fn multirecord(&self) -> u32 {
        self.offset(5)
    }

    fn offset(&self, at: usize) -> u32 {
        u32::from(self.0[at]) * 8
    }
}
