//! Not a test: a static program with our stamp that answers as a shim does.
//! Compiled once for each name and version by the tests of install.sh.

#[used]
static STAMP: &str = concat!(env!("MARKER"), ":", env!("STAMP"), ";");

fn main() {
    println!(" Board Mfg             : stand-in {}", env!("STAMP"));
}
