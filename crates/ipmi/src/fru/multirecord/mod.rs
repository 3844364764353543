//! Multirecord area (FRU 1.0 r1.3 sections 16 and 18): records with a header of
//! five bytes, of which the last is marked.

mod compatibility;
mod dc_load;
mod dc_output;
mod management_access;
mod oem;
mod power_supply;
mod record;

pub use compatibility::Compatibility;
pub use dc_load::DcLoad;
pub use dc_output::DcOutput;
pub use management_access::{AccessKind, ManagementAccess};
pub use oem::{OemRecord, OemType};
pub use power_supply::{CombinedVoltage, PowerSupply, Watts};
pub use record::{MultiRecord, OtherRecord, RecordBody, decode, encode};
