//! Which names take part and which are protected: rules of the command line,
//! of the wire and of files in directories, in their order.

mod above;
mod build;
mod cvs;
mod files;
mod place;
mod scope;
mod source;

pub use build::{Filters, Surroundings};
pub use files::Files;
pub use scope::{Decision, Scope};
