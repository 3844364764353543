//! `pip3` in front of real pips.

mod environment;
mod limits;
mod rig;
mod storm;
mod transparency;
mod versions;
