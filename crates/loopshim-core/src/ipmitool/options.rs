//! The options before and between the words: read once, in order, into
//! [`Options`], or into the [`Exit`] at which the original stops reading.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use super::getopt::{Found, Getopt};
use super::number::{self, NumberError};
use super::text::channels::PRIVILEGES;
use super::text::{Names, names};
use super::{Arg, Console, Level, Personality, password, usage};
use crate::Variables;

/// An invocation that ends before an interface is opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Exit {
    /// What is printed.
    pub text: ExitText,
    /// Whether the process exits with status 0.
    pub succeeds: bool,
}

/// The last words of an [`Exit`].
#[derive(Debug, PartialEq, Eq)]
pub enum ExitText {
    /// Bytes on standard output.
    Stdout(Vec<u8>),
    /// Lines in the log at a level.
    Log(Level, Vec<Vec<u8>>),
}

impl Exit {
    /// Prints what there is to say.
    pub fn show(&self, console: &mut Console<'_>) {
        match &self.text {
            ExitText::Stdout(text) => console.put(text),
            ExitText::Log(level, lines) => lines.iter().for_each(|line| console.log_bytes(*level, line)),
        }
    }

    fn refusal(text: impl AsRef<[u8]>, succeeds: bool) -> Self {
        Self { text: ExitText::Log(Level::ERR, vec![text.as_ref().to_vec()]), succeeds }
    }
}

/// Which internet protocol `-4` or `-6` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `-4`.
    V4,
    /// `-6`.
    V6,
}

/// What the command line asks for, besides its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `-I`: interface name.
    pub interface: Option<Arg>,
    /// `-H`: remote host.
    pub hostname: Option<Arg>,
    /// `-U`: remote user, at most 16 bytes.
    pub username: Option<Arg>,
    /// `-P`, `-f`, `-a`, `-E` or the prompt after `-H`.
    pub password: Option<Arg>,
    /// `-p`: UDP port.
    pub port: Option<u16>,
    /// `-d`: device number; the original keeps its low byte only.
    pub device: u8,
    /// `-D`: serial device and rate.
    pub serial: Option<Arg>,
    /// `-4` or `-6`.
    pub family: Option<Family>,
    /// Number of `-v`.
    pub verbose: i32,
    /// `-c`.
    pub csv: bool,
    /// `-Z` (1.8.19): times in UTC.
    pub utc: bool,
    /// `-A`: authentication type; 0xFF for a name the original does not know.
    pub authtype: Option<u8>,
    /// `-L`: privilege level, with 0xFF for a name the original does not know.
    pub privilege: u8,
    /// `-k`, `-K`, `-y` or `-Y`: key of RMCP+, at most 20 bytes.
    pub kg_key: Arg,
    /// `-C`: cipher suite.
    pub cipher_suite: Option<u32>,
    /// `-N`: seconds to wait for a remote answer.
    pub timeout: u32,
    /// `-R`: how often to ask a remote host.
    pub retries: i32,
    /// `-o`, `-g`, `-s`: OEM type by name.
    pub oem: Option<Arg>,
    /// `-S`: file with SDR records.
    pub sdr_cache: Option<Arg>,
    /// `-O`: file with OEM event descriptions.
    pub sel_oem: Option<Arg>,
    /// `-e`: escape character of `sol activate`.
    pub sol_escape: u8,
    /// `-m`: own IPMB address; zero is "not given".
    pub my_addr: u8,
    /// `-t`: target address; zero is "not given".
    pub target_addr: u8,
    /// `-b`: target channel.
    pub target_channel: u8,
    /// `-T`: transit address.
    pub transit_addr: u8,
    /// `-B`: transit channel.
    pub transit_channel: u8,
    /// `-l`: target LUN.
    pub target_lun: u8,
    /// `-z`: request size; zero is "not given".
    pub long_packet_size: u16,
    /// Whether a later refusal exits with status 0: the original returns what
    /// its variable holds, and a successful `-y` leaves the key's length there.
    pub refusal_succeeds: bool,
    /// The command and its words.
    pub words: Vec<Arg>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            interface: None,
            hostname: None,
            username: None,
            password: None,
            port: None,
            device: 0,
            serial: None,
            family: None,
            verbose: 0,
            csv: false,
            utc: false,
            authtype: None,
            privilege: 0,
            kg_key: Arg::new(),
            cipher_suite: None,
            timeout: 0,
            retries: 0,
            oem: None,
            sdr_cache: None,
            sel_oem: None,
            sol_escape: b'~',
            my_addr: 0,
            target_addr: 0,
            target_channel: 0,
            transit_addr: 0,
            transit_channel: 0,
            target_lun: 0,
            long_packet_size: 0,
            refusal_succeeds: false,
            words: Vec::new(),
        }
    }
}

/// The parts of the world that options read.
pub struct Surroundings<'w> {
    /// `argv[0]`.
    pub program: &'w [u8],
    /// The environment.
    pub vars: &'w Variables,
    /// Where a password is asked for.
    pub terminal: &'w Path,
    /// Where a password is read from when there is no terminal.
    pub stdin: &'w mut dyn Read,
}

impl Surroundings<'_> {
    fn var(&self, name: &str) -> Option<Arg> {
        self.vars.get(name).map(OsString::into_vec)
    }

    /// The last component of `argv[0]`.
    pub fn program_name(&self) -> &[u8] {
        self.program.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }
}

/// Reads `args`; warnings are logged as they arise.
pub fn parse(
    args: &[Arg],
    personality: Personality,
    surroundings: &mut Surroundings<'_>,
    console: &mut Console<'_>,
) -> Result<Options, Exit> {
    let posix = surroundings.var("POSIXLY_CORRECT").is_some();
    let mut reader = Reader { options: Options::default(), personality, surroundings, console };
    if personality.logs_while_reading_options() {
        reader.console.open_log(0);
    }
    let mut getopt = Getopt::new(personality.option_grammar(), args, posix);
    for found in getopt.by_ref() {
        match &found {
            Found::Option(letter, None) => reader.flag(*letter)?,
            Found::Option(letter, Some(text)) => reader.setting(*letter, text)?,
            complaint => return Err(reader.complain(complaint)),
        }
    }
    reader.options.words = getopt.into_words();
    reader.finish()
}

struct Reader<'r, 's, 'w> {
    options: Options,
    personality: Personality,
    surroundings: &'r mut Surroundings<'s>,
    console: &'r mut Console<'w>,
}

impl Reader<'_, '_, '_> {
    fn flag(&mut self, letter: u8) -> Result<(), Exit> {
        match letter {
            b'h' => return Err(self.usage(true)),
            b'V' => return Err(self.version()),
            b'v' => self.more_verbose(),
            b'c' => self.options.csv = true,
            b'Z' => self.options.utc = true,
            b'4' => self.family(Family::V4)?,
            b'6' => self.family(Family::V6)?,
            b'g' => self.options.oem = Some(b"intelwv2".to_vec()),
            b's' => self.options.oem = Some(b"supermicro".to_vec()),
            b'a' => self.options.password = Some(self.ask("Password: ")),
            b'Y' => self.options.kg_key = kg_key(&self.ask("Key: ")),
            b'K' => self.key_from_environment(),
            b'E' => self.password_from_environment(),
            _ => return Err(self.usage(self.options.refusal_succeeds)),
        }
        Ok(())
    }

    fn setting(&mut self, letter: u8, text: &[u8]) -> Result<(), Exit> {
        let owned = || Some(text.to_vec());
        match letter {
            b'I' => self.options.interface = owned(),
            b'H' => self.options.hostname = owned(),
            b'P' => self.options.password = owned(),
            b'S' => self.options.sdr_cache = owned(),
            b'D' => self.options.serial = owned(),
            b'O' => self.options.sel_oem = owned(),
            b'e' => self.options.sol_escape = text.first().copied().unwrap_or(0),
            b'k' => self.options.kg_key = kg_key(text),
            b'A' => self.options.authtype = Some(authtype(text)),
            b'f' => self.password_from_file(text),
            b'L' => self.privilege(text),
            b'U' => self.username(text)?,
            b'o' => self.oem(text)?,
            b'y' => self.hex_key(text)?,
            _ => self.numeric_setting(letter, text)?,
        }
        Ok(())
    }

    fn numeric_setting(&mut self, letter: u8, text: &[u8]) -> Result<(), Exit> {
        let options = &mut self.options;
        match letter {
            b'd' => return self.device(text),
            b'p' => return self.port(text),
            b'C' => return self.cipher_suite(text),
            b'R' => return self.retries(text),
            b'N' => options.timeout = checked(letter, number::to_u32(text))?,
            b'z' => options.long_packet_size = checked(letter, number::to_u16(text))?,
            b't' => options.target_addr = checked(letter, number::to_u8(text))?,
            b'b' => options.target_channel = checked(letter, number::to_u8(text))?,
            b'T' => options.transit_addr = checked(letter, number::to_u8(text))?,
            b'B' => options.transit_channel = checked(letter, number::to_u8(text))?,
            b'm' => options.my_addr = checked(letter, number::to_u8(text))?,
            b'l' => options.target_lun = checked(letter, number::to_u8(text))?,
            _ => return Err(self.usage(self.options.refusal_succeeds)),
        }
        Ok(())
    }

    fn retries(&mut self, text: &[u8]) -> Result<(), Exit> {
        let value = checked(b'R', number::to_i32(text))?;
        self.options.retries = if value < 0 { return Err(bad(b'R')) } else { value };
        Ok(())
    }

    fn device(&mut self, text: &[u8]) -> Result<(), Exit> {
        let value = checked(b'd', number::to_i32(text))?;
        if value < 0 {
            return Err(Exit::refusal(format!("Device number {value} is out of range."), false));
        }
        self.options.device = value as u8;
        Ok(())
    }

    fn port(&mut self, text: &[u8]) -> Result<(), Exit> {
        let value = checked(b'p', number::to_i32(text))?;
        let Ok(port) = u16::try_from(value) else {
            return Err(Exit::refusal(format!("Port number {value} is out of range."), false));
        };
        // Zero leaves the interface's own default in place.
        self.options.port = (port > 0).then_some(port);
        Ok(())
    }

    fn cipher_suite(&mut self, text: &[u8]) -> Result<(), Exit> {
        if self.personality.cipher_suite_is_a_byte() {
            let text = number::to_u8(text);
            let refused = "Invalid parameter given or out of range [0-255] for '-C'.";
            self.options.cipher_suite = Some(text.map_err(|_| Exit::refusal(refused, false))?.into());
            return Ok(());
        }
        let value = checked(b'C', number::to_i32(text))?;
        let refused = |_| Exit::refusal(format!("Cipher suite ID {value} is invalid."), false);
        self.options.cipher_suite = Some(u32::try_from(value).map_err(refused)?);
        Ok(())
    }

    fn more_verbose(&mut self) {
        self.options.verbose += 1;
        if !self.personality.logs_while_reading_options() {
            return;
        }
        self.console.set_log_level(Level(Level::NOTICE.0 + self.options.verbose));
        if self.options.verbose == 2 {
            let line = self.version_line();
            self.console.log_bytes(Level::DEBUG, &line);
        }
    }

    fn family(&mut self, asked: Family) -> Result<(), Exit> {
        let refusal = match (self.options.family.replace(asked), asked) {
            (None, _) => return Ok(()),
            (Some(Family::V4), Family::V4) => "Multiple -4 parameters given.",
            (Some(Family::V6), Family::V6) => "Multiple -6 parameters given.",
            (Some(Family::V6), Family::V4) => "Parameter is mutually exclusive with -6.",
            (Some(Family::V4), Family::V6) => "Parameter is mutually exclusive with -4.",
        };
        Err(Exit::refusal(refusal, false))
    }

    fn username(&mut self, text: &[u8]) -> Result<(), Exit> {
        if text.len() > 16 {
            return Err(Exit::refusal("Username is too long (> 16 bytes)", self.options.refusal_succeeds));
        }
        self.options.username = Some(text.to_vec());
        Ok(())
    }

    fn oem(&mut self, text: &[u8]) -> Result<(), Exit> {
        if self.personality.is_verb(text, "list") || self.personality.is_verb(text, "help") {
            return Err(Exit { text: ExitText::Log(Level::NOTICE, usage::oem_types()), succeeds: true });
        }
        self.options.oem = Some(text.to_vec());
        Ok(())
    }

    fn hex_key(&mut self, text: &[u8]) -> Result<(), Exit> {
        let key = number::hex_bytes(text).map_err(|fault| Exit::refusal(fault, false))?;
        if key.len() > KG_KEY_MAX {
            return Err(Exit::refusal("Kg key is too long", true));
        }
        self.options.kg_key = key;
        self.options.refusal_succeeds = true;
        Ok(())
    }

    fn privilege(&mut self, text: &[u8]) {
        let name = text.strip_suffix(b"+").unwrap_or(text);
        self.options.privilege = lookup(name, PRIVILEGES);
        if self.options.privilege == 0xFF {
            self.console.log_bytes(Level::WARN, &[b"Invalid privilege level ", name].concat());
        }
    }

    fn password_from_file(&mut self, path: &[u8]) {
        self.options.password = password::from_file(path, self.console);
        if self.options.password.is_none() {
            self.console.log_bytes(Level::ERR, &[b"Unable to read password from file ", path].concat());
        }
    }

    fn password_from_environment(&mut self) {
        let given =
            self.surroundings.var("IPMITOOL_PASSWORD").or_else(|| self.surroundings.var("IPMI_PASSWORD"));
        match given {
            Some(password) => self.options.password = Some(password),
            None => self.console.log_bytes(Level::WARN, b"Unable to read password from environment"),
        }
    }

    fn key_from_environment(&mut self) {
        match self.surroundings.var("IPMI_KGKEY") {
            Some(key) => self.options.kg_key = kg_key(&key),
            None => self.console.log_bytes(Level::WARN, b"Unable to read kgkey from environment"),
        }
    }

    fn ask(&mut self, prompt: &str) -> Arg {
        password::ask(self.surroundings.terminal, self.surroundings.stdin, self.console, prompt)
    }

    fn version_line(&self) -> Vec<u8> {
        let version = self.personality.version();
        [self.surroundings.program_name(), b" version ", version.as_bytes(), b"\n"].concat()
    }

    fn version(&self) -> Exit {
        Exit { text: ExitText::Stdout(self.version_line()), succeeds: true }
    }

    fn usage(&self, succeeds: bool) -> Exit {
        let lines = usage::usage(self.personality, self.surroundings.program_name());
        Exit { text: ExitText::Log(Level::NOTICE, lines), succeeds }
    }

    fn complain(&mut self, found: &Found) -> Exit {
        if let Some(line) = found.complaint(self.surroundings.program) {
            self.console.put_err(&line);
        }
        self.usage(self.options.refusal_succeeds)
    }

    /// What the original does between reading options and loading the
    /// interface.
    fn finish(mut self) -> Result<Options, Exit> {
        if self.options.words.first().is_some_and(|word| self.personality.is_verb(word, "help")) {
            return Err(Exit { text: ExitText::Log(Level::NOTICE, usage::commands()), succeeds: true });
        }
        let none = self.options.authtype == Some(AUTHTYPE_NONE);
        if self.options.hostname.is_some() && self.options.password.is_none() && !none {
            self.options.password = Some(self.ask("Password: "));
        }
        if self.options.interface.is_none() && self.options.hostname.is_some() {
            self.options.interface = Some(b"lan".to_vec());
        }
        self.check_password_length()?;
        Ok(self.options)
    }

    fn check_password_length(&self) -> Result<(), Exit> {
        let length = self.options.password.as_ref().map_or(0, Vec::len);
        let (name, most) = match self.options.interface.as_deref() {
            Some(b"lan") => ("lan", 16),
            Some(b"lanplus") => ("lanplus", 20),
            _ => return Ok(()),
        };
        if length > most {
            return Err(Exit::refusal(format!("{name}: password is longer than {most} bytes."), false));
        }
        Ok(())
    }
}

/// Most bytes of an RMCP+ key.
const KG_KEY_MAX: usize = 20;

const AUTHTYPE_NONE: u8 = 0;

/// Names for `-A` (IPMI 2.0 table 6-8 and the original's `RMCP+`).
const AUTHTYPES: Names =
    names![(AUTHTYPE_NONE as u16, "NONE"), (1, "MD2"), (2, "MD5"), (4, "PASSWORD"), (5, "OEM"), (6, "RMCP+")];

/// The authentication type of that name.
pub(super) fn authtype_named(name: &[u8]) -> Option<u8> {
    Some(lookup(name, AUTHTYPES)).filter(|&value| value != 0xFF)
}

/// The privilege level of that name.
pub(super) fn privilege_named(name: &[u8]) -> Option<u8> {
    Some(lookup(name, PRIVILEGES)).filter(|&value| value != 0xFF)
}

fn lookup(name: &[u8], table: Names) -> u8 {
    table.code_of(name).map_or(0xFF, |value| value as u8)
}

fn authtype(name: &[u8]) -> u8 {
    lookup(name, AUTHTYPES)
}

fn kg_key(text: &[u8]) -> Arg {
    text[..text.len().min(KG_KEY_MAX)].to_vec()
}

fn bad(letter: u8) -> Exit {
    let text = format!("Invalid parameter given or out of range for '-{}'.", char::from(letter));
    // The original sets 1 instead of -1 for this one option.
    Exit::refusal(text, letter == b'l')
}

fn checked<T>(letter: u8, value: Result<T, NumberError>) -> Result<T, Exit> {
    value.map_err(|_| bad(letter))
}
