//! What of the answers the model would give otherwise: those go into the file
//! as they are, request by request.

use std::collections::BTreeMap;

use ipmi::{Bmc, Request, Response};
use serde_json::{Value, json};

use super::source::Source;
use crate::bmc::hex;

/// Group extensions: the first data byte tells which.
const GROUP_EXTENSION: u8 = 0x2C;

/// `responses`: the answers that `model` would not give.
pub(super) fn differing(source: &Source, model: &Bmc, now: u64) -> Vec<Value> {
    let mut families: BTreeMap<Vec<u8>, Vec<(Request, &Response, bool)>> = BTreeMap::new();
    for (request, response) in source.answers().filter(|(request, _)| !is_volatile(request)) {
        let modelled = model.clone().answer(&request, now);
        let differs = !is_same(&request, response, &modelled);
        families.entry(family(&request)).or_default().push((request, response, differs));
    }
    families.into_iter().flat_map(|(family, answers)| rows(&family, &answers)).collect()
}

/// What requests have in common that are refused together: the command, and
/// the group where there are groups.
fn family(request: &Request) -> Vec<u8> {
    let mut family = vec![request.netfn, request.cmd];
    if request.netfn == GROUP_EXTENSION {
        family.extend(request.data.first());
    }
    family
}

fn rows(family: &[u8], answers: &[(Request, &Response, bool)]) -> Vec<Value> {
    let mut differing = answers.iter().filter(|(_, _, differs)| *differs).peekable();
    let Some((_, first, _)) = differing.peek() else { return Vec::new() };
    let is_uniform = !first.completion.is_ok() && answers.iter().all(|(_, response, _)| response == first);
    if is_uniform {
        return vec![row(&format!("{} *", spaced(family)), first)];
    }
    let rows = differing.map(|(request, response, _)| {
        let bytes = [&[request.netfn, request.cmd], &request.data[..]].concat();
        row(&spaced(&bytes), response)
    });
    rows.collect()
}

fn row(request: &str, response: &Response) -> Value {
    let mut row = json!({"request": request});
    if !response.completion.is_ok() {
        row["completion"] = json!(response.completion.0);
    }
    if !response.data.is_empty() {
        row["data"] = json!(hex(&response.data));
    }
    row
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// Answers that are another at any moment, or in portions: clocks, countdowns,
/// reservations, records, sessions.
fn is_volatile(request: &Request) -> bool {
    matches!(
        (request.netfn, request.cmd),
        (0x06, 0x3D) | (0x0A, 0x11 | 0x22 | 0x23 | 0x28 | 0x42 | 0x43 | 0x48) | (0x04, 0x21 | 0x22)
    )
}

/// Whether clients take two answers for the same. A fixed answer would outlive
/// what is written later, so what nobody looks at does not call for one.
fn is_same(request: &Request, captured: &Response, modelled: &Response) -> bool {
    if captured.completion != modelled.completion {
        return false;
    }
    let comparable = |response: &Response| {
        let mut data = response.data.clone();
        match (request.netfn, request.cmd, &mut data[..]) {
            // Identification light: whether it can be told, and for how long it is on.
            (0x00, 0x01, [_, _, misc, ..]) => *misc &= 0x0F,
            // Boot option's parameter version; access by words, when we have bytes.
            // A countdown.
            (0x06, 0x25, [_, _, _, _, _, _, low, high]) => (*low, *high) = (0, 0),
            (0x00, 0x09, [version, ..]) | (0x0A, 0x10, [_, _, version, ..]) => *version = 0,
            _ => {}
        }
        data
    };
    comparable(captured) == comparable(modelled)
}
