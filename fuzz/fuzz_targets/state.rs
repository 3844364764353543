//! A controller's state as a file has it, and what it makes of a controller.
#![no_main]

use std::path::Path;

use ipmi::bmc::State;
use libfuzzer_sys::fuzz_target;
use loopshim_core::model::Model;

fuzz_target!(|bytes: &[u8]| {
    // Almost no bytes have the right sum: what is behind it gets it here.
    let Some(state) = State::decode(bytes).or_else(|| State::decode(&State::seal(bytes))) else { return };
    assert_eq!(State::decode(&state.encode()).as_ref(), Some(&state));
    let model = Model::from_json(Path::new("bmc.json"), b"{}", b"host");
    let mut bmc = model.expect("the default machine").bmc;
    let pristine = bmc.clone();
    let before = bmc.apply(&state);
    bmc.apply(&before);
    assert_eq!(bmc, pristine);
});
