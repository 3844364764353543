//! `dcmi thermalpolicy`: what happens when it gets too hot (DCMI 1.5 sections
//! 6.7.1 and 6.7.2).

use super::words::{List, code_of, list};
use super::{ask, invalid};
use crate::ipmitool::text::described;
use crate::ipmitool::{Arg, Failed, Outcome, Session, number};
use crate::{log, out};

const COMMANDS: List =
    List { column: 0, words: described![(0, "get", "Get thermal policy"), (1, "set", "Set thermal policy")] };

const PARAMETERS: List = List {
    column: 11,
    words: described![
        (0, "volatile", "Current Power Cycle"),
        (1, "nonvolatile", "Set across power cycles"),
        (1, "poweroff", "Hard Power Off system"),
        (0, "nopoweroff", "No 'Hard Power Off' action"),
        (1, "sel", "Log event to SEL"),
        (0, "nosel", "No 'Log event to SEL' action"),
        (0, "disabled", "Disabled"),
    ],
};

pub(super) fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let verb = args.first().map_or(Some(0), |verb| code_of(verb, &COMMANDS));
    match (verb, args) {
        (Some(0), [_, entity, instance, ..]) => {
            let (entity, instance) = target(session, entity, instance)?;
            print(session, entity, instance)
        }
        (Some(1), [_, entity, instance, settings @ ..]) => set(session, (entity, instance), settings),
        (Some(code), _) => {
            log!(session, NOTICE, "{} <entityID> <instanceID>", if code == 0 { "Get" } else { "Set" });
            Err(Failed)
        }
        (None, _) => {
            list(session, "thermalpolicy <command>", &COMMANDS);
            Err(Failed)
        }
    }
}

fn target(session: &mut Session<'_>, entity: &[u8], instance: &[u8]) -> Result<(u8, u8), Failed> {
    let id = number::to_u8(entity).map_err(|_| invalid(session, b"Entity ID", entity))?;
    let instance = number::to_u8(instance).map_err(|_| invalid(session, b"Instance ID", instance))?;
    Ok((id, instance))
}

fn print(session: &mut Session<'_>, entity: u8, instance: u8) -> Outcome {
    let reply = ask(session, 0x0C, &[entity, instance])?;
    let actions = reply.at(1);
    let active = |bit: u8| if actions & bit != 0 { "active" } else { "inactive" };
    let persistence = if actions & 0x80 != 0 { "set" } else { "notset" };
    let time = u16::from_le_bytes([reply.at(3), reply.at(4)]);
    out!(session, "\n    Persistence flag is:                      {persistence}\n");
    out!(session, "    Exception Actions, taken if the Temperature Limit exceeded:\n");
    out!(session, "        Hard Power Off system and log event:  {}\n", active(0x40));
    out!(session, "        Log event to SEL only:                {}\n", active(0x20));
    out!(session, "    Temperature Limit                         {} degrees\n", reply.at(2));
    out!(session, "    Exception Time                            {time} seconds\n");
    out!(session, "\n\n");
    Ok(())
}

fn set(session: &mut Session<'_>, (entity, instance): (&Arg, &Arg), settings: &[Arg]) -> Outcome {
    let [persistence, power_off, log, limit, time, ..] = settings else {
        let title = "Set thermalpolicy instance parameters: <volatile/nonvolatile/disabled> \
                     <poweroff/nopoweroff/disabled> <sel/nosel/disabled> <templimitByte> <exceptionTime>";
        list(session, title, &PARAMETERS);
        return Err(Failed);
    };
    let (entity, instance) = target(session, entity, instance)?;
    // Words that are none of these count as "disabled".
    let flag = |word: &[u8]| code_of(word, &PARAMETERS).unwrap_or(0);
    let actions = flag(persistence) << 7 | flag(power_off) << 6 | flag(log) << 5;
    let limit = number::to_u8(limit).map_err(|_| invalid(session, b"Temp Limit", limit))?;
    let time = number::to_u16(time).map_err(|_| invalid(session, b"Sampling Time", time))?;
    let [low, high] = time.to_le_bytes();
    ask(session, 0x0B, &[entity, instance, actions, limit, low, high])?;
    out!(session, "\nThermal policy {instance} for {entity:X}h entity successfully set.\n\n");
    Ok(())
}
