//! What is read of a machine, each fact a type of its own. Everything is read
//! from files through [`Root`](crate::machine::root::Root), `/proc` and `/sys`
//! among them; where only a program knows, through the machine's commands.

pub mod cpu;
pub mod disks;
pub mod docker;
pub mod kernel;
pub mod limits;
pub mod memory;
pub mod os;
pub mod processes;
pub mod python;
pub mod repositories;
pub mod scheduling;
pub mod sudo;
pub mod sysctl;
pub mod systemd;
pub mod time_sync;
pub mod tuned;
pub mod virtio;
