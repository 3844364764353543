//! What `firewall` and its sub-commands say about themselves, line by line.

pub(super) const FIREWALL: &[&str] = &[
    "Firmware Firewall Commands:",
    "\tinfo [channel H] [lun L]",
    "\tinfo [channel H] [lun L [netfn N [command C [subfn S]]]]",
    "\tenable [channel H] [lun L [netfn N [command C [subfn S]]]]",
    "\tdisable [channel H] [lun L [netfn N [command C [subfn S]]]] [force])",
    "\treset [channel H]",
    "\t\twhere H is a Channel, L is a LUN, N is a NetFn,",
    "\t\tC is a Command and S is a Sub-Function",
];

pub(super) const INFO: &[&str] = &[
    "info [channel H]",
    "\tList all of the firewall information for all LUNs, NetFns",
    "\tand Commands, This is a long list and is not very human readable.",
    "info [channel H] lun L",
    "\tThis also prints a long list that is not very human readable.",
    "info [channel H] lun L netfn N",
    "\tThis prints out information for a single LUN/NetFn pair.",
    "\tThat is not really very usable, but at least it is short.",
    "info [channel H] lun L netfn N command C",
    "\tThis is the one you want -- it prints out detailed human",
    "\treadable information.  It shows the support, configurable, and",
    "\tenabled bits for the Command C on LUN/NetFn pair L,N and the",
    "\tsame information about each of its Sub-functions.",
];

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
