//! The `ipmitool` stand-in: everything it does is in `loopshim_core`.
use std::process::ExitCode;

#[used]
static STAMP: &str = loopshim_core::stamp!("ipmitool");

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    loopshim_core::main(loopshim_core::Tool::Ipmitool, loopshim_core::ipmitool::run)
}
