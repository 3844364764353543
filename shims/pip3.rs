//! The `pip3` stand-in: everything it does is in `loopshim_core`.
use std::process::ExitCode;

#[used]
static STAMP: &str = loopshim_core::stamp!("pip3");

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    loopshim_core::main(loopshim_core::Tool::Pip3, loopshim_core::pip::run)
}
