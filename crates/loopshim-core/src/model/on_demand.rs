//! The modelled controller for one run of a client: each part of the
//! compiled-in machine is made when a request concerns it. Making them all is
//! most of the work of the shortest runs.

use std::path::Path;

use ipmi::{Request, Response};

use super::checked::Described;
use super::profile::Part;
use super::{InPart, Model, Profile, Unmodelled};
use crate::World;
use crate::ipmitool::transport::model::Controller;
use crate::json_file::Error;
use crate::ledger::DIRECTORY;
use crate::life::Life;
use crate::memory::{Memory, Store};

/// A controller that may still lack parts.
pub struct OnDemand {
    memory: Memory,
    /// What the parts that it lacks are of.
    profile: Profile,
    lacking: Vec<Part>,
    /// A file whose sensors have not been read.
    unread: Option<Described>,
    hostname: Vec<u8>,
}

impl OnDemand {
    /// This world's controller, and how it is to be presented (a model whose
    /// own controller is left empty).
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn load(world: &World) -> Result<(Self, Model), Error> {
        let hostname = world.hostname();
        let in_part = Model::described_in_part(world, &hostname)?;
        let InPart { mut model, profile, lacking, unread } =
            in_part.unwrap_or_else(|| InPart::of_profile(Profile::default(), &hostname));
        let mut bmc = std::mem::take(&mut model.bmc);
        bmc.keep_reservation();
        let file = world.var("LOOPSHIM_BMC");
        let store = Store::of(&bmc, file.as_deref().map(Path::new), world.path(DIRECTORY));
        let life = std::mem::take(&mut model.life);
        Ok((Self { memory: Memory::new(bmc, life, Some(store)), profile, lacking, unread, hostname }, model))
    }
}

impl OnDemand {
    /// Adds the sensors of a file that was found to be as documented. If it is
    /// no longer so at this moment, there are none: the next run refuses it.
    fn add_sensors(&mut self, file: &Described) {
        let text = file.text().unwrap_or_default();
        if let Ok(mut whole) = Model::from_json(file.path(), &text, &self.hostname) {
            whole.bmc.keep_reservation();
            self.memory.remodel(|bmc| (bmc.sdr, bmc.sensors) = (whole.bmc.sdr, whole.bmc.sensors));
        }
    }
}

impl Controller for OnDemand {
    fn answer(&mut self, request: &Request, clock: &dyn Fn() -> u64) -> Response {
        for part in self.lacking.extract_if(.., |part| part.concerns(request)) {
            self.memory.remodel(|bmc| self.profile.add(part, bmc, &self.hostname));
        }
        if let Some(file) = self.unread.take_if(|_| Part::Sensors.concerns(request)) {
            self.add_sensors(&file);
        }
        self.memory.answer(request, clock)
    }

    fn refresh(&mut self) {
        self.memory.refresh();
    }

    fn complaint(&mut self) -> Option<String> {
        self.memory.complaint()
    }
}

impl InPart {
    /// A machine that is compiled in, without parts.
    fn of_profile(profile: Profile, hostname: &[u8]) -> Self {
        let (bmc, life) = (profile.controller(hostname), Life::default());
        let model = Model { bmc, life, personality: None, unmodelled: Unmodelled::default() };
        Self { model, profile, lacking: Part::ALL.to_vec(), unread: None }
    }
}

impl Part {
    /// Whether the answer to a request may depend on the part. Storage's
    /// commands concern inventories or the repository, or the log; whatever is
    /// not standard may concern anything.
    fn concerns(self, request: &Request) -> bool {
        let (cmd, group) = (request.cmd, request.data.first());
        match request.netfn {
            // Chassis, transport; application less Get Device ID.
            0x00 | 0x0C => self == Self::Settings,
            0x06 => self == Self::Settings && cmd != 0x01,
            // Event filtering, and sensors (IPMI 2.0 sections 30 and 35).
            0x04 => self == if cmd < 0x20 { Self::Settings } else { Self::Sensors },
            0x0A => match self {
                // A new entry in the log may have an event filter act on the chassis.
                Self::Settings => cmd == 0x44,
                Self::Inventories => (0x10..0x20).contains(&cmd),
                Self::Sensors => (0x20..0x30).contains(&cmd),
            },
            // Group extensions: every run asks for PICMG's and VITA's; DCMI has sensors.
            0x2C => !matches!(group, Some(0x00 | 0x03)),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The host tool serves the complete machine, and both remember in one file.
    #[test]
    fn is_remembered_as_the_complete_machine() {
        let fingerprint = |bmc: &ipmi::Bmc| bmc.fingerprint(b"");
        let complete = fingerprint(&Profile::default().bmc(b"host"));
        assert_eq!(fingerprint(&Profile::default().controller(b"host")), complete);
        assert_ne!(fingerprint(&Profile::default().bmc(b"other")), complete);
    }

    #[test]
    fn answers_as_the_complete_machine() {
        for netfn in (0x00..0x40).step_by(2) {
            for cmd in 0..=0xFF {
                let mut complete = Profile::default().bmc(b"host");
                let mut on_demand = OnDemand {
                    memory: Memory::new(Profile::default().controller(b"host"), Life::default(), None),
                    profile: Profile::default(),
                    lacking: Part::ALL.to_vec(),
                    unread: None,
                    hostname: b"host".to_vec(),
                };
                for data in [&[][..], &[0], &[1], &[0, 0], &[0, 0, 0, 0, 0, 0xFF]] {
                    let request = Request::new(netfn, cmd, data);
                    assert_eq!(
                        on_demand.answer(&request, &|| 7),
                        complete.answer(&request, 7),
                        "{request:02x?}"
                    );
                }
            }
        }
    }
}
