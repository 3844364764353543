//! A FRU inventory device: its size, and reading its bytes (IPMI 2.0 sections
//! 34.1 and 34.2) in the original's request sizes.

use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Failed, Reply, Session};
use crate::{log, out};

const STORAGE: u8 = 0x0A;
const GET_INVENTORY_AREA_INFO: u8 = 0x10;
const READ_DATA: u8 = 0x11;

/// Bytes of an image's common header (FRU Information Storage Definition 1.0
/// section 8).
const COMMON_HEADER: u8 = 8;

/// Below this a refused read is not tried again.
const SMALLEST_READ: u8 = 8;
/// Above this a refused read shrinks by eight bytes, below by one.
const COARSE_READ: u8 = 32;

/// A FRU inventory device behind the controller addressed.
pub(super) struct Device {
    /// FRU device id.
    pub(super) id: u8,
    /// Size of the inventory area in bytes.
    pub(super) size: u16,
    /// Whether offsets and counts are in words of two bytes.
    pub(super) by_words: bool,
    /// Bytes asked for at once; settled by the first read and lowered when the
    /// device refuses.
    max_read: Option<u8>,
    /// The same for writing.
    pub(super) max_write: Option<u8>,
}

/// How many bytes a read asks for at once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// As many as the interface carries.
    Interface,
    /// Twenty, or sixteen from a device accessed by words: internal use areas.
    Section,
}

impl Device {
    /// Asks for the device's inventory area. `Err` after printing why there is
    /// none.
    pub(super) fn open(session: &mut Session<'_>, id: u8) -> Result<Self, Failed> {
        let reply = Self::ask(session, id);
        let device = Self::of_reply(id, &present(session, reply)?);
        let Self { size, by_words, .. } = device;
        let unit = if by_words { "words" } else { "bytes" };
        log!(session, DEBUG, "fru.size = {size} bytes (accessed by {unit})");
        if size == 0 {
            log!(session, ERR, " Invalid FRU size {size}");
            return Err(Failed);
        }
        Ok(device)
    }

    /// Sends Get FRU Inventory Area Info.
    pub(super) fn ask(session: &mut Session<'_>, id: u8) -> Option<Reply> {
        session.send(STORAGE, GET_INVENTORY_AREA_INFO, &[id])
    }

    /// The device a reply to [`Device::ask`] describes; its size may be zero.
    pub(super) fn of_reply(id: u8, reply: &Reply) -> Self {
        let size = u16::from_le_bytes([reply.at(0), reply.at(1)]);
        let by_words = reply.at(2) & 1 != 0;
        Self { id, size, by_words, max_read: None, max_write: None }
    }

    /// Asks for the common header.
    pub(super) fn ask_header(&self, session: &mut Session<'_>) -> Option<Reply> {
        self.request(session, 0, COMMON_HEADER)
    }

    /// Asks once for `count` bytes (not words, whatever the device) at
    /// `offset`, as given.
    pub(super) fn request(&self, session: &mut Session<'_>, offset: u16, count: u8) -> Option<Reply> {
        let [low, high] = offset.to_le_bytes();
        session.send(STORAGE, READ_DATA, &[self.id, low, high, count])
    }

    /// Fills `buffer` with the bytes at `offset`. What lies beyond the device
    /// keeps its value, as does what the device then declines to return. `Err`
    /// after printing why.
    pub(super) fn read(
        &mut self,
        session: &mut Session<'_>,
        offset: u32,
        buffer: &mut [u8],
    ) -> Result<(), Failed> {
        self.read_at(session, Pace::Interface, offset, buffer)
    }

    /// As [`Device::read`], in smaller pieces.
    pub(super) fn read_section(
        &mut self,
        session: &mut Session<'_>,
        offset: u32,
        buffer: &mut [u8],
    ) -> Result<(), Failed> {
        self.read_at(session, Pace::Section, offset, buffer)
    }

    fn read_at(
        &mut self,
        session: &mut Session<'_>,
        pace: Pace,
        offset: u32,
        buffer: &mut [u8],
    ) -> Result<(), Failed> {
        let size = u32::from(self.size);
        if offset > size {
            log!(session, ERR, "Read FRU Area offset incorrect: {offset} > {size}");
            return Err(Failed);
        }
        let wanted = offset + buffer.len() as u32;
        let finish = wanted.min(size);
        if wanted > size {
            // The original means to clear what it cannot fill, counts from the
            // buffer's start, and dies when the buffer is the smaller.
            if let Some(rest) = buffer.get_mut(usize::from(self.size)..) {
                rest.fill(0);
            }
            let left = finish - offset;
            log!(session, NOTICE, "Read FRU Area length {wanted} too large, Adjusting to {left}");
        }
        self.read_within(session, pace, offset, &mut buffer[..(finish - offset) as usize])
    }

    /// Fills `buffer`, all of it inside the device. Even an empty one costs a
    /// request.
    fn read_within(
        &mut self,
        session: &mut Session<'_>,
        pace: Pace,
        offset: u32,
        buffer: &mut [u8],
    ) -> Result<(), Failed> {
        let mut most = match pace {
            Pace::Interface => self.read_size(session)?,
            Pace::Section if self.by_words => 16,
            Pace::Section => 20,
        };
        let mut done = 0;
        loop {
            let left = buffer.len() - done;
            let at = offset + done as u32;
            let address = if self.by_words { at >> 1 } else { at };
            let count = u8::try_from(left).map_or(most, |left| left.min(most));
            let Some(reply) = self.request(session, address as u16, count) else {
                log!(session, NOTICE, "FRU Read failed");
                break;
            };
            if reply.is_ok() {
                let got = self.accept(session, &reply, &mut buffer[done..])?;
                done += got;
                if got == 0 {
                    // The size may have been overstated: what came is enough.
                    return Ok(());
                }
            } else if let Some(smaller) = pace.smaller(most, reply.completion) {
                log!(session, INFO, "Retrying FRU read with request size {smaller}");
                most = smaller;
                if pace == Pace::Interface {
                    self.max_read = Some(smaller);
                }
            } else {
                log!(session, NOTICE, "FRU Read failed: {}", completion_name(reply.completion));
                break;
            }
            if done == buffer.len() {
                break;
            }
        }
        if done < buffer.len() { Err(Failed) } else { Ok(()) }
    }

    /// Copies the bytes of a reply; their number.
    fn accept(&self, session: &mut Session<'_>, reply: &Reply, buffer: &mut [u8]) -> Result<usize, Failed> {
        let got = usize::from(reply.at(0)) << u8::from(self.by_words);
        match (reply.data().get(1..=got), buffer.get_mut(..got)) {
            (Some(from), Some(to)) => to.copy_from_slice(from),
            _ => {
                out!(session, " Not enough buffer size");
                return Err(Failed);
            }
        }
        Ok(got)
    }

    /// `size` less what is no whole word where the device counts in words.
    pub(super) fn whole_units(&self, size: u8) -> u8 {
        if self.by_words { size & !1 } else { size }
    }

    /// Bytes to ask for at once: the longest response on this way, less
    /// completion code and count.
    fn read_size(&mut self, session: &mut Session<'_>) -> Result<u8, Failed> {
        if let Some(size) = self.max_read {
            return Ok(size);
        }
        let data = session.link.max_response_size().wrapping_sub(1);
        if data <= 1 {
            log!(session, ERR, "Maximum response size is too small to send a read request");
            return Err(Failed);
        }
        let size = self.whole_units(u8::try_from(data - 1).unwrap_or(u8::MAX));
        self.max_read = Some(size);
        Ok(size)
    }
}

/// The reply, or `Err` after printing that the device is absent.
pub(super) fn present(session: &mut Session<'_>, reply: Option<Reply>) -> Result<Reply, Failed> {
    match reply {
        Some(reply) if reply.is_ok() => return Ok(reply),
        Some(reply) => out!(session, " Device not present ({})\n", completion_name(reply.completion)),
        None => out!(session, " Device not present (No Response)\n"),
    }
    Err(Failed)
}

/// Whether a completion code says that fewer bytes may be had.
pub(super) fn is_size_refusal(completion: u8) -> bool {
    matches!(completion, 0xC7 | 0xC8 | 0xCA)
}

impl Pace {
    /// The size to try after a refusal, if the refusal was of the size.
    fn smaller(self, size: u8, completion: u8) -> Option<u8> {
        if !is_size_refusal(completion) {
            return None;
        }
        match self {
            Self::Section => Some(size - 1).filter(|&size| size > SMALLEST_READ),
            Self::Interface if size > COARSE_READ => Some(size - 8),
            Self::Interface => Some(size - 1).filter(|&size| size >= SMALLEST_READ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_size_shrinks_to_a_floor() {
        assert_eq!(Pace::Interface.smaller(33, 0xCA), Some(25));
        assert_eq!(Pace::Interface.smaller(32, 0xC8), Some(31));
        assert_eq!(Pace::Interface.smaller(9, 0xC7), Some(8));
        assert_eq!(Pace::Interface.smaller(8, 0xC7), None);
        assert_eq!(Pace::Interface.smaller(33, 0xCB), None);
        assert_eq!(Pace::Section.smaller(10, 0xCA), Some(9));
        assert_eq!(Pace::Section.smaller(9, 0xCA), None);
    }
}
