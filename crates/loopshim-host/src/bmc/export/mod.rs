//! `loopshim bmc export`: the modelled machine in the form that other programs
//! take, for those who can give a virtual machine a BMC of its own.

pub(crate) mod ipmi_sim;
pub(crate) mod qemu;

use std::fs;
use std::path::{Path, PathBuf};

use ipmi::Bmc;
use ipmi::bmc::{Sensor, SensorKey};
use loopshim_core::World;

use crate::bmc::{Export, file, load, say};

/// Writes what is asked for into folders.
///
/// # Errors
/// When there is no model, or a file cannot be written.
pub(crate) fn export(world: &World, arguments: &Export) -> Result<(), String> {
    let bmc = load(world, arguments.file.as_deref())?.bmc;
    if let Some(folder) = &arguments.target.qemu {
        qemu::export(&bmc, &Folder::make(folder, arguments.force)?)?;
    }
    if let Some(folder) = &arguments.target.ipmi_sim {
        ipmi_sim::export(&bmc, &Folder::make(folder, arguments.force)?, arguments.port)?;
    }
    Ok(())
}

/// Where the files go.
pub(crate) struct Folder {
    /// Its absolute path: what is printed works from anywhere.
    path: PathBuf,
    replaces: bool,
}

impl Folder {
    fn make(path: &Path, replaces: bool) -> Result<Self, String> {
        let cannot = |error| format!("cannot make {}: {error}", path.display());
        fs::create_dir_all(path).map_err(cannot)?;
        Ok(Self { path: path.canonicalize().map_err(cannot)?, replaces })
    }

    /// A file's path in it.
    fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
        let path = self.path(name);
        file::write(&path, bytes, self.replaces)?;
        say(&format!("written: {}", path.display()));
        Ok(path)
    }
}

/// The BMC's own sensors, with their LUNs; a state without one is on LUN 0.
fn sensors(bmc: &Bmc) -> impl Iterator<Item = (u8, u8, &Sensor)> {
    bmc.sensors.iter().map(|(SensorKey { lun, number }, sensor)| (lun.unwrap_or(0), *number, sensor))
}
