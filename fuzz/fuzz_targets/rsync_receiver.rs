//! A hostile sender in front of our receiver and generator, as a client that
//! pulls and as a server that is pushed to: nothing beside the destination may
//! change.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loopshim_fuzz::rsync::{Patience, Script, Stage, converse};

const CALLS: &[&[&str]] = &[
    &["--server", "-logDtpre.LsfxCIvu", "--checksum-seed=32761", ".", "to/"],
    &["--server", "-lHogDtpXre.LsfxCIvu", "--delete", "--checksum-seed=32761", ".", "to/"],
    &["--server", "-logDtprze.LsfxCIvu", "--checksum-seed=32761", ".", "to/"],
    &["-a", "--no-i-r", "h:from/", "to/"],
    &["-aHX", "--delete", "--no-i-r", "h:from/", "to/"],
    &["-az", "--no-i-r", "h:from/", "to/"],
    &["--server", "-vlHogDtpAXrcze.iLsfxCIvu", "--delete-delay", "--fake-super", ".", "to/"],
    &["--server", "-logDtpre.iLsfxCIvu", "--inplace", ".", "to/"],
    &["--server", "-logDtpre.iLsfxCIvu", "--append-verify", ".", "to/"],
    &["--server", "-logDtpRre.iLsfxCIvu", "--partial-dir=.p", "--delay-updates", "--fuzzy", ".", "to/"],
    &["--server", "-logDtpbSre.iLsfxCIvu", "--backup-dir=old", "--keep-dirlinks", ".", "to/"],
    &["--server", "-logDtpre.iLsfxCIvu", "--link-dest=../from", "--remove-source-files", ".", "to/"],
    &["-aHAXS", "--delete-before", "--prune-empty-dirs", "h:from/", "to/"],
    &["-aR", "--files-from=:list", "h:from/", "to/"],
    &["-a", "--munge-links", "--mkpath", "--compare-dest=../from", "h:from/", "to/deeper/"],
    &["-a", "--trust-sender", "--partial", "h:from/", "to/"],
];

fuzz_target!(|bytes: &[u8]| {
    let Some(script) = Script::new(bytes) else { return };
    let mut stage = Stage::enter();
    stage.make_destination();
    let call = CALLS[usize::from(script.call) % CALLS.len()];
    converse(call, script, Patience::UntilAsked);
    stage.assert_untouched(call);
});
