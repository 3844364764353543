//! What the hypervisor gives this machine.

use super::{Examination, Verdict, running};
use crate::facts::cpu::Cpu;
use crate::facts::disks::Disk;
use crate::facts::memory::Memory;
use crate::facts::virtio;
use crate::fixes::Context;
use crate::output::size;

/// A billion bytes, as sizes of disks and memory are meant.
const GB: u64 = 1_000_000_000;

pub(super) fn cpus(examination: &Examination<'_>) -> Verdict {
    let Context { machine, settings, .. } = &examination.context;
    running(examination, || {
        let cpu = Cpu::read(&machine.root)?;
        let value = format!("{} in {} sockets", cpu.logical, cpu.sockets);
        let advice = "give the machine no more virtual CPUs than the host's processor has cores";
        Some(match settings.sizes.physical_cores {
            Some(cores) => Verdict::fail_unless(
                cpu.logical as u64 <= u64::from(cores),
                format!("{value}, {cores} physical cores"),
                advice,
            ),
            None if cpu.sockets > 1 => {
                Verdict::warn(value, "use one socket (Proxmox: Processors, Sockets 1)")
            }
            None if !cpu.virtual_machine => Verdict::fail_unless(cpu.cores <= cpu.logical, value, advice),
            // From within the host's cores cannot be seen.
            None => Verdict::pass(format!(
                "{value}; set sizes.physical_cores to have it compared with the host's"
            )),
        })
    })
}

pub(super) fn cpu_model(examination: &Examination<'_>) -> Verdict {
    running(examination, || {
        let cpu = Cpu::read(&examination.context.machine.root)?;
        let advice = "set the CPU type to host (Proxmox: Processors, Type host)";
        Some(Verdict::fail_unless(!cpu.is_generic(), cpu.model, advice))
    })
}

pub(super) fn nested(examination: &Examination<'_>) -> Verdict {
    running(examination, || {
        let cpu = Cpu::read(&examination.context.machine.root)?;
        let value = if cpu.virtualisation { "passed through" } else { "hidden from this machine" };
        Some(Verdict::warn_unless(
            cpu.virtualisation,
            value,
            "switch on nested virtualisation and set the CPU type to host",
        ))
    })
}

pub(super) fn memory(examination: &Examination<'_>) -> Verdict {
    let Context { machine, settings, .. } = &examination.context;
    running(examination, || {
        let total = Memory::read(&machine.root)?.total;
        let (least, better) = (settings.sizes.memory_gb_min.get(), settings.sizes.memory_gb.get());
        let advice = format!("{better} GB are recommended; below {least} GB clusters have failed");
        Some(if total < least * GB {
            Verdict::fail(size(total), advice)
        } else {
            // The kernel keeps some of what it is given for itself.
            Verdict::warn_unless(total >= better * GB * 97 / 100, size(total), advice)
        })
    })
}

pub(super) fn balloon(examination: &Examination<'_>) -> Verdict {
    running(examination, || {
        let devices = virtio::devices(&examination.context.machine.root, "virtio_balloon");
        let advice =
            "switch ballooning off: memory must not be taken away (Proxmox: Memory, Ballooning Device)";
        Some(Verdict::warn_unless(devices.is_empty(), if devices.is_empty() { "off" } else { "on" }, advice))
    })
}

pub(super) fn disk(examination: &Examination<'_>) -> Verdict {
    let Context { machine, settings, .. } = &examination.context;
    running(examination, || {
        let disks = Disk::all(&machine.root);
        let total: u64 = disks.iter().map(|disk| disk.size).sum();
        let names: Vec<String> =
            disks.iter().map(|disk| format!("{} {}", disk.name, size(disk.size))).collect();
        let (least, better) = (settings.sizes.disk_gb_min.get(), settings.sizes.disk_gb.get());
        let advice = format!("{better} GB are recommended, {least} GB are needed");
        let value = if names.is_empty() { "no sd, vd or NVMe disk".to_owned() } else { names.join(", ") };
        Some(if total < least * GB {
            Verdict::fail(value, advice)
        } else {
            Verdict::warn_unless(total >= better * GB, value, advice)
        })
    })
}

pub(super) fn virtio_scsi(examination: &Examination<'_>) -> Verdict {
    running(examination, || {
        let root = &examination.context.machine.root;
        if !Cpu::read(root).is_some_and(|cpu| cpu.virtual_machine) {
            return Some(Verdict::skip("no virtual machine"));
        }
        let devices = virtio::devices(root, "virtio_scsi");
        let value =
            if devices.is_empty() { "not used".to_owned() } else { format!("{} controllers", devices.len()) };
        let advice = "use VirtIO SCSI single with IO Thread (Proxmox: Hardware, SCSI Controller)";
        Some(Verdict::warn_unless(!devices.is_empty(), value, advice))
    })
}

/// The documents disagree, so it is only told.
pub(super) fn swap(examination: &Examination<'_>) -> Verdict {
    running(examination, || Some(Verdict::pass(size(Memory::read(&examination.context.machine.root)?.swap))))
}
