//! Transport commands (network function 0Ch, IPMI 2.0 sections 23 and 26).

use alloc::vec::Vec;

use super::{ANY_LENGTH, Answer, Bmc, Call, Command, Parameter, Parameters, parameters};
use crate::CompletionCode;

pub(crate) const COMMANDS: &[Command] = &[
    Command::new(0x01, 3, ANY_LENGTH, set_lan),
    Command::reading(0x02, 4, 4, |bmc, call| get(lan(bmc, call)?, call, &BLOCKS)),
    Command::reading(0x04, 2, 2, |bmc, call| Ok(bmc.lan_channel(call.byte(0))?.1.ip_statistics.into())),
    Command::new(0x21, 3, ANY_LENGTH, set_sol),
    Command::reading(0x22, 4, 4, |bmc, call| get(sol(bmc, call)?, call, &[])),
];

/// Parameter revision of LAN and serial-over-LAN parameters.
const REVISION: u8 = 0x11;
/// LAN parameters that only tell: authentication types, number of alert
/// destinations, number and list of cipher suites; what IPv6 there is, the
/// addresses and routers that were found, and for what timing is configured.
const READ_ONLY: [u8; 17] = [1, 17, 22, 23, 50, 55, 57, 59, 60, 62, 73, 74, 75, 76, 77, 78, 79];
/// LAN parameters whose sets come in blocks: DHCP unique identifiers, and the
/// timing of DHCPv6 and of neighbour discovery.
const BLOCKS: [u8; 4] = [58, 61, 63, 80];
/// IPv6 addresses that are configured.
const STATIC_ADDRESSES: u8 = 56;

fn lan<'a>(bmc: &'a Bmc, call: Call<'_>) -> Result<&'a Parameters, CompletionCode> {
    bmc.lan_channel(call.byte(0))?.1.lan.as_ref().ok_or(CompletionCode::INVALID_FIELD)
}

fn sol<'a>(bmc: &'a Bmc, call: Call<'_>) -> Result<&'a Parameters, CompletionCode> {
    bmc.lan_channel(call.byte(0))?.1.sol.as_ref().ok_or(CompletionCode::INVALID_COMMAND)
}

fn get(parameters: &Parameters, call: Call<'_>, blocks: &[u8]) -> Answer {
    if call.byte(0) & 0x80 != 0 {
        return Ok([REVISION].into());
    }
    let [number, selector, block] = [1, 2, 3].map(|index| call.byte(index));
    let data = match blocks.contains(&number) {
        true => parameters::get_block(parameters, number, selector, block)?,
        false => parameters::get(parameters, number, selector)?,
    };
    Ok([&[REVISION], &data[..]].concat())
}

fn set_lan(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let parameters = bmc.lan_channel_mut(call.byte(0))?.lan.as_mut().ok_or(CompletionCode::INVALID_FIELD)?;
    let number = call.byte(1);
    if parameters.contains_key(&number) && READ_ONLY.contains(&number) {
        return Err(parameters::READ_ONLY);
    }
    if BLOCKS.contains(&number) {
        return parameters::set_block(parameters, number, call.rest(2));
    }
    let answer = parameters::set(parameters, number, call.rest(2))?;
    if number == STATIC_ADDRESSES {
        settle_address(parameters, call.byte(2));
    }
    Ok(answer)
}

/// Gives a configured address the state it has at once: active or disabled,
/// whatever was written there.
fn settle_address(parameters: &mut Parameters, selector: u8) {
    const ACTIVE: u8 = 0;
    const DISABLED: u8 = 1;
    let Some(Parameter::Sets(sets)) = parameters.get_mut(&STATIC_ADDRESSES) else { return };
    if let Some([enabled, .., state]) = sets.get_mut(&selector).map(Vec::as_mut_slice) {
        *state = if *enabled & 0x80 != 0 { ACTIVE } else { DISABLED };
    }
}

fn set_sol(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let sol = bmc.lan_channel_mut(call.byte(0))?.sol.as_mut().ok_or(CompletionCode::INVALID_COMMAND)?;
    parameters::set(sol, call.byte(1), call.rest(2))
}

#[cfg(test)]
mod tests {

    use super::super::Channel;
    use super::*;
    use crate::{Map, Request};

    #[test]
    fn lan_parameters_are_read_written_and_guarded() {
        let mut bmc = Bmc::default();
        let lan = Parameters::from([
            (1, Parameter::Single([0x97].into())),
            (3, Parameter::Single([10, 0, 0, 42].into())),
        ]);
        bmc.channels.insert(1, Channel { lan: Some(lan), ..Channel::default() });
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x0C, cmd, data), 0);
        assert!(send(0x01, &[1, 3, 192, 0, 2, 1]).completion.is_ok());
        assert_eq!(send(0x02, &[1, 3, 0, 0]).data, [0x11, 192, 0, 2, 1]);
        assert_eq!(send(0x02, &[0x81, 3, 0, 0]).data, [0x11]);
        assert_eq!(send(0x01, &[1, 1, 0]).completion, parameters::READ_ONLY);
        assert_eq!(send(0x02, &[1, 4, 0, 0]).completion, parameters::UNSUPPORTED);
        assert_eq!(send(0x02, &[2, 3, 0, 0]).completion, CompletionCode::INVALID_FIELD);
        assert_eq!(send(0x22, &[1, 0, 0, 0]).completion, CompletionCode::INVALID_COMMAND);
    }

    #[test]
    fn a_static_address_is_active_or_disabled() {
        let address = |enabled, state| [&[enabled][..], &[0x20; 16], &[64, state]].concat();
        let lan = Parameters::from([(56, Parameter::Sets(Map::from([(2, address(0, 1))])))]);
        let mut bmc = Bmc::default();
        bmc.channels.insert(1, Channel { lan: Some(lan), ..Channel::default() });
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x0C, cmd, data), 0);
        let mut set = |enabled, state| {
            let request = [&[1, 56, 2][..], &address(enabled, state)].concat();
            assert!(send(0x01, &request).completion.is_ok());
            send(0x02, &[1, 56, 2, 0]).data[20]
        };
        assert_eq!((set(0x80, 0xFF), set(0, 0)), (0, 1));
        assert_eq!(send(0x01, &[1, 56, 3]).completion, CompletionCode::OUT_OF_RANGE);
    }

    #[test]
    fn identifiers_come_in_blocks() {
        let lan = Parameters::from([(58, Parameter::Sets(Map::from([(0, alloc::vec![0; 32])])))]);
        let mut bmc = Bmc::default();
        bmc.channels.insert(1, Channel { lan: Some(lan), ..Channel::default() });
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x0C, cmd, data), 0);
        assert!(send(0x01, &[&[1, 58, 0, 1][..], &[7; 16]].concat()).completion.is_ok());
        assert_eq!(send(0x02, &[1, 58, 0, 0]).data[3..], [0; 16]);
        assert_eq!(send(0x02, &[1, 58, 0, 1]).data[3..], [7; 16]);
        assert_eq!(send(0x02, &[1, 58, 0, 2]).completion, CompletionCode::OUT_OF_RANGE);
    }
}
