//! Every command that VAST and its deployers' documents run on a host, as typed:
//! the activation check (`cnode activate`), the monitors' installation, VAST's
//! public configure_network.py, and the documents' own checks. Written by ipmitool
//! 1.8.18 and pip 21.3.1, the deployers' versions. What is copied by rsync is
//! compared live (`tests/rsync/`).

mod pip;

use crate::support::snapshot::{Cases, Suite};

#[test]
fn ipmitool_as_typed() {
    Suite { folder: "vast/ipmitool", personality: "1.8.18-el8", pending: &[] }.check();
}

#[test]
fn pip3_as_typed() {
    let _folders = pip::Folders::make();
    Cases { folder: "vast/pip3", pending: &[] }.check(&format!("pip {}", pip::VERSION), pip::Host::set);
}
