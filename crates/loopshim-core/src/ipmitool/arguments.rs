//! Arguments that several commands take, each with its complaint.

use super::{Failed, Session, number};
use crate::log;

impl Session<'_> {
    /// A channel number: not one of the reserved 0Ch and 0Dh.
    pub fn channel_argument(&mut self, word: &[u8]) -> Result<u8, Failed> {
        match number::to_u8(word) {
            Ok(channel @ (0..=0x0B | 0x0E | 0x0F)) => Ok(channel),
            _ => {
                self.complain("Given Channel number '", word, "' is either invalid or out of range.");
                log!(self, ERR, "Channel number must be from ranges: <0x0..0xB>, <0xE..0xF>");
                Err(Failed)
            }
        }
    }

    /// A user id, 1 to 63.
    pub fn user_argument(&mut self, word: &[u8]) -> Result<u8, Failed> {
        match number::to_u8(word) {
            Ok(user @ 1..=63) => Ok(user),
            _ => {
                self.complain("Given User ID '", word, "' is either invalid or out of range.");
                log!(self, ERR, "User ID is limited to range <1..63>.");
                Err(Failed)
            }
        }
    }

    /// A FRU device id, 0 to 255.
    pub fn fru_argument(&mut self, word: &[u8]) -> Result<u8, Failed> {
        number::to_u8(word)
            .map_err(|_| self.complain("FRU ID '", word, "' is either invalid or out of range."))
    }

    /// A privilege limit: 1 callback to 5 OEM, or 0Fh for no access.
    pub fn privilege_argument(&mut self, word: &[u8]) -> Result<u8, Failed> {
        match number::to_u8(word) {
            Ok(privilege @ (1..=5 | 0x0F)) => Ok(privilege),
            _ => {
                self.complain("Given Privilege Limit '", word, "' is invalid.");
                log!(self, ERR, "Privilege Limit is limited to <0x1..0x5> and <0xF>.");
                Err(Failed)
            }
        }
    }
}
