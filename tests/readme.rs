//! README's commands and figures are the tested ones.
//!
//! - A `console` block is run: each line after `$ ` by `sh`, our shims first in
//!   PATH on the compiled-in model; what follows must be its output, where a
//!   line `...` stands for any lines. `sudo` is left out.
//! - An `sh` block is not run; it may hold only commands that other tests or CI
//!   run, and of install.sh only options that its --help names.
//! - A figure is compared by the test that measures it: see [`number_between`].

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::process::Command;

const README: &str = include_str!("../README.md");
const INSTALL: &str = include_str!("../install.sh");

/// The commands of `sh` blocks, each with the place that runs it.
const RUN_ELSEWHERE: [&str; 3] = [
    "./install.sh", // tests/install
    "tests/run",    // .ci/run
    "benches/run",  // by hand: it measures, it does not judge
];

/// The number that README states between two texts, for the test that measures it.
pub fn number_between(before: &str, after: &str) -> f64 {
    let stated = README.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    let (number, _) =
        stated.unwrap_or_else(|| panic!("README has no figure between {before:?} and {after:?}"));
    number.replace(',', "").trim().parse().unwrap_or_else(|_| panic!("README: {number:?} is not a number"))
}

/// Whether README has this line.
pub fn states(line: &str) -> bool {
    README.lines().any(|stated| stated == line)
}

/// The lines of each fenced block of a language.
fn blocks(language: &str) -> Vec<Vec<&'static str>> {
    let mut blocks = Vec::new();
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        if let Some(found) = line.strip_prefix("```") {
            let block = lines.by_ref().take_while(|line| *line != "```").collect();
            if found == language {
                blocks.push(block);
            }
        }
    }
    blocks
}

#[test]
fn console_blocks_show_what_really_comes() {
    let blocks = blocks("console");
    assert!(!blocks.is_empty(), "README shows no output");
    for block in blocks {
        let mut lines = block.into_iter().peekable();
        while let Some(line) = lines.next() {
            let command =
                line.strip_prefix("$ ").unwrap_or_else(|| panic!("README: {line:?} has no command"));
            let mut shown = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                shown.push(line);
            }
            let came = output_of(&command.replace("sudo ", ""));
            assert!(matches(&shown, &came.lines().collect::<Vec<_>>()), "README: `{command}` gives\n{came}");
        }
    }
}

/// Standard output of `command` on a machine of ours, serial numbers as README
/// shows them.
fn output_of(command: &str) -> String {
    let machine = tempfile::tempdir().expect("a folder");
    symlink(env!("CARGO_BIN_EXE_ipmitool"), machine.path().join("ipmitool")).expect("a link to the shim");
    symlink(env!("CARGO_BIN_EXE_loopshim"), machine.path().join("loopshim"))
        .expect("a link to the host tool");
    let output = Command::new("sh")
        .args(["-c", command])
        .env("PATH", format!("{}:/usr/bin:/bin", machine.path().display()))
        .env("LOOPSHIM_ROOT", machine.path())
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .output()
        .expect("sh starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether `came` is what was `shown`: `...` for any lines, any eight
/// hexadecimal digits after `LOOPBACK-` (they depend on the host's name).
fn matches(shown: &[&str], came: &[&str]) -> bool {
    match shown.split_first() {
        None => came.is_empty(),
        Some((&"...", rest)) => (0..=came.len()).any(|skipped| matches(rest, &came[skipped..])),
        Some((line, rest)) => came.split_first().is_some_and(|(first, others)| {
            without_serial(first) == without_serial(line) && matches(rest, others)
        }),
    }
}

fn without_serial(line: &str) -> &str {
    line.split_once("LOOPBACK-").map_or(line, |(before, _)| before).trim_end()
}

#[test]
fn sh_blocks_hold_only_commands_that_are_run_elsewhere() {
    let options = help_options();
    let mut found = BTreeSet::new();
    for line in blocks("sh").into_iter().flatten() {
        let command = line.split('#').next().unwrap_or_default().trim();
        let words: Vec<&str> = command.split_whitespace().filter(|word| *word != "sudo").collect();
        let Some((program, arguments)) = words.split_first() else { continue };
        assert!(RUN_ELSEWHERE.contains(program), "README: nothing runs `{command}`");
        found.insert(*program);
        for option in arguments.iter().filter(|word| *program == "./install.sh" && word.starts_with('-')) {
            assert!(options.contains(option), "README: install.sh has no option {option}");
        }
    }
    assert!(
        found.contains("./install.sh") && found.contains("tests/run"),
        "README's two commands: {found:?}"
    );
}

/// The options that README names anywhere are options.
#[test]
fn options_in_the_text_exist() {
    let options = help_options();
    for span in README.split('`').skip(1).step_by(2).filter(|span| span.starts_with("./install.sh ")) {
        for option in span.split_whitespace().filter(|word| word.starts_with("--")) {
            assert!(options.contains(option), "README: install.sh has no option {option}");
        }
    }
}

fn help_options() -> BTreeSet<&'static str> {
    let help = INSTALL.split("HELP").nth(1).expect("install.sh's help");
    help.split(|c: char| c.is_whitespace() || c == ',').filter(|word| word.starts_with('-')).collect()
}

/// The words that a draft has where something is to follow: README may hold none.
#[test]
fn nothing_is_left_to_fill_in() {
    let left: Vec<&str> =
        README.lines().filter(|line| line.contains("TODO") || is_placeholder(line)).collect();
    assert!(left.is_empty(), "README: {left:?}");
}

/// `@NAME@`, as the draft has where figures go.
fn is_placeholder(line: &str) -> bool {
    line.split('@')
        .skip(1)
        .step_by(2)
        .any(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase()))
}
