//! Which names take part and which are protected: rules of the command line,
//! of the wire and of files in directories, in their order.

mod build;
mod cvs;
mod scope;

pub use build::{Filters, Surroundings};
pub use scope::Scope;
