//! All that requests can change, cell by cell.
//!
//! A number in [`kind`] is for ever: files hold it. What is new gets a new one.

use super::{Archive, Cell, Key};
use crate::Map;
use crate::bmc::{
    Bmc, Chassis, Dcmi, Identify, Parameter, Parameters, Sel, SelClock, Sensor, SensorKey, User, UserAccess,
    Users, Watchdog,
};

/// What a cell is of: the first byte of its key. Behind each, the indices.
mod kind {
    pub(super) const GLOBAL_ENABLES: u8 = 1;
    pub(super) const EVENT_RECEIVER: u8 = 2;
    pub(super) const WATCHDOG: u8 = 3;
    /// Parameter.
    pub(super) const SYSTEM_INFO: u8 = 4;
    pub(super) const POWER: u8 = 5;
    pub(super) const RESTORE_POLICY: u8 = 6;
    pub(super) const IDENTIFY: u8 = 7;
    /// Parameter, set.
    pub(super) const BOOT_OPTION: u8 = 8;
    pub(super) const INVALID_BOOT_OPTIONS: u8 = 9;
    /// LUN, number, part.
    pub(super) const SENSOR: u8 = 10;
    /// Parameter, set.
    pub(super) const PEF: u8 = 11;
    pub(super) const PEF_LAST_PROCESSED: u8 = 12;
    /// Device id.
    pub(super) const FRU: u8 = 13;
    pub(super) const SEL_ENTRIES: u8 = 14;
    pub(super) const SEL_STATUS: u8 = 15;
    pub(super) const SEL_CLOCK: u8 = 16;
    /// Channel.
    pub(super) const CHANNEL_ACCESS: u8 = 17;
    /// Channel, parameter, set.
    pub(super) const LAN: u8 = 18;
    /// Channel, parameter, set.
    pub(super) const SOL: u8 = 19;
    /// User id.
    pub(super) const USER: u8 = 20;
    /// Part.
    pub(super) const DCMI: u8 = 21;
    /// Channel.
    pub(super) const CHANNEL_KEY: u8 = 22;
}

type Visitor<'v> = &'v mut dyn FnMut(Key, Cell<'_>);

/// Passes every cell of `bmc` to `visit`.
pub(super) fn walk(bmc: &mut Bmc, visit: Visitor<'_>) {
    visit([kind::GLOBAL_ENABLES, 0, 0, 0], &mut |archive| archive.byte(&mut bmc.global_enables));
    visit([kind::EVENT_RECEIVER, 0, 0, 0], &mut |archive| archive.bytes(&mut bmc.event_receiver));
    visit([kind::WATCHDOG, 0, 0, 0], &mut |archive| watchdog(archive, &mut bmc.watchdog));
    for (number, info) in bmc.system_info.iter_mut() {
        visit([kind::SYSTEM_INFO, *number, 0, 0], &mut |archive| {
            archive.byte(&mut info.encoding);
            archive.rest(&mut info.text);
        });
    }
    chassis(&mut bmc.chassis, visit);
    for (key, value) in bmc.sensors.iter_mut() {
        sensor(*key, value, visit);
    }
    if let Some(pef) = &mut bmc.pef {
        parameters(kind::PEF, None, &mut pef.parameters, visit);
        visit([kind::PEF_LAST_PROCESSED, 0, 0, 0], &mut |archive| {
            archive.u16(&mut pef.software_processed);
            archive.u16(&mut pef.controller_processed);
            archive.byte(&mut pef.postponed);
            archive.u64(&mut pef.postponed_at);
        });
    }
    for (id, image) in bmc.frus.iter_mut() {
        visit([kind::FRU, *id, 0, 0], &mut |archive| archive.bytes(image));
    }
    sel(&mut bmc.sel, visit);
    for (number, channel) in bmc.channels.iter_mut() {
        if let Some(access) = &mut channel.access {
            visit([kind::CHANNEL_ACCESS, *number, 0, 0], &mut |archive| {
                archive.bytes(&mut access.volatile);
                archive.bytes(&mut access.stored);
            });
        }
        if channel.lan.is_some() {
            visit([kind::CHANNEL_KEY, *number, 0, 0], &mut |archive| {
                archive.bytes(&mut channel.key.value);
                archive.flag(&mut channel.key.locked);
            });
        }
        for (kind, values) in [(kind::LAN, &mut channel.lan), (kind::SOL, &mut channel.sol)] {
            if let Some(values) = values {
                parameters(kind, Some(*number), values, visit);
            }
        }
    }
    users(&mut bmc.users, visit);
    if let Some(values) = &mut bmc.dcmi {
        dcmi(values, visit);
    }
}

/// Parameters and the sets of those that have sets; a value keeps its length.
fn parameters(kind: u8, channel: Option<u8>, parameters: &mut Parameters, visit: Visitor<'_>) {
    for (number, parameter) in parameters.iter_mut() {
        let key = |set| match channel {
            Some(channel) => [kind, channel, *number, set],
            None => [kind, *number, set, 0],
        };
        match parameter {
            Parameter::Single(value) => visit(key(0), &mut |archive| archive.bytes(value)),
            Parameter::Sets(sets) => {
                for (selector, value) in sets.iter_mut() {
                    visit(key(*selector), &mut |archive| archive.bytes(value));
                }
            }
        }
    }
}

fn watchdog(archive: &mut Archive<'_>, watchdog: &mut Watchdog) {
    let Watchdog { timer_use, actions, pretimeout, expired, initial, present, since } = watchdog;
    for byte in [timer_use, actions, pretimeout, expired] {
        archive.byte(byte);
    }
    archive.u16(initial);
    archive.u16(present);
    archive.optional_u64(since);
}

fn chassis(chassis: &mut Chassis, visit: Visitor<'_>) {
    visit([kind::POWER, 0, 0, 0], &mut |archive| {
        archive.flag(&mut chassis.power_on);
        archive.byte(&mut chassis.last_power_event);
        archive.bytes(&mut chassis.restart_cause);
        archive.u32(&mut chassis.power_on_count);
        archive.optional_u64(&mut chassis.power_on_since);
    });
    visit([kind::RESTORE_POLICY, 0, 0, 0], &mut |archive| archive.byte(&mut chassis.restore_policy));
    visit([kind::IDENTIFY, 0, 0, 0], &mut |archive| identify(archive, &mut chassis.identify));
    parameters(kind::BOOT_OPTION, None, &mut chassis.boot_options, visit);
    visit([kind::INVALID_BOOT_OPTIONS, 0, 0, 0], &mut |archive| {
        let mut bits = chassis.invalid_boot_options.to_le_bytes();
        archive.bytes(&mut bits);
        chassis.invalid_boot_options = u128::from_le_bytes(bits);
    });
}

fn identify(archive: &mut Archive<'_>, identify: &mut Identify) {
    let (mut state, mut end) = match *identify {
        Identify::Off => (0, 0),
        Identify::Until(end) => (1, end),
        Identify::On => (2, 0),
    };
    archive.byte(&mut state);
    archive.u64(&mut end);
    *identify = match state {
        0 => Identify::Off,
        1 => Identify::Until(end),
        _ => Identify::On,
    };
}

fn sensor(key: SensorKey, sensor: &mut Sensor, visit: Visitor<'_>) {
    const EVERY_LUN: u8 = 0xFF;
    let key = |part| [kind::SENSOR, key.lun.unwrap_or(EVERY_LUN), key.number, part];
    if let Some(set) = &mut sensor.thresholds {
        visit(key(0), &mut |archive| archive.bytes(&mut set.values));
    }
    if let Some(hysteresis) = &mut sensor.hysteresis {
        visit(key(1), &mut |archive| archive.bytes(hysteresis));
    }
    visit(key(2), &mut |archive| {
        archive.flag(&mut sensor.events_disabled);
        archive.flag(&mut sensor.scanning_disabled);
        archive.u16(&mut sensor.assertions);
        archive.u16(&mut sensor.deassertions);
    });
    visit(key(3), &mut |archive| {
        archive.byte(&mut sensor.sensor_type);
        archive.byte(&mut sensor.event_type);
    });
    if let Some(crossed) = &mut sensor.crossed {
        visit(key(4), &mut |archive| archive.byte(crossed));
    }
}

fn sel(sel: &mut Sel, visit: Visitor<'_>) {
    visit([kind::SEL_ENTRIES, 0, 0, 0], &mut |archive| {
        let mut bytes = sel.entries.concat();
        archive.rest(&mut bytes);
        let (entries, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            archive.fail();
        }
        sel.entries = entries.to_vec();
    });
    visit([kind::SEL_STATUS, 0, 0, 0], &mut |archive| {
        archive.byte(&mut sel.operations);
        archive.u32(&mut sel.added);
        archive.u32(&mut sel.erased);
    });
    visit([kind::SEL_CLOCK, 0, 0, 0], &mut |archive| {
        clock(archive, &mut sel.clock);
        archive.u16(&mut sel.utc_offset);
    });
}

fn clock(archive: &mut Archive<'_>, clock: &mut SelClock) {
    let (mut runs, mut value) = match *clock {
        SelClock::Stopped(time) => (false, u64::from(time)),
        SelClock::Running(ahead) => (true, ahead.cast_unsigned()),
    };
    archive.flag(&mut runs);
    archive.u64(&mut value);
    *clock = if runs { SelClock::Running(value.cast_signed()) } else { SelClock::Stopped(value as u32) };
}

fn dcmi(dcmi: &mut Dcmi, visit: Visitor<'_>) {
    let key = |part| [kind::DCMI, part, 0, 0];
    visit(key(0), &mut |archive| archive.rest(&mut dcmi.asset_tag));
    visit(key(1), &mut |archive| archive.rest(&mut dcmi.controller_name));
    visit(key(2), &mut |archive| {
        archive.flag(&mut dcmi.limit.active);
        archive.bytes(&mut dcmi.limit.settings);
    });
    visit(key(3), &mut |archive| archive.bytes(dcmi.thermal.as_flattened_mut()));
    visit(key(4), &mut |archive| dcmi.configuration.iter_mut().for_each(|value| archive.u16(value)));
}

fn users(users: &mut Users, visit: Visitor<'_>) {
    let all = &mut users.users;
    for id in 1..=users.max {
        visit([kind::USER, id, 0, 0], &mut |archive| {
            let mut known = all.contains_key(&id);
            archive.flag(&mut known);
            if known {
                user(archive, all.get_or_default(id));
            } else {
                all.remove(&id);
            }
        });
    }
}

fn user(archive: &mut Archive<'_>, user: &mut User) {
    archive.bytes(&mut user.name);
    archive.flag(&mut user.enabled);
    archive.flag(&mut user.long_password);
    access(archive, &mut user.access);
    let mut has_password = user.password.is_some();
    archive.flag(&mut has_password);
    let mut password = user.password.take().unwrap_or_default();
    archive.rest(&mut password);
    user.password = has_password.then_some(password);
}

/// A row for each channel that has one.
fn access(archive: &mut Archive<'_>, access: &mut Map<u8, UserAccess>) {
    for channel in 0..16 {
        let mut known = access.contains_key(&channel);
        archive.flag(&mut known);
        if known {
            let row = access.get_or_default(channel);
            archive.byte(&mut row.flags);
            archive.byte(&mut row.privilege);
        } else {
            access.remove(&channel);
        }
    }
}
