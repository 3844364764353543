//! QEMU's guest agent, where its hypervisor offers the channel; VMware's tools
//! off on a machine that is not VMware's any more.

use std::fmt;

use super::{Context, Desired, Need};
use crate::facts::{systemd, virtio};
use crate::journal::step::Step;

const AGENT: &str = "qemu-guest-agent.service";
const VMWARE: &str = "vmtoolsd.service";

/// What is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current {
    channel: bool,
    installed: bool,
    agent: bool,
    vmware: bool,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |on: bool| if on { "on" } else { "off" };
        write!(f, "QEMU's {}, VMware's {}", on(self.agent), on(self.vmware))
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    // It is started by the channel's appearance, not by a target.
    let by_device = root.exists(format!(
        "/etc/systemd/system/dev-virtio\\x2dports-org.qemu.guest_agent.0.device.wants/{AGENT}"
    ));
    let running = root.exists("/run/qemu-ga.pid")
        || root.exists("/run/systemd/units/invocation:qemu-guest-agent.service");
    Current {
        channel: virtio::has_agent_channel(root),
        installed: systemd::exists(root, AGENT),
        agent: by_device || systemd::is_enabled(root, AGENT) || running,
        vmware: systemd::is_enabled(root, VMWARE),
    }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let wanted = "QEMU's on, VMware's off";
    if !current.channel {
        let why = "the hypervisor offers no channel for QEMU's agent (Proxmox: Options, QEMU Guest Agent)";
        return Desired::new(wanted, Need::DoesNotApply(why.to_owned()));
    }
    if !current.installed {
        return Desired::new(wanted, Need::Blocked("install the package qemu-guest-agent".to_owned()));
    }
    let mut steps = Vec::new();
    if !current.agent {
        steps.push(Step::run(
            &["systemctl", "enable", "--now", AGENT],
            &[&["systemctl", "disable", "--now", AGENT]],
        ));
    }
    if current.vmware {
        steps.push(Step::run(
            &["systemctl", "disable", "--now", VMWARE],
            &[&["systemctl", "enable", "--now", VMWARE]],
        ));
    }
    let need = match steps.is_empty() {
        true => Need::Nothing,
        false if !context.machine.commands.has("systemctl") => {
            Need::Blocked("systemctl is not to be had here".to_owned())
        }
        false => Need::Change(steps),
    };
    Desired::new(wanted, need)
}
