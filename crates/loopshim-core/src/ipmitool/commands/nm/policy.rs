//! `nm policy` and `nm control`: limits on power and when they hold.

use super::words::{
    CONTROL_SCOPES, CONTROLS, CORRECTION_NAMES, CORRECTIONS, DOMAINS, EXCEPTIONS, POLICY_ACTIONS,
    POLICY_OPTIONS, POLICY_TYPES, show,
};
use super::{INTEL, OEM, Options, Place, ask, byte, check, domain, is_old, long_at, short, word_at};
use crate::ipmitool::commands::dcmi::words::{code_of, word_of};
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

/// Options of `nm policy`.
const DOMAIN: u8 = 0x03;
const POLICY: u8 = 0x0B;

pub(super) fn run(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let action = words.first().and_then(|word| code_of(word, &POLICY_ACTIONS));
    match action {
        None => Err(show(session, "Policy commands", &POLICY_ACTIONS)),
        Some(0x00) => print(session, &words[1..]),
        Some(action) => change(session, action, &words[1..]),
    }
}

fn print(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let options = Options { list: &POLICY_OPTIONS, title: "Get Policy commands", overruns: true };
    let mut place = Place::default();
    options.read(session, words, &mut |session, option, value| {
        match option {
            // Of several domains the bits add up.
            DOMAIN => place.domain |= domain(session, value)?,
            POLICY => {
                place.policy = Some(byte(value).ok_or_else(|| {
                    let range = if is_old(session) { "0-7." } else { "(0-255)" };
                    log!(session, ERR, "    Policy ID must be a positive integer {range}\n");
                    Failed
                })?);
            }
            _ => out!(session, "    Unknown command 0x{option:x}, skipping.\n"),
        }
        Ok(())
    })?;
    let policy = place.policy(session)?;
    let reply = ask(session, 0xC2, &[place.domain, policy])?;
    let [scope, kind, exception] = [3, 4, 5].map(|index| reply.at(index));
    let (limit, correction) = (word_at(&reply, 6), long_at(&reply, 8));
    let (trigger, period) = (word_at(&reply, 12), word_at(&reply, 14));
    let domain = word_of(u32::from(scope & 0x0F), &DOMAINS);
    let trigger_type = word_of(u32::from(kind & 0x0F), &POLICY_TYPES);
    let exceptions = word_of(exception.into(), &EXCEPTIONS);
    let retention = if kind & 0x80 != 0 { "volatile" } else { "non-volatile" };
    let when = |set: bool, word: &'static str| if set { word } else { "" };
    if session.csv {
        let power = if kind & 0x10 != 0 { "power" } else { "nopower " };
        out!(session, "{domain},0x{scope:x},{power},{trigger_type},{exceptions},");
        out!(session, "{limit},{correction},{trigger},{period},{retention}\n");
        return Ok(());
    }
    let aggressiveness = word_of(u32::from(kind >> 5 & 3), &CORRECTION_NAMES);
    out!(session, "    Power domain:                             {domain}\n");
    let enabled = if scope & 0x10 != 0 { "enabled" } else { "not enabled" };
    let per_domain = when(scope & 0x20 != 0, "per Domain ");
    let globally = when(scope & 0x40 != 0, "Globally ");
    let by_dcmi = when(scope & 0x80 != 0, "via DCMI api ");
    out!(session, "    Policy is {enabled} {per_domain}{globally}{by_dcmi}\n");
    out!(session, "    Policy is {}a power control type.\n", when(kind & 0x10 == 0, "not "));
    out!(session, "    Policy Trigger Type:                      {trigger_type}\n");
    out!(session, "    Correction Aggressiveness:                {aggressiveness}\n");
    out!(session, "    Policy Exception Actions:                 {exceptions}\n");
    out!(session, "    Power Limit:                              {limit} Watts\n");
    out!(session, "    Correction Time Limit:                    {correction} milliseconds\n");
    out!(session, "    Trigger Limit:                            {trigger} units\n");
    out!(session, "    Statistics Reporting Period:              {period} seconds\n");
    out!(session, "    Policy retention:                         {retention}\n");
    if policy == 0 && scope & 0x0F == 3 {
        let which = if kind & 0x80 != 0 { "Secondary" } else { "Primary" };
        out!(session, "    HW Prot Power domain:                     {which}\n");
    }
    Ok(())
}

/// A policy as it is set.
#[derive(Default)]
struct Policy {
    /// Bits 0 to 3 of every domain named, bit 4 whether it is enabled.
    scope: u8,
    /// The domain named last.
    domain: u8,
    kind: u8,
    limit: u16,
    correction: u32,
    trigger: u16,
    period: u16,
}

/// `nm policy add`, `remove` and `limiting`.
fn change(session: &mut Session<'_>, action: u8, words: &[Arg]) -> Outcome {
    const ADD: u8 = 0x04;
    const LIMITING: u8 = 0x06;
    let options = Options { list: &POLICY_OPTIONS, title: "Policy options", overruns: false };
    let mut place = Place::default();
    let mut policy = Policy::default();
    options.read(session, words, &mut |session, option, value| match option {
        POLICY => {
            place.policy = byte(value);
            let range = if is_old(session) { "0-7.\n" } else { "(0-255)\n" };
            require(
                session,
                place.policy.is_some(),
                &["Policy ID must be a positive integer ", range].concat(),
            )
        }
        _ => policy.take(session, action, option, value),
    })?;
    if action == LIMITING {
        let reply = session.send(OEM, 0xF2, &[&INTEL[..], &[policy.domain]].concat());
        // A1h says that no policy is limiting.
        if reply.as_ref().is_none_or(|reply| reply.completion != 0xA1) {
            check(session, reply)?;
        }
        // The original prints whether it failed, not what it was told.
        out!(session, "limit 0\n");
        return Ok(());
    }
    let id = place.policy(session)?;
    let adds = if action == ADD { 0x10 } else { 0 };
    let mut data = vec![policy.scope, id, policy.kind | adds, 0];
    data.extend(policy.limit.to_le_bytes());
    data.extend(policy.correction.to_le_bytes());
    data.extend(policy.trigger.to_le_bytes());
    data.extend(policy.period.to_le_bytes());
    ask(session, 0xC1, &data).map(|_| ())
}

impl Policy {
    fn take(&mut self, session: &mut Session<'_>, action: u8, option: u8, value: Option<&Arg>) -> Outcome {
        const REMOVE: u8 = 0x05;
        match option {
            0x01 => self.scope |= 0x10,
            DOMAIN => {
                self.domain = domain(session, value)?;
                self.scope |= self.domain;
            }
            0x04 => {
                let degrees = short(value);
                require(session, degrees.is_some(), "Inlet Temp value must be 20-45.\n")?;
                self.kind |= 1;
                self.limit = 0;
                self.trigger = degrees.unwrap_or_default();
            }
            0x06 if action != REMOVE => {
                let code = value.map_or(Some(0), |word| code_of(word, &CORRECTIONS));
                let code = code.ok_or_else(|| show(session, "Correction Actions", &CORRECTIONS))?;
                self.kind |= code << 5;
            }
            0x08 => {
                let watts = short(value);
                require(session, watts.is_some(), "Power limit value must be 0-500.\n")?;
                self.limit = watts.unwrap_or_default();
            }
            0x09 => {
                let limit = value.and_then(|word| number::to_u32(word).ok());
                require(session, limit.is_some(), "Trigger Limit value must be positive integer.\n")?;
                self.correction = limit.unwrap_or_default();
            }
            0x0A => {
                let period = short(value);
                require(
                    session,
                    period.is_some(),
                    "Statistics Reporting Period must be positive integer.\n",
                )?;
                self.period = period.unwrap_or_default();
            }
            0x0C => self.kind |= 0x80,
            0x0D => {
                let cores = short(value).filter(|cores| (1..=127).contains(cores));
                require(session, cores.is_some(), "number of cores disabled must be 1-127.\n")?;
                self.kind |= 4;
                self.limit = cores.unwrap_or_default() << 1;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Fails with a complaint (on standard output) unless a value is right.
fn require(session: &mut Session<'_>, is_right: bool, complaint: &str) -> Outcome {
    if is_right {
        return Ok(());
    }
    session.console.put(complaint.as_bytes());
    Err(Failed)
}

/// Turns policies on or off: all, a domain's, or one.
pub(super) fn control(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let action = words.first().and_then(|word| code_of(word, &CONTROLS));
    let Some(action) = action else {
        show(session, "Control parameters:", &CONTROLS);
        return Err(show(session, "control Scope (required):", &CONTROL_SCOPES));
    };
    let (mut scope, mut place) = (0, Place::default());
    for pair in words[1..].chunks(2) {
        scope = code_of(&pair[0], &CONTROL_SCOPES)
            .ok_or_else(|| show(session, "Control Scope (required):", &CONTROL_SCOPES))?;
        match (scope, pair.get(1)) {
            (0x02, Some(word)) => place.take(session, 1, Some(word))?,
            (0x04, Some(word)) => {
                place.take(session, 2, Some(word))?;
                break;
            }
            _ => {}
        }
    }
    if scope == 0x04 {
        place.policy(session)?;
    }
    ask(session, 0xC0, &[scope | action, place.domain, place.policy_or_last()]).map(|_| ())
}
