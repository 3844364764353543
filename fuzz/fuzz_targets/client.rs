//! Whole invocations on BMCs that answer anything, and on files of anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loopshim_core::ipmitool::{Personality, answer};
use loopshim_core::model::{Model, Profile};
use loopshim_fuzz::grammar::{Draw, FILES, Grammar, Names};
use loopshim_fuzz::{After, Answers, Choices, put, world};

const GRAMMAR: &str = include_str!("../../tests/differential/grammar.txt");

fuzz_target!(|bytes: &[u8]| {
    let [how, head, rest @ ..] = bytes else { return };
    let (head, answers) = rest.split_at(usize::from(*head).min(rest.len()));
    let mut choices = Choices(head);
    let personality = Personality::ALL[usize::from(how & 1)];
    let grammar = Grammar::new(GRAMMAR, personality.name());
    let names = Names {
        sensors: ["CPU Temp", "PS1 Status", "Inlet Temp", "x"].map(str::to_owned).into(),
        numbers: vec![1, 2, 3],
        types: Vec::new(),
        frus: vec![0, 1],
    };
    let args = grammar.invocation(&mut choices, &names);
    for file in FILES.iter().filter(|file| args.iter().any(|arg| arg == *file)) {
        match *file {
            // Commands from bytes would name files of ours.
            "script" => put(file, grammar.script(&mut choices, &names).as_bytes()),
            _ => put(file, answers),
        }
    }
    let after = [After::Refuse, After::Repeat, After::Honest, After::Honest][usize::from(how >> 1 & 3)];
    let invocation = format!("{} {args:?}", personality.name());
    let bmc = Model::of_profile(Profile::default(), b"host").bmc;
    let zone = choices.one(&["UTC", "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30"]);
    let mut world = world(args, &[("TZ", zone)], head.to_vec());
    answer(&mut world, personality, Box::new(Answers::new(answers, after, bmc, invocation)));
});
