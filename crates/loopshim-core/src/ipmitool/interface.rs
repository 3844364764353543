//! The original's interfaces and OEM types: which exist in which version, how
//! a name selects one, and what loading and opening them says.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::options::Options;
use super::text::{Described, described};
use super::transport::Transport;
use super::transport::absent::Absent;
use super::transport::dummy::Dummy;
use super::transport::model::{Controller, Model};
use super::{Console, Level, Personality};

/// A way to a BMC, as named by `-I`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The Linux kernel's IPMI device.
    Open,
    /// Intel's IMB driver.
    Imb,
    /// IPMI 1.5 over LAN.
    Lan,
    /// IPMI 2.0 over LAN.
    LanPlus,
    /// FreeIPMI's drivers.
    Free,
    /// A serial port in terminal mode.
    SerialTerminal,
    /// A serial port in basic mode.
    SerialBasic,
    /// The test socket.
    Dummy,
    /// AMI's USB interface.
    Usb,
}

impl Kind {
    /// The name for `-I`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Imb => "imb",
            Self::Lan => "lan",
            Self::LanPlus => "lanplus",
            Self::Free => "free",
            Self::SerialTerminal => "serial-terminal",
            Self::SerialBasic => "serial-basic",
            Self::Dummy => "dummy",
            Self::Usb => "usb",
        }
    }

    /// The description in `-h`.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Open => "Linux OpenIPMI Interface",
            Self::Imb => "Intel IMB Interface",
            Self::Lan => "IPMI v1.5 LAN Interface",
            Self::LanPlus => "IPMI v2.0 RMCP+ LAN Interface",
            Self::Free => "FreeIPMI IPMI Interface",
            Self::SerialTerminal => "Serial Interface, Terminal Mode",
            Self::SerialBasic => "Serial Interface, Basic Mode",
            Self::Dummy => "Linux DummyIPMI Interface",
            Self::Usb => "IPMI USB Interface(OEM Interface for AMI Devices)",
        }
    }
}

/// All interfaces, in the original's order; the first is the default.
const TABLE: &[Kind] = &[
    Kind::Open,
    Kind::Imb,
    Kind::Lan,
    Kind::LanPlus,
    Kind::Free,
    Kind::SerialTerminal,
    Kind::SerialBasic,
    Kind::Dummy,
    Kind::Usb,
];

/// The interfaces a version was built with.
pub fn listed(personality: Personality) -> impl Iterator<Item = Kind> {
    TABLE.iter().copied().filter(move |kind| {
        !matches!(kind, Kind::Free | Kind::Dummy) || personality.has_free_and_dummy_interfaces()
    })
}

/// The interface a name selects. `dummy` exists in every version if its socket
/// is named by the environment: it is how tests reach a BMC.
pub fn select(personality: Personality, name: Option<&[u8]>, dummy_socket: bool) -> Option<Kind> {
    let Some(name) = name else { return Some(Kind::Open) };
    let built_in = |kind: &Kind| listed(personality).any(|listed| listed == *kind);
    let present = |kind: &&Kind| built_in(kind) || (dummy_socket && **kind == Kind::Dummy);
    let matches = |kind: &&Kind| match personality.takes_interface_prefixes() {
        true => kind.name().as_bytes().starts_with(name),
        false => kind.name().as_bytes() == name,
    };
    TABLE.iter().filter(present).find(matches).copied()
}

/// The device set-up that happens while an interface is loaded; false after
/// logging why it failed.
pub fn set_up(kind: Kind, name: Option<&[u8]>, console: &mut Console<'_>) -> bool {
    if kind != Kind::Usb {
        return true;
    }
    console.log(Level::DEBUG, format_args!("Unable to find Virtual CDROM Device"));
    console.log(Level::ERR, format_args!("Error in USB session setup \n"));
    console.log_bytes(Level::ERR, &[b"Unable to setup interface ", name.unwrap_or_default()].concat());
    false
}

/// Where an interface's requests go, and what the environment adds.
pub struct Place<'p> {
    /// What `/` means.
    pub root: &'p Path,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `IPMI_DUMMY_SOCK`.
    pub dummy_socket: Option<PathBuf>,
    /// The BMC that stands in for this machine's and for remote ones; without
    /// it there is only what hardware there is.
    pub bmc: Option<Box<dyn Controller>>,
    /// What tells the BMC the time.
    pub clock: fn() -> SystemTime,
}

impl Place<'_> {
    /// Where 1.8.19 looks for the registry of manufacturers, in order.
    pub fn registries(&self) -> Vec<PathBuf> {
        let name = "usr/share/misc/enterprise-numbers.txt";
        let below_root = |path: &Path| match path.strip_prefix("/") {
            Ok(below) => self.root.join(below),
            Err(_) => path.to_path_buf(),
        };
        let of_user = self.home.iter().map(|home| below_root(home).join(".local").join(name));
        of_user.chain([self.root.join(name)]).collect()
    }
}

/// The transport behind an interface.
pub fn transport(kind: Kind, options: &Options, place: Place<'_>) -> Box<dyn Transport> {
    let reaches_model = match kind {
        Kind::Open => options.device == 0,
        Kind::Lan | Kind::LanPlus => options.hostname.is_some(),
        _ => false,
    };
    match (kind, place.bmc) {
        (Kind::Dummy, _) => Box::new(Dummy::new(place.dummy_socket)),
        (_, Some(bmc)) if reaches_model => Box::new(Model::new(bmc, place.clock)),
        (kind, _) => Box::new(Absent::new(kind, options, place.root)),
    }
}

/// The sets of OEM habits, in the original's order: whether selecting one does
/// anything at once (and says so with `-vv`), its name for `-o`, and the
/// description in `-o list`.
pub const OEM_TYPES: Described = described![
    (1, "supermicro", "Supermicro IPMIv1.5 BMC with OEM LAN authentication support"),
    (0, "intelwv2", "Intel SE7501WV2 IPMIv1.5 BMC with extra LAN communication support"),
    (0, "intelplus", "Intel IPMI 2.0 BMC with RMCP+ communication support"),
    (0, "icts", "IPMI 2.0 ICTS compliance support"),
    (1, "ibm", "IBM OEM support"),
    (0, "i82571spt", "Intel 82571 MAC with integrated RMCP+ support in super pass-through mode"),
    (0, "kontron", "Kontron OEM big buffer support"),
    (1, "quanta", "Quanta IPMIv1.5 BMC with OEM LAN authentication support"),
];

/// The OEM type a name selects, as in [`OEM_TYPES`]; 1.8.18 ignores what follows
/// a known name.
pub fn oem_type(personality: Personality, name: &[u8]) -> Option<(u16, &'static str, &'static str)> {
    OEM_TYPES.iter().find(|oem| personality.is_verb(name, oem.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_version_takes_prefixes() {
        let (old, new) = (Personality::V1_8_18El8, Personality::V1_8_19Deb12);
        assert_eq!(select(old, Some(b"op"), false), Some(Kind::Open));
        assert_eq!(select(old, Some(b""), false), Some(Kind::Open));
        assert_eq!(select(old, Some(b"l"), false), Some(Kind::Lan));
        assert_eq!(select(new, Some(b"op"), false), None);
        assert_eq!(select(new, None, false), Some(Kind::Open));
    }

    #[test]
    fn the_dummy_needs_its_socket_where_it_is_not_built_in() {
        let (old, new) = (Personality::V1_8_18El8, Personality::V1_8_19Deb12);
        assert_eq!(select(old, Some(b"dummy"), false), None);
        assert_eq!(select(old, Some(b"dummy"), true), Some(Kind::Dummy));
        assert_eq!(select(new, Some(b"dummy"), false), Some(Kind::Dummy));
    }
}
