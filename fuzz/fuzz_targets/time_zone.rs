//! `TZ` strings and compiled zones: any moment has a local time, in a bounded
//! number of letters, and any local time is looked up.
#![no_main]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use libfuzzer_sys::fuzz_target;
use loopshim_core::Variables;
use loopshim_core::ipmitool::Personality;
use loopshim_core::ipmitool::locale::Environment;
use loopshim_core::ipmitool::time::{OldClock, Times};
use loopshim_fuzz::{folder, now, put};

const MOMENTS: &[u32] = &[0, 1, 86_400, 0x2000_0000, 0x2000_0001, 0x65E7_2545, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE];

fuzz_target!(|bytes: &[u8]| {
    let [how, rest @ ..] = bytes else { return };
    let zone = if how & 1 == 0 {
        rest.iter().copied().filter(|byte| *byte != 0).collect()
    } else {
        put("usr/share/zoneinfo/Any", rest);
        b"Any".to_vec()
    };
    let vars = Variables::Given(vec![(OsString::from("TZ"), OsString::from_vec(zone))]);
    for personality in Personality::ALL {
        let mut times = Times::new(personality, Environment::new(folder().to_owned(), vars.clone()));
        for moment in MOMENTS.iter().copied() {
            for old in [OldClock::Local, OldClock::Utc] {
                assert!(times.numeric(moment, old).len() <= 80);
                assert!(times.sentence(moment, old).len() <= 80);
            }
            assert!(times.date(moment).len() <= 80 && times.time(moment).len() <= 80);
        }
        for text in [&b"03/05/2024 14:09:09"[..], b"03/31/24 02:30:00", b"now", b"12/31/2037 23:59:59"] {
            times.sel_clock(text, now());
        }
    }
});
