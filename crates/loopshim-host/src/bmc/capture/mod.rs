//! `loopshim bmc capture`: reads a real BMC through the real ipmitool and
//! writes a `bmc.json` that answers as that BMC did.
//!
//! First what the model has a place for is read and described; then our own
//! client's commands are run over both, to learn what else clients ask; at last
//! every answer that the described model would not have given is put into its
//! table of responses, so that nothing captured is lost for want of a place.

mod controller;
mod fru;
mod network;
mod rehearsal;
mod responses;
mod sensors;
mod source;
pub(crate) mod storage;
mod tool;

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use loopshim_core::model::Model;
use loopshim_core::{World, original};
use serde_json::{Value, json};

use crate::bmc::{Capture, file, say};
use source::Source;
use tool::Tool;

/// Captures, and says what came of it.
///
/// # Errors
/// When the file is there already, there is no ipmitool or no BMC, or the file
/// cannot be written. What a BMC does not answer is no error: it is noted.
pub(crate) fn capture(world: &World, arguments: &Capture) -> Result<(), String> {
    if !arguments.force && arguments.output.exists() {
        return Err(format!("{} exists: --force replaces it", arguments.output.display()));
    }
    let program = program(world, arguments)?;
    let tool = Tool { program, arguments: arguments.ipmitool_arguments.clone() };
    let source = Rc::new(RefCell::new(Source::open(tool)?));
    let captured = read(&source, arguments, &world.hostname());
    source.borrow().progress_done();
    let text = captured?;
    file::write(&arguments.output, text.as_bytes(), arguments.force)?;
    let source = source.borrow();
    for note in &source.notes {
        say(&format!("not captured: {note}"));
    }
    say(&format!("{} requests; written to {}", source.asked(), arguments.output.display()));
    Ok(())
}

fn program(world: &World, arguments: &Capture) -> Result<PathBuf, String> {
    match &arguments.ipmitool {
        Some(program) => Ok(program.clone()),
        None => original::find(world, loopshim_core::Tool::Ipmitool)
            .map(|original| original.path)
            .ok_or_else(|| "there is no ipmitool here but ours: --ipmitool names one".to_owned()),
    }
}

/// The text of the file.
fn read(source: &Rc<RefCell<Source>>, arguments: &Capture, hostname: &[u8]) -> Result<String, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (mut machine, lans) = described(&mut source.borrow_mut(), arguments, now)?;
    let model = parse(&machine, hostname)?;
    rehearsal::rehearse(source, &model.bmc, &lans);
    let source = source.borrow();
    machine["responses"] = json!(responses::differing(&source, &model.bmc, now));
    machine["captured"]["notes"] = json!(source.notes);
    parse(&machine, hostname)?;
    Ok(format!("{machine:#}\n"))
}

/// The model that the file describes: what we write, we can read.
fn parse(machine: &Value, hostname: &[u8]) -> Result<Model, String> {
    let text = machine.to_string();
    Model::from_json(Path::new("captured"), text.as_bytes(), hostname).map_err(|error| error.to_string())
}

/// What the model has a place for, and the channels with a LAN.
fn described(source: &mut Source, arguments: &Capture, now: u64) -> Result<(Value, Vec<u8>), String> {
    let (device, device_id) = controller::device(source)?;
    let repository = storage::repository(source, &device_id);
    let frus = fru::frus(source, &repository.records);
    let sensors = sensors::sensors(source, &repository.records);
    let log = storage::event_log(source, now);
    let (channels, lans) = network::channels(source, arguments.with_community);
    let users = network::users(source, &lans);
    let mut machine = json!({
        "profile": "empty",
        "captured": {"from": origin(&arguments.ipmitool_arguments), "at": timestamp(now)},
        "device": device,
        "chassis": controller::chassis(source),
        "frus": frus,
        "sdr": repository.json,
        "sensors": sensors,
        "sel": log,
        "channels": channels,
        "system_info": controller::system_info(source),
    });
    let optional = [
        ("users", users),
        ("watchdog", controller::watchdog(source)),
        ("pef", controller::filtering(source)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            machine[name] = value;
        }
    }
    Ok((machine, lans))
}

/// Where a machine was captured: the interface and the host, of ipmitool's
/// arguments; never a user's name, a password or a key.
fn origin(arguments: &[OsString]) -> String {
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let value = |option: &str| {
        let at = words.iter().position(|word| word.starts_with(option))?;
        match &words[at][option.len()..] {
            "" => words.get(at + 1).cloned(),
            joined => Some(joined.to_owned()),
        }
    };
    let interface = value("-I").unwrap_or_else(|| "the default interface".to_owned());
    value("-H").map_or(interface.clone(), |host| format!("{host} over {interface}"))
}

/// `YYYY-MM-DD HH:MM UTC` of seconds since 1970.
fn timestamp(now: u64) -> String {
    let (days, seconds) = (now / 86_400, now % 86_400);
    let (year, month, day) = date(days);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", seconds / 3600, seconds / 60 % 60)
}

/// The Gregorian date so many days after 1970-01-01.
fn date(mut days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_names_no_user_and_no_password() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let shown = origin(&words("-I lanplus -H bmc7 -U root -P calvin -y 00ff"));
        assert_eq!(shown, "bmc7 over lanplus");
        assert_eq!(origin(&words("-Idummy")), "dummy");
    }

    #[test]
    fn times_are_dates() {
        assert_eq!(timestamp(0), "1970-01-01 00:00 UTC");
        assert_eq!(timestamp(1_709_208_000), "2024-02-29 12:00 UTC");
        assert_eq!(timestamp(1_735_689_599), "2024-12-31 23:59 UTC");
    }
}
