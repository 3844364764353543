//! Reaching the other side: what an operand names, and the remote shell that
//! starts a server there.

pub mod daemon;
mod operand;
mod program;
mod proxy;
mod quote;
mod reach;
mod shell;
pub mod socket;

pub use operand::{Operand, Place};
pub use quote::{file_name, option_value};
pub use reach::Reaching;
pub use shell::{Command, Job, Shell, shown, words};
