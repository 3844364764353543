//! Channels with their LAN and serial-over-LAN parameters, and PEF.

use ipmi::Map;
use ipmi::bmc::{self, Bmc, Parameter, Parameters};

use super::device::replace;
use super::ipv6;
use super::values::{Address, Bytes, Exactly, Text, Within};
use crate::json::{self, Fault, Read, Reader, Slot};

/// A parameter: bytes, or bytes by set selector.
#[derive(Debug)]
pub(super) enum ParameterValue {
    Single(Bytes),
    Sets(Map<u8, Bytes>),
}

impl Default for ParameterValue {
    fn default() -> Self {
        Self::Single(Bytes::default())
    }
}

impl Slot for ParameterValue {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        *self = match reader.peek() {
            Some(b'{') => Self::Sets(Read::read(reader)?),
            Some(b'[' | b'"') => Self::Single(Read::read(reader)?),
            _ => return Err(reader.mismatch("bytes, or an object with bytes by set selector")),
        };
        Ok(())
    }
}

/// Adds `values` to `parameters`, in place of those of the same numbers.
pub(super) fn merge(parameters: &mut Parameters, values: Map<u8, ParameterValue>) {
    parameters.extend(values.into_iter().map(|(number, value)| {
        let value = match value {
            ParameterValue::Single(Bytes(bytes)) => Parameter::Single(bytes),
            ParameterValue::Sets(sets) => {
                Parameter::Sets(sets.into_iter().map(|(selector, Bytes(bytes))| (selector, bytes)).collect())
            }
        };
        (number, value)
    }));
}

/// A channel, by number; one that the profile has keeps what is not given.
#[derive(Debug)]
pub(super) struct Channel {
    number: Within<0, 15>,
    medium: Option<u8>,
    protocol: Option<u8>,
    sessions: Option<u8>,
    vendor: Option<Exactly<3>>,
    auxiliary: Option<Exactly<2>>,
    access: Option<Access>,
    authentication: Option<Exactly<7>>,
    payloads: Option<Exactly<8>>,
    cipher_suites: Option<Bytes>,
    ip_statistics: Option<Exactly<18>>,
    lan: Option<Lan>,
    sol: Option<Map<u8, ParameterValue>>,
}

json::object!(Channel {
    number; medium, protocol, sessions, vendor, auxiliary, access, authentication, payloads,
    cipher_suites, ip_statistics, lan, sol
});

/// Channel access: the same stored and in force unless both are given.
#[derive(Debug)]
struct Access {
    volatile: Exactly<2>,
    stored: Option<Exactly<2>>,
}

json::object!(Access { volatile; stored });

/// LAN configuration: the usual parameters by name, any by number.
#[derive(Debug)]
struct Lan {
    address: Option<Text<Address>>,
    netmask: Option<Text<Address>>,
    gateway: Option<Text<Address>>,
    gateway_mac: Option<Exactly<6>>,
    mac: Option<Exactly<6>>,
    source: Option<Source>,
    vlan: Option<Within<0, 4094>>,
    community: Option<String>,
    parameters: Map<u8, ParameterValue>,
}

json::object!(Lan { ; address, netmask, gateway, gateway_mac, mac, source, vlan, community, parameters });

/// How the address is come by (LAN parameter 4).
#[derive(Debug, Clone, Copy, Default)]
enum Source {
    #[default]
    Unspecified,
    Static,
    Dhcp,
    Bios,
    Other,
}

json::choice!(Source {
    "unspecified" => Unspecified,
    "static" => Static,
    "dhcp" => Dhcp,
    "bios" => Bios,
    "other" => Other,
});

impl Lan {
    fn apply(self, parameters: &mut Parameters) {
        let address = |address: Option<Text<Address>>| address.map(|text| text.0.0.octets().to_vec());
        let mac = self.mac.as_ref().map(|mac| mac.0);
        let named = [
            (3, address(self.address)),
            (4, self.source.map(|source| vec![source as u8])),
            (5, mac.map(|mac| mac.to_vec())),
            (6, address(self.netmask)),
            (12, address(self.gateway)),
            (13, self.gateway_mac.map(|mac| mac.0.to_vec())),
            (16, self.community.map(|text| padded(text.as_bytes(), COMMUNITY))),
            (20, self.vlan.map(|vlan| vlan_bytes(vlan.number() as u16))),
        ];
        if let Some(mac) = mac {
            ipv6::follow(parameters, mac);
        }
        let named = named.into_iter().filter_map(|(number, value)| Some((number, Parameter::Single(value?))));
        parameters.extend(named);
        merge(parameters, self.parameters);
    }
}

/// Bytes of the community string.
const COMMUNITY: usize = 18;

fn padded(text: &[u8], len: usize) -> Vec<u8> {
    let mut bytes = text.to_vec();
    bytes.resize(len, 0);
    bytes
}

/// 802.1q VLAN id with its enable bit; zero is no VLAN.
fn vlan_bytes(vlan: u16) -> Vec<u8> {
    let enabled = if vlan == 0 { 0 } else { 0x8000 };
    (vlan | enabled).to_le_bytes().to_vec()
}

impl Channel {
    pub(super) fn apply(self, bmc: &mut Bmc) {
        let channel = bmc.channels.get_or_default(self.number.byte());
        replace(&mut channel.medium, self.medium);
        replace(&mut channel.protocol, self.protocol);
        replace(&mut channel.sessions, self.sessions);
        replace(&mut channel.vendor, self.vendor.map(|bytes| bytes.0));
        replace(&mut channel.auxiliary, self.auxiliary.map(|bytes| bytes.0));
        replace(&mut channel.authentication, self.authentication.map(|bytes| Some(bytes.0)));
        replace(&mut channel.payloads, self.payloads.map(|bytes| Some(bytes.0)));
        replace(&mut channel.cipher_suites, self.cipher_suites.map(|bytes| bytes.0));
        replace(&mut channel.ip_statistics, self.ip_statistics.map(|bytes| bytes.0));
        if let Some(Access { volatile, stored }) = self.access {
            let stored = stored.unwrap_or(volatile).0;
            channel.access = Some(bmc::ChannelAccess { volatile: volatile.0, stored });
        }
        if let Some(lan) = self.lan {
            lan.apply(channel.lan.get_or_insert_default());
        }
        if let Some(sol) = self.sol {
            merge(channel.sol.get_or_insert_default(), sol);
        }
    }
}

/// Platform event filtering.
#[derive(Debug)]
pub(super) struct Pef {
    capabilities: Exactly<3>,
    parameters: Map<u8, ParameterValue>,
    last_processed: Option<Exactly<10>>,
}

json::object!(Pef { capabilities; parameters, last_processed });

impl From<Pef> for bmc::Pef {
    fn from(pef: Pef) -> Self {
        let mut parameters = Parameters::new();
        merge(&mut parameters, pef.parameters);
        // Time and id of the last record are the log's.
        let last_processed = pef.last_processed.map_or([0; 10], |bytes| bytes.0);
        let id = |at: usize| u16::from_le_bytes([last_processed[at], last_processed[at + 1]]);
        Self {
            capabilities: pef.capabilities.0,
            parameters,
            software_processed: id(6),
            controller_processed: id(8),
            ..Self::default()
        }
    }
}
