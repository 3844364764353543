//! A model behind a dummy socket, afresh for every connection.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ipmi::Bmc;
use loopshim_core::World;
use loopshim_core::model::{Model, Profile};

use super::serving;

/// A served model; its socket goes with this value.
pub struct Served {
    folder: tempfile::TempDir,
}

impl Served {
    /// Serves the compiled-in model.
    pub fn default_model() -> Self {
        Self::start(Model::of_profile(Profile::default(), &World::of_this_process().hostname()).bmc)
    }

    /// Serves the machine that a model file describes.
    pub fn model(file: &Path) -> Self {
        let model = Model::from_file(file, &World::of_this_process().hostname());
        Self::start(model.unwrap_or_else(|error| panic!("{error}")).bmc)
    }

    fn start(bmc: Bmc) -> Self {
        let served = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        serving::serve(&served.socket(), move || {
            let mut bmc = bmc.clone();
            move |request| bmc.answer(request, seconds_now())
        });
        served
    }

    /// Where the model is served.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("bmc")
    }

    /// Writes a script that runs `original` on this model whatever interface
    /// its caller names: `-I open` has no device here.
    pub fn wrapper(&self, original: &Path, script: &Path) {
        let text = format!(
            "#!/bin/sh\n[ \"$1 $2\" = '-I open' ] && shift 2\nIPMI_DUMMY_SOCK='{}' exec '{}' -I dummy \"$@\"\n",
            self.socket().display(),
            original.display()
        );
        std::fs::write(script, text).expect("a wrapper");
        std::fs::set_permissions(script, PermissionsExt::from_mode(0o755)).expect("a wrapper");
    }
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock past 1970").as_secs()
}
