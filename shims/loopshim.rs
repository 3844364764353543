//! The host tool: everything it does is in `loopshim_host`.
use std::process::ExitCode;

#[used]
static STAMP: &str = loopshim_core::stamp!("loopshim");

fn main() -> ExitCode {
    loopshim_host::main(std::env::args_os())
}
