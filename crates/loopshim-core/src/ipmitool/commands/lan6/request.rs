//! Get and Set LAN Configuration Parameters (IPMI 2.0 sections 23.1 and 23.2),
//! in `lan6`'s words.

use super::parameter::{Kind, Parameter, named};
use crate::ipmitool::attempt::Refusal;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Names, name_of, names};
use crate::ipmitool::{Level, Session};
use crate::log;

const SET: (u8, u8) = (0x0C, 0x01);
const GET: (u8, u8) = (0x0C, 0x02);

/// Parameter selector of the lock.
pub(super) const SET_IN_PROGRESS: u8 = 0;

/// Completion codes below C0h.
const COMPLETIONS: Names = names![
    (0x80, "Parameter not supported"),
    (0x81, "Set already in progress"),
    (0x82, "Parameter is read-only"),
    (0x83, "Write-only parameter"),
];
/// Completion codes that say that there is no such parameter or set.
const ABSENT: [u8; 3] = [0x80, 0xC9, 0xCC];

/// A value of a parameter, and which.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) parameter: &'static Parameter,
    pub(super) set: i32,
    pub(super) block: i32,
    /// As many bytes as the parameter has.
    pub(super) data: Vec<u8>,
}

/// A set of static routers after the second, which nothing is asked for.
const STATIC_ROUTERS: i32 = 2;

/// The selector of the first part of a set, the set selector in requests and
/// the bytes that the value has before each part of a request.
fn place(parameter: &Parameter, set: i32) -> (u8, i32, usize) {
    match parameter.kind {
        // The sets of static routers have selectors of their own.
        Kind::StaticRouter if set == STATIC_ROUTERS => (parameter.selector + 4, 0, 1),
        Kind::StaticRouter => (parameter.selector, 0, 1),
        _ => (parameter.selector, set, 0),
    }
}

impl Value {
    /// A value of zeros.
    pub(super) fn empty(parameter: &'static Parameter, set: i32, block: i32) -> Self {
        Self { parameter, set, block, data: vec![0; parameter.size] }
    }

    /// Reads a value. `None` after logging why not; `quietly`, that it does not
    /// exist is no reason.
    pub(super) fn get(
        session: &mut Session<'_>,
        channel: u8,
        parameter: &'static Parameter,
        (set, block): (i32, i32),
        quietly: bool,
    ) -> Option<Self> {
        if parameter.kind == Kind::StaticRouter && set > STATIC_ROUTERS {
            return None;
        }
        let mut value = Self::empty(parameter, set, block);
        let (first, set, skipped) = place(parameter, set);
        for part in parameter.parts() {
            let block = part.block.unwrap_or(block);
            // A router without one of its parts is an error.
            let quietly = quietly && part.step == 0;
            let at = part.at + skipped;
            get(session, channel, first + part.step, (set, block), quietly, &mut value.data[at..])?;
        }
        Some(value)
    }

    /// Writes the value.
    pub(super) fn put(&self, session: &mut Session<'_>, channel: u8) -> Result<(), Refusal> {
        let (first, _, skipped) = place(self.parameter, self.set);
        for part in self.parameter.parts() {
            put(session, channel, first + part.step, &self.data[part.at + skipped..])?;
        }
        Ok(())
    }
}

fn get(
    session: &mut Session<'_>,
    channel: u8,
    selector: u8,
    (set, block): (i32, i32),
    quietly: bool,
    data: &mut [u8],
) -> Option<()> {
    let (name, size) = named(selector);
    log!(session, INFO, "Getting parameter '{name}' set {set} block {block}");
    match session.attempt(GET, &[channel, selector, set as u8, block as u8], None) {
        Ok(reply) => {
            let new = reply.data().iter().skip(1).take(size);
            data.iter_mut().zip(new).for_each(|(byte, new)| *byte = *new);
            Some(())
        }
        Err(Refusal::Completion(code)) if quietly && ABSENT.contains(&code) => None,
        Err(refusal) => {
            report(session, "get", name, refusal);
            None
        }
    }
}

/// Writes a parameter: as much of `data` as it has.
pub(super) fn put(session: &mut Session<'_>, channel: u8, selector: u8, data: &[u8]) -> Result<(), Refusal> {
    let (name, size) = named(selector);
    log!(session, INFO, "Setting parameter '{name}'");
    let request = [&[channel, selector], &data[..size.min(data.len())]].concat();
    session
        .attempt(SET, &request, None)
        .map(drop)
        .inspect_err(|refusal| report(session, "set", name, *refusal))
}

fn report(session: &mut Session<'_>, action: &str, name: &str, refusal: Refusal) {
    let why = match refusal {
        Refusal::Completion(code @ 0xC0..) => completion_name(code),
        Refusal::Completion(code) => name_of(code.into(), COMPLETIONS),
        _ => "No response".into(),
    };
    session.console.log(Level::ERR, format_args!("Failed to {action} {name}: {why}"));
}
