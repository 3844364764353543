//! `nm discover`, `capability`, `statistics`, `reset` and `power`: what the
//! manager can do and has measured.

use super::words::{
    CAPABILITY_OPTIONS, DOMAINS, POLICY_PLACE, RANGE_OPTIONS, RESETS, STATISTICS, VERSIONS, show,
};
use super::{Options, Place, ask, domain, long_at, short, word_at};
use crate::ipmitool::commands::dcmi::words::{code_of, word_of};
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

pub(super) fn discover(session: &mut Session<'_>) -> Outcome {
    let reply = ask(session, 0xCA, &[])?;
    let [version, patch, major, minor] = [3, 5, 6, 7].map(|index| reply.at(index));
    out!(session, "    Node Manager Version {}\n", word_of(version.into(), &VERSIONS));
    out!(session, "    revision {major}.{}{}  patch version {patch}\n", minor >> 4, minor & 0x0F);
    Ok(())
}

pub(super) fn print_capabilities(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let options = Options { list: &CAPABILITY_OPTIONS, title: "Capability commands", overruns: false };
    let (mut scope, mut trigger) = (0, 0);
    options.read(session, words, &mut |session, option, value| {
        match option {
            1 => scope = domain(session, value)?,
            _ => trigger = option - 1,
        }
        Ok(())
    })?;
    let reply = ask(session, 0xC9, &[scope, trigger | 0x10])?;
    let (policies, max, min) = (reply.at(3), word_at(&reply, 4), word_at(&reply, 6));
    let (min_correction, max_correction) = (long_at(&reply, 8) / 1000, long_at(&reply, 12) / 1000);
    let (min_period, max_period) = (word_at(&reply, 16), word_at(&reply, 18));
    let scope = word_of(u32::from(reply.at(20) & 0x0F), &DOMAINS);
    if session.csv {
        out!(session, "{policies},{max},{min},{min_correction},{max_correction},");
        out!(session, "{min_period},{max_period},{scope}\n");
        return Ok(());
    }
    out!(session, "    power policies:\t\t{policies}\n");
    let limits = match trigger {
        0 => Some(("power", "Watts", 1)),
        1 => Some(("temp", "C", 1)),
        2 | 3 => Some(("time", "Secs", 10)),
        _ => None,
    };
    let mut row = |name: &str, value: u32, unit: &str| out!(session, "    {name}\t\t{value:7} {unit}\n");
    if let Some((name, unit, divisor)) = limits {
        row(&format!("max_{name}"), u32::from(max / divisor), unit);
        row(&format!("min_{name}"), u32::from(min / divisor), unit);
    }
    row("min_corr", min_correction, "secs");
    row("max_corr", max_correction, "secs");
    row("min_stats", min_period.into(), "secs");
    row("max_stats", max_period.into(), "secs");
    out!(session, "    domain scope:\t{scope}\n");
    Ok(())
}

pub(super) fn print_statistics(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let mode = words.first().and_then(|word| code_of(word, &STATISTICS));
    let Some(mode) = mode else { return Err(show(session, "Statistics commands", &STATISTICS)) };
    let options = Options { list: &POLICY_PLACE, title: "Control Scope options", overruns: false };
    let mut place = Place::default();
    options.read(session, &words[1..], &mut |session, option, value| place.take(session, option, value))?;
    let per_policy = matches!(mode, 0x11..=0x13);
    if per_policy {
        place.policy(session)?;
    }
    let unit = match mode {
        0x01 | 0x11 => "Watts",
        0x02 | 0x12 => "Celsius",
        0x13 => " %",
        _ => "",
    };
    let reply = ask(session, 0xC8, &[mode, place.domain, place.policy_or_last()])?;
    let [current, min, max, average] = [3, 5, 7, 9].map(|at| word_at(&reply, at));
    let stamp = long_at(&reply, 11);
    let time = session.times.words_or_figures(stamp);
    let period = long_at(&reply, 15).cast_signed();
    let state = reply.at(19);
    let scope = word_of(u32::from(state & 0x0F), &DOMAINS);
    let either = |bit: u8, words: [&'static str; 2]| words[usize::from(state >> bit & 1)];
    let enabled = if per_policy { "Policy Enabled" } else { "Globally Enabled" };
    let admin = either(4, ["Disabled", enabled]);
    let operation = either(5, ["suspended", "active"]);
    let measurement = either(6, ["suspended", "in progress"]);
    let activation = either(7, ["not triggered", "triggered"]);
    if session.csv {
        out!(session, "{scope},{admin},{operation},{measurement},{activation},");
        out!(session, "{current},{min},{max},{average},");
        session.console.put(&time);
        out!(session, ",{period}\n");
        return Ok(());
    }
    let mut row = |name: &str, value: &[u8]| {
        session.console.put_padded(name.as_bytes(), 46);
        session.console.put(value);
        session.console.put(b"\n");
    };
    let measured = |value: u16| format!("{value:8} {unit}").into_bytes();
    row("    Power domain:", scope.as_bytes());
    row("    Policy/Global Admin state", admin.as_bytes());
    row("    Policy/Global Operational state", operation.as_bytes());
    row("    Policy/Global Measurement state", measurement.as_bytes());
    row("    Policy Activation state", activation.as_bytes());
    row("    Instantaneous reading:", &measured(current));
    row("    Minimum during sampling period:", &measured(min));
    row("    Maximum during sampling period:", &measured(max));
    row("    Average reading over sample period:", &measured(average));
    row("    IPMI timestamp:", &time);
    row("    Sampling period:", format!("{period:08} Seconds.\n").as_bytes());
    Ok(())
}

pub(super) fn reset(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let mode = words.first().and_then(|word| code_of(word, &RESETS));
    let Some(mode) = mode else { return Err(show(session, "Reset Statistics Modes:", &RESETS)) };
    let options = Options { list: &POLICY_PLACE, title: "Reset Scope options", overruns: false };
    let mut place = Place::default();
    options.read(session, &words[1..], &mut |session, option, value| place.take(session, option, value))?;
    if mode != 0 {
        place.policy(session)?;
    }
    ask(session, 0xC7, &[mode, place.domain, place.policy_or_last()]).map(|_| ())
}

/// Sets the least and the greatest power the domain can draw.
pub(super) fn set_range(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let options = Options { list: &RANGE_OPTIONS, title: "power range parameters:", overruns: true };
    let mut scope = 0;
    let mut range = [0xFFFF; 2];
    options.read(session, words, &mut |session, option, value| {
        if option == 1 {
            scope = domain(session, value)?;
            return Ok(());
        }
        let Some(watts) = short(value) else {
            let bound = if option == 2 { "minimum" } else { "maximum" };
            log!(session, ERR, "Power {bound} must be a positive integer.\n");
            return Err(Failed);
        };
        range[usize::from(option - 2)] = watts;
        Ok(())
    })?;
    if range.contains(&0xFFFF) {
        log!(session, ERR, "Missing parameters: nm power range min <minimum> max <maximum>.\n");
        return Err(Failed);
    }
    let ([min_low, min_high], [max_low, max_high]) = (range[0].to_le_bytes(), range[1].to_le_bytes());
    ask(session, 0xCB, &[scope, min_low, min_high, max_low, max_high]).map(|_| ())
}
