//! The IPv6 parameters of a LAN channel (IPMI 2.0 table 23-4, 50–80): their
//! names on the command line and in requests, and what their values are made
//! of.

use crate::ipmitool::text::{Names, names};
/// What a value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What the channel can do.
    Support,
    /// IPv4, IPv6 or both.
    Enables,
    /// A number of one byte.
    Number,
    /// A number of twenty bits.
    FlowLabel,
    /// How many addresses there can be, and from where.
    Status,
    /// An address that is configured.
    StaticAddress,
    /// An address that was obtained.
    DynamicAddress,
    /// A part of a DHCP unique identifier.
    Duid,
    /// For what timing can be configured.
    TimingSupport,
    /// Timing of DHCPv6: two blocks, which go as one.
    Dhcp,
    /// Timing of neighbour discovery.
    NeighbourDiscovery,
    /// Where routers come from.
    RouterControl,
    /// A router that is configured, by number from 1: four parameters.
    StaticRouter,
    /// A router that was found: four parameters.
    DynamicRouter,
}

/// A parameter as `lan6` has it.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Its name on the command line.
    pub(super) word: &'static str,
    /// What follows the name to set it; `None` where it can only be read.
    pub(super) format: Option<&'static str>,
    /// Bytes of its value, set and block selectors included.
    pub(super) size: usize,
    /// The first set selector, where it has sets.
    pub(super) first_set: Option<i32>,
    /// Whether its sets come in blocks.
    pub(super) has_blocks: bool,
    /// Parameter selector; of the first, where it is made of several.
    pub(super) selector: u8,
    pub(super) kind: Kind,
}

impl Parameter {
    /// The parameter that `word` names, in any case.
    pub(super) fn find(word: &[u8]) -> Option<&'static Self> {
        TABLE.iter().find(|parameter| parameter.word.as_bytes().eq_ignore_ascii_case(word))
    }

    /// The requests that make up its value.
    pub(super) fn parts(&self) -> &'static [Part] {
        match self.kind {
            Kind::Dhcp => DHCP,
            Kind::StaticRouter | Kind::DynamicRouter => ROUTER,
            _ => WHOLE,
        }
    }
}

/// A part of a value.
#[derive(Debug)]
pub(super) struct Part {
    /// How far its selector is from the first.
    pub(super) step: u8,
    /// The block it is in, where that is not chosen.
    pub(super) block: Option<i32>,
    /// Where it begins in the value, its set selector included.
    pub(super) at: usize,
}

const fn part(step: u8, block: Option<i32>, at: usize) -> Part {
    Part { step, block, at }
}

const WHOLE: &[Part] = &[part(0, None, 0)];
const DHCP: &[Part] = &[part(0, Some(0), 0), part(0, Some(1), 18)];
/// Address, station, length of the prefix, prefix.
const ROUTER: &[Part] = &[part(0, None, 0), part(1, None, 17), part(2, None, 24), part(3, None, 26)];

const fn read(word: &'static str, size: usize, selector: u8, kind: Kind) -> Parameter {
    Parameter { word, format: None, size, first_set: None, has_blocks: false, selector, kind }
}

const fn write(word: &'static str, format: &'static str, size: usize, selector: u8, kind: Kind) -> Parameter {
    Parameter { format: Some(format), ..read(word, size, selector, kind) }
}

const fn sets(first: i32, parameter: Parameter) -> Parameter {
    Parameter { first_set: Some(first), ..parameter }
}

const fn blocks(parameter: Parameter) -> Parameter {
    Parameter { has_blocks: true, ..sets(0, parameter) }
}

/// The parameters, in the order in which they are printed.
pub(super) const TABLE: &[Parameter] = &[
    read("support", 1, 50, Kind::Support),
    write("enables", "{ipv4|ipv6|both}", 1, 51, Kind::Enables),
    write("traffic_class", "<value>", 1, 52, Kind::Number),
    write("static_hops", "<value>", 1, 53, Kind::Number),
    write("flow_label", "<value>", 3, 54, Kind::FlowLabel),
    read("status", 3, 55, Kind::Status),
    sets(0, write("static_addr", "{enable|disable} <addr> <pfx_len>", 20, 56, Kind::StaticAddress)),
    read("static_duid_stg", 1, 57, Kind::Number),
    blocks(write("static_duid", "<data>", 18, 58, Kind::Duid)),
    sets(0, read("dynamic_addr", 20, 59, Kind::DynamicAddress)),
    read("dynamic_duid_stg", 1, 60, Kind::Number),
    blocks(write("dynamic_duid", "<data>", 18, 61, Kind::Duid)),
    read("dhcp6_cfg_sup", 1, 62, Kind::TimingSupport),
    sets(0, write("dhcp6_cfg", "<data> <data>", 36, 63, Kind::Dhcp)),
    write("rtr_cfg", "{static|dynamic|both}", 1, 64, Kind::RouterControl),
    sets(1, write("static_rtr", "<addr> <macaddr> <prefix> <prefix_len>", 43, 65, Kind::StaticRouter)),
    read("num_dynamic_rtrs", 1, 73, Kind::Number),
    sets(0, read("dynamic_rtr", 43, 74, Kind::DynamicRouter)),
    read("dynamic_hops", 1, 78, Kind::Number),
    read("ndslaac_cfg_sup", 1, 79, Kind::TimingSupport),
    sets(0, write("ndslaac_cfg", "<data>", 18, 80, Kind::NeighbourDiscovery)),
];

/// Name and size of the parameter with that selector.
pub(super) fn named(selector: u8) -> (&'static str, usize) {
    let index = selector.checked_sub(FIRST).map(usize::from);
    let found = index.and_then(|index| NAMES.iter().nth(index));
    found.map_or(("Set In Progress", 1), |(size, name)| (name, size.into()))
}

/// The selector of the first in `NAMES`.
const FIRST: u8 = 50;

/// Size and name of each parameter.
const NAMES: Names = names![
    (1, "IPv6/IPv4 Support"),
    (1, "IPv6/IPv4 Addressing Enables"),
    (1, "IPv6 Header Traffic Class"),
    (1, "IPv6 Header Static Hop Limit"),
    (3, "IPv6 Header Flow Label"),
    (3, "IPv6 Status"),
    (20, "IPv6 Static Address"),
    (1, "IPv6 DHCPv6 Static DUID Storage Length"),
    (18, "IPv6 DHCPv6 Static DUID"),
    (20, "IPv6 Dynamic Address"),
    (1, "IPv6 DHCPv6 Dynamic DUID Storage Length"),
    (18, "IPv6 DHCPv6 Dynamic DUID"),
    (1, "IPv6 DHCPv6 Timing Configuration Support"),
    (18, "IPv6 DHCPv6 Timing Configuration"),
    (1, "IPv6 Router Address Configuration Control"),
    (16, "IPv6 Static Router 1 IP Address"),
    (6, "IPv6 Static Router 1 MAC Address"),
    (1, "IPv6 Static Router 1 Prefix Length"),
    (16, "IPv6 Static Router 1 Prefix Value"),
    (16, "IPv6 Static Router 2 IP Address"),
    (6, "IPv6 Static Router 2 MAC Address"),
    (1, "IPv6 Static Router 2 Prefix Length"),
    (16, "IPv6 Static Router 2 Prefix Value"),
    (1, "IPv6 Number of Dynamic Router Info Sets"),
    (17, "IPv6 Dynamic Router Info IP Address"),
    (7, "IPv6 Dynamic Router Info MAC Address"),
    (2, "IPv6 Dynamic Router Info Prefix Length"),
    (17, "IPv6 Dynamic Router Info Prefix Value"),
    (1, "IPv6 Dynamic Router Received Hop Limit"),
    (1, "IPv6 ND/SLAAC Timing Configuration Support"),
    (18, "IPv6 ND/SLAAC Timing Configuration"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_value_fit_it() {
        for parameter in TABLE {
            for part in parameter.parts() {
                let (_, size) = named(parameter.selector + part.step);
                let selector = usize::from(parameter.kind == Kind::StaticRouter);
                assert!(part.at + selector + size <= parameter.size, "{parameter:?}");
            }
        }
        assert_eq!(named(80), ("IPv6 ND/SLAAC Timing Configuration", 18));
        assert_eq!(named(0).0, "Set In Progress");
    }
}
