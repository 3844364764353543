//! Platform event filtering (IPMI 2.0 sections 17 and 30): its configuration is
//! kept and events count as processed, but no alert is ever sent.

use alloc::vec::Vec;

use super::{Answer, Bmc, Call, Parameter, Parameters, Sel, parameters};
use crate::CompletionCode;

/// Parameter revision of the PEF commands.
const REVISION: u8 = 0x11;

/// Parameters (table 30-6).
const CONTROL: u8 = 1;
const FILTERS: u8 = 6;
const FILTER_CONFIGURATIONS: u8 = 7;
const ALERT_STRINGS: u8 = 13;
/// Numbers of filters, of policies and of alert strings.
const READ_ONLY: [u8; 3] = [5, 8, 11];

/// Values of the postpone timer that are no seconds (section 30.2).
const NOT_POSTPONED: u8 = 0x00;
const DISABLED: u8 = 0xFE;
const PRESENT: u8 = 0xFF;

/// Record id that stands for an empty log.
const NO_RECORD: u16 = 0xFFFF;

/// State of platform event filtering.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pef {
    /// Response data of Get PEF Capabilities.
    pub capabilities: [u8; 3],
    /// Configuration parameters. The configuration of filters (7) is the first
    /// byte of the filters (6) and not kept twice.
    pub parameters: Parameters,
    /// Id of the last event record that system software has processed.
    pub software_processed: u16,
    /// Id of the last event record that was processed here while filtering was
    /// enabled.
    pub controller_processed: u16,
    /// The postpone timer as it was set: seconds up to FDh, FEh while filtering
    /// is disabled, zero without.
    pub postponed: u8,
    /// When it was set, in seconds since 1970.
    pub postponed_at: u64,
}

impl Pef {
    /// What the postpone timer stands at.
    fn countdown(&self, now: u64) -> u8 {
        match self.postponed {
            NOT_POSTPONED | DISABLED => self.postponed,
            seconds => {
                let passed = now.saturating_sub(self.postponed_at).try_into().unwrap_or(u8::MAX);
                seconds.saturating_sub(passed)
            }
        }
    }

    fn is_active(&self, now: u64) -> bool {
        let enabled = match self.parameters.get(&CONTROL) {
            Some(Parameter::Single(control)) => control.first().is_some_and(|control| control & 1 != 0),
            _ => false,
        };
        enabled && self.countdown(now) == NOT_POSTPONED
    }

    /// Id of the last record that was processed here.
    fn processed(&self, sel: &Sel, now: u64) -> u16 {
        if self.is_active(now) { last_record(sel) } else { self.controller_processed }
    }
}

fn last_record(sel: &Sel) -> u16 {
    sel.entries.last().map_or(NO_RECORD, |entry| u16::from_le_bytes([entry[0], entry[1]]))
}

/// The PEF state; a controller without PEF has none of its commands.
fn supported(bmc: &Bmc) -> Result<&Pef, CompletionCode> {
    bmc.pef.as_ref().ok_or(CompletionCode::INVALID_COMMAND)
}

/// As [`supported`], to be changed: the events that came before are processed.
fn changing<'a>(bmc: &'a mut Bmc, call: Call<'_>) -> Result<&'a mut Pef, CompletionCode> {
    let pef = bmc.pef.as_mut().ok_or(CompletionCode::INVALID_COMMAND)?;
    pef.controller_processed = pef.processed(&bmc.sel, call.now());
    Ok(pef)
}

/// Get PEF Capabilities (section 30.1).
pub(crate) fn capabilities(bmc: &Bmc, _: Call<'_>) -> Answer {
    Ok(supported(bmc)?.capabilities.into())
}

/// Arm PEF Postpone Timer (section 30.2).
pub(crate) fn postpone(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let pef = changing(bmc, call)?;
    if call.byte(0) != PRESENT {
        (pef.postponed, pef.postponed_at) = (call.byte(0), call.now());
    }
    Ok([pef.countdown(call.now())].into())
}

/// Set Last Processed Event ID (section 30.5).
pub(crate) fn set_processed(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let pef = changing(bmc, call)?;
    let id = call.word(1);
    if call.byte(0) & 1 == 0 {
        pef.software_processed = id;
    } else {
        pef.controller_processed = id;
    }
    Ok(Vec::new())
}

/// Get Last Processed Event ID (section 30.6): time and id of the last record
/// in the log, and which have been processed.
pub(crate) fn processed(bmc: &Bmc, call: Call<'_>) -> Answer {
    let (pef, sel) = (supported(bmc)?, &bmc.sel);
    let ids = [last_record(sel), pef.software_processed, pef.processed(sel, call.now())];
    Ok([&sel.added.to_le_bytes()[..], ids.map(u16::to_le_bytes).as_flattened()].concat())
}

/// Get PEF Configuration Parameters (section 30.4).
pub(crate) fn parameter(bmc: &Bmc, call: Call<'_>) -> Answer {
    let parameters = &supported(bmc)?.parameters;
    let [number, selector, block] = [0, 1, 2].map(|index| call.byte(index));
    if number & 0x80 != 0 {
        return Ok([REVISION].into());
    }
    let data = match number {
        FILTER_CONFIGURATIONS => {
            let mut filter = parameters::get(parameters, FILTERS, selector)?;
            // The selector and the byte after it.
            filter.truncate(2);
            filter
        }
        ALERT_STRINGS => parameters::get_block(parameters, number, selector, block)?,
        _ => parameters::get(parameters, number, selector)?,
    };
    Ok([&[REVISION], &data[..]].concat())
}

/// Set PEF Configuration Parameters (section 30.3).
pub(crate) fn set_parameter(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let pef = changing(bmc, call)?;
    let parameters = &mut pef.parameters;
    let data = call.rest(1);
    match call.byte(0) & 0x7F {
        number if READ_ONLY.contains(&number) => Err(parameters::READ_ONLY),
        FILTER_CONFIGURATIONS => {
            let [selector, configuration] = *data else { return Err(CompletionCode::LENGTH_INVALID) };
            let mut filter = parameters::get(parameters, FILTERS, selector)?;
            if let Some(byte) = filter.get_mut(1) {
                *byte = configuration;
            }
            parameters::set(parameters, FILTERS, &filter)
        }
        number @ ALERT_STRINGS => parameters::set_block(parameters, number, data),
        number => parameters::set(parameters, number, data),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{Map, Request};

    fn bmc() -> Bmc {
        let parameters = Parameters::from([
            (CONTROL, Parameter::Single([1].into())),
            (5, Parameter::Single([2].into())),
            (FILTERS, Parameter::Sets(Map::from([(1, alloc::vec![0x40; 20])]))),
            (ALERT_STRINGS, Parameter::Sets(Map::from([(0, alloc::vec![0; 16])]))),
        ]);
        Bmc { pef: Some(Pef { parameters, ..Pef::default() }), ..Bmc::default() }
    }

    fn send(bmc: &mut Bmc, cmd: u8, data: &[u8], now: u64) -> (u8, Vec<u8>) {
        let response = bmc.answer(&Request::new(0x04, cmd, data), now);
        (response.completion.0, response.data)
    }

    #[test]
    fn the_configuration_of_a_filter_is_its_first_byte() {
        let mut bmc = bmc();
        assert_eq!(send(&mut bmc, 0x13, &[7, 1, 0], 0), (0, alloc::vec![0x11, 1, 0x40]));
        assert_eq!(send(&mut bmc, 0x12, &[7, 1, 0x80], 0).0, 0);
        assert_eq!(send(&mut bmc, 0x13, &[6, 1, 0], 0).1[..4], [0x11, 1, 0x80, 0x40]);
        assert_eq!(send(&mut bmc, 0x12, &[7, 2, 0x80], 0).0, CompletionCode::OUT_OF_RANGE.0);
        assert_eq!(send(&mut bmc, 0x12, &[7, 1], 0).0, CompletionCode::LENGTH_INVALID.0);
        assert_eq!(send(&mut bmc, 0x12, &[5, 1], 0).0, parameters::READ_ONLY.0);
        assert_eq!(send(&mut bmc, 0x13, &[13, 0, 1], 0).0, CompletionCode::OUT_OF_RANGE.0);
        assert_eq!(send(&mut bmc, 0x13, &[9, 1, 0], 0).0, parameters::UNSUPPORTED.0);
        assert_eq!(send(&mut bmc, 0x13, &[0x89, 1, 0], 0), (0, alloc::vec![REVISION]));
    }

    #[test]
    fn events_count_as_processed_while_filtering_is_active() {
        let mut bmc = bmc();
        let ids = |bmc: &mut Bmc, now| send(bmc, 0x15, &[], now).1[4..].to_vec();
        assert_eq!(ids(&mut bmc, 9), [0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
        assert!(bmc.sel.add([2; 16], 10).is_ok());
        assert_eq!(send(&mut bmc, 0x15, &[], 10).1, [10, 0, 0, 0, 1, 0, 0, 0, 1, 0]);
        // Postponed by five seconds.
        assert_eq!(send(&mut bmc, 0x11, &[5], 20), (0, alloc::vec![5]));
        assert!(bmc.sel.add([2; 16], 21).is_ok());
        assert_eq!(ids(&mut bmc, 21), [2, 0, 0, 0, 1, 0]);
        assert_eq!(send(&mut bmc, 0x11, &[0xFF], 23), (0, alloc::vec![2]));
        assert_eq!(ids(&mut bmc, 25), [2, 0, 0, 0, 2, 0]);
        // Disabled; software notes what it has seen.
        assert_eq!(send(&mut bmc, 0x12, &[1, 0], 26).0, 0);
        assert!(bmc.sel.add([2; 16], 27).is_ok());
        assert_eq!(send(&mut bmc, 0x14, &[0, 3, 0], 28).0, 0);
        assert_eq!(ids(&mut bmc, 29), [3, 0, 3, 0, 2, 0]);
        assert_eq!(send(&mut bmc, 0x14, &[1, 1, 0], 30).0, 0);
        assert_eq!(ids(&mut bmc, 31), [3, 0, 3, 0, 1, 0]);
    }

    #[test]
    fn a_controller_without_it_has_none_of_its_commands() {
        for (cmd, data) in [(0x10, &[][..]), (0x11, &[0]), (0x12, &[1, 0]), (0x13, &[1, 0, 0]), (0x15, &[])] {
            let completion = send(&mut Bmc::default(), cmd, data, 0).0;
            assert_eq!(completion, CompletionCode::INVALID_COMMAND.0, "{cmd:#x}");
        }
    }
}
