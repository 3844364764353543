//! Commands that are not modelled: refused in the words in which the originals
//! report a BMC that answers "Invalid command".

use std::process::Command;

use ipmi::{CompletionCode, Request, Response};

use crate::support::machine::{Machine, answer, run};
use crate::support::originals;
use crate::support::say::say;
use crate::support::serving;
use crate::support::skip::skip;

/// One command line for each refusal that is known.
const INVOCATIONS: &str = include_str!("refusals/invocations.txt");

#[test]
fn unmodelled_commands_are_refused_in_the_originals_words() {
    for personality in originals::PERSONALITIES {
        let Some(original) = originals::find(personality) else {
            skip("refusals", &format!("the original {personality}"));
            continue;
        };
        let machine = Machine::new();
        machine.install_shim("bin/ipmitool");
        serving::serve(&machine.path("bmc"), || refuse);
        let mut differences = Vec::new();
        for line in INVOCATIONS.lines() {
            let args: Vec<&str> = ["-I", "dummy"].into_iter().chain(line.split(' ')).collect();
            let ask = |program| {
                let mut command = Command::new(program);
                command
                    .args(&args)
                    .env_clear()
                    .env("PATH", "/usr/bin:/bin")
                    .env("TZ", "UTC")
                    .env("LC_ALL", "C");
                command.env("IPMI_DUMMY_SOCK", machine.path("bmc")).env("LOOPSHIM_ROOT", machine.path(""));
                command.env("LOOPSHIM_IPMITOOL_VERSION", personality).stdin(std::process::Stdio::null());
                answer(&run(command))
            };
            let (ours, theirs) = (ask(machine.path("bin/ipmitool")), ask(original.clone()));
            if ours != theirs {
                differences.push(format!("{line}\n  ours   {ours:?}\n  theirs {theirs:?}"));
            }
        }
        say(format_args!("refusals, {personality}: {} command lines", INVOCATIONS.lines().count()));
        assert!(differences.is_empty(), "{personality}:\n{}", differences.join("\n"));
    }
}

/// A BMC that knows its own device id and no other request.
fn refuse(request: &Request) -> Response {
    match (request.netfn, request.cmd) {
        // Get Device ID (IPMI 2.0 section 20.1), of no known manufacturer.
        (0x06, 0x01) => Response {
            completion: CompletionCode(0),
            data: vec![0x20, 1, 1, 0, 2, 0x0F, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        },
        _ => Response { completion: CompletionCode(0xC1), data: Vec::new() },
    }
}
