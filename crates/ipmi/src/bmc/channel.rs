//! Channels (IPMI 2.0 sections 6.3 and 22.13–22.25).

use alloc::vec::Vec;

use super::{Answer, Bmc, Call, Parameters};
use crate::CompletionCode;

/// The channel number that means the one a request came over.
const PRESENT_CHANNEL: u8 = 0x0E;
/// The channel every request of this model comes over.
const SYSTEM_INTERFACE: u8 = 0x0F;
/// Cipher suite bytes per response.
const CIPHER_CHUNK: usize = 16;

/// A channel and what is configured on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Channel {
    /// Medium type (table 6-3): 04h is an 802.3 LAN.
    pub medium: u8,
    /// Protocol type (table 6-2).
    pub protocol: u8,
    /// Session support in bits 6–7, number of active sessions in bits 0–5.
    pub sessions: u8,
    /// Vendor of the protocol.
    pub vendor: [u8; 3],
    /// Auxiliary channel info.
    pub auxiliary: [u8; 2],
    /// Access settings; `None` on a channel that has none.
    pub access: Option<ChannelAccess>,
    /// Response data of Get Channel Authentication Capabilities after the
    /// channel number.
    pub authentication: Option<[u8; 7]>,
    /// Response data of Get Channel Payload Support.
    pub payloads: Option<[u8; 8]>,
    /// Cipher suite records, one after the other.
    pub cipher_suites: Vec<u8>,
    /// LAN configuration parameters, on a LAN channel.
    pub lan: Option<Parameters>,
    /// Serial-over-LAN configuration parameters, on a LAN channel.
    pub sol: Option<Parameters>,
    /// Response data of Get IP/UDP/RMCP Statistics.
    pub ip_statistics: [u8; 18],
    /// The key that authenticates the controller, on a LAN channel.
    pub key: SecurityKey,
}

/// A key of a channel (section 22.25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SecurityKey {
    /// The key; zeros are none.
    pub value: [u8; 20],
    /// It can be neither read nor changed.
    pub locked: bool,
}

/// Access mode and privilege limit: what is in force, and what will be after a
/// reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChannelAccess {
    /// In force.
    pub volatile: [u8; 2],
    /// Stored.
    pub stored: [u8; 2],
}

impl Bmc {
    /// The channel a request means; CCh if there is none.
    pub(crate) fn channel(&self, number: u8) -> Result<(u8, &Channel), CompletionCode> {
        let number = match number & 0x0F {
            PRESENT_CHANNEL => SYSTEM_INTERFACE,
            number => number,
        };
        let channel = self.channels.get(&number).ok_or(CompletionCode::INVALID_FIELD)?;
        Ok((number, channel))
    }

    /// As [`Self::channel`], to be changed.
    pub(crate) fn channel_mut(&mut self, number: u8) -> Result<&mut Channel, CompletionCode> {
        let (number, _) = self.channel(number)?;
        self.channels.get_mut(&number).ok_or(CompletionCode::INVALID_FIELD)
    }

    /// The LAN channel a request means; the channel in use means the first.
    pub(crate) fn lan_channel(&self, number: u8) -> Result<(u8, &Channel), CompletionCode> {
        let number = number & 0x0F;
        self.channels
            .iter()
            .find(|(key, channel)| channel.lan.is_some() && (**key == number || number >= PRESENT_CHANNEL))
            .map(|(key, channel)| (*key, channel))
            .ok_or(CompletionCode::INVALID_FIELD)
    }

    /// As [`Self::lan_channel`], to be changed.
    pub(crate) fn lan_channel_mut(&mut self, number: u8) -> Result<&mut Channel, CompletionCode> {
        let (number, _) = self.lan_channel(number)?;
        self.channels.get_mut(&number).ok_or(CompletionCode::INVALID_FIELD)
    }
}

pub(crate) fn info(bmc: &Bmc, call: Call<'_>) -> Answer {
    let (number, channel) = bmc.channel(call.byte(0))?;
    let mut data = Vec::from([number, channel.medium, channel.protocol, channel.sessions]);
    data.extend(channel.vendor);
    data.extend(channel.auxiliary);
    Ok(data)
}

pub(crate) fn access(bmc: &Bmc, call: Call<'_>) -> Answer {
    let (_, channel) = bmc.channel(call.byte(0))?;
    let access = channel.access.ok_or(CompletionCode::INVALID_FIELD)?;
    match call.byte(1) >> 6 {
        0b01 => Ok(access.stored.into()),
        0b10 => Ok(access.volatile.into()),
        _ => Err(CompletionCode::INVALID_FIELD),
    }
}

pub(crate) fn set_access(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let channel = bmc.channel_mut(call.byte(0))?;
    let access = channel.access.as_mut().ok_or(CompletionCode::INVALID_FIELD)?;
    change(access, call.byte(1), |value, new| value[0] = new & 0x3F);
    change(access, call.byte(2), |value, new| value[1] = new & 0x0F);
    Ok(Vec::new())
}

/// Changes what the upper two bits of `new` select: the stored value, the one
/// in force, or neither.
fn change(access: &mut ChannelAccess, new: u8, apply: impl Fn(&mut [u8; 2], u8)) {
    match new >> 6 {
        0b01 => apply(&mut access.stored, new),
        0b10 => apply(&mut access.volatile, new),
        _ => {}
    }
}

pub(crate) fn authentication(bmc: &Bmc, call: Call<'_>) -> Answer {
    let (number, channel) = bmc.lan_channel(call.byte(0))?;
    let capabilities = channel.authentication.ok_or(CompletionCode::INVALID_FIELD)?;
    Ok([&[number], &capabilities[..]].concat())
}

pub(crate) fn payloads(bmc: &Bmc, call: Call<'_>) -> Answer {
    let (_, channel) = bmc.lan_channel(call.byte(0))?;
    Ok(channel.payloads.ok_or(CompletionCode::INVALID_FIELD)?.into())
}

pub(crate) fn cipher_suites(bmc: &Bmc, call: Call<'_>) -> Answer {
    let (number, channel) = bmc.lan_channel(call.byte(0))?;
    let start = usize::from(call.byte(2) & 0x3F) * CIPHER_CHUNK;
    let records = channel.cipher_suites.iter().skip(start).take(CIPHER_CHUNK);
    Ok(core::iter::once(&number).chain(records).copied().collect())
}

/// Set Channel Security Keys (section 22.25), of which there is K_g.
pub(crate) fn security_key(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    const LOCKED: CompletionCode = CompletionCode(0x80);
    const TOO_FEW_BYTES: CompletionCode = CompletionCode(0x81);
    const TOO_MANY_BYTES: CompletionCode = CompletionCode(0x82);
    const BMC_KEY: u8 = 1;
    /// Lock states in the answer.
    const IS_LOCKED: u8 = 0b01;
    const IS_UNLOCKED: u8 = 0b10;
    let key = &mut bmc.lan_channel_mut(call.byte(0))?.key;
    if call.byte(2) != BMC_KEY {
        return Err(CompletionCode::INVALID_FIELD);
    }
    if key.locked {
        return Err(LOCKED);
    }
    match (call.byte(1) & 3, call.rest(3)) {
        (0, _) => Ok([&[IS_UNLOCKED], &key.value[..]].concat()),
        (1, value) => {
            let fault = if value.len() < key.value.len() { TOO_FEW_BYTES } else { TOO_MANY_BYTES };
            key.value = value.try_into().map_err(|_| fault)?;
            Ok([IS_UNLOCKED].into())
        }
        (2, _) => {
            key.locked = true;
            Ok([IS_LOCKED].into())
        }
        _ => Err(CompletionCode::INVALID_FIELD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn access_is_set_where_the_request_says() {
        let mut bmc = Bmc::default();
        bmc.channels.insert(1, Channel { access: Some(ChannelAccess::default()), ..Channel::default() });
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x06, cmd, data), 0);
        assert!(send(0x40, &[1, 0x42, 0x84]).completion.is_ok());
        assert_eq!(send(0x41, &[1, 0x40]).data, [2, 0]);
        assert_eq!(send(0x41, &[1, 0x80]).data, [0, 4]);
        assert_eq!(send(0x41, &[2, 0x80]).completion, CompletionCode::INVALID_FIELD);
    }

    #[test]
    fn cipher_suites_come_in_chunks() {
        let mut bmc = Bmc::default();
        let cipher_suites = (0..20).collect();
        bmc.channels.insert(1, Channel { lan: Some(Parameters::new()), cipher_suites, ..Channel::default() });
        let mut send = |index| bmc.answer(&Request::new(0x06, 0x54, [0x0E, 0, index]), 0).data;
        assert_eq!(send(0x80).len(), 17);
        assert_eq!(send(0x81), [1, 16, 17, 18, 19]);
        assert_eq!(send(0x82), [1]);
    }

    #[test]
    fn a_key_is_set_read_and_locked() {
        let mut bmc = Bmc::default();
        bmc.channels.insert(1, Channel { lan: Some(Parameters::new()), ..Channel::default() });
        let mut send = |data: &[u8]| bmc.answer(&Request::new(0x06, 0x56, data), 0);
        assert_eq!(send(&[&[0x0E, 1, 1][..], &[7; 20]].concat()).data, [2]);
        assert_eq!(send(&[1, 0, 1]).data, [&[2][..], &[7; 20]].concat());
        assert_eq!(send(&[&[1, 1, 1][..], &[7; 19]].concat()).completion.0, 0x81);
        assert_eq!(send(&[&[1, 1, 1][..], &[7; 21]].concat()).completion.0, 0x82);
        assert_eq!(send(&[1, 0, 0]).completion, CompletionCode::INVALID_FIELD);
        assert_eq!(send(&[1, 2, 1]).data, [1]);
        assert_eq!(send(&[1, 0, 1]).completion.0, 0x80);
    }
}
