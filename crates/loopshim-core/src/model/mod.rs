//! The machine behind the shims: the model compiled in, or the one that
//! `/etc/loopshim/bmc.json` describes. The file's form is documented in
//! `docs/bmc.json.md`; `docs/bmc.schema.json` is for editors.

mod captured;
mod chassis;
mod checked;
mod dcmi;
mod device;
mod fitting;
mod fru;
mod installed;
mod ipv6;
mod network;
mod on_demand;
mod pef;
mod profile;
mod sdr;
mod sel;
mod sensor;
mod users;
mod values;

use std::path::{Path, PathBuf};

use ipmi::bmc::{Bmc, CannedResponse};
use ipmi::{CompletionCode, Response};

use crate::World;
use crate::ipmitool::Personality;
use crate::json;
use crate::json_file::{self, Error};
use crate::life::Life;
use checked::{Described, Opened, Placed};
use profile::Part;
use values::{Bytes, RequestPattern, Text};

pub use on_demand::OnDemand;
pub use profile::Profile;

/// Where the file is.
pub const PATH: &str = "/etc/loopshim/bmc.json";

/// A modelled machine and how it is to be presented.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The controller.
    pub bmc: Box<Bmc>,
    /// What moves of it, and what it does to the host.
    pub life: Life,
    /// The version of ipmitool to stand in for, where the file names one.
    pub personality: Option<Personality>,
    /// What becomes of commands that are not modelled.
    pub unmodelled: Unmodelled,
}

/// A machine whose parts are not all there yet.
struct InPart {
    model: Model,
    /// What it starts from.
    profile: Profile,
    /// Parts of the profile that are not there.
    lacking: Vec<Part>,
    /// A file whose sensors have not been read.
    unread: Option<Described>,
}

/// What becomes of commands that neither the model nor an original answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unmodelled {
    /// They fail as the original does when the BMC answers "invalid command".
    #[default]
    Fail,
    /// They print nothing and succeed.
    Succeed,
}

json::choice!(Unmodelled { "fail" => Fail, "succeed" => Succeed });

impl Model {
    /// This world's machine: as its file describes it, or the one compiled in.
    /// `LOOPSHIM_BMC` names another file, which then must be there.
    ///
    /// # Errors
    /// When the file, or one it names, cannot be read or is not as documented.
    pub fn load(world: &World) -> Result<Self, Error> {
        let hostname = world.hostname();
        let compiled_in = || Self::of_profile(Profile::default(), &hostname);
        Ok(Self::described(world, &hostname)?.unwrap_or_else(compiled_in))
    }

    /// The machine that this world's file describes, if there is a file.
    fn described(world: &World, hostname: &[u8]) -> Result<Option<Self>, Error> {
        if let Some(path) = world.var("LOOPSHIM_BMC") {
            return Self::from_file(Path::new(&path), hostname).map(Some);
        }
        let path = world.path(PATH);
        json_file::text(&path)?.map(|text| Self::from_json(&path, &text, hostname)).transpose()
    }

    /// As [`Model::described`], without the profile's parts that nothing is
    /// described of; where the file is known to be as documented, without its
    /// sensors and their records, too.
    fn described_in_part(world: &World, hostname: &[u8]) -> Result<Option<InPart>, Error> {
        let named = world.var("LOOPSHIM_BMC");
        let must_be_there = named.is_some();
        let path = named.map_or_else(|| world.path(PATH), PathBuf::from);
        let file = match Described::open(&path) {
            Opened::Worthwhile(file) => file,
            Opened::Absent if !must_be_there => return Ok(None),
            Opened::Absent | Opened::Other => {
                let text = json_file::text(&path)?.ok_or_else(|| absent(&path))?;
                return File::parse(&path, &text)?.build_in_part(&path, hostname).map(Some);
            }
        };
        let known = file.text_without_noted(world).and_then(|text| File::parse(&path, &text).ok());
        if let Some(known) = known
            && let Ok(mut in_part) = known.build_in_part(&path, hostname)
        {
            in_part.lacking.retain(|part| *part != Part::Sensors);
            in_part.unread = Some(file);
            return Ok(Some(in_part));
        }
        let text = file.text().map_err(|error| json_file::unreadable(&path, &error))?;
        let whole = File::parse(&path, &text)?;
        let (places, names_files) = ([whole.sdr.place(), whole.sensors.place()], whole.names_files());
        let in_part = whole.build_in_part(&path, hostname)?;
        // Of what moves, what others ask for may depend on.
        if !names_files && in_part.model.life.motions.is_empty() {
            file.note(world, places);
        }
        Ok(Some(in_part))
    }

    /// The machine that the file at `path` describes, for a host of that name.
    ///
    /// # Errors
    /// As [`Model::load`]; an absent file is one, too.
    pub fn from_file(path: &Path, hostname: &[u8]) -> Result<Self, Error> {
        match json_file::text(path)? {
            Some(text) => Self::from_json(path, &text, hostname),
            None => Err(absent(path)),
        }
    }

    /// The machine that `text` describes; `path` is for messages, and its
    /// directory the one that relative file names start from.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn from_json(path: &Path, text: &[u8], hostname: &[u8]) -> Result<Self, Error> {
        File::parse(path, text)?.build(path, hostname, &Part::ALL)
    }

    /// A machine that is compiled in.
    pub fn of_profile(profile: Profile, hostname: &[u8]) -> Self {
        let (bmc, life) = (profile.bmc(hostname), Life::default());
        Self { bmc, life, personality: None, unmodelled: Unmodelled::default() }
    }
}

/// `bmc.json`. What is left out stays as the profile has it.
#[derive(Debug)]
struct File {
    /// For editors.
    _schema: Option<String>,
    profile: Profile,
    personality: Option<Personality>,
    unmodelled: Unmodelled,
    /// For people.
    _captured: Option<captured::Captured>,
    device: device::Device,
    watchdog: Option<device::Watchdog>,
    system_info: Option<device::SystemInfo>,
    sessions: Option<device::Sessions>,
    chassis: Option<chassis::Chassis>,
    frus: Vec<fru::Fru>,
    sdr: Placed<sdr::Sdr>,
    sensors: Placed<Vec<sensor::Sensor>>,
    sel: sel::Sel,
    channels: Vec<network::Channel>,
    users: Option<users::Users>,
    pef: Option<network::Pef>,
    dcmi: Option<dcmi::Dcmi>,
    responses: Vec<Canned>,
}

json::object!(File {
    ; _schema as "$schema", profile, personality, unmodelled, _captured as "captured", device, watchdog,
    system_info, sessions, chassis, frus, sdr, sensors, sel, channels, users, pef, dcmi, responses
});

impl File {
    // Neither of these is inlined: most runs have no file, and their stack is large.
    #[inline(never)]
    fn parse(path: &Path, text: &[u8]) -> Result<Self, Error> {
        json_file::parse(path, text)
    }

    /// Whether other files belong to it.
    fn names_files(&self) -> bool {
        let sdr = self.sdr.value.as_ref().is_some_and(|sdr| sdr.file.is_some());
        sdr || self.sel.file.is_some() || self.frus.iter().any(|fru| fru.file.is_some())
    }

    /// Whether something is described that is on top of the profile's part, or
    /// in its place.
    fn describes(&self, part: Part) -> bool {
        match part {
            Part::Settings => {
                self.system_info.is_some()
                    || self.chassis.is_some()
                    || !self.channels.is_empty()
                    || self.users.is_some()
                    || self.pef.is_some()
                    || self.dcmi.is_some()
            }
            Part::Inventories => !self.frus.is_empty(),
            Part::Sensors => self.sdr.value.is_some() || self.sensors.value.is_some(),
        }
    }

    /// The machine, with those of the profile's parts of which something is
    /// described.
    fn build_in_part(self, path: &Path, hostname: &[u8]) -> Result<InPart, Error> {
        let profile = self.profile;
        let (parts, lacking): (Vec<_>, _) = Part::ALL.into_iter().partition(|part| self.describes(*part));
        let model = self.build(path, hostname, &parts)?;
        Ok(InPart { model, profile, lacking, unread: None })
    }

    /// The machine, with these of the profile's parts below what is described.
    #[inline(never)]
    fn build(self, path: &Path, hostname: &[u8], parts: &[Part]) -> Result<Model, Error> {
        let mut bmc = self.profile.controller(hostname);
        parts.iter().for_each(|part| self.profile.add(*part, &mut bmc, hostname));
        let place = Place { directory: path.parent().unwrap_or(Path::new("/")).to_owned() };
        let (personality, unmodelled) = (self.personality, self.unmodelled);
        let mut life = Life::default();
        self.apply(&mut bmc, &mut life, &place).map_err(|problem| refusal(path, problem))?;
        Ok(Model { bmc, life, personality, unmodelled })
    }

    fn apply(self, bmc: &mut Bmc, life: &mut Life, place: &Place) -> Result<(), Problem> {
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
        if let Some(mut chassis) = self.chassis {
            life.power_commands = std::mem::take(&mut chassis.power_commands).by_action();
            chassis.apply(&mut bmc.chassis);
        }
        each("frus", self.frus, |fru| fru.apply(bmc, place))?;
        let sdr = self.sdr.value;
        let has_records = sdr.as_ref().is_some_and(sdr::Sdr::has_records);
        sdr.map_or(Ok(()), |sdr| sdr.apply(bmc, place).map_err(|problem| problem.within("sdr")))?;
        sensor::apply(self.sensors.value, has_records, bmc, life, place)?;
        self.sel.apply(&mut bmc.sel, place).map_err(|problem| problem.within("sel"))?;
        self.channels.into_iter().for_each(|channel| channel.apply(bmc));
        if let Some(users) = self.users {
            users.apply(bmc);
        }
        if let Some(pef) = self.pef {
            bmc.pef = Some(pef.into());
        }
        if let Some(dcmi) = self.dcmi {
            dcmi.apply(&mut bmc.dcmi)?;
        }
        bmc.responses.extend(self.responses.into_iter().map(CannedResponse::from));
        Ok(())
    }
}

/// An answer given to all requests of a pattern.
#[derive(Debug)]
struct Canned {
    request: Text<RequestPattern>,
    completion: u8,
    data: Bytes,
}

json::object!(Canned { request; completion, data });

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

fn absent(path: &Path) -> Error {
    refusal(path, Problem::new("", "there is no such file"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use ipmi::Request;
    use ipmi::bmc::SensorKey;
    use ipmi::fru::Inventory;
    use ipmi::sdr::{Body, Record};
    use proptest::prelude::*;

    fn model(json: &str) -> Result<Model, String> {
        let path = Path::new("/etc/loopshim/bmc.json");
        Model::from_json(path, json.as_bytes(), b"host").map_err(|error| error.to_string())
    }

    fn built(json: &str) -> Box<Bmc> {
        model(json).unwrap_or_else(|error| panic!("{error}")).bmc
    }

    #[test]
    fn an_empty_file_is_the_default_machine() {
        let default = Model::of_profile(Profile::default(), b"host");
        assert_eq!(model("{}"), Ok(default));
        assert_eq!(built(r#"{"profile": "empty"}"#), Profile::Empty.bmc(b"host"));
    }

    #[test]
    fn faults_are_named_with_line_column_and_field() {
        let cases = [
            ("{\n \"lan\": 1}", "line 2, column 6, field lan: unknown field `lan`"),
            (r#"{"profile": "virtual-cnod"}"#, "did you mean `virtual-cnode`?"),
            (r#"{"personality": "1.8.20"}"#, "line 1, column 24, field personality: unknown variant"),
            (
                r#"{"device": {"firmware": "1.5"}}"#,
                "field device.firmware: `1.5` is not a version such as `1.05`",
            ),
            (r#"{"frus": [{"id": 0, "hex": "0"}]}"#, "field frus[0].hex: `0` is not an even number"),
            (r#"{"frus": [{"id": 0}]}"#, ", field frus[0]: neither bytes"),
            (
                r#"{"frus": [{"id": 0, "file": "/nonexistent/x"}]}"#,
                "frus[0].file: /nonexistent/x cannot be read",
            ),
            (
                r#"{"frus": [{"id": 0, "hex": "0102", "size": 1}]}"#,
                "field frus[0].size: the image has 2 bytes",
            ),
            (r#"{"sdr": {"hex": "0100510105"}}"#, "field sdr: record 0 is cut off"),
            (r#"{"sel": {"hex": "00"}}"#, "field sel: 1 bytes are not a number of entries"),
            (
                r#"{"sensors": [{"number": 1, "type": "Warmth"}]}"#,
                "sensors[0].type: `Warmth` is not a sensor type",
            ),
            (
                r#"{"sensors": [{"number": 1, "type": 1}, {"number": 1, "type": 1}]}"#,
                "sensors[1].number: there are two",
            ),
            (
                r#"{"responses": [{"request": "40 00"}]}"#,
                "field responses[0].request: `40 00` is not a request",
            ),
        ];
        for (json, expected) in cases {
            let refusal = model(json).expect_err(json);
            assert!(refusal.starts_with("/etc/loopshim/bmc.json"), "{refusal}");
            assert!(refusal.contains(expected), "{refusal}");
        }
    }

    #[test]
    fn described_areas_are_read_back() {
        let json = r#"{"frus": [{"id": 3,
            "chassis": {"type": 23, "serial": "C1"},
            "board": {"date": "2024-01-01", "manufacturer": "Maker", "extra": ["one", {"encoding": "binary", "hex": "00ff"}]},
            "product": {"name": "Thing", "asset_tag": {"encoding": "6-bit", "text": "TAG-1"}},
            "multirecords": [{"type": 192, "data": "5a3100 01"}]}]}"#;
        let image = &built(json).frus[&3];
        let inventory = Inventory::decode(image).unwrap_or_default();
        assert_eq!(image.len(), 256);
        let board = inventory.board.unwrap_or_default();
        assert_eq!(board.manufacturing_date.unix(), 1_704_067_200);
        assert_eq!(board.custom.len(), 2);
        assert_eq!(inventory.product.unwrap_or_default().asset_tag.bytes().len(), 4);
        assert_eq!(inventory.multirecord.len(), 1);
    }

    #[test]
    fn described_sensors_have_records_that_say_the_same() {
        let json = r#"{"sensors": [
            {"name": "Vcore", "number": 16, "entity": "3.1", "type": "Voltage", "unit": "Volts", "reading": 1.05,
             "thresholds": {"lower_critical": 0.9, "upper_critical": 1.2}},
            {"name": "PSU2", "number": 17, "entity": "10.2", "type": "Power Supply", "states": 3, "possible_states": 15}]}"#;
        let mut bmc = built(json);
        let records: Vec<Body> = bmc
            .sdr
            .records
            .iter()
            .filter_map(|bytes| Record::decode(bytes).ok())
            .map(|record| record.body)
            .collect();
        let [
            Body::McDeviceLocator(_),
            Body::FruDeviceLocator(_),
            Body::FullSensor(full),
            Body::CompactSensor(_),
        ] = &records[..]
        else {
            panic!("{records:?}");
        };
        let reading = bmc.answer(&Request::new(0x04, 0x2D, [16]), 0).data;
        assert!((full.conversion().reading(reading[0]) - 1.05).abs() < 1e-9);
        assert_eq!(reading[1..], [0xC0, 0xC0]);
        assert_eq!(bmc.answer(&Request::new(0x04, 0x2D, [17]), 0).data, [0, 0xC0, 3, 0x80]);
        assert_eq!(
            bmc.sensors[&SensorKey { lun: Some(0), number: 16 }].thresholds.map(|set| set.readable),
            Some(0x12)
        );
    }

    #[test]
    fn what_is_given_replaces_what_the_profile_has() {
        let json = r#"{
            "device": {"firmware": "3.74", "manufacturer": 674, "guid": "000102030405060708090a0b0c0d0e0f"},
            "chassis": {"power": "off", "restore_policy": "always-on"},
            "channels": [{"number": 1, "lan": {"address": "192.0.2.7", "source": "static", "vlan": 5}}],
            "users": {"list": [{"id": 3, "name": "operator", "enabled": true, "access": {"privilege": "operator"}}]},
            "responses": [{"request": "3e 50", "data": "01 02"}]}"#;
        let mut bmc = built(json);
        let mut data = |netfn, cmd, data: &[u8]| bmc.answer(&Request::new(netfn, cmd, data), 0).data;
        assert_eq!(data(0x06, 0x01, &[])[2..9], [3, 0x74, 2, 0x8F, 0xA2, 0x02, 0]);
        assert_eq!(data(0x06, 0x37, &[])[..3], [0, 1, 2]);
        assert_eq!(data(0x00, 0x01, &[])[0], 0x40);
        assert_eq!(data(0x0C, 0x02, &[1, 3, 0, 0]), [0x11, 192, 0, 2, 7]);
        assert_eq!(data(0x0C, 0x02, &[1, 20, 0, 0]), [0x11, 5, 0x80]);
        assert_eq!(data(0x06, 0x44, &[1, 3]), [15, 0x42, 1, 0x03]);
        assert_eq!(data(0x3E, 0x50, &[]), [1, 2]);
    }

    #[test]
    fn the_documented_example_is_a_machine() {
        let bmc = built(example());
        assert_eq!(bmc.sensors.len(), 2);
        assert_eq!(bmc.responses.len(), 1);
    }

    fn example() -> &'static str {
        let text = include_str!("../../../../docs/bmc.json.md");
        text.split("```json").nth(1).and_then(|rest| rest.split("```").next()).expect("an example")
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_machine_or_an_error(bytes in any::<Vec<u8>>()) {
            let _ = Model::from_json(Path::new("/etc/loopshim/bmc.json"), &bytes, b"host");
        }

        #[test]
        fn a_damaged_file_is_a_machine_or_an_error(at in 0..example().len(), cut in 0..9usize, new in "[]\\[{}\\\\\",:0-9a-z-]{0,5}") {
            let bytes = example().as_bytes();
            let rest = &bytes[(at + cut).min(bytes.len())..];
            let damaged = [&bytes[..at], new.as_bytes(), rest].concat();
            let taken = Model::from_json(Path::new("/etc/loopshim/bmc.json"), &damaged, b"host");
            let is_json = serde_json::from_slice::<serde_json::Value>(&damaged).is_ok();
            prop_assert!(is_json || taken.is_err(), "{:?}", String::from_utf8_lossy(&damaged));
        }
    }

    /// The names that the reader allows where `@` stands.
    fn allowed(template: &str) -> Vec<String> {
        let refusal = model(&template.replace('@', r#""?": 0"#)).expect_err("an unknown key");
        let names = refusal.split_once("expected ").expect("names").1;
        let names = names.split("; did you mean").next().unwrap_or_default();
        let mut names: Vec<String> = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        names.sort();
        names
    }

    #[test]
    fn the_schema_for_editors_has_the_same_names() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../../docs/bmc.schema.json")).expect("JSON");
        let objects = [
            ("{@}", "/properties"),
            (r#"{"captured": {@}}"#, "/properties/captured/properties"),
            (r#"{"device": {@}}"#, "/properties/device/properties"),
            (r#"{"watchdog": {@}}"#, "/properties/watchdog/properties"),
            (r#"{"system_info": {@}}"#, "/properties/system_info/properties"),
            (r#"{"sessions": {@}}"#, "/properties/sessions/properties"),
            (r#"{"chassis": {@}}"#, "/properties/chassis/properties"),
            (r#"{"frus": [{@}]}"#, "/properties/frus/items/properties"),
            (r#"{"frus": [{"chassis": {@}}]}"#, "/properties/frus/items/properties/chassis/properties"),
            (r#"{"frus": [{"board": {@}}]}"#, "/properties/frus/items/properties/board/properties"),
            (r#"{"frus": [{"product": {@}}]}"#, "/properties/frus/items/properties/product/properties"),
            (r#"{"frus": [{"product": {"name": {@}}}]}"#, "/$defs/field/anyOf/1/properties"),
            (r#"{"sdr": {@}}"#, "/properties/sdr/properties"),
            (r#"{"sdr": {"records": [{@}]}}"#, "/properties/sdr/properties/records/items/anyOf/1/properties"),
            (r#"{"sensors": [{@}]}"#, "/properties/sensors/items/properties"),
            (
                r#"{"sensors": [{"thresholds": {@}}]}"#,
                "/properties/sensors/items/properties/thresholds/properties",
            ),
            (r#"{"sensors": [{"factors": {@}}]}"#, "/properties/sensors/items/properties/factors/properties"),
            (r#"{"sel": {@}}"#, "/properties/sel/properties"),
            (r#"{"channels": [{@}]}"#, "/properties/channels/items/properties"),
            (r#"{"channels": [{"lan": {@}}]}"#, "/properties/channels/items/properties/lan/properties"),
            (r#"{"users": {@}}"#, "/properties/users/properties"),
            (r#"{"users": {"list": [{@}]}}"#, "/properties/users/properties/list/items/properties"),
            (r#"{"users": {"list": [{"access": {@}}]}}"#, "/$defs/userAccess/properties"),
            (r#"{"pef": {@}}"#, "/properties/pef/properties"),
            (r#"{"dcmi": {@}}"#, "/properties/dcmi/properties"),
            (r#"{"responses": [{@}]}"#, "/properties/responses/items/properties"),
        ];
        for (template, pointer) in objects {
            let object = schema.pointer(pointer).and_then(|object| object.as_object()).expect(pointer);
            let mut names: Vec<String> = object.keys().cloned().collect();
            names.sort();
            assert_eq!(allowed(template), names, "{template}");
        }
    }
}
