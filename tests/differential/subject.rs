//! The machines that programs are compared on: random ones, or models of real
//! ones, such as `loopshim bmc capture` writes.

use std::path::Path;

use ipmi::Bmc;
use ipmi::sdr::{Body, Record};
use loopshim_core::json_file::Error;
use loopshim_core::model::Model;

use super::machine::{Machine, machine};
use crate::support::grammar::Names;
use crate::support::random::Random;

/// A machine as a program under test meets it.
#[derive(Clone)]
pub(super) struct Subject {
    /// What `bmc.json` says of it.
    pub(super) json: String,
    pub(super) bmc: Box<Bmc>,
    /// What invocations may name.
    pub(super) names: Names,
}

impl Subject {
    /// A machine of random numbers, the seed's.
    pub(super) fn random(seed: u64, random: &mut Random) -> Self {
        let Machine { json, names } = machine(random);
        let json = format!("{json:#}");
        let bmc = modelled(Path::new("bmc.json"), &json)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{json}"));
        Self { json, bmc, names }
    }

    /// The machines of the folder that `LOOPSHIM_MACHINES` names: every `*.json`
    /// there. None where the variable is not set.
    ///
    /// # Panics
    /// When there is none in the folder, or one is no model.
    pub(super) fn given() -> Vec<Self> {
        let Some(folder) = std::env::var_os("LOOPSHIM_MACHINES") else { return Vec::new() };
        let entries = std::fs::read_dir(&folder).expect("the folder of LOOPSHIM_MACHINES");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        assert!(!paths.is_empty(), "no model in {}", folder.display());
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let json = std::fs::read_to_string(path).expect("a model's file");
        let bmc = modelled(path, &json).unwrap_or_else(|error| panic!("{error}"));
        let names = names(&bmc);
        Self { json, bmc, names }
    }
}

/// The controller that a model's file describes.
fn modelled(path: &Path, json: &str) -> Result<Box<Bmc>, Error> {
    let mut bmc = Model::from_json(path, json.as_bytes(), b"host")?.bmc;
    bmc.keep_reservation();
    Ok(bmc)
}

/// What invocations may name of a model.
fn names(bmc: &Bmc) -> Names {
    let mut names = Names { frus: bmc.frus.iter().map(|(id, _)| *id).collect(), ..Names::default() };
    for record in &bmc.sdr.records {
        let Ok(record) = Record::decode(record) else { continue };
        let id_string = match &record.body {
            Body::FullSensor(sensor) => {
                names.numbers.push(sensor.common.key.number);
                &sensor.id_string
            }
            Body::CompactSensor(sensor) => &sensor.id_string,
            Body::EventOnlySensor(sensor) => &sensor.id_string,
            Body::GenericDeviceLocator(device) => &device.id_string,
            Body::FruDeviceLocator(device) => &device.id_string,
            Body::McDeviceLocator(device) => &device.id_string,
            _ => continue,
        };
        names.sensors.push(String::from_utf8_lossy(&id_string.text()).into_owned());
    }
    names.sensors.push("No Such".into());
    names
}
