//! Every hardware command that VAST and its deployers' documents run, as typed:
//! the activation check (`cnode activate`), VAST's public configure_network.py,
//! and the documents' own checks. Written by 1.8.18, the deployers' version.

use crate::support::snapshot::Suite;

#[test]
fn commands_as_typed() {
    Suite { folder: "vast", personality: "1.8.18-el8", pending: &[] }.check();
}
