//! IPMI 2.0 as bytes: messages, FRU information, sensor data records, event
//! records, and [`Bmc`](crate) behaviour as a pure model.
//!
//! Nothing here touches a file, a socket, a clock or a terminal; `no_std` turns
//! that promise into a compile error.
#![no_std]

extern crate alloc;

pub mod bmc;
mod error;
pub mod fru;
pub mod message;
pub mod sensor;
pub mod text;

pub use bmc::Bmc;
pub use error::Error;
pub use message::{CompletionCode, Request, Response};
