//! Sensors as `sdr` and `sensor` both see them: a record's fields, the
//! requests about a sensor, its reading, its states and its events.

mod events;
mod reading;
mod record;
mod request;
mod states;

pub use reading::{Analog, Reading, StatusWords};

#[cfg(test)]
mod tests;
