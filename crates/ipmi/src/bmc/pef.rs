//! Platform event filtering (IPMI 2.0 section 30): its parameters are kept, no
//! alert is ever sent.

use alloc::vec::Vec;

use super::{Answer, Bmc, Call, Parameters, parameters};
use crate::CompletionCode;

/// Parameter revision of the PEF commands.
const REVISION: u8 = 0x11;

/// State of platform event filtering.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pef {
    /// Response data of Get PEF Capabilities.
    pub capabilities: [u8; 3],
    /// Configuration parameters.
    pub parameters: Parameters,
    /// Response data of Get Last Processed Event ID.
    pub last_processed: [u8; 10],
}

/// The PEF state; a controller without PEF has none of its commands.
pub(crate) fn supported(bmc: &Bmc) -> Result<&Pef, CompletionCode> {
    bmc.pef.as_ref().ok_or(CompletionCode::INVALID_COMMAND)
}

pub(crate) fn parameter(bmc: &Bmc, call: Call<'_>) -> Answer {
    let pef = supported(bmc)?;
    if call.byte(0) & 0x80 != 0 {
        return Ok([REVISION].into());
    }
    let data = parameters::get(&pef.parameters, call.byte(0), call.byte(1))?;
    Ok([&[REVISION], &data[..]].concat())
}

pub(crate) fn set_parameter(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    /// Numbers of filters, policies and alert strings.
    const READ_ONLY: [u8; 3] = [5, 8, 11];
    let pef = bmc.pef.as_mut().ok_or(CompletionCode::INVALID_COMMAND)?;
    let number = call.byte(0) & 0x7F;
    if READ_ONLY.contains(&number) {
        return Err(parameters::READ_ONLY);
    }
    parameters::set(&mut pef.parameters, number, call.rest(1)).map(|_| Vec::new())
}
