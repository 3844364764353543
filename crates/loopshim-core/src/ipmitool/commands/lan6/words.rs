//! The words for codes in IPv6 parameters (IPMI 2.0 table 23-4).

use crate::ipmitool::text::{Names, names};

/// Parameter 51.
pub(super) const ENABLES: Names = names![(0, "ipv4"), (1, "ipv6"), (2, "both")];
/// The enable bit of parameter 56.
pub(super) const ADDRESS_ENABLES: Names = names![(0x00, "disable"), (0x80, "enable")];
/// Where an address of parameter 59 is from.
pub(super) const ADDRESS_SOURCES: Names = names![(0, "static"), (1, "SLAAC"), (2, "DHCPv6")];
/// States of addresses.
pub(super) const ADDRESS_STATES: Names =
    names![(0, "active"), (1, "disabled"), (2, "pending"), (3, "failed"), (4, "deprecated"), (5, "invalid")];
/// Types of DHCP unique identifiers (RFC 3315 section 9.1).
pub(super) const DUIDS: Names = names![(0, "unknown"), (1, "DUID-LLT"), (2, "DUID-EN"), (3, "DUID-LL")];
/// Parameters 62 and 79.
pub(super) const TIMING: Names = names![(0, "not supported"), (1, "global"), (2, "per interface")];
/// Parameter 64.
pub(super) const ROUTERS: Names = names![(1, "static"), (2, "dynamic"), (3, "both")];
