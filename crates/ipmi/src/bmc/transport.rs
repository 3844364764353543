//! Transport commands (network function 0Ch, IPMI 2.0 sections 23 and 26).

use super::{ANY_LENGTH, Answer, Bmc, Call, Command, Parameters, parameters};
use crate::CompletionCode;

pub(crate) const COMMANDS: &[Command] = &[
    Command::new(0x01, 3, ANY_LENGTH, set_lan),
    Command::new(0x02, 4, 4, |bmc, call| get(lan(bmc, call)?, call)),
    Command::new(0x04, 2, 2, |bmc, call| Ok(bmc.lan_channel(call.byte(0))?.1.ip_statistics.into())),
    Command::new(0x21, 3, ANY_LENGTH, |bmc, call| {
        parameters::set(sol(bmc, call)?, call.byte(1), call.rest(2))
    }),
    Command::new(0x22, 4, 4, |bmc, call| get(sol(bmc, call)?, call)),
];

/// Parameter revision of LAN and serial-over-LAN parameters.
const REVISION: u8 = 0x11;
/// LAN parameters that only tell: authentication types, number of alert
/// destinations, number and list of cipher suites.
const READ_ONLY: [u8; 4] = [1, 17, 22, 23];

fn lan<'a>(bmc: &'a mut Bmc, call: Call<'_>) -> Result<&'a mut Parameters, CompletionCode> {
    bmc.lan_channel(call.byte(0))?.1.lan.as_mut().ok_or(CompletionCode::INVALID_FIELD)
}

fn sol<'a>(bmc: &'a mut Bmc, call: Call<'_>) -> Result<&'a mut Parameters, CompletionCode> {
    bmc.lan_channel(call.byte(0))?.1.sol.as_mut().ok_or(CompletionCode::INVALID_COMMAND)
}

fn get(parameters: &mut Parameters, call: Call<'_>) -> Answer {
    if call.byte(0) & 0x80 != 0 {
        return Ok([REVISION].into());
    }
    let data = parameters::get(parameters, call.byte(1), call.byte(2))?;
    Ok([&[REVISION], &data[..]].concat())
}

fn set_lan(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let parameters = lan(bmc, call)?;
    let number = call.byte(1);
    if parameters.contains_key(&number) && READ_ONLY.contains(&number) {
        return Err(parameters::READ_ONLY);
    }
    parameters::set(parameters, number, call.rest(2))
}

#[cfg(test)]
mod tests {
    use super::super::{Channel, Parameter};
    use super::*;
    use crate::Request;

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
}
