//! The first commands' invocations on the default model and its profiles, as
//! the originals answered them.

use crate::support::originals;
use crate::support::snapshot::Suite;

#[test]
fn ipmitool_1_8_18() {
    Suite { folder: "ipmitool/1.8.18-el8", personality: "1.8.18-el8", pending: &[] }.check();
}

#[test]
fn ipmitool_1_8_19() {
    Suite { folder: "ipmitool/1.8.19-deb12", personality: "1.8.19-deb12", pending: &[] }.check();
}

/// The list of originals says which program each is; the ones here must be those.
#[test]
fn originals_are_the_pinned_ones() {
    let pinned = include_str!("../snapshots/ORIGINALS.toml");
    for personality in originals::PERSONALITIES {
        let section =
            pinned.split("\n[").find(|section| section.starts_with(&format!("ipmitool.\"{personality}\"]")));
        let section = section.unwrap_or_else(|| panic!("ORIGINALS.toml has no {personality}"));
        for key in ["package = \"", "sha256 = \"", "model = \""] {
            assert!(section.contains(key), "{personality} has no {key}");
        }
        let Some(original) = originals::find(personality) else { continue };
        let output = std::process::Command::new(original).arg("-V").output().expect("the original starts");
        let version = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        let pin = section.lines().find_map(|line| line.strip_prefix("prints = ")).expect("what it prints");
        // A wrapper may show its own name.
        let (pin, version) = (pin.trim_matches('"'), version.split_once(' ').map_or("", |(_, rest)| rest));
        assert_eq!(pin, format!("ipmitool {version}"), "{personality}");
    }
}
