//! Conversations with the modelled BMC.
#![no_main]

use std::path::Path;

use ipmi::Request;
use libfuzzer_sys::fuzz_target;
use loopshim_core::model::Model;

fuzz_target!(|bytes: &[u8]| {
    let model = Model::from_json(Path::new("bmc.json"), b"{}", b"host");
    let mut bmc = model.expect("the default machine").bmc;
    let mut rest = bytes;
    // Each request: network function, LUN and command, length, data.
    while let [netfn, lun, cmd, len, after @ ..] = rest {
        let (data, next) = after.split_at(usize::from(*len).min(after.len()));
        let request = Request { netfn: *netfn, lun: *lun, cmd: *cmd, data: data.to_vec() };
        let response = bmc.answer(&request, u64::from(*cmd));
        assert!(response.completion.is_ok() || response.data.is_empty());
        assert!(response.data.len() <= 256);
        rest = next;
    }
});
