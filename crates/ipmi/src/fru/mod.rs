//! FRU information: inventory areas and the records that follow them (Platform
//! Management FRU Information Storage Definition 1.0, revision 1.3).
//!
//! [`Inventory`] is a whole device's image; every area has a file of its own.
//! Decoding is lenient where devices are careless (missing fields, end marks,
//! wrong checksums) and drops reserved bits and unused bytes; encoding gives the
//! one form the specification asks for, with the [`Checksum`]s as found.

mod area;
mod board_info;
mod chassis_info;
mod checksum;
mod common_header;
mod internal_use;
mod inventory;
mod language;
mod manufacturing_date;
pub mod multirecord;
mod product_info;
mod type_length;

pub use board_info::BoardInfo;
pub use chassis_info::{ChassisInfo, ChassisType};
pub use checksum::Checksum;
pub use common_header::{CommonHeader, Offset};
pub use internal_use::InternalUse;
pub use inventory::Inventory;
pub use language::Language;
pub use manufacturing_date::ManufacturingDate;
pub use product_info::ProductInfo;
pub use type_length::{Encoding, Field, TypeLength};
