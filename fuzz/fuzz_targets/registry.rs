//! The registry of enterprise numbers that 1.8.19 reads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loopshim_core::ipmitool::text::manufacturers::Manufacturers;
use loopshim_fuzz::{folder, put};

fuzz_target!(|bytes: &[u8]| {
    put("registry", bytes);
    let Ok(names) = Manufacturers::from_registry(&[folder().join("registry")]) else { return };
    for (number, _) in names.table().into_iter().take(8) {
        assert!(!names.name(number).contains(&b'\n'));
    }
});
