//! What several whole-program tests need.

pub mod apart;
pub mod built;
pub mod docker;
pub mod grammar;
pub mod machine;
pub mod originals;
pub mod random;
pub mod recorded_model;
pub mod recordings;
pub mod replay;
pub mod say;
pub mod served;
pub mod serving;
pub mod simulator;
pub mod skip;
pub mod snapshot;
