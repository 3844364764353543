//! `vita led`: a FRU's lights.

use super::{ask_typed, change};
use crate::ipmitool::commands::picmg::print_capabilities;
use crate::ipmitool::text::SharpHex;
use crate::ipmitool::text::frus::{led_color, led_function};
use crate::ipmitool::{Arg, Outcome, Session};
use crate::out;

const PROPERTIES: u8 = 0x05;
const COLORS: u8 = 0x06;
const SET: u8 = 0x07;
const GET: u8 = 0x08;

pub(super) fn properties(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let reply = ask_typed(session, PROPERTIES, &words[..1], |_| 3)?;
    out!(session, "LED Count:\t   {}\n", SharpHex(reply.at(2).into()));
    Ok(())
}

pub(super) fn colors(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let reply = ask_typed(session, COLORS, &words[..2], |_| 4)?;
    print_capabilities(session, &reply);
    if reply.len() == 5 {
        out!(session, "LED flags:\n");
        let flags = [(2, "      [HW RESTRICT]\n"), (1, "      [PAYLOAD PWR]\n")];
        flags.iter().filter(|flag| reply.at(4) & flag.0 != 0).for_each(|flag| out!(session, "{}", flag.1));
    }
    Ok(())
}

pub(super) fn get(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let reply = ask_typed(session, GET, &words[..2], |reply| match reply.at(1) {
        states if states & 4 != 0 => 9,
        states if states & 2 != 0 => 8,
        _ => 5,
    })?;
    let states = reply.at(1);
    out!(session, "LED states:                   {states:x}\t");
    for (bit, name) in ["LOCAL CONTROL", "OVERRIDE", "LAMPTEST", "HW RESTRICT"].iter().enumerate() {
        if states & 1 << bit != 0 {
            out!(session, "[{name}] ");
        }
    }
    out!(session, "\n");
    let [function, duration, color] = [2, 3, 4].map(|index| reply.at(index));
    if states & 1 != 0 {
        out!(session, "  Local Control function:     {function:x}\t{}\n", led_function(function));
        out!(session, "  Local Control On-Duration:  {duration:x}\n");
        out!(session, "  Local Control Color:        {color:x}\t[{}]\n", led_color(color & 7));
    }
    let [function, duration, color] = [5, 6, 7].map(|index| reply.at(index));
    if states & 6 != 0 {
        out!(session, "  Override function:     {function:x}\t{}\n", led_function(function));
        out!(session, "  Override On-Duration:  {duration:x}\n");
        out!(session, "  Override Color:        {color:x}\t[{}]\n", led_color(color & 7));
        if states == 4 {
            out!(session, "  Lamp test duration:    {:x}\n", reply.at(8));
        }
    }
    Ok(())
}

pub(super) fn set(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    change(session, SET, &words[..5], "LED state has been updated\n")
}
