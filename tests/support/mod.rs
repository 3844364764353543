//! What several whole-program tests need.

pub mod recordings;
pub mod replay;
pub mod skip;
