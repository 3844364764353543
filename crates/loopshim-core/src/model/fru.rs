//! FRU inventory images.

use std::path::PathBuf;

use serde::Deserialize;

use ipmi::bmc::Bmc;

use super::values::Bytes;
use super::{Place, Problem};

/// A FRU, in place of the profile's of the same id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fru {
    id: u8,
    #[serde(default)]
    hex: Option<Bytes>,
    #[serde(default)]
    file: Option<PathBuf>,
    #[serde(default)]
    size: Option<u16>,
}

impl Fru {
    pub(super) fn apply(self, bmc: &mut Bmc, place: &Place) -> Result<(), Problem> {
        let Some(mut image) = place.bytes(self.hex, self.file)? else {
            return Err(Problem::new("", "one of `hex` and `file` is needed"));
        };
        if let Some(size) = self.size.map(usize::from) {
            if image.len() > size {
                return Err(Problem::new("size", format!("the image has {} bytes", image.len())));
            }
            image.resize(size, 0);
        }
        bmc.frus.insert(self.id, image);
        Ok(())
    }
}
