//! The modelled BMC answers the recorded requests as the recorded one did.

use std::collections::BTreeSet;
use std::path::Path;

use ipmi::{Bmc, Request};
use loopshim_core::model::Model;

use crate::support::recorded_model::bmc_json;
use crate::support::recordings::{self, Exchange, Recording};
use crate::support::say::say;
use crate::support::skip::skip;

#[test]
fn rich_model_answers_as_recorded() {
    answers_as_recorded("corpus.jsonl", "data");
}

#[test]
fn minimal_model_answers_as_recorded() {
    answers_as_recorded("corpus-min.jsonl", "data-min");
}

fn answers_as_recorded(file: &str, model: &str) {
    let Some(folder) = recordings::folder() else { return skip(file, "the recordings") };
    let text = bmc_json(&folder.join(model)).to_string();
    let built = Model::from_json(Path::new("bmc.json"), text.as_bytes(), b"host");
    let model = built.unwrap_or_else(|error| panic!("{error}"));
    let mut departures = BTreeSet::new();
    let mut exchanges = 0;
    for recording in recordings::read(&folder.join(file)) {
        exchanges += recording.traffic.as_ref().map_or(0, Vec::len);
        departures.extend(departure(model.bmc.clone(), &recording));
    }
    say(format_args!("{file}: {exchanges} exchanges"));
    assert!(exchanges > 1000, "{file}: only {exchanges} exchanges");
    assert!(
        departures.is_empty(),
        "{} departures:\n{}",
        departures.len(),
        Vec::from_iter(departures).join("\n")
    );
}

/// The first exchange that the model would not have had, if any.
fn departure(mut bmc: Box<Bmc>, recording: &Recording) -> Option<String> {
    recording.traffic.iter().flatten().find_map(|exchange| {
        let Exchange { head: [netfn, lun, cmd], request, completion, response } = exchange;
        let request = Request { netfn: *netfn, lun: *lun, cmd: *cmd, data: request.clone() };
        let answer = bmc.answer(&request, 0);
        let same = answer.completion.0 == *completion && answer.data == *response;
        (!same).then(|| {
            let (command, data) = (recording.command(), &request.data);
            format!(
                "{command}: {netfn:02x} {cmd:02x} {data:02x?}: recorded {completion:02x} {response:02x?}, \
                 answered {:02x} {:02x?}",
                answer.completion.0, answer.data
            )
        })
    })
}
