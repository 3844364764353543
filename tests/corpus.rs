//! Recorded invocations of the real ipmitool: the same bytes on both streams,
//! the same status, the same requests in the same order.
//!
//! They were recorded over the `open` interface, so they are replayed over ours,
//! against the recorded conversation and without any filter; and once more as a
//! process over the dummy socket, against our model of the recorded machine.

mod ledger;
mod observed;

use std::path::{Path, PathBuf};

use crate::support::recorded_model::bmc_json;
use crate::support::recordings::{self, Exchange, Recording};
use crate::support::served::Served;
use crate::support::skip::skip;
use ledger::Tally;
use observed::Scratch;

#[test]
fn rich_model() {
    in_process("corpus.jsonl");
}

#[test]
fn minimal_model() {
    in_process("corpus-min.jsonl");
}

#[test]
fn other_zones_and_locales() {
    in_process("corpus-env.jsonl");
}

#[test]
fn rich_model_over_the_dummy_socket() {
    over_the_socket("corpus.jsonl", "data");
}

#[test]
fn minimal_model_over_the_dummy_socket() {
    over_the_socket("corpus-min.jsonl", "data-min");
}

#[test]
fn no_device() {
    let Some(folder) = recordings::folder() else { return skip("corpus-nodev.jsonl", "the recordings") };
    let mut tally = Tally::new("corpus-nodev.jsonl");
    for recording in recordings::read(&folder.join("corpus-nodev.jsonl")) {
        let scratch = Scratch::new(&folder);
        let observed = scratch.run_process(&recording, &[], &[("LOOPSHIM_TRANSPORT", "open".into())]);
        tally.add(&recording, observed.differences(&recording));
    }
    tally.settle();
}

fn in_process(file: &str) {
    let Some(folder) = recordings::folder() else { return skip(file, "the recordings") };
    let mut tally = Tally::new(file);
    for recording in recordings::read(&folder.join(file)) {
        let Some(traffic) = traffic(&folder, &recording) else { continue };
        let all = traffic.len();
        let scratch = Scratch::new(&folder);
        let (observed, departure) = scratch.replay(&recording, traffic, all);
        let mut differences = observed.differences(&recording);
        differences.extend(departure);
        tally.add(&recording, differences);
    }
    tally.settle();
}

/// The recorded traffic. Runs in other zones and locales were recorded without,
/// on the rich model: the same invocation's is borrowed.
fn traffic(folder: &Path, recording: &Recording) -> Option<Vec<Exchange>> {
    thread_local! {
        static RICH: std::cell::OnceCell<Vec<Recording>> = const { std::cell::OnceCell::new() };
    }
    recording.traffic.clone().or_else(|| {
        RICH.with(|rich| {
            let rich = rich.get_or_init(|| recordings::read(&folder.join("corpus.jsonl")));
            let same = |other: &&Recording| other.args == recording.args && other.tool == recording.tool;
            rich.iter().find(same)?.traffic.clone()
        })
    })
}

fn over_the_socket(file: &str, model: &str) {
    let Some(folder) = recordings::folder() else { return skip(file, "the recordings") };
    let models = tempfile::tempdir().expect("a temporary folder");
    let model = write_model(&folder.join(model), models.path());
    let served = Served::model(&model);
    let mut tally = Tally::new(&format!("{file}, over the dummy socket"));
    // `-I open`, `-d`, `-H` name another interface than the socket's.
    let recordings = recordings::read(&folder.join(file)).into_iter().filter(|row| !row.names_interface());
    for recording in recordings.filter(|recording| recording.traffic.is_some()) {
        let scratch = Scratch::new(&folder);
        let socket = served.socket().into_os_string();
        let mut observed = scratch.run_process(&recording, &["-I", "dummy"], &[("IPMI_DUMMY_SOCK", socket)]);
        // Recorded over `open`: what the socket's own traces add (the live test
        // compares them with the original's) cannot be in the recording.
        observed.forget_interface_traces(&recording);
        tally.add(&recording, observed.differences(&recording));
    }
    tally.settle();
}

fn write_model(recorded: &Path, folder: &Path) -> PathBuf {
    let path = folder.join("bmc.json");
    std::fs::write(&path, bmc_json(recorded).to_string()).expect("a model file");
    path
}
