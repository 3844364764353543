//! Interfaces whose hardware this machine lacks: opening them says what the
//! original says there.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use ipmi::Request;

use super::dummy::errno_text;
use super::{Addressing, Transport};
use crate::ipmitool::interface::Kind;
use crate::ipmitool::options::{Family, Options};
use crate::ipmitool::{Arg, Console, Failed, Level, Reply};

/// An interface that cannot be opened here.
pub struct Absent {
    kind: Kind,
    root: PathBuf,
    device: u8,
    serial: Option<Arg>,
    hostname: Arg,
    port: u16,
    family: Option<Family>,
}

impl Absent {
    /// The interface with what the options say about it.
    pub fn new(kind: Kind, options: &Options, root: &Path) -> Self {
        Self {
            kind,
            root: root.to_path_buf(),
            device: options.device,
            serial: options.serial.clone(),
            hostname: options.hostname.clone().unwrap_or_default(),
            port: options.port.unwrap_or(RMCP_PORT),
            family: options.family,
        }
    }

    fn below_root(&self, name: &[u8]) -> PathBuf {
        let name = Path::new(OsStr::from_bytes(name));
        name.strip_prefix("/").map_or_else(|_| name.to_path_buf(), |below| self.root.join(below))
    }

    fn open_device(&self, console: &mut Console<'_>) {
        let number = self.device;
        console.log(Level::DEBUG, format_args!("Using ipmi device {number}"));
        let names = ["/dev/ipmi", "/dev/ipmi/", "/dev/ipmidev/"].map(|stem| format!("{stem}{number}"));
        let mut failure = None;
        for name in &names {
            match open_read_write(&self.below_root(name.as_bytes())) {
                Ok(_) => return not_a_device(console),
                Err(error) => failure = Some(error),
            }
        }
        let why = failure.as_ref().map(errno_text).unwrap_or_default();
        let [first, second, third] = names;
        console
            .log(Level::ERR, format_args!("Could not open device at {first} or {second} or {third}: {why}"));
    }

    fn open_serial(&self, console: &mut Console<'_>) {
        let Some(given) = &self.serial else {
            return console.log(Level::ERR, format_args!("Serial device is not specified"));
        };
        let device = given.split(|byte| *byte == b':').next().unwrap_or_default();
        if let Err(error) = open_read_write(&self.below_root(device)) {
            let why = errno_text(&error);
            let line = [b"Could not open device at ", device, b": ", why.as_bytes()].concat();
            console.log_bytes(Level::ERR, &line);
        }
    }

    fn open_lan(&self, console: &mut Console<'_>) {
        if self.hostname.is_empty() {
            return console.log(Level::ERR, format_args!("No hostname specified!"));
        }
        let connected = self.connect(console);
        if !connected {
            console.log(Level::ERR, format_args!("Could not open socket!"));
        }
        match self.kind {
            Kind::Lan if !connected => {}
            Kind::Lan => {
                console.log(Level::ERR, format_args!("Error: Unable to establish LAN session"));
                console.log(Level::ERR, format_args!("Error: Unable to establish IPMI v1.5 / RMCP session"));
            }
            _ => {
                console.log(Level::ERR, format_args!("Error: Unable to establish IPMI v2 / RMCP+ session"));
            }
        }
    }

    fn connect(&self, console: &mut Console<'_>) -> bool {
        let addresses = self.addresses();
        if addresses.is_empty() {
            let line = [b"Address lookup for ", &self.hostname[..], b" failed"].concat();
            console.log_bytes(Level::ERR, &line);
            return false;
        }
        addresses.iter().any(|address| {
            let any: SocketAddr = match address {
                SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
                SocketAddr::V6(_) => ([0; 8], 0).into(),
            };
            UdpSocket::bind(any).and_then(|socket| socket.connect(address)).is_ok()
        })
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        let host = String::from_utf8_lossy(&self.hostname);
        let mut addresses = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => fs::read_to_string(self.below_root(b"/etc/hosts"))
                .map_or_else(|_| Vec::new(), |hosts| addresses_in(&hosts, &host)),
        };
        addresses.retain(|address| match self.family {
            None => true,
            Some(Family::V4) => address.is_ipv4(),
            Some(Family::V6) => address.is_ipv6(),
        });
        addresses.into_iter().map(|address| SocketAddr::new(address, self.port)).collect()
    }
}

/// What a table of hosts (hosts(5)) has for a name. Name servers are not asked:
/// what they would find could not be spoken to here all the same, and libc's
/// resolver is 25 KB.
fn addresses_in(hosts: &str, name: &str) -> Vec<IpAddr> {
    let entries = hosts.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let address = words.next()?.parse().ok()?;
        words.any(|host| host.eq_ignore_ascii_case(name)).then_some(address)
    });
    entries.collect()
}

/// UDP port of RMCP (IPMI 2.0 section 13.1).
const RMCP_PORT: u16 = 623;

fn open_read_write(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).open(path)
}

fn not_a_device(console: &mut Console<'_>) {
    let why = "Inappropriate ioctl for device";
    console.log(Level::ERR, format_args!("Could not enable event receiver: {why}"));
}

impl Transport for Absent {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn open(&mut self, console: &mut Console<'_>, _my_addr: u8) -> Result<(), Failed> {
        match self.kind {
            Kind::Lan | Kind::LanPlus => self.open_lan(console),
            Kind::SerialTerminal | Kind::SerialBasic => self.open_serial(console),
            Kind::Imb => console.put(b"Error: no IMB driver found at /dev/imb!\n"),
            Kind::Free => console.put_err(b"ipmi_open_inband(): internal error\n"),
            Kind::Open | Kind::Dummy | Kind::Usb => self.open_device(console),
        }
        Err(Failed)
    }

    fn exchange(
        &mut self,
        _console: &mut Console<'_>,
        _verbose: i32,
        _addressing: Addressing,
        _request: &Request,
        _buffer: &mut [u8; Reply::CAPACITY],
    ) -> Option<(u8, usize)> {
        None
    }

    fn close(&mut self, _console: &mut Console<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_by_any_of_their_names() {
        let hosts =
            "127.0.0.1 localhost\n::1\tip6-localhost localhost # a comment\n10.0.0.7 bmc7.example bmc7\n";
        let found =
            |name: &str| addresses_in(hosts, name).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found("LOCALHOST"), ["127.0.0.1", "::1"]);
        assert_eq!(found("bmc7"), ["10.0.0.7"]);
        assert!(found("comment").is_empty());
        assert!(found("bmc").is_empty());
    }
}
