//! Who answers an invocation: the model or the original tool; and what is
//! answered to a command the model does not have.
//!
//! | invocation | original installed | answered by |
//! |---|---|---|
//! | `-I dummy` | any | us, over that socket |
//! | a remote BMC (`-H`, `-I lan`, `-I lanplus`) | yes | the original |
//! | a remote BMC | no | us |
//! | local, a device node exists, `"device": "original"` (default) | yes | the original |
//! | local, a device node exists, `"device": "unmodelled"` | yes | the original if the command is not modelled, else us |
//! | local, a device node exists, `"device": "model"` | any | us |
//! | local, no device node | any | us |

use super::getopt::{Found, Getopt};
use super::{Arg, Console, Personality};
use crate::World;
use crate::config::Device;

/// What an invocation addresses, seen without acting on any option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The BMC of this machine, through device number so-and-so.
    Local(u8),
    /// Another machine's BMC.
    Remote,
    /// A test socket.
    Socket,
}

/// An invocation as seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// What it addresses.
    pub target: Target,
    /// The command and its words.
    pub words: Vec<Arg>,
}

/// Looks at `args` without reading a password or complaining of anything.
pub fn glance(args: &[Arg], posix: bool) -> Glance {
    let (mut interface, mut device, mut has_host) = (Arg::new(), 0, false);
    // The grammars differ in no option that takes an argument.
    let mut getopt = Getopt::new(Personality::default().option_grammar(), args, posix);
    for found in getopt.by_ref() {
        match found {
            Found::Option(b'I', Some(name)) => interface = name,
            Found::Option(b'H', _) => has_host = true,
            Found::Option(b'd', Some(number)) => device = device_number(&number),
            _ => {}
        }
    }
    let target = match interface.as_slice() {
        b"dummy" => Target::Socket,
        name if has_host || name.starts_with(b"lan") => Target::Remote,
        _ => Target::Local(device),
    };
    Glance { target, words: getopt.into_words() }
}

/// The number in `-d`; nonsense is refused by whoever answers, so zero will do.
fn device_number(text: &[u8]) -> u8 {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl Glance {
    /// Whether the original should answer, if it is installed; `is_modelled` as
    /// far as is known.
    pub fn prefers_original(&self, world: &World, device: Device, is_modelled: bool) -> bool {
        prefers_original(self.target, |number| has_device(world, number), device, is_modelled)
    }
}

fn prefers_original(
    target: Target,
    has_device: impl FnOnce(u8) -> bool,
    device: Device,
    is_modelled: bool,
) -> bool {
    match (target, device) {
        (Target::Socket, _) | (Target::Local(_), Device::Model) => false,
        (Target::Remote, _) => true,
        (Target::Local(number), Device::Original) => has_device(number),
        (Target::Local(number), Device::Unmodelled) => !is_modelled && has_device(number),
    }
}

/// Whether one of the nodes exists that the original would open.
fn has_device(world: &World, number: u8) -> bool {
    ["/dev/ipmi", "/dev/ipmi/", "/dev/ipmidev/"]
        .iter()
        .any(|stem| world.path(format!("{stem}{number}")).exists())
}

/// Answers a command that is not modelled with the original's most frequent
/// words for one that the BMC refuses with C1h. Nothing is sent: a modelled BMC
/// might accept a request whose success could then not be told.
pub fn refuse(console: &mut Console<'_>) {
    console.put_err(b"IPMI command failed: Invalid command\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<Arg> {
        line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
    }

    fn target(line: &str) -> Target {
        glance(&words(line), false).target
    }

    #[test]
    fn a_glance_tells_whose_bmc_is_meant() {
        assert_eq!(target("fru print 0"), Target::Local(0));
        assert_eq!(target("-d 1 mc info"), Target::Local(1));
        assert_eq!(target("-I open mc info"), Target::Local(0));
        assert_eq!(target("mc info -H bmc"), Target::Remote);
        assert_eq!(target("-vIlanplus mc info"), Target::Remote);
        assert_eq!(target("-I dummy -H bmc mc info"), Target::Socket);
        assert_eq!(target("-P -H mc info"), Target::Local(0));
    }

    #[test]
    fn the_original_is_preferred_by_the_table_above() {
        let prefers = |target, has, device, modelled| prefers_original(target, |_| has, device, modelled);
        for modelled in [true, false] {
            assert!(!prefers(Target::Socket, true, Device::Original, modelled));
            assert!(prefers(Target::Remote, false, Device::Model, modelled));
            assert!(prefers(Target::Local(0), true, Device::Original, modelled));
            assert!(!prefers(Target::Local(0), true, Device::Model, modelled));
            for device in [Device::Original, Device::Unmodelled, Device::Model] {
                assert!(!prefers(Target::Local(0), false, device, modelled));
            }
        }
        assert!(prefers(Target::Local(0), true, Device::Unmodelled, false));
        assert!(!prefers(Target::Local(0), true, Device::Unmodelled, true));
    }
}
