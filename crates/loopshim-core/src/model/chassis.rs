//! Power, identification and boot state of the chassis.

use ipmi::{Map, bmc};

use super::device::replace;
use super::network::{ParameterValue, merge};
use super::values::{Exactly, Within};
use crate::json;
use crate::life::POWER_ACTIONS;

/// Chassis commands' state.
#[derive(Debug)]
pub(super) struct Chassis {
    capabilities: Option<Exactly<6>>,
    power: Option<Power>,
    power_faults: Option<u8>,
    restore_policy: Option<Policy>,
    supported_policies: Option<u8>,
    last_power_event: Option<u8>,
    state: Option<Within<0, 15>>,
    front_panel: Option<Option<u8>>,
    identify: Option<bool>,
    restart_cause: Option<Exactly<2>>,
    boot_options: Map<u8, ParameterValue>,
    power_on_minutes_per_count: Option<u8>,
    power_on_count: Option<u32>,
    pub(super) power_commands: PowerCommands,
}

json::object!(Chassis {
    ; capabilities, power, power_faults, restore_policy, supported_policies, last_power_event, state,
    front_panel, identify, restart_cause, boot_options, power_on_minutes_per_count, power_on_count, power_commands
});

/// Shell commands that power actions run on the host.
#[derive(Debug)]
pub(super) struct PowerCommands {
    off: Option<String>,
    on: Option<String>,
    cycle: Option<String>,
    reset: Option<String>,
    diag: Option<String>,
    soft: Option<String>,
}

json::object!(PowerCommands { ; off, on, cycle, reset, diag, soft });

impl PowerCommands {
    /// In the order of the actions' codes (IPMI 2.0 table 28-4).
    pub(super) fn by_action(self) -> [Option<String>; POWER_ACTIONS] {
        [self.off, self.on, self.cycle, self.reset, self.diag, self.soft]
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Power {
    #[default]
    Off,
    On,
}

json::choice!(Power { "off" => Off, "on" => On });

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Policy {
    #[default]
    AlwaysOff,
    Previous,
    AlwaysOn,
}

json::choice!(Policy { "always-off" => AlwaysOff, "previous" => Previous, "always-on" => AlwaysOn });

impl Chassis {
    pub(super) fn apply(self, chassis: &mut bmc::Chassis) {
        replace(&mut chassis.capabilities, self.capabilities.map(|bytes| bytes.0));
        replace(&mut chassis.power_on, self.power.map(|power| power == Power::On));
        replace(&mut chassis.power_faults, self.power_faults);
        replace(&mut chassis.restore_policy, self.restore_policy.map(|policy| policy as u8));
        replace(&mut chassis.supported_policies, self.supported_policies);
        replace(&mut chassis.last_power_event, self.last_power_event);
        replace(&mut chassis.misc_state, self.state.map(Within::byte));
        replace(&mut chassis.front_panel, self.front_panel);
        let light = self.identify.map(|on| if on { bmc::Identify::On } else { bmc::Identify::Off });
        replace(&mut chassis.identify, light);
        replace(&mut chassis.restart_cause, self.restart_cause.map(|bytes| bytes.0));
        merge(&mut chassis.boot_options, self.boot_options);
        replace(&mut chassis.power_on_minutes_per_count, self.power_on_minutes_per_count);
        replace(&mut chassis.power_on_count, self.power_on_count);
    }
}
