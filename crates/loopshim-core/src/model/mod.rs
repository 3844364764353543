//! The machine behind the shims: the model compiled in, or the one that
//! `/etc/loopshim/bmc.json` describes. The file's form is documented in
//! `docs/bmc.json.md`; `docs/bmc.schema.json` is for editors.

mod chassis;
mod device;
mod fru;
mod installed;
mod network;
mod profile;
mod sdr;
mod sel;
mod sensor;
mod users;
mod values;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use ipmi::bmc::{Bmc, CannedResponse};
use ipmi::{CompletionCode, Response};

use crate::World;
use crate::ipmitool::Personality;
use crate::json_file::{self, Error};
use values::{Bytes, RequestPattern, Text};

pub use profile::Profile;

/// Where the file is.
pub const PATH: &str = "/etc/loopshim/bmc.json";

/// A modelled machine and how it is to be presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The controller.
    pub bmc: Bmc,
    /// The version of ipmitool to stand in for, where the file names one.
    pub personality: Option<Personality>,
    /// What becomes of commands that are not modelled.
    pub unmodelled: Unmodelled,
}

/// What becomes of commands that neither the model nor an original answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unmodelled {
    /// They fail as the original does when the BMC answers "invalid command".
    #[default]
    Fail,
    /// They print nothing and succeed.
    Succeed,
}

impl Model {
    /// This world's machine: as its file describes it, or the one compiled in.
    ///
    /// # Errors
    /// When the file, or one it names, cannot be read or is not as documented.
    pub fn load(world: &World) -> Result<Self, Error> {
        let path = world.path(PATH);
        match json_file::load::<File>(&path)? {
            Some(file) => file.build(&path, &world.hostname()),
            None => Ok(Self::of_profile(Profile::default(), &world.hostname())),
        }
    }

    /// The machine that the file at `path` describes, for a host of that name.
    ///
    /// # Errors
    /// As [`Model::load`]; an absent file is one, too.
    pub fn from_file(path: &Path, hostname: &[u8]) -> Result<Self, Error> {
        match json_file::load::<File>(path)? {
            Some(file) => file.build(path, hostname),
            None => Err(refusal(path, Problem::new("", "there is no such file"))),
        }
    }

    /// The machine that `text` describes; `path` is for messages, and its
    /// directory the one that relative file names start from.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn from_json(path: &Path, text: &[u8], hostname: &[u8]) -> Result<Self, Error> {
        json_file::parse::<File>(path, text)?.build(path, hostname)
    }

    /// A machine that is compiled in.
    pub fn of_profile(profile: Profile, hostname: &[u8]) -> Self {
        Self { bmc: profile.bmc(hostname), personality: None, unmodelled: Unmodelled::default() }
    }
}

/// `bmc.json`. What is left out stays as the profile has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    /// For editors.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    profile: Profile,
    personality: Option<Personality>,
    unmodelled: Unmodelled,
    device: device::Device,
    watchdog: Option<device::Watchdog>,
    system_info: Option<device::SystemInfo>,
    sessions: Option<device::Sessions>,
    chassis: chassis::Chassis,
    frus: Vec<fru::Fru>,
    sdr: Option<sdr::Sdr>,
    sensors: Option<Vec<sensor::Sensor>>,
    sel: sel::Sel,
    channels: Vec<network::Channel>,
    users: users::Users,
    pef: Option<network::Pef>,
    responses: Vec<Canned>,
}

impl File {
    fn build(self, path: &Path, hostname: &[u8]) -> Result<Model, Error> {
        let mut bmc = self.profile.bmc(hostname);
        let place = Place { directory: path.parent().unwrap_or(Path::new("/")).to_owned() };
        let (personality, unmodelled) = (self.personality, self.unmodelled);
        self.apply(&mut bmc, &place).map_err(|problem| refusal(path, problem))?;
        Ok(Model { bmc, personality, unmodelled })
    }

    fn apply(self, bmc: &mut Bmc, place: &Place) -> Result<(), Problem> {
        self.device.apply(bmc);
        if let Some(watchdog) = self.watchdog {
            bmc.watchdog = watchdog.into();
        }
        if let Some(info) = self.system_info {
            bmc.system_info = info.into();
        }
        if let Some(sessions) = self.sessions {
            bmc.sessions = sessions.into();
        }
        self.chassis.apply(&mut bmc.chassis);
        each("frus", self.frus, |fru| fru.apply(bmc, place))?;
        self.sdr.map_or(Ok(()), |sdr| sdr.apply(bmc, place).map_err(|problem| problem.within("sdr")))?;
        sensor::apply(self.sensors, bmc)?;
        self.sel.apply(&mut bmc.sel, place).map_err(|problem| problem.within("sel"))?;
        self.channels.into_iter().for_each(|channel| channel.apply(bmc));
        self.users.apply(bmc);
        if let Some(pef) = self.pef {
            bmc.pef = Some(pef.into());
        }
        bmc.responses.extend(self.responses.into_iter().map(CannedResponse::from));
        Ok(())
    }
}

/// An answer given to all requests of a pattern.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Canned {
    request: Text<RequestPattern>,
    #[serde(default)]
    completion: u8,
    #[serde(default)]
    data: Bytes,
}

impl From<Canned> for CannedResponse {
    fn from(canned: Canned) -> Self {
        let response = Response { completion: CompletionCode(canned.completion), data: canned.data.0 };
        Self { request: canned.request.0.0, response }
    }
}

/// Something wrong that no single value shows.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    field: String,
    problem: String,
}

impl Problem {
    fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }

    /// The problem of a field that is itself within `outer`.
    fn within(mut self, outer: &str) -> Self {
        self.field = match &*self.field {
            "" => outer.to_owned(),
            inner => format!("{outer}.{inner}"),
        };
        self
    }
}

fn refusal(path: &Path, Problem { field, problem }: Problem) -> Error {
    Error { path: path.to_owned(), place: None, field, problem, suggestion: None }
}

/// Does something with each element of an array field.
fn each<T>(
    field: &str,
    elements: Vec<T>,
    mut apply: impl FnMut(T) -> Result<(), Problem>,
) -> Result<(), Problem> {
    for (index, element) in elements.into_iter().enumerate() {
        apply(element).map_err(|problem| problem.within(&format!("{field}[{index}]")))?;
    }
    Ok(())
}

/// Where relative file names start from.
struct Place {
    directory: PathBuf,
}

impl Place {
    /// The contents of the file that `field` names.
    fn read(&self, field: &str, name: &Path) -> Result<Vec<u8>, Problem> {
        /// No dump of a controller's memory is larger.
        const LARGEST: u64 = 4 << 20;
        let path = self.directory.join(name);
        let size = std::fs::metadata(&path).map(|meta| meta.len());
        match size.and_then(|size| if size > LARGEST { Ok(None) } else { std::fs::read(&path).map(Some) }) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => {
                Err(Problem::new(field, format!("{} is larger than {LARGEST} bytes", path.display())))
            }
            Err(error) => Err(Problem::new(field, format!("{} cannot be read: {error}", path.display()))),
        }
    }

    /// The bytes given by one of the fields `hex` and `file`.
    fn bytes(&self, hex: Option<Bytes>, file: Option<PathBuf>) -> Result<Option<Vec<u8>>, Problem> {
        match (hex, file) {
            (Some(_), Some(_)) => Err(Problem::new("file", "`hex` and `file` exclude each other")),
            (Some(Bytes(bytes)), None) => Ok(Some(bytes)),
            (None, Some(name)) => self.read("file", &name).map(Some),
            (None, None) => Ok(None),
        }
    }
}
