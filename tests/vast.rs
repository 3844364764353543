//! Every hardware command that VAST and its deployers' documents run, as typed:
//! the activation check (`cnode activate`), VAST's public configure_network.py,
//! and the documents' own checks. Written by 1.8.18, the deployers' version.

use crate::support::snapshot::Suite;

const LAN_SET: &str = "`lan` is not modelled yet";

#[test]
fn commands_as_typed() {
    Suite {
        folder: "vast",
        personality: "1.8.18-el8",
        pending: &[
            ("lan-set-defgw", LAN_SET),
            ("lan-set-ipaddr", LAN_SET),
            ("lan-set-ipaddr-none", LAN_SET),
            ("lan-set-ipsrc-static", LAN_SET),
            ("lan-set-netmask", LAN_SET),
        ],
    }
    .check();
}
