//! Kernel parameters, kept in a file of `/etc/sysctl.d` and set at once.
//!
//! Bounds are only ever raised: systemd ≥ 240 sets `fs.file-max` and
//! `fs.nr_open` to more than the documents do, and a kernel's own default grows
//! with memory. A parameter that this kernel does not have is left out of the
//! file as well, since `sysctl -p` fails on it.

use std::collections::BTreeMap;
use std::fmt;

use super::{Context, Desired, Need, head, pending, write};
use crate::facts::{kernel, sysctl, systemd};
use crate::journal::step::{Step, chosen};

/// How a value is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// At least so much.
    AtLeast,
    /// This.
    Exactly,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its key.
    pub key: &'static str,
    /// Its value in the documents.
    pub value: u64,
    /// How that is meant.
    pub rule: Rule,
}

const fn at_least(key: &'static str, value: u64) -> Parameter {
    Parameter { key, value, rule: Rule::AtLeast }
}

const fn exactly(key: &'static str, value: u64) -> Parameter {
    Parameter { key, value, rule: Rule::Exactly }
}

/// The parameters of `sysctl-fd` (001 fix 2).
pub const FD: &[Parameter] = &[
    at_least("fs.file-max", 8_388_608),
    at_least("fs.nr_open", 2_097_152),
    at_least("fs.inotify.max_user_watches", 524_288),
    at_least("fs.inotify.max_user_instances", 512),
];
/// The file of `sysctl-fd`.
pub const FD_FILE: &str = "/etc/sysctl.d/99-vast-fd.conf";

/// The parameters of `sysctl-perf` (001 fix 7).
pub const PERF: &[Parameter] = &[
    exactly("vm.swappiness", 1),
    exactly("vm.dirty_ratio", 10),
    exactly("vm.dirty_background_ratio", 5),
    exactly("vm.dirty_expire_centisecs", 500),
    exactly("vm.dirty_writeback_centisecs", 100),
    exactly("kernel.sched_migration_cost_ns", 5_000_000),
    exactly("kernel.sched_autogroup_enabled", 0),
    at_least("net.core.somaxconn", 65_535),
    at_least("net.core.netdev_max_backlog", 65_535),
    at_least("net.ipv4.tcp_max_syn_backlog", 65_535),
    exactly("net.ipv4.tcp_fin_timeout", 30),
    exactly("net.ipv4.tcp_keepalive_time", 300),
];
/// The file of `sysctl-perf`.
pub const PERF_FILE: &str = "/etc/sysctl.d/99-vast-perf.conf";

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    values: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    key: &'static str,
    /// Whether this kernel has it.
    known: bool,
    /// What it is now.
    running: Option<u64>,
    /// What our own file sets it to.
    ours: Option<u64>,
    /// What other files set it to, the one that counts.
    others: Option<(String, u64)>,
    /// Whether that one is read after ours.
    later: bool,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut texts = Vec::new();
        for value in self.values.iter().filter(|value| value.known) {
            let (number, place) = match (value.running, value.ours, &value.others) {
                (Some(running), _, _) => (running, ""),
                (None, Some(ours), _) => (ours, " configured"),
                (None, None, Some((_, other))) => (*other, " configured"),
                (None, None, None) => continue,
            };
            texts.push(format!("{}={number}{place}", value.key));
        }
        f.write_str(if texts.is_empty() { "nothing configured" } else { "" })?;
        f.write_str(&texts.join(", "))
    }
}

/// What is, of the parameters of `sysctl-fd`.
pub fn probe_fd(context: &Context<'_>) -> Current {
    probe(context, FD, FD_FILE)
}

/// What is, of the parameters of `sysctl-perf`.
pub fn probe_perf(context: &Context<'_>) -> Current {
    probe(context, PERF, PERF_FILE)
}

fn probe(context: &Context<'_>, parameters: &[Parameter], file: &str) -> Current {
    let machine = context.machine;
    let sources = sysctl::sources(&machine.root);
    let number = |text: &str| text.parse().ok();
    let at_ours = sources.iter().position(|source| source.path == file);
    let value = |parameter: &Parameter| {
        let key = parameter.key;
        let running = machine.is_live().then(|| machine.root.text(sysctl::path(key))).flatten();
        let set = |source: &sysctl::Source| {
            source.settings.iter().rev().find(|(name, _)| name == key).and_then(|(_, value)| number(value))
        };
        let other = sources.iter().enumerate().filter(|(_, source)| source.path != file);
        let others =
            other.filter_map(|(at, source)| Some((at, source.path.clone(), set(source)?))).next_back();
        Value {
            key,
            known: if machine.is_live() { running.is_some() } else { is_known(context, key) },
            running: running.and_then(|text| number(&chosen(&text))),
            ours: at_ours.and_then(|at| set(&sources[at])),
            later: others.as_ref().is_some_and(|(at, path, _)| match at_ours {
                Some(ours) => *at > ours,
                None => path.rsplit('/').next() > file.rsplit('/').next() || path == "/etc/sysctl.conf",
            }),
            others: others.map(|(_, path, value)| (path, value)),
        }
    };
    Current { values: parameters.iter().map(value).collect() }
}

/// Whether an image's kernels have a parameter. Only one of them ever went.
fn is_known(context: &Context<'_>, key: &str) -> bool {
    // Moved to debugfs by Linux 5.13 (commit 8a99b6833c88).
    let gone = key == "kernel.sched_migration_cost_ns";
    let versions = kernel::versions(context.machine);
    !gone || versions.is_empty() || versions.iter().any(|version| version.number < (5, 13))
}

/// What should be, of the parameters of `sysctl-fd`.
pub fn desired_fd(context: &Context<'_>, current: &Current) -> Desired {
    desired(context, current, FD, FD_FILE, "sysctl-fd")
}

/// What should be, of the parameters of `sysctl-perf`.
pub fn desired_perf(context: &Context<'_>, current: &Current) -> Desired {
    desired(context, current, PERF, PERF_FILE, "sysctl-perf")
}

fn desired(
    context: &Context<'_>,
    current: &Current,
    parameters: &[Parameter],
    file: &str,
    fix: &str,
) -> Desired {
    let machine = context.machine;
    let mut text = head(fix);
    let (mut set, mut notes, mut wanted) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (parameter, value) in parameters.iter().zip(&current.values) {
        let key = parameter.key;
        if !value.known {
            notes.push(format!("{key} is left out: this kernel does not have it"));
            continue;
        }
        match aim(context, parameter, value) {
            Aim::Leave(why) => notes.push(format!("{key} is left alone: {why}")),
            Aim::Set(number) => {
                text += &format!("{key} = {number}\n");
                wanted.insert(key, number);
                if value.running.is_some_and(|running| running != number) {
                    set.push(Step::Set { path: sysctl::path(key), value: number.to_string() });
                }
                if let Some((path, other)) =
                    value.others.as_ref().filter(|(_, other)| value.later && *other != number)
                {
                    notes.push(format!("{path} is read later and sets {key} to {other}: remove that line"));
                }
            }
        }
    }
    let listed: Vec<String> = wanted.iter().map(|(key, number)| format!("{key}={number}")).collect();
    let need = if wanted.is_empty() {
        // A file of ours with nothing in it is not worth having.
        let is_there = machine.root.exists(file);
        pending(machine, if is_there { vec![Step::Remove { path: file.to_owned() }] } else { Vec::new() })
    } else {
        let mut steps = write(machine, file, text);
        steps.extend(set);
        pending(machine, steps)
    };
    let listed = if listed.is_empty() {
        "all at least as high as the documents have them".to_owned()
    } else {
        listed.join(", ")
    };
    Desired::new(listed, need).noting(notes)
}

enum Aim {
    Set(u64),
    Leave(String),
}

fn aim(context: &Context<'_>, parameter: &Parameter, value: &Value) -> Aim {
    if parameter.rule == Rule::Exactly {
        return Aim::Set(parameter.value);
    }
    // What our own file has, somebody may have raised.
    let least = parameter.value.max(value.ours.unwrap_or(0));
    if let Some(running) = value.running.filter(|running| *running > least) {
        return Aim::Leave(format!("{running} is more than {least}"));
    }
    if let Some((path, other)) = value.others.as_ref().filter(|(_, other)| *other > least) {
        return Aim::Leave(format!("{path} sets it to {other}"));
    }
    let by_systemd = matches!(parameter.key, "fs.file-max" | "fs.nr_open") && value.running.is_none();
    if by_systemd
        && let Some(version) = systemd::version(&context.machine.root).filter(|version| *version >= 240)
    {
        return Aim::Leave(format!("systemd {version} sets it to more when it starts"));
    }
    Aim::Set(least)
}

/// Whether the fix would have nothing to do: what `verify` asks.
pub fn is_fulfilled(context: &Context<'_>, parameters: &[Parameter], file: &str) -> bool {
    let current = probe(context, parameters, file);
    matches!(desired(context, &current, parameters, file, "").need, Need::Nothing)
}
