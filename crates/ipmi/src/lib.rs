//! IPMI 2.0 as bytes: messages, FRU information, sensor data records, event
//! records, and [`Bmc`](crate) behaviour as a pure model.
//!
//! Nothing here touches a file, a socket, a clock or a terminal; `no_std` turns
//! that promise into a compile error.
#![no_std]

extern crate alloc;

mod bits;
pub mod bmc;
pub mod device_id;
mod error;
pub mod fru;
mod manufacturer;
mod map;
pub mod message;
mod reader;
pub mod sdr;
pub mod sel;
pub mod sensor;
pub mod text;

pub use bits::{Bits, Channel, Lun};
pub use bmc::Bmc;
pub use device_id::DeviceId;
pub use error::Error;
pub use manufacturer::ManufacturerId;
pub use map::Map;
pub use message::{CompletionCode, Request, Response};
