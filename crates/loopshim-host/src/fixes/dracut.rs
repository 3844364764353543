//! VirtIO drivers in the initramfs, for a machine that is to be moved to VirtIO
//! disks. Rebuilding it is what makes this dangerous.

use std::fmt;

use super::{Context, Desired, Need, head, pending, write};
use crate::facts::os::{Family, Os};
use crate::journal::step::Step;

const FILE: &str = "/etc/dracut.conf.d/virtio.conf";

/// What is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current {
    has_dracut: bool,
    has_file: bool,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.has_dracut, self.has_file) {
            (_, true) => "configured",
            (true, false) => "not configured",
            (false, false) => "no dracut",
        })
    }
}

fn contents() -> String {
    format!("{}add_drivers+=\" virtio_scsi virtio_blk \"\n", head("dracut-virtio"))
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    let adds = |name: String| {
        let text = root.text(format!("/etc/dracut.conf.d/{name}")).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        lines.into_iter().any(|line| {
            line.contains("add_drivers") && line.contains("virtio_scsi") && line.contains("virtio_blk")
        })
    };
    Current {
        has_dracut: root.exists("/usr/bin/dracut") || root.exists("/usr/sbin/dracut"),
        has_file: root.names("/etc/dracut.conf.d").into_iter().any(adds),
    }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let machine = context.machine;
    let wanted = "virtio_scsi and virtio_blk in every initramfs";
    if current.has_file {
        return Desired::new(wanted, Need::Nothing);
    }
    if !current.has_dracut {
        let why = match Os::read(&machine.root).family {
            Family::Debian => "Debian's initramfs has these drivers already",
            _ => "there is no dracut here",
        };
        return Desired::new(wanted, Need::DoesNotApply(why.to_owned()));
    }
    let mut steps = write(machine, FILE, contents());
    if machine.commands.has("dracut") {
        let rebuild: &[&str] = &["dracut", "-f"];
        // First of all, so that it is last when taken back.
        steps.insert(0, Step::run(&[], &[rebuild]));
        steps.push(Step::run(rebuild, &[]));
    }
    Desired::new(wanted, pending(machine, steps))
}
