//! A hostile receiver in front of our sender, as a server that is pulled from
//! and as a client that pushes: nothing at all may change.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loopshim_fuzz::rsync::{Patience, Script, Stage, converse};

const CALLS: &[&[&str]] = &[
    &["--server", "--sender", "-logDtpre.LsfxCIvu", "--checksum-seed=32761", ".", "from/"],
    &["--server", "--sender", "-lHogDtpXre.LsfxCIvu", "--checksum-seed=32761", ".", "from/"],
    &["--server", "--sender", "-logDtprze.LsfxCIvu", "--checksum-seed=32761", ".", "from/"],
    &["-a", "--no-i-r", "from/", "h:to/"],
    &["-aHX", "--delete", "--no-i-r", "from/", "h:to/"],
    &["-az", "--no-i-r", "from/", "h:to/"],
    &["--server", "--sender", "-vlHogDtpAXrcze.iLsfxCIvu", ".", "from/"],
    &["--server", "--sender", "-logDtpre.iLsfxCIvu", "--append-verify", ".", "from/", "victim"],
    &["--server", "--sender", "-logDtpRre.iLsfxCIvu", "--inplace", "--files-from=-", "--from0", ".", "from/"],
    &["--server", "--sender", "-LogDtpre.iLsfxCIvu", "--copy-unsafe-links", ".", "from/"],
    &["-aHAX", "--delete-after", "--compress-choice=lz4", "from/", "h:to/"],
    &["-aR", "--files-from=:list", "from/", "h:to/"],
];

fuzz_target!(|bytes: &[u8]| {
    let Some(script) = Script::new(bytes) else { return };
    let stage = Stage::enter();
    let call = CALLS[usize::from(script.call) % CALLS.len()];
    converse(call, script, Patience::None);
    stage.assert_untouched(call);
});
