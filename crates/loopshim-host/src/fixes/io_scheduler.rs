//! I/O schedulers, now and, by udev's rules, whenever a disk appears. The rules
//! match whole disks of the block layer: `sdaa` and `vda` too, but neither
//! partitions nor NVMe controllers.

use std::fmt;

use super::{Context, Desired, Need, head, pending, write};
use crate::facts::disks::{Disk, Kind, scheduler_path};
use crate::journal::step::Step;

/// The file, as the documents call it.
pub const FILE: &str = "/etc/udev/rules.d/60-io-scheduler.rules";

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    disks: Vec<Disk>,
    has_rules: bool,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for disk in &self.disks {
            write!(f, "{} {}, ", disk.name, if disk.scheduler.is_empty() { "?" } else { &disk.scheduler })?;
        }
        f.write_str(if self.has_rules { "rules there" } else { "no rules" })
    }
}

/// The scheduler for a kind of disk.
pub const fn scheduler(kind: Kind) -> &'static str {
    match kind {
        Kind::Queued => "mq-deadline",
        Kind::Nvme => "none",
    }
}

/// The rules.
pub fn rules() -> String {
    let mut text = head("io-scheduler");
    for (names, kind) in [("sd*|vd*", Kind::Queued), ("nvme*n*", Kind::Nvme)] {
        text += &format!(
            "ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{{DEVTYPE}}==\"disk\", KERNEL==\"{names}\", \
             ATTR{{queue/scheduler}}=\"{}\"\n",
            scheduler(kind)
        );
    }
    text
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    let disks = if context.machine.is_live() { Disk::all(root) } else { Vec::new() };
    Current { disks, has_rules: root.text(FILE) == Some(rules()) }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let machine = context.machine;
    if machine.is_live() && current.disks.is_empty() && !current.has_rules {
        return Desired::new("", Need::DoesNotApply("no sd, vd or NVMe disk here".to_owned()));
    }
    let mut steps = write(machine, FILE, rules());
    if machine.commands.has("udevadm") {
        let reload: &[&str] = &["udevadm", "control", "--reload-rules"];
        steps.insert(0, Step::run(&[], &[reload]));
        steps.push(Step::run(reload, &[]));
    }
    let mut notes = Vec::new();
    for disk in &current.disks {
        let Some(wanted) = disk.kind().map(scheduler).filter(|wanted| *wanted != disk.scheduler) else {
            continue;
        };
        if disk.schedulers.iter().any(|offered| offered == wanted) {
            steps.push(Step::Set { path: scheduler_path(&disk.name), value: wanted.to_owned() });
        } else {
            notes.push(format!(
                "{} cannot have {wanted}: the kernel offers {}",
                disk.name,
                disk.schedulers.join(" ")
            ));
        }
    }
    Desired::new("sd* and vd* mq-deadline, nvme*n* none, by rules", pending(machine, steps)).noting(notes)
}
