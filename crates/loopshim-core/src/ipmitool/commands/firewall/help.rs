//! What `firewall` and its sub-commands say about themselves, line by line.

/// `enable` and `disable`, on standard output: before and after each verb's
/// first letters come these.
pub(super) const SWITCH: &[(&str, &str, bool)] = &[
    ("", "able [channel H] lun L netfn N", true),
    ("\t", "able all commands on this LUN/NetFn pair", false),
    ("", "able [channel H] lun L netfn N command C", true),
    ("\t", "able Command C and all its Sub-functions for this LUN/NetFn pair", false),
    ("", "able [channel H] lun L netfn N command C subfn S", false),
    ("\t", "able Sub-function S for Command C for this LUN/NetFn pair", false),
];

pub(super) const FORCE: &str = "\
* force will allow you to disable the \"Command Set Enable\" command
\tthereby letting you shoot yourself in the foot
\tthis is only recommended for advanced users
";
