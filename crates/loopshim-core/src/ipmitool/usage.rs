//! The original's help about itself: options, interfaces, commands, OEM types.

use super::help;
use super::{Personality, commands, interface};

/// Log lines of `-h` and of any option error.
pub fn usage(personality: Personality, program: &[u8]) -> Vec<Vec<u8>> {
    let version = personality.version().as_bytes();
    let mut lines = vec![
        [program, b" version ", version, b"\n"].concat(),
        [b"usage: ", program, b" [options...] <command>\n"].concat(),
    ];
    lines.extend(help::ipmitool::OPTIONS.text().lines().map(|line| line.as_bytes().to_vec()));
    if personality.has_utc_option() {
        lines.push(b"       -Z             Display all dates in UTC".to_vec());
    }
    lines.push(Vec::new());
    lines.extend(interfaces(personality));
    lines.extend(commands());
    lines
}

/// Log lines of `help`: the commands.
pub fn commands() -> Vec<Vec<u8>> {
    let mut lines = vec![b"Commands:".to_vec()];
    lines.extend(commands::listed().map(|(name, summary)| format!("\t{name:<12}  {summary}").into_bytes()));
    lines.push(Vec::new());
    lines
}

/// Log lines of `-o list`.
pub fn oem_types() -> Vec<Vec<u8>> {
    let mut lines = vec![b"\nOEM Support:".to_vec()];
    lines.extend(
        interface::OEM_TYPES.iter().map(|(_, name, summary)| format!("\t{name:<12} {summary}").into_bytes()),
    );
    lines.push(Vec::new());
    lines
}

fn interfaces(personality: Personality) -> Vec<Vec<u8>> {
    let mut lines = vec![b"Interfaces:".to_vec()];
    let mut default = "[default]";
    for kind in interface::listed(personality) {
        lines.push(format!("\t{:<12}  {} {default}", kind.name(), kind.summary()).into_bytes());
        default = "";
    }
    lines.push(Vec::new());
    lines
}
