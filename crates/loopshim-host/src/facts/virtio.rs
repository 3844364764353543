//! Paravirtual devices, by the drivers that serve them (`/sys/bus/virtio`).

use crate::machine::root::Root;

/// The devices that a driver serves.
pub fn devices(root: &Root, driver: &str) -> Vec<String> {
    let names = root.names(format!("/sys/bus/virtio/drivers/{driver}"));
    names.into_iter().filter(|name| name.starts_with("virtio")).collect()
}

/// Whether the guest agent's channel to the hypervisor is there.
pub fn has_agent_channel(root: &Root) -> bool {
    root.exists("/dev/virtio-ports/org.qemu.guest_agent.0")
}
