//! `pip3` in front of real pips.

mod environment;
mod storm;
mod transparency;
