//! `chassis bootdev`: from where to boot next (IPMI 2.0 table 28-14,
//! parameter 5).

use super::boot_parameter::{BOOT_FLAGS, INFO_ACKNOWLEDGE, SET_IN_PROGRESS, Written, write};
use crate::ipmitool::text::{
    Names, names,
    words::{Row, Rows, packed},
};
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, help};
use crate::{log, out};

/// Boot flags: data bytes 1 to 5 of the parameter.
pub(super) type Flags = [u8; 5];

/// A device: its code in the second byte and its word (also taken after
/// `force_`, except `none`).
const DEVICES: Names = names![
    (0x00, "none"),
    (0x04, "pxe"),
    (0x08, "disk"),
    (0x0C, "safe"),
    (0x10, "diag"),
    (0x14, "cdrom"),
    (0x3C, "floppy"),
    (0x18, "bios"),
];

/// An option: byte, the field it belongs to and its value there; its name, the
/// description, and 1.8.18's where it differs.
const fn option(
    name: &'static str,
    byte: u16,
    field: u16,
    value: u16,
    [old, new]: [&'static str; 2],
) -> Row<3, 3> {
    ([byte, field, value], [name, new, old])
}

const fn flag(name: &'static str, byte: u16, bit: u16, description: [&'static str; 2]) -> Row<3, 3> {
    option(name, byte, 1 << bit, 1 << bit, description)
}

/// Goes through the options: byte, field, value, name and descriptions.
struct Options(Rows);

impl Iterator for Options {
    type Item = ([u8; 3], [&'static str; 3]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut number = || self.0.code().map(|code| code as u8);
        let numbers = [number()?, number()?, number()?];
        Some((numbers, [self.0.word()?, self.0.word()?, self.0.word()?]))
    }
}

const OPTIONS: Rows = packed!(
    3,
    3,
    [
        flag("valid", 0, 7, ["", "Boot flags valid"]),
        flag("persistent", 0, 6, ["", "Changes are persistent for all future boots"]),
        flag("efiboot", 0, 5, ["", "Extensible Firmware Interface Boot (EFI)"]),
        flag("clear-cmos", 1, 7, ["", "CMOS clear"]),
        flag("lockkbd", 1, 6, ["", "Lock Keyboard"]),
        flag("screenblank", 1, 1, ["", "Screen Blank"]),
        flag("lockoutreset", 1, 0, ["Lock out Resetbuttons", "Lock out Reset buttons"]),
        flag("lockout_power", 2, 7, ["", "Lock out (power off/sleep request) via Power Button"]),
        option("verbose=default", 2, 3 << 5, 0 << 5, ["", "Request quiet BIOS display"]),
        option("verbose=no", 2, 3 << 5, 1 << 5, ["", "Request quiet BIOS display"]),
        option("verbose=yes", 2, 3 << 5, 2 << 5, ["", "Request verbose BIOS display"]),
        flag("force_pet", 2, 4, ["", "Force progress event traps"]),
        flag("upw_bypass", 2, 3, ["", "User password bypass"]),
        flag("lockout_sleep", 2, 2, ["Log Out Sleep Button", "Lock out the Sleep button"]),
        option(
            "cons_redirect=default",
            2,
            3,
            0,
            ["", "Console redirection occurs per BIOS configuration setting"],
        ),
        option("cons_redirect=skip", 2, 3, 1, ["", "Suppress (skip) console redirection if enabled"]),
        option(
            "cons_redirect=enable",
            2,
            3,
            2,
            ["Suppress (skip) console redirection if enabled", "Request console redirection be enabled"],
        ),
    ]
);

/// Runs `chassis bootdev …`.
pub(super) fn run(session: &mut Session<'_>, rest: &[Arg]) -> Outcome {
    let (device, rest) = match rest.split_first() {
        Some((word, rest)) if !session.personality.is_verb(word, "help") => (word, rest),
        _ => return super::help(session, help::chassis::BOOT_DEVICE),
    };
    let flags = match rest.first().map(Vec::as_slice) {
        Some(word) if session.personality.is_verb(word, "clear-cmos=yes") => [0, 1 << 7, 0, 0, 0],
        Some([b'o', b'p', b't', b'i', b'o', b'n', b's', b'=', list @ ..]) => read_options(session, list)?,
        _ => [0; 5],
    };
    set(session, device, flags)
}

fn read_options(session: &mut Session<'_>, list: &[u8]) -> Result<Flags, Failed> {
    let mut flags = [0; 5];
    let mut failed = false;
    for word in list.split(|byte| *byte == b',').filter(|word| !word.is_empty()) {
        if word == b"help" {
            failed = true;
            break;
        }
        match Options(OPTIONS).find(|(_, [name, ..])| name.as_bytes() == word) {
            Some(([byte, field, value], _)) => {
                let kept = session.personality.boot_option_keeps(field);
                let flag = &mut flags[usize::from(byte)];
                *flag = *flag & kept | value;
            }
            None => {
                failed = true;
                session.complain("Invalid option: ", word, "");
            }
        }
    }
    if failed {
        list_options(session);
        return Err(Failed);
    }
    Ok(flags)
}

fn list_options(session: &mut Session<'_>) {
    log!(session, NOTICE, "Legal options settings are:");
    let help = std::iter::once(["help", "print this message", ""]);
    for [name, new, old] in help.chain(Options(OPTIONS).map(|(_, words)| words)) {
        let old = if old.is_empty() { new } else { old };
        match session.personality.has_boot_mailbox() {
            true => log!(session, NOTICE, "  {name:<22}: {new}"),
            false => log!(session, NOTICE, "\t{name}:\t{old}"),
        }
    }
}

/// Selects a device, with further flags.
pub(super) fn set(session: &mut Session<'_>, device: &[u8], mut flags: Flags) -> Outcome {
    let progress = start(session);
    let acknowledged = acknowledge(session);
    // 1.8.19 goes on after a refusal.
    if let Err(failed) = acknowledged.outcome(session) {
        finish(session, &progress, false);
        return Err(failed);
    }
    let personality = session.personality;
    let bare = device.strip_prefix(b"force_").unwrap_or(device);
    let is = |(_, name): &(u16, &str)| match *name {
        "none" => personality.is_verb(device, name),
        name => personality.is_verb(device, name) || personality.is_verb(bare, name),
    };
    let Some((code, _)) = DEVICES.iter().find(is) else {
        let failed = session.complain("Invalid argument: ", device, "");
        finish(session, &progress, false);
        return Err(failed);
    };
    flags[0] |= 0x80;
    flags[1] |= code as u8;
    let written = write(session, BOOT_FLAGS, &flags);
    if written == Written::Accepted {
        session.console.put(&[b"Set Boot Device to ", device, b"\n"].concat());
    }
    finish(session, &progress, written == Written::Accepted);
    written.outcome(session)
}

/// Whether the BMC is to be told when a change starts and ends.
pub(super) struct Progress(bool);

/// Says that a change starts. A BMC that refuses to hear it is not told more:
/// by 1.8.18 of this change, by 1.8.19 of any.
pub(super) fn start(session: &mut Session<'_>) -> Progress {
    if session.personality.has_boot_mailbox() && session.boot_progress_refused {
        return Progress(false);
    }
    let accepted = write(session, SET_IN_PROGRESS, &[1]) == Written::Accepted;
    session.boot_progress_refused |= !accepted;
    Progress(accepted)
}

/// Acknowledges the boot info, on behalf of the BIOS.
pub(super) fn acknowledge(session: &mut Session<'_>) -> Written {
    write(session, INFO_ACKNOWLEDGE, &[1, 1])
}

/// Says that a change is to be kept (`done`) and has ended.
pub(super) fn finish(session: &mut Session<'_>, progress: &Progress, done: bool) {
    commit(session, progress, done);
    end(session, progress);
}

pub(super) fn commit(session: &mut Session<'_>, progress: &Progress, done: bool) {
    if progress.0 && done {
        write(session, SET_IN_PROGRESS, &[2]);
    }
}

pub(super) fn end(session: &mut Session<'_>, progress: &Progress) {
    if progress.0 {
        write(session, SET_IN_PROGRESS, &[0]);
    }
}

/// Prints the boot flags of a `bootparam get 5`.
pub(super) fn show(session: &mut Session<'_>, reply: &Reply) {
    let flags = [reply.at(2), reply.at(3), reply.at(4), reply.at(5)];
    out!(session, " Boot Flags :\n");
    show_validity(session, flags[0]);
    show_device(session, flags[1]);
    match session.personality.has_boot_mailbox() {
        true => show_console(session, flags[2]),
        false => show_console_mislabelled(session, flags[2]),
    }
    line_if(session, flags[3] & 0x08, "BIOS Shared Mode Override");
    let mux = MUX_CONTROLS.get(usize::from(flags[3] & 7)).unwrap_or(&FLAG_ERROR);
    out!(session, "   - BIOS Mux Control Override : {mux}\n");
}

const FLAG_ERROR: &str = "Flag error";

const MUX_CONTROLS: [&str; 3] = [
    "BIOS uses recommended setting of the mux at the end of POST",
    "Requests BIOS to force mux to BMC at conclusion of POST/start of OS boot",
    "Requests BIOS to force mux to system at conclusion of POST/start of OS boot",
];

fn line_if(session: &mut Session<'_>, bit: u8, text: &str) {
    if bit != 0 {
        out!(session, "   - {text}\n");
    }
}

fn show_validity(session: &mut Session<'_>, byte: u8) {
    let pick = |bit: u8, [set, clear]: [&'static str; 2]| if byte & bit != 0 { set } else { clear };
    let boots = ["Options apply to all future boots", "Options apply to only next boot"];
    let firmware = ["BIOS EFI boot ", "BIOS PC Compatible (legacy) boot "];
    out!(session, "   - {}\n", pick(0x80, ["Boot Flag Valid", "Boot Flag Invalid"]));
    out!(session, "   - {}\n", pick(0x40, boots));
    out!(session, "   - {}\n", pick(0x20, firmware));
}

fn show_device(session: &mut Session<'_>, byte: u8) {
    line_if(session, byte & 0x80, "CMOS Clear");
    line_if(session, byte & 0x40, "Lock Keyboard");
    let remote = session.personality.has_boot_mailbox();
    let device = match byte >> 2 & 0x0F {
        0 => "No override",
        1 => "Force PXE",
        2 => "Force Boot from default Hard-Drive",
        3 => "Force Boot from default Hard-Drive, request Safe-Mode",
        4 => "Force Boot from Diagnostic Partition",
        5 => "Force Boot from CD/DVD",
        6 => "Force Boot into BIOS Setup",
        7 if remote => "Force Boot from remotely connected Floppy/primary removable media",
        8 if remote => "Force Boot from remotely connected CD/DVD",
        9 if remote => "Force Boot from primary remote media",
        11 if remote => "Force Boot from remotely connected Hard-Drive",
        15 => "Force Boot from Floppy/primary removable media",
        _ => FLAG_ERROR,
    };
    out!(session, "   - Boot Device Selector : {device}\n");
    line_if(session, byte & 0x02, "Screen blank");
    line_if(session, byte & 0x01, "Lock out Reset buttons");
}

const DISPLAYS: [&str; 4] =
    ["System Default", "Request Quiet Display", "Request Verbose Display", FLAG_ERROR];
const REDIRECTIONS: [&str; 4] = [
    "Console redirection occurs per BIOS configuration setting (default)",
    "Suppress (skip) console redirection if enabled",
    "Request console redirection be enabled",
    FLAG_ERROR,
];

/// As 1.8.19 has it.
fn show_console(session: &mut Session<'_>, byte: u8) {
    line_if(session, byte & 0x80, "Lock out (power off/sleep request) via Power Button");
    out!(session, "   - BIOS verbosity : {}\n", DISPLAYS[usize::from(byte >> 5 & 3)]);
    line_if(session, byte & 0x10, "Force progress event traps");
    line_if(session, byte & 0x08, "User password bypass");
    line_if(session, byte & 0x04, "Lock Out Sleep Button");
    out!(session, "   - Console Redirection control : {}\n", REDIRECTIONS[usize::from(byte & 3)]);
}

/// As 1.8.18 has it: the two labels stand at each other's values, and a bit of
/// the redirection is taken for a second sleep button.
fn show_console_mislabelled(session: &mut Session<'_>, byte: u8) {
    line_if(session, byte & 0x80, "Lock out (power off/sleep request) vi Power Button");
    out!(session, "   - Console Redirection control : {}\n", DISPLAYS[usize::from(byte >> 5 & 3)]);
    line_if(session, byte & 0x10, "Force progress event traps");
    line_if(session, byte & 0x08, "User password bypass");
    line_if(session, byte & 0x04, "Lock Out Sleep Button");
    line_if(session, byte & 0x02, "Lock Out Sleep Button");
    out!(session, "   - BIOS verbosity : {}\n", REDIRECTIONS[usize::from(byte & 3)]);
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use ipmi::Request;

    use crate::ipmitool::Personality;
    use crate::ipmitool::commands::chassis;
    use crate::ipmitool::testing::{Fake, NEW, OLD};

    /// The parameters that are set on a BMC that refuses to hear of the first
    /// change.
    fn parameters_set(personality: Personality) -> Vec<u8> {
        let set = Rc::<RefCell<Vec<u8>>>::default();
        let noted = Rc::clone(&set);
        let bmc = move |request: &Request| {
            if request.cmd == 0x08 {
                noted.borrow_mut().push(request.data[0]);
            }
            Some((if noted.borrow().len() == 1 { 0x81 } else { 0 }, Vec::new()))
        };
        let args = ["bootparam", "set", "bootflag", "force_disk", "options=PEF"];
        bmc.run_command(personality, 0, |_| (), chassis::run, &args);
        set.take()
    }

    #[test]
    fn the_new_version_asks_once_whether_changes_may_be_announced() {
        // Progress, acknowledgement and flags; then these for the valid bit.
        assert_eq!(parameters_set(NEW), [0, 4, 5, 4, 3]);
        assert_eq!(parameters_set(OLD), [0, 4, 5, 0, 4, 3, 0, 0]);
    }
}
