//! The machines that are compiled in.

use serde::Deserialize;

use ipmi::Bmc;

/// What a model starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// A virtual platform whose serial number comes from the host's name.
    #[default]
    VirtualPlatform,
    /// A virtual compute node.
    VirtualCnode,
    /// A virtual node.
    VirtualNode,
    /// Nothing: a controller that has no sensors, FRUs, channels or users.
    Empty,
}

impl Profile {
    /// The machine, on a host of that name.
    pub(super) fn bmc(self, _hostname: &[u8]) -> Bmc {
        Bmc::default()
    }
}
