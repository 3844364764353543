//! `config.json` and `bmc.json`; a machine that is accepted answers requests.
#![no_main]

use std::path::Path;

use ipmi::Request;
use libfuzzer_sys::fuzz_target;
use loopshim_core::Config;
use loopshim_core::model::Model;
use loopshim_fuzz::{folder, now, put, world};

/// Get Device ID, Get Chassis Status, SDR and SEL info, records, a reading,
/// a FRU's size and bytes, LAN parameters, user access, names.
const REQUESTS: &[(u8, u8, &[u8])] = &[
    (0x06, 0x01, &[]),
    (0x06, 0x37, &[]),
    (0x00, 0x01, &[]),
    (0x00, 0x09, &[5, 0, 0]),
    (0x0A, 0x20, &[]),
    (0x0A, 0x22, &[]),
    (0x0A, 0x23, &[0, 0, 0, 0, 0, 0xFF]),
    (0x0A, 0x40, &[]),
    (0x0A, 0x43, &[0, 0, 0, 0, 0, 0xFF]),
    (0x0A, 0x48, &[]),
    (0x04, 0x2D, &[1]),
    (0x04, 0x27, &[1]),
    (0x04, 0x23, &[1, 5]),
    (0x0A, 0x10, &[0]),
    (0x0A, 0x11, &[0, 0, 0, 0xFF]),
    (0x0C, 0x02, &[1, 3, 0, 0]),
    (0x0C, 0x02, &[1, 20, 0, 0]),
    (0x06, 0x44, &[1, 2]),
    (0x06, 0x46, &[2]),
    (0x06, 0x59, &[0, 2, 0, 0]),
];

fuzz_target!(|bytes: &[u8]| {
    put("etc/loopshim/config.json", bytes);
    // Refused or taken: neither is a failure.
    let _ = Config::load(&world(Vec::new(), &[], Vec::new()));
    // Files that it names are looked for in our folder.
    let path = folder().join("bmc.json");
    let Ok(model) = Model::from_json(Path::new(&path), bytes, b"host") else { return };
    let mut bmc = model.bmc;
    let now = now().duration_since(std::time::UNIX_EPOCH).expect("later").as_secs();
    for (netfn, cmd, data) in REQUESTS {
        let response = bmc.answer(&Request::new(*netfn, *cmd, *data), now);
        assert!(response.completion.is_ok() || response.data.is_empty());
    }
});
