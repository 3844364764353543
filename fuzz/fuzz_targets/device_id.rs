//! Get Device ID responses.
#![no_main]

use ipmi::DeviceId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(id) = DeviceId::decode(bytes) {
        assert_eq!(DeviceId::decode(&id.encode()), Ok(id));
    }
});
