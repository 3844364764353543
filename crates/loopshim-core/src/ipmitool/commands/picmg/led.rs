//! `picmg led`: a FRU's lights (PICMG 3.0 section 3.2.5.5).

use super::words::{any, byte, byte_unstopped, led_color as color_argument};
use super::{Controller, ask};
use crate::ipmitool::text::frus::{LED_COLORS, led_color, led_function};
use crate::ipmitool::{Arg, Failed, Level, Outcome, Reply, Session};
use crate::out;

const PROPERTIES: u8 = 0x05;
const COLORS: u8 = 0x06;
const SET: u8 = 0x07;
const GET: u8 = 0x08;

/// The function byte of a lamp test.
const LAMP_TEST: u8 = 0xFB;

pub(super) fn print_properties(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let fru = session.fru_argument(&words[0])?;
    let reply = ask(session, PROPERTIES, &[fru], "LED get properties")?;
    out!(session, "General Status LED Properties:  0x{:2x}\n", reply.at(1));
    out!(session, "App. Specific  LED Count:       0x{:2x}\n", reply.at(2));
    Ok(())
}

fn led(session: &mut Session<'_>, words: &[Arg]) -> Result<[u8; 2], Failed> {
    Ok([session.fru_argument(&words[0])?, byte(session, &words[1], "LED ID", any)?])
}

pub(super) fn print_colors(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let led = led(session, words)?;
    let reply = ask(session, COLORS, &led, "LED get capabilities")?;
    print_capabilities(session, &reply);
    Ok(())
}

/// The colours of an LED, as VITA's response has them too.
pub fn print_capabilities(session: &mut Session<'_>, reply: &Reply) {
    out!(session, "LED Color Capabilities: ");
    for (bit, name) in LED_COLORS.iter().enumerate() {
        if reply.at(1) & 1 << bit != 0 {
            out!(session, "{name}, ");
        }
    }
    out!(session, "\nDefault LED Color in\n");
    out!(session, "      LOCAL control:  {}\n", led_color(reply.at(2)));
    out!(session, "      OVERRIDE state: {}\n", led_color(reply.at(3)));
}

pub(super) fn print_state(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let led = led(session, words)?;
    let reply = ask(session, GET, &led, "LED get state")?;
    let states = reply.at(1);
    out!(session, "LED states:\t\t\t\t\t\t  {states:x}\t");
    if states & 1 == 0 {
        out!(session, "[NO LOCAL CONTROL]\n");
        return Ok(());
    }
    let overridden = if states & 2 != 0 { "|OVERRIDE" } else { "" };
    let tested = if states & 4 != 0 { "|LAMPTEST" } else { "" };
    out!(session, "[LOCAL CONTROL{overridden}{tested}]\n");
    let [function, duration, color] = [2, 3, 4].map(|index| reply.at(index));
    // The override's words are, by a slip, those of the local control.
    let function_name = led_function(function);
    out!(session, "  Local Control function:     {function:x}  {function_name}\n");
    out!(session, "  Local Control On-Duration:  {duration:x}\n");
    out!(session, "  Local Control Color:        {color:x}  [{}]\n", led_color(color));
    if states & 2 != 0 {
        let [function, duration, color] = [5, 6, 7].map(|index| reply.at(index));
        out!(session, "  Override function:     {function:x}  {function_name}\n");
        out!(session, "  Override On-Duration:  {duration:x}\n");
        out!(session, "  Override Color:        {color:x}  [{}]\n", led_color(color));
    }
    if states & 4 != 0 {
        out!(session, "  Lamp test duration:    {:x}\n", reply.at(8));
    }
    Ok(())
}

pub(super) fn set(session: &mut Session<'_>, _: &Controller, words: &[Arg]) -> Outcome {
    let [fru, led] = led(session, words)?;
    let function = byte(session, &words[2], "LED Function", |function| !matches!(function, 0xFD | 0xFE))?;
    let color = color_argument(session, &words[4])?;
    let fits = if function == LAMP_TEST { |duration| duration <= 127 } else { any };
    let mut duration = byte_unstopped(session, &words[3], "LED Duration", fits)?;
    if duration != 0 && (function == 0 || function > LAMP_TEST) {
        let line = [b"Setting LED Duration '", &words[3][..], b"' to '0'"].concat();
        session.console.log_bytes(Level::WARN, &line);
        duration = 0;
    }
    ask(session, SET, &[fru, led, function, duration, color], "LED set state").map(drop)
}
