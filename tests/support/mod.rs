//! What several whole-program tests need.

pub mod recorded_model;
pub mod recordings;
pub mod replay;
pub mod skip;
