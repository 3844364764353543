//! Taking secrets out of what is written down about an invocation.

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::{Tool, World, ipmitool, pip};

/// What stands where a secret stood.
pub const MASK: &[u8] = b"***";

/// Shortest secret looked for in output: a shorter one is found in every text,
/// and masking it would only tell where.
const OUTPUT_SECRET_MIN: usize = 4;

/// An invocation's words without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// `argv`, the program's name included.
    pub args: Vec<Vec<u8>>,
    secrets: Vec<Vec<u8>>,
}

/// The arguments of `world` without the secrets that `tool` takes.
pub fn arguments(tool: Tool, world: &World) -> Redacted {
    let args: Vec<Vec<u8>> = world.args.iter().map(|arg| arg.as_bytes().to_vec()).collect();
    let secrets = match tool {
        Tool::Ipmitool => ipmitool::secrets::find(&args, |name| world.var(name).map(OsString::into_vec)),
        Tool::Pip3 => pip::secrets::find(&args),
        // Its passwords are in files and in a variable.
        Tool::Rsync => Vec::new(),
    };
    let mut redacted = Redacted { args: vec![world.program.clone().into_vec()], secrets };
    redacted.secrets.retain(|secret| !secret.is_empty());
    redacted.args.extend(args.into_iter().map(|arg| redacted.mask(arg)).collect::<Vec<_>>());
    redacted
}

impl Redacted {
    /// `output` with the secrets taken out of it.
    pub fn conceal<'a>(&self, output: &'a [u8]) -> Cow<'a, [u8]> {
        let mut output = Cow::Borrowed(output);
        for secret in self.secrets.iter().filter(|secret| secret.len() >= OUTPUT_SECRET_MIN) {
            if let Some(concealed) = without(&output, secret) {
                output = Cow::Owned(concealed);
            }
        }
        output
    }

    /// An argument that is a secret, or an option with one attached, masked.
    fn mask(&self, arg: Vec<u8>) -> Vec<u8> {
        for secret in &self.secrets {
            match arg.strip_suffix(secret.as_slice()) {
                Some(before) if before.is_empty() || before.starts_with(b"-") => {
                    return [before, MASK].concat();
                }
                _ => {}
            }
        }
        arg
    }
}

/// `text` with every occurrence of `secret` masked; `None` when there is none.
fn without(text: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let mut masked = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(secret.len()).position(|window| window == secret) {
        masked.extend_from_slice(&rest[..at]);
        masked.extend_from_slice(MASK);
        rest = &rest[at + secret.len()..];
    }
    (rest.len() < text.len()).then(|| [masked, rest.to_vec()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knowing(secrets: &[&str]) -> Redacted {
        Redacted {
            args: Vec::new(),
            secrets: secrets.iter().map(|secret| secret.as_bytes().to_vec()).collect(),
        }
    }

    #[test]
    fn an_argument_is_masked_whole_or_behind_its_option() {
        let redacted = knowing(&["calvin"]);
        let mask = |arg: &str| String::from_utf8(redacted.mask(arg.as_bytes().to_vec())).unwrap_or_default();
        assert_eq!(mask("calvin"), "***");
        assert_eq!(mask("-vPcalvin"), "-vP***");
        assert_eq!(mask("notcalvin"), "notcalvin");
        assert_eq!(mask("-Ucalvin2"), "-Ucalvin2");
    }

    #[test]
    fn output_is_masked_wherever_a_secret_of_some_length_stands() {
        let redacted = knowing(&["calvin", "a"]);
        assert_eq!(*redacted.conceal(b"calvin, a calvin!"), b"***, a ***!"[..]);
        assert!(matches!(redacted.conceal(b"nothing"), Cow::Borrowed(_)));
    }
}
