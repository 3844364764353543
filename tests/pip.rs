//! `pip3` in front of real pips.

pub mod environment;
mod limits;
mod rig;
mod storm;
mod transparency;
mod versions;

pub use transparency::without_chance;
