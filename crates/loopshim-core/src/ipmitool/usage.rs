//! The original's help about itself: options, interfaces, commands, OEM types.

use super::{Personality, commands, interface};

/// Log lines of `-h` and of any option error.
pub fn usage(personality: Personality, program: &[u8]) -> Vec<Vec<u8>> {
    let version = personality.version().as_bytes();
    let mut lines = vec![
        [program, b" version ", version, b"\n"].concat(),
        [b"usage: ", program, b" [options...] <command>\n"].concat(),
    ];
    lines.extend(OPTIONS.iter().map(|line| line.as_bytes().to_vec()));
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
    for command in commands::TABLE {
        if let Some(summary) = command.summary {
            lines.push(format!("\t{:<12}  {summary}", command.name).into_bytes());
        }
    }
    lines.push(Vec::new());
    lines
}

/// Log lines of `-o list`.
pub fn oem_types() -> Vec<Vec<u8>> {
    let mut lines = vec![b"\nOEM Support:".to_vec()];
    lines.extend(
        interface::OEM_TYPES.iter().map(|oem| format!("\t{:<12} {}", oem.name, oem.summary).into_bytes()),
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

const OPTIONS: &[&str] = &[
    "       -h             This help",
    "       -V             Show version information",
    "       -v             Verbose (can use multiple times)",
    "       -c             Display output in comma separated format",
    "       -d N           Specify a /dev/ipmiN device to use (default=0)",
    "       -I intf        Interface to use",
    "       -H hostname    Remote host name for LAN interface",
    "       -p port        Remote RMCP port [default=623]",
    "       -U username    Remote session username",
    "       -f file        Read remote session password from file",
    "       -z size        Change Size of Communication Channel (OEM)",
    "       -S sdr         Use local file for remote SDR cache",
    "       -D tty:b[:s]   Specify the serial device, baud rate to use",
    "                      and, optionally, specify that interface is the system one",
    "       -4             Use only IPv4",
    "       -6             Use only IPv6",
    "       -a             Prompt for remote password",
    "       -Y             Prompt for the Kg key for IPMIv2 authentication",
    "       -e char        Set SOL escape character",
    "       -C ciphersuite Cipher suite to be used by lanplus interface",
    "       -k key         Use Kg key for IPMIv2 authentication",
    "       -y hex_key     Use hexadecimal-encoded Kg key for IPMIv2 authentication",
    "       -L level       Remote session privilege level [default=ADMINISTRATOR]",
    "                      Append a '+' to use name/privilege lookup in RAKP1",
    "       -A authtype    Force use of auth type NONE, PASSWORD, MD2, MD5 or OEM",
    "       -P password    Remote session password",
    "       -E             Read password from IPMI_PASSWORD environment variable",
    "       -K             Read kgkey from IPMI_KGKEY environment variable",
    "       -m address     Set local IPMB address",
    "       -b channel     Set destination channel for bridged request",
    "       -t address     Bridge request to remote target address",
    "       -B channel     Set transit channel for bridged request (dual bridge)",
    "       -T address     Set transit address for bridge request (dual bridge)",
    "       -l lun         Set destination lun for raw commands",
    "       -o oemtype     Setup for OEM (use 'list' to see available OEM types)",
    "       -O seloem      Use file for OEM SEL event descriptions",
    "       -N seconds     Specify timeout for lan [default=2] / lanplus [default=1] interface",
    "       -R retry       Set the number of retries for lan/lanplus interface [default=4]",
];
