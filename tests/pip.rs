//! `pip3` in front of real pips.

mod environment;
mod rig;
mod storm;
mod transparency;
mod versions;
