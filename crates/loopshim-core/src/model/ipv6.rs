//! The IPv6 configuration that a compiled-in machine's LAN has (IPMI 2.0 table
//! 23-4, parameters 50–80).

use std::array;

use ipmi::bmc::{Parameter, Parameters};

use ipmi::Map;

use super::profile::singles;

/// Addresses of each kind that there can be.
const ADDRESSES: u8 = 4;
/// Parameter of the addresses that were obtained.
const DYNAMIC_ADDRESSES: u8 = 59;
/// Parameter of the identifiers the controller made for itself.
const DYNAMIC_DUIDS: u8 = 61;
/// Bytes of a block of a parameter.
const BLOCK: usize = 16;
/// A length of 6 bytes, type DUID-LL, Ethernet (RFC 3315 section 9.4).
const LINK_LAYER_DUID: [u8; 5] = [10, 0, 3, 0, 1];

/// The parameters of an interface that has IPv4 and IPv6, and of IPv6 only an
/// address of its link.
pub(super) fn parameters(mac: [u8; 6]) -> Parameters {
    let mut parameters = singles(&[
        // Both at once, and destinations of alerts.
        (50, &[0x06]),
        (51, &[0x02]),
        (52, &[0]),
        (53, &[64]),
        (54, &[0; 3]),
        // Both DHCPv6 and SLAAC.
        (55, &[ADDRESSES, ADDRESSES, 0x03]),
        (57, &[1]),
        (60, &[1]),
        // Timing that is the same for all interfaces: zeros are the defaults.
        (62, &[1]),
        // Routers that are found: by address, station, length of the prefix and
        // prefix.
        (64, &[0x02]),
        (65, &[0; BLOCK]),
        (66, &[0; 6]),
        (67, &[0]),
        (68, &[0; BLOCK]),
        (69, &[0; BLOCK]),
        (70, &[0; 6]),
        (71, &[0]),
        (72, &[0; BLOCK]),
        (73, &[0]),
        (78, &[64]),
        (79, &[1]),
    ]);
    parameters.insert(56, addresses(unused()));
    for (number, length) in [(58, BLOCK), (63, BLOCK + 6), (80, BLOCK)] {
        parameters.insert(number, Parameter::Sets(Map::from([(0, vec![0; length])])));
    }
    parameters.extend(of_station(mac));
    parameters
}

/// Makes what follows from the station's address follow it, where there is
/// IPv6.
pub(super) fn follow(parameters: &mut Parameters, mac: [u8; 6]) {
    if parameters.contains_key(&DYNAMIC_ADDRESSES) {
        parameters.extend(of_station(mac));
    }
}

fn of_station(mac: [u8; 6]) -> [(u8, Parameter); 2] {
    let mut duid = [LINK_LAYER_DUID.as_slice(), &mac].concat();
    duid.resize(BLOCK, 0);
    [
        (DYNAMIC_ADDRESSES, addresses(link_local(mac))),
        (DYNAMIC_DUIDS, Parameter::Sets(Map::from([(0, duid)]))),
    ]
}

/// An address: source or enable, 16 bytes, length of the prefix, state.
type Address = [u8; 19];

/// A set of addresses of which only the first may be in use.
fn addresses(first: Address) -> Parameter {
    let addresses = (0..ADDRESSES).map(|selector| (selector, if selector == 0 { first } else { unused() }));
    Parameter::Sets(addresses.map(|(selector, address)| (selector, address.to_vec())).collect())
}

/// No address, disabled.
fn unused() -> Address {
    array::from_fn(|index| if index == 18 { 1 } else { 0 })
}

/// The address that a station gives itself (RFC 4291 appendix A), active.
fn link_local(mac: [u8; 6]) -> Address {
    const SLAAC: u8 = 1;
    let [a, b, c, d, e, f] = mac;
    [SLAAC, 0xFE, 0x80, 0, 0, 0, 0, 0, 0, a ^ 0x02, b, c, 0xFF, 0xFE, d, e, f, 64, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_local_address_follows_the_station() {
        let mut lan = parameters([0x52, 0x54, 0, 1, 2, 3]);
        let address = |lan: &Parameters| match &lan[&DYNAMIC_ADDRESSES] {
            Parameter::Sets(sets) => sets[&0][1..17].to_vec(),
            Parameter::Single(_) => Vec::new(),
        };
        let expected = [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0, 0xFF, 0xFE, 1, 2, 3];
        assert_eq!(address(&lan), expected);
        follow(&mut lan, [0; 6]);
        assert_ne!(address(&lan), expected);
        assert!((50..=73).all(|number| lan.contains_key(&number)));
        let mut without = Parameters::new();
        follow(&mut without, [0; 6]);
        assert!(without.is_empty());
    }
}
