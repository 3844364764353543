//! What the original asks a BMC before any command: is it a PICMG or a VITA
//! controller, and at which IPMB address does it sit.

use super::commands::vita;
use super::text::SharpHex;
use super::text::completion::completion_name;
use super::{Level, Session};
use crate::log;

/// Network function of the group extensions (IPMI 2.0 table 5-1).
pub const GROUP_EXTENSION: u8 = 0x2C;
/// PICMG's group extension identifier, the first data byte.
pub const PICMG: u8 = 0x00;
/// VITA's.
pub const VITA: u8 = 0x03;
/// Get PICMG Properties / Get VSO Capabilities.
pub const PROPERTIES: u8 = 0x00;
/// Get Address Info (PICMG).
pub const PICMG_ADDRESS_INFO: u8 = 0x01;

impl Session<'_> {
    /// Asks which carrier standard the BMC follows.
    pub fn discover_carrier(&mut self) {
        self.carrier.picmg = self.answers_as_picmg();
        // One excludes the other, so the second is asked only after a no.
        self.carrier.vita = !self.carrier.picmg && self.answers_as_vita();
    }

    /// The IPMB address the addressed controller gives itself; 0 is "unknown".
    pub fn ipmb_address(&mut self) -> u8 {
        match (self.carrier.picmg, self.carrier.vita) {
            (true, _) => self.picmg_address(),
            (false, true) => self.vita_address(),
            (false, false) => 0,
        }
    }

    fn log_probe(&mut self, level: Level, name: &str) {
        let link = &self.link;
        let [my, transit, target] =
            [link.my_addr, link.transit_addr, link.target_addr].map(|addr| SharpHex(addr.into()));
        let line = format!("Running Get {name} my_addr {my}, transit {transit}, target {target}");
        self.console.log_bytes(level, line.as_bytes());
    }

    fn answers_as_picmg(&mut self) -> bool {
        let (level, properties) = self.personality.picmg_probe();
        self.log_probe(level, "PICMG Properties");
        let Some(reply) = self.send(GROUP_EXTENSION, PROPERTIES, &[PICMG]) else {
            self.console.log(level, format_args!("No response from Get PICMG Properties"));
            return false;
        };
        let (major, minor) = (reply.at(1) & 0x0F, reply.at(1) >> 4);
        if !reply.is_ok() {
            let code = reply.completion;
            self.console.log(level, format_args!("Error response {code:#x} from Get PICMG {properties}"));
        } else if reply.len() < 4 {
            log!(self, INFO, "Invalid Get PICMG Properties response length {}", reply.len());
        } else if reply.at(0) != PICMG {
            log!(self, INFO, "Invalid Get PICMG Properties group extension {:#x}", reply.at(0));
        } else if !matches!(major, 2 | 4 | 5) {
            // AdvancedTCA, AdvancedMC, MicroTCA.
            log!(self, INFO, "Unknown PICMG Extension Version {major}.{minor}");
        } else {
            self.console.log(level, format_args!("Discovered PICMG Extension Version {major}.{minor}"));
            return true;
        }
        false
    }

    fn answers_as_vita(&mut self) -> bool {
        self.log_probe(Level::INFO, "VSO Capabilities");
        let Some(reply) = self.send(GROUP_EXTENSION, PROPERTIES, &[VITA]) else {
            log!(self, ERR, "No valid response received");
            return false;
        };
        let (major, minor) = (reply.at(4) & 0x0F, reply.at(4) >> 4);
        match reply.completion {
            0 if reply.len() < 5 => log!(self, INFO, "Invalid response length {}", reply.len()),
            0 if reply.at(0) != VITA => {
                log!(self, INFO, "Invalid group extension {}", SharpHex(reply.at(0).into()));
            }
            0 if reply.at(3) & 0x03 != 0 => log!(self, INFO, "Unknown VSO Standard {}", reply.at(3) & 0x03),
            0 if major != 1 => log!(self, INFO, "Unknown VSO Specification Revision {major}.{minor}"),
            0 => {
                log!(self, INFO, "Discovered VITA 46.11 Revision {major}.{minor}");
                return true;
            }
            0xCC => log!(self, INFO, "Invalid data field received: {}", completion_name(0xCC)),
            code => log!(self, INFO, "Invalid completion code received: {}", completion_name(code)),
        }
        false
    }

    fn picmg_address(&mut self) -> u8 {
        match self.send(GROUP_EXTENSION, PICMG_ADDRESS_INFO, &[PICMG]) {
            Some(reply) if reply.is_ok() => return reply.at(2),
            Some(reply) => {
                let code = reply.completion;
                log!(self, DEBUG, "Get Address Info failed: {code:#x} {}", completion_name(code));
            }
            None => log!(self, DEBUG, "Get Address Info failed: No Response"),
        }
        0
    }

    fn vita_address(&mut self) -> u8 {
        vita::address_info(self, &[]).map_or(0, |reply| reply.at(2))
    }
}
