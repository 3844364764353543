//! Prints who holds the most handles, as `loopshim verify --only open-files`
//! counts them on this kernel, or (`handles reading`) on kernels before 6.2.

use std::io::Write;
use std::path::Path;

use loopshim_host::facts::processes::{Counter, holders};
use loopshim_host::machine::root::Root;

fn main() -> std::io::Result<()> {
    let is_reading = std::env::args().nth(1).is_some_and(|way| way == "reading");
    let counter = if is_reading { Counter::by_reading() } else { Counter::of_this_kernel() };
    let mut out = std::io::stdout();
    for (process, handles) in holders(&Root::open(Path::new("/"))?, &counter).iter().take(5) {
        writeln!(out, "{handles} {} {}", process.name, process.pid)?;
    }
    Ok(())
}
