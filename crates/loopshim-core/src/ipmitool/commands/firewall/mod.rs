//! `firewall`: which functions a BMC offers, and switching them on and off
//! ("Firmware Firewall", IPMI 2.0 chapter 21).

mod scope;
mod support;

use crate::ipmitool::help::firewall as help;
use scope::Scope;
use support::{COMMANDS, LUNS, Mask, PAIRS, SUBFUNCTIONS, Support, Three, bit, set_bit};

use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

/// Runs `ipmitool firewall …`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let is = |word: &str| args.first().is_some_and(|arg| session.personality.is_verb(arg, word));
    let (info, enable, disable, reset) = (is("info"), is("enable"), is("disable"), is("reset"));
    match args {
        [_, words @ ..] if info => print_info(session, words),
        [_, words @ ..] if enable || disable => switch(session, words, enable),
        [_, words @ ..] if reset => reset_all(session, words),
        _ => {
            session.help(help::FIREWALL);
            Ok(())
        }
    }
}

fn asks_help(session: &Session<'_>, words: &[Arg]) -> bool {
    words.first().is_some_and(|word| session.personality.is_verb(word, "help"))
}

fn print_info(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    let scope = match asks_help(session, words) {
        true => Err(Failed),
        false => Scope::read(session, words),
    };
    let Ok(scope) = scope else {
        session.help(help::INFO);
        return Ok(());
    };
    let support = Support::gather(session, &scope);
    match (scope.lun, scope.netfn, scope.command) {
        (Some(lun), Some(netfn), Some(command)) => print_command(session, &support, (lun, netfn), command),
        (Some(lun), Some(netfn), None) if !support.has(lun, netfn) => {
            log!(session, ERR, "LUN or LUN/NetFn pair {lun:02x},{netfn:02x} not supported");
        }
        (Some(lun), Some(netfn), None) => {
            out!(session, "Commands on LUN 0x{lun:02x}, NetFn 0x{netfn:02x}\n");
            print_masks(session, "", &support.pair(lun, netfn).masks);
        }
        _ => print_all(session, &support),
    }
    Ok(())
}

fn print_command(session: &mut Session<'_>, support: &Support, (lun, netfn): (u8, u8), command: u8) {
    let states = support.pair(lun, netfn).command(command);
    if !support.has(lun, netfn) || states == [false; 3] {
        let pair = format!("{lun:02x},{netfn:02x}");
        log!(session, ERR, "Command 0x{command:02x} not supported on LUN/NetFn pair {pair}");
        return;
    }
    out!(session, "(A)vailable, (C)onfigurable, (E)nabled: | A | C | E |\n");
    out!(session, "-----------------------------------------------------\n");
    out!(session, "LUN {lun}, NetFn 0x{netfn:02x}, Command 0x{command:02x}:        ");
    print_states(session, states);
    let [unsupported, configurable, enabled] = &support.subfunctions;
    for number in 0..SUBFUNCTIONS as u8 {
        out!(session, "sub-function 0x{number:02x}:                      ");
        let states = [!bit(unsupported, number), bit(configurable, number), bit(enabled, number)];
        print_states(session, states);
    }
}

fn print_states(session: &mut Session<'_>, states: [bool; 3]) {
    let [a, c, e] = states.map(|state| if state { 'X' } else { ' ' });
    out!(session, "| {a} | {c} | {e} |\n");
}

fn print_all(session: &mut Session<'_>, support: &Support) {
    for number in 0..LUNS * PAIRS {
        let (lun, netfn) = ((number / PAIRS) as u8, (number % PAIRS * 2) as u8);
        if support.has(lun, netfn) {
            let prefix = format!("{lun:02x},{netfn:02x} ");
            print_masks(session, &prefix, &support.pair(lun, netfn).masks);
        }
    }
}

fn print_masks(session: &mut Session<'_>, prefix: &str, [support, configurable, enabled]: &Three<Mask>) {
    let rows = [
        ("support:      ", support.map(|byte| !byte)),
        ("configurable: ", *configurable),
        ("enabled:      ", *enabled),
    ];
    for (title, mask) in rows {
        out!(session, "{prefix}{title}");
        for (index, byte) in mask.iter().enumerate() {
            out!(session, "{byte:02x}{}", if index % 4 == 3 { " " } else { "" });
        }
        out!(session, "\n");
    }
}

/// `enable` and `disable`.
fn switch(session: &mut Session<'_>, words: &[Arg], on: bool) -> Outcome {
    if words.is_empty() || asks_help(session, words) {
        print_switch_help(session, on);
        return Ok(());
    }
    let scope = Scope::read(session, words)?;
    let support = Support::gather(session, &scope);
    // Of a whole LUN nothing is switched.
    let (Some(lun), Some(netfn)) = (scope.lun, scope.netfn) else { return Ok(()) };
    let (place, pair) = ([scope.channel, netfn, lun], support.pair(lun, netfn));
    let all = if on { 0xFF } else { 0 };
    let Some(command) = scope.command else {
        return support::set_enables(session, place, pair, &[all; COMMANDS / 8], scope.force);
    };
    let of_command = [scope.channel, netfn, lun, command];
    if let Some(number) = scope.subfunction {
        let mut wanted = support.subfunctions[2];
        set_bit(&mut wanted, number, on);
        return support::set_sub_enables(session, of_command, &support.subfunctions, &wanted);
    }
    let of_subfunctions =
        support::set_sub_enables(session, of_command, &support.subfunctions, &[all; SUBFUNCTIONS / 8]);
    let mut wanted = pair.masks[2];
    set_bit(&mut wanted, command, on);
    support::set_enables(session, place, pair, &wanted, scope.force).and(of_subfunctions)
}

fn print_switch_help(session: &mut Session<'_>, on: bool) {
    out!(session, "{}\n", if on { help::ENABLE } else { help::DISABLE }.text());
}

/// Enables every function there might be; how the last request ended counts.
fn reset_all(session: &mut Session<'_>, words: &[Arg]) -> Outcome {
    if words.is_empty() {
        log!(session, ERR, "Not enough parameters given.");
        session.help(help::FIREWALL);
        return Err(Failed);
    }
    if asks_help(session, words) {
        session.help(help::FIREWALL);
        return Ok(());
    }
    let scope = Scope::read(session, words)?;
    let support = Support::gather(session, &scope);
    let mut outcome = Ok(());
    for number in 0..LUNS * PAIRS {
        outcome = reset_pair(session, &scope, &support, (number / PAIRS, number % PAIRS));
    }
    outcome
}

fn reset_pair(
    session: &mut Session<'_>,
    scope: &Scope,
    support: &Support,
    (lun, pair): (usize, usize),
) -> Outcome {
    let place @ [channel, netfn, lun_byte] = [scope.channel, (pair * 2) as u8, lun as u8];
    for command in 0..COMMANDS {
        out!(session, "reset lun {lun}, netfn {pair}, command {command}, subfn\n");
        let place = [channel, netfn, lun_byte, command as u8];
        let asked = (scope.lun, scope.netfn.map(|netfn| netfn & !1), scope.command);
        let known = asked == (Some(lun_byte), Some(netfn), Some(command as u8));
        let masks = if known { support.subfunctions } else { Default::default() };
        // The next command is tried all the same.
        let _ = support::set_sub_enables(session, place, &masks, &[0xFF; SUBFUNCTIONS / 8]);
    }
    out!(session, "reset lun {lun}, netfn {pair}, command\n");
    support::set_enables(session, place, support.pair(lun_byte, netfn), &[0xFF; COMMANDS / 8], false)
}
