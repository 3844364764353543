//! The `ipmitool` stand-in: everything it does is in `loopshim_core`.
use std::process::ExitCode;

#[used]
static STAMP: &str = loopshim_core::stamp!("ipmitool");

fn main() -> ExitCode {
    loopshim_core::main(loopshim_core::Tool::Ipmitool)
}
