//! The words of `nm`, as 1.8.19 has them.

use crate::ipmitool::commands::dcmi::words::{self, List};
use crate::ipmitool::text::{Described, Names, described, names};
use crate::ipmitool::{Failed, Personality, Session};
use crate::log;

const fn list(words: Described) -> List {
    List { column: 0, words }
}

pub(super) const COMMANDS: List = list(described![
    (0x00, "discover", "Discover Node Manager"),
    (0x01, "capability", "Get Node Manager Capabilities"),
    (0x02, "control", "Enable/Disable Policy Control"),
    (0x03, "policy", "Add/Remove Policies"),
    (0x04, "statistics", "Get Statistics"),
    (0x05, "power", "Set Power Draw Range"),
    (0x06, "suspend", "Set/Get Policy suspend periods"),
    (0x07, "reset", "Reset Statistics"),
    (0x08, "alert", "Set/Get/Clear Alert destination"),
    (0x09, "threshold", "Set/Get Alert Thresholds"),
]);

pub(super) const CONTROLS: List =
    list(described![(0x01, "enable", "<control scope>"), (0x00, "disable", "<control scope>")]);

const DOMAIN_HINT: &str = "<platform|CPU|Memory> (default is platform)";

pub(super) const CONTROL_SCOPES: List = list(described![
    (0x00, "global", ""),
    (0x02, "per_domain", DOMAIN_HINT),
    (0x04, "per_policy", "<0-255>")
]);

pub(super) const DOMAINS: List = list(described![
    (0x00, "platform", ""),
    (0x01, "CPU", ""),
    (0x02, "Memory", ""),
    (0x03, "protection", ""),
    (0x04, "I/O", ""),
]);

pub(super) const VERSIONS: List =
    list(described![(1, "1.0", ""), (2, "1.5", ""), (3, "2.0", ""), (4, "2.5", ""), (5, "3.0", "")]);

pub(super) const CAPABILITY_OPTIONS: List = list(described![
    (0x01, "domain", DOMAIN_HINT),
    (0x02, "inlet", "Inlet temp trigger"),
    (0x03, "missing", "Missing Power reading trigger"),
    (0x04, "reset", "Time after Host reset trigger"),
    (0x05, "boot", "Boot time policy"),
]);

pub(super) const POLICY_TYPES: List = list(described![
    (0x00, "No trigger, use Power Limit", ""),
    (0x01, "Inlet temp trigger", ""),
    (0x02, "Missing Power reading trigger", ""),
    (0x03, "Time after Host reset trigger", ""),
    (0x04, "number of cores to disable at boot time", ""),
]);

/// Which policy of which domain.
pub(super) const POLICY_PLACE: List =
    list(described![(0x01, "domain", DOMAIN_HINT), (0x02, "policy_id", "<0-255>")]);

pub(super) const STATISTICS: List = list(described![
    (0x01, "power", "global power"),
    (0x02, "temps", "inlet temperature"),
    (0x11, "policy_power", "per policy power"),
    (0x12, "policy_temps", "per policy inlet temp"),
    (0x13, "policy_throt", "per policy throttling stats"),
    (0x1B, "requests", "unhandled requests"),
    (0x1C, "response", "response time"),
    (0x1D, "cpu_throttling", "CPU throttling"),
    (0x1E, "mem_throttling", "memory throttling"),
    (0x1F, "comm_fail", "host communication failures"),
]);

pub(super) const POLICY_ACTIONS: List = list(described![
    (0x00, "get", "nm policy get policy_id <0-255> [domain <platform|CPU|Memory>]"),
    (
        0x04,
        "add",
        "nm policy add policy_id <0-255> [domain <platform|CPU|Memory>] \
         correction auto|soft|hard power <watts> | inlet <temp> trig_lim <param> stats <seconds> enable|disable",
    ),
    (0x05, "remove", "nm policy remove policy_id <0-255> [domain <platform|CPU|Memory>]"),
    (0x06, "limiting", "nm policy limiting [domain <platform|CPU|Memory>]"),
]);

pub(super) const POLICY_OPTIONS: List = list(described![
    (0x01, "enable", ""),
    (0x02, "disable", ""),
    (0x03, "domain", ""),
    (0x04, "inlet", "inlet air temp full limiting (SCRAM)"),
    (0x06, "correction", "auto, soft, hard"),
    (0x08, "power", "power limit in watts"),
    (0x09, "trig_lim", "time to send alert"),
    (0x0A, "stats", "moving window averaging time"),
    (0x0B, "policy_id", "policy number"),
    (0x0C, "volatile", "save policy in volatiel memory"),
    (0x0D, "cores_off", "at boot time, disable N cores"),
]);

pub(super) const CORRECTIONS: List =
    list(described![(0x00, "auto", ""), (0x01, "soft", ""), (0x02, "hard", "")]);

pub(super) const CORRECTION_NAMES: List =
    list(described![(0x00, "no T-state use", ""), (0x01, "no T-state use", ""), (0x02, "use T-states", "")]);

pub(super) const EXCEPTIONS: List =
    list(described![(0x00, "none", ""), (0x01, "alert", ""), (0x02, "shutdown", "")]);

pub(super) const RESETS: List = list(described![
    (0x00, "global", ""),
    (0x01, "per_policy", ""),
    (0x1B, "requests", ""),
    (0x1C, "response", ""),
    (0x1D, "throttling", ""),
    (0x1E, "memory", ""),
    (0x1F, "comm", ""),
]);

pub(super) const RANGE_OPTIONS: List = list(described![
    (0x01, "domain", "domain <platform|CPU|Memory> (default is platform)"),
    (0x02, "min", "min <integer value>"),
    (0x03, "max", "max <integer value>"),
]);

pub(super) const ALERT_ACTIONS: List = list(described![
    (0x01, "set", "nm alert set chan <chan> dest <dest> string <string>"),
    (0x02, "get", "nm alert get"),
    (0x03, "clear", "nm alert clear dest <dest>"),
]);

pub(super) const ALERT_OPTIONS: List = list(described![
    (0x01, "chan", "chan <channel>"),
    (0x02, "dest", "dest <destination>"),
    (0x03, "string", "string <string>"),
]);

pub(super) const THRESHOLD_ACTIONS: List = list(described![
    (0x01, "set", "nm thresh set [domain <platform|CPU|Memory>] policy_id <policy> thresh_array"),
    (0x02, "get", "nm thresh get [domain <platform|CPU|Memory>] policy_id <policy>"),
]);

pub(super) const SUSPEND_ACTIONS: List = list(described![
    (
        0x01,
        "set",
        "nm suspend set [domain <platform|CPU|Memory]> policy_id <policy> <start> <stop> <pattern>",
    ),
    (0x02, "get", "nm suspend get [domain <platform|CPU|Memory]> policy_id <policy>"),
]);

/// The manager's own completion codes, from 80h to D6h.
pub(super) const COMPLETIONS: Names = names![
    (0x80, "Policy ID Invalid"),
    (0x81, "Domain ID Invalid"),
    (0x82, "Unknown policy trigger type"),
    (0x84, "Power Limit out of range"),
    (0x85, "Correction Time out of range"),
    (0x86, "Policy Trigger value out of range"),
    (0x88, "Invalid Mode"),
    (0x89, "Statistics Reporting Period out of range"),
    (0x8B, "Invalid value for Aggressive CPU correction field"),
    (0xA1, "No policy is currently limiting for the specified domain ID"),
    (0xC4, "No space available"),
    (0xD4, "Insufficient privilege level due wrong responder LUN"),
    (0xD5, "Policy exists and param unchangeable while enabled"),
    (0xD6, "Command subfunction disabled or unavailable"),
];

/// A text as 1.8.18 has it: policies go to 7, and some blanks and letters differ.
pub(super) fn old(text: &str) -> String {
    const CHANGES: &[[&str; 2]] = &[
        ["<0-255>", "<0-7>"],
        ["> | inlet", ">|inlet"],
        ["Discover Node Manager", "Discover Node Manager "],
        ["privilege", "privledge"],
        ["Threshold commands", "Theshold commands"],
    ];
    CHANGES.iter().fold(text.to_owned(), |text, [new, old]| text.replace(new, old))
}

/// Logs the words of a list under a title.
pub(super) fn show(session: &mut Session<'_>, title: &str, list: &List) -> Failed {
    if session.personality == Personality::V1_8_19Deb12 {
        words::list(session, title, list);
        return Failed;
    }
    log!(session, ERR, "\n{}", old(title));
    for (code, word, description) in list.words {
        // Two descriptions begin with a blank.
        let gap = matches!((word, code, description), ("enable", 1, "<control scope>") | ("min", ..));
        log!(session, ERR, "    {word}    {}{}", if gap { " " } else { "" }, old(description));
    }
    log!(session, ERR, "");
    Failed
}
