//! The host tool: everything it does is in `loopshim_host`.
use std::process::ExitCode;

fn main() -> ExitCode {
    loopshim_host::main(std::env::args_os())
}
