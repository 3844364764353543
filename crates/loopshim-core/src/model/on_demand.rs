//! The modelled controller for one run of a client: the compiled-in machine's
//! sensors are put in place when a request concerns them. Most runs have none,
//! and making the sensors is a third of the work of the shortest.

use std::path::Path;

use ipmi::{Request, Response};

use super::{Model, Profile, profile};
use crate::World;
use crate::ipmitool::transport::model::Controller;
use crate::json_file::Error;
use crate::ledger::DIRECTORY;
use crate::memory::{Memory, Store};

/// A controller that may still lack its sensors.
pub struct OnDemand {
    memory: Memory,
    lacks_sensors: bool,
}

impl OnDemand {
    /// This world's controller, and how it is to be presented (a model whose
    /// own controller is left empty).
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn load(world: &World) -> Result<(Self, Model), Error> {
        let described = Model::described(world)?;
        let lacks_sensors = described.is_none();
        let mut model = described.unwrap_or_else(|| Model {
            bmc: Profile::default().without_sensors(&world.hostname()),
            personality: None,
            unmodelled: super::Unmodelled::default(),
        });
        let mut bmc = std::mem::take(&mut model.bmc);
        bmc.keep_reservation();
        let store = Store::of(&bmc, world.var("LOOPSHIM_BMC").map(Path::new), world.path(DIRECTORY));
        Ok((Self { memory: Memory::new(bmc, Some(store)), lacks_sensors }, model))
    }
}

impl Controller for OnDemand {
    fn answer(&mut self, request: &Request, now: u64) -> Response {
        if self.lacks_sensors && concerns_sensors(request) {
            self.memory.remodel(profile::add_sensors);
            self.lacks_sensors = false;
        }
        self.memory.answer(request, now)
    }

    fn refresh(&mut self) {
        self.memory.refresh();
    }

    fn complaint(&mut self) -> Option<String> {
        self.memory.complaint()
    }
}

/// Whether a request may depend on a sensor or its record: all of Sensor/Event,
/// the repository's part of Storage, and whatever is not standard.
fn concerns_sensors(request: &Request) -> bool {
    match request.netfn {
        0x00 | 0x06 | 0x0C => false,
        0x0A => (0x20..0x30).contains(&request.cmd),
        // Group extensions: every run asks for PICMG's and VITA's; DCMI has sensors.
        0x2C => !matches!(request.data.first(), Some(0x00 | 0x03)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_the_complete_machine() {
        for netfn in (0x00..0x40).step_by(2) {
            for cmd in 0..=0xFF {
                let mut complete = Profile::default().bmc(b"host");
                let bmc = Profile::default().without_sensors(b"host");
                let mut on_demand = OnDemand { memory: Memory::new(bmc, None), lacks_sensors: true };
                for data in [&[][..], &[0], &[1], &[0, 0], &[0, 0, 0, 0, 0, 0xFF]] {
                    let request = Request::new(netfn, cmd, data);
                    assert_eq!(on_demand.answer(&request, 7), complete.answer(&request, 7), "{request:02x?}");
                }
            }
        }
    }
}
