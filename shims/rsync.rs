//! The `rsync` stand-in: everything it does is in `loopshim_rsync`.
use std::process::ExitCode;

#[used]
static STAMP: &str = loopshim_core::stamp!("rsync");

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    loopshim_core::main(loopshim_core::Tool::Rsync, loopshim_rsync::run)
}
