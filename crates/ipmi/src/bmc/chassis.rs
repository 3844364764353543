//! Chassis commands (network function 00h, IPMI 2.0 section 28).

use alloc::vec::Vec;

use super::{ANY_LENGTH, Answer, Bmc, Call, Command, Parameter, Parameters, parameters};
use crate::CompletionCode;

pub(crate) const COMMANDS: &[Command] = &[
    Command::reading(0x00, 0, 0, |bmc, _| Ok(bmc.chassis.capabilities.to_vec())),
    Command::reading(0x01, 0, 0, |bmc, call| Ok(bmc.chassis.status(call.now()))),
    Command::new(0x02, 1, 1, |bmc, call| bmc.chassis.control(call)),
    Command::new(0x04, 0, 2, |bmc, call| bmc.chassis.start_identify(call)),
    Command::new(0x06, 1, 1, |bmc, call| bmc.chassis.set_policy(call.byte(0))),
    Command::reading(0x07, 0, 0, |bmc, _| Ok(bmc.chassis.restart_cause.to_vec())),
    Command::new(0x08, 1, ANY_LENGTH, set_boot_option),
    Command::reading(0x09, 3, 3, boot_option),
    Command::reading(0x0F, 0, 0, |bmc, call| Ok(bmc.chassis.power_on_hours(call.now()))),
];

/// Set policy value that only asks which policies are supported.
const POLICY_NO_CHANGE: u8 = 3;
/// System restart cause: by this network function's control command.
const CAUSE_CHASSIS_CONTROL: u8 = 0x01;
/// The channel requests come from: the system interface.
const SYSTEM_INTERFACE: u8 = 0x0F;
/// Seconds that Chassis Identify lasts when none are given.
const IDENTIFY_SECONDS: u64 = 15;

/// Power, identification and boot state of the chassis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chassis {
    /// Response data of Get Chassis Capabilities.
    pub capabilities: [u8; 6],
    /// Whether the system power is on.
    pub power_on: bool,
    /// Current power state bits 1–4: overload, interlock, fault, control fault.
    pub power_faults: u8,
    /// What to do when power returns: 0 stay off, 1 as before, 2 power up.
    pub restore_policy: u8,
    /// Which policies can be set, a bit each.
    pub supported_policies: u8,
    /// Last power event bits.
    pub last_power_event: u8,
    /// Misc. chassis state bits 0–3: intrusion, lockout, drive and fan faults.
    pub misc_state: u8,
    /// Front panel button capabilities and states, where reported.
    pub front_panel: Option<u8>,
    /// The identification light.
    pub identify: Identify,
    /// System restart cause and the channel it came over.
    pub restart_cause: [u8; 2],
    /// Boot option parameters.
    pub boot_options: Parameters,
    /// Boot option parameters marked invalid or locked, a bit each.
    pub invalid_boot_options: u128,
    /// Minutes per count of the power-on hours counter.
    pub power_on_minutes_per_count: u8,
    /// The power-on hours counter, as it stood at `power_on_since`.
    pub power_on_count: u32,
    /// Since when the counter has been running, in seconds since 1970; until
    /// power is first switched it stands where the model has it.
    pub power_on_since: Option<u64>,
}

/// State of the identification light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Identify {
    /// Off.
    #[default]
    Off,
    /// On until a time, in seconds since 1970.
    Until(u64),
    /// On until turned off.
    On,
}

impl Chassis {
    fn status(&self, now: u64) -> Vec<u8> {
        let identify = match self.identify {
            Identify::Until(end) if now < end => 1,
            Identify::On => 2,
            Identify::Until(_) | Identify::Off => 0,
        };
        let power = (self.restore_policy & 3) << 5 | self.power_faults & 0x1E | u8::from(self.power_on);
        let mut status =
            alloc::vec![power, self.last_power_event, 0x40 | identify << 4 | self.misc_state & 0x0F];
        status.extend(self.front_panel);
        status
    }

    fn control(&mut self, call: Call<'_>) -> Answer {
        match call.byte(0) & 0x0F {
            // Power down, and the soft shutdown that the operating system obeys.
            0 | 5 => self.set_power(false, call.now()),
            // Power up, cycle, hard reset.
            1..=3 => {
                self.set_power(true, call.now());
                self.restart_cause = [CAUSE_CHASSIS_CONTROL, SYSTEM_INTERFACE];
            }
            // Diagnostic interrupt: nothing of ours changes.
            4 => {}
            _ => return Err(CompletionCode::INVALID_FIELD),
        }
        Ok(Vec::new())
    }

    fn start_identify(&mut self, call: Call<'_>) -> Answer {
        let seconds = call.data.first().map_or(IDENTIFY_SECONDS, |seconds| u64::from(*seconds));
        self.identify = match (call.byte(1) & 1, seconds) {
            (1, _) => Identify::On,
            (_, 0) => Identify::Off,
            (_, seconds) => Identify::Until(call.now().saturating_add(seconds)),
        };
        Ok(Vec::new())
    }

    fn set_policy(&mut self, policy: u8) -> Answer {
        match policy & 7 {
            POLICY_NO_CHANGE => {}
            policy if policy < POLICY_NO_CHANGE => self.restore_policy = policy,
            _ => return Err(CompletionCode::INVALID_FIELD),
        }
        Ok([self.supported_policies].into())
    }

    fn set_power(&mut self, on: bool, now: u64) {
        let was_on = core::mem::replace(&mut self.power_on, on);
        if on != was_on {
            self.power_on_count = self.power_on_count(now);
            self.power_on_since = on.then_some(now);
        }
    }

    fn power_on_count(&self, now: u64) -> u32 {
        let seconds = self.power_on_since.map_or(0, |since| now.saturating_sub(since));
        let counts = seconds.checked_div(u64::from(self.power_on_minutes_per_count) * 60).unwrap_or(0);
        self.power_on_count.saturating_add(u32::try_from(counts).unwrap_or(u32::MAX))
    }

    fn power_on_hours(&self, now: u64) -> Vec<u8> {
        [&[self.power_on_minutes_per_count], &self.power_on_count(now).to_le_bytes()[..]].concat()
    }
}

fn set_boot_option(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let number = call.byte(0) & 0x7F;
    let chassis = &mut bmc.chassis;
    if !chassis.boot_options.contains_key(&number) {
        return Err(parameters::UNSUPPORTED);
    }
    // The parameter alone, without data, only changes its validity.
    if call.data.len() > 1 {
        set_boot_data(&mut chassis.boot_options, number, call.rest(1))?;
    }
    let bit = 1 << number;
    if call.byte(0) & 0x80 != 0 {
        chassis.invalid_boot_options |= bit;
    } else {
        chassis.invalid_boot_options &= !bit;
    }
    Ok(Vec::new())
}

/// Boot option data may be shorter than stored: the rest keeps its value.
fn set_boot_data(options: &mut Parameters, number: u8, data: &[u8]) -> Answer {
    match options.get_mut(&number) {
        Some(Parameter::Single(value)) if data.len() <= value.len() => {
            value[..data.len()].copy_from_slice(data);
            Ok(Vec::new())
        }
        Some(Parameter::Single(_)) => Err(CompletionCode::LENGTH_INVALID),
        _ => parameters::set(options, number, data),
    }
}

fn boot_option(bmc: &Bmc, call: Call<'_>) -> Answer {
    let number = call.byte(0) & 0x7F;
    let data = parameters::get(&bmc.chassis.boot_options, number, call.byte(1))?;
    let invalid = (bmc.chassis.invalid_boot_options >> number & 1) as u8;
    Ok([&[0x01, invalid << 7 | number], &data[..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn power_and_identify_show_in_the_status() {
        let mut bmc = Bmc::default();
        bmc.chassis.restore_policy = 1;
        let mut send = |cmd, data: &[u8], now| bmc.answer(&Request::new(0x00, cmd, data), now).data;
        assert_eq!(send(0x01, &[], 0), [0x20, 0, 0x40]);
        send(0x02, &[1], 0);
        send(0x04, &[], 100);
        assert_eq!(send(0x01, &[], 114), [0x21, 0, 0x50]);
        assert_eq!(send(0x01, &[], 115), [0x21, 0, 0x40]);
        assert_eq!(send(0x07, &[], 0), [0x01, 0x0F]);
    }

    #[test]
    fn hours_are_counted_while_power_is_on() {
        let mut bmc = Bmc::default();
        (bmc.chassis.power_on_minutes_per_count, bmc.chassis.power_on_count) = (60, 7);
        let mut send = |cmd, data: &[u8], now| bmc.answer(&Request::new(0x00, cmd, data), now).data;
        assert_eq!(send(0x0F, &[], 1_000_000), [60, 7, 0, 0, 0]);
        send(0x02, &[1], 0);
        assert_eq!(send(0x0F, &[], 7199), [60, 8, 0, 0, 0]);
        send(0x02, &[0], 7200);
        assert_eq!(send(0x0F, &[], 1_000_000), [60, 9, 0, 0, 0]);
    }

    #[test]
    fn boot_options_keep_data_and_validity() {
        let mut bmc = Bmc::default();
        bmc.chassis.boot_options.insert(5, Parameter::Single([0; 5].into()));
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x00, cmd, data), 0);
        assert!(send(0x08, &[0x85, 0x80, 0x04, 0, 0, 0]).completion.is_ok());
        assert_eq!(send(0x09, &[5, 0, 0]).data, [0x01, 0x85, 0x80, 0x04, 0, 0, 0]);
        assert_eq!(send(0x09, &[6, 0, 0]).completion, parameters::UNSUPPORTED);
    }
}
