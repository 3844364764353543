//! Docker: looked for, never installed. Which one, and from where, is a
//! decision of whoever runs the machine.

use std::fmt;

use super::{Context, Desired, Need};
use crate::facts::docker;

/// What is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current {
    installed: bool,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.installed { "installed" } else { "not installed" })
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    Current { installed: docker::is_installed(&context.machine.root) }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let need = match current.installed {
        true => Need::Nothing,
        false => Need::Blocked(format!(
            "install docker-ce, docker-ce-cli and containerd.io, enable docker.service, and add {} to the group docker",
            context.settings.user
        )),
    };
    Desired::new("installed", need)
}
