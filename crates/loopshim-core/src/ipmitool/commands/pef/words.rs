//! The words for codes of platform event filtering.

use crate::ipmitool::text::{Names, Words, names, words};

/// Actions of a filter, by bit.
pub(super) const ACTIONS: Names = names![
    (0x01, "Alert"),
    (0x02, "Power-off"),
    (0x04, "Reset"),
    (0x08, "Power-cycle"),
    (0x10, "OEM-defined"),
    (0x20, "Diagnostic-interrupt"),
];

/// What is enabled (parameter 1), by bit.
pub(super) const CONTROL: Names = names![
    (0x01, "PEF"),
    (0x02, "PEF event messages"),
    (0x04, "PEF startup delay"),
    (0x08, "Alert startup delay"),
];

/// Severities of events, by bit; the gravest counts.
pub(super) const SEVERITIES: Names = names![
    (0x20, "Non-recoverable"),
    (0x10, "Critical"),
    (0x08, "Warning"),
    (0x04, "OK"),
    (0x02, "Information"),
    (0x01, "Monitor"),
];

/// Types of sensors, in words of their own.
pub(super) const SENSOR_TYPES: Names = names![
    (255, "Any"),
    (1, "Temperature"),
    (2, "Voltage"),
    (3, "Current"),
    (4, "Fan"),
    (5, "Chassis Intrusion"),
    (6, "Platform security breach"),
    (7, "Processor"),
    (8, "Power supply"),
    (9, "Power Unit"),
    (10, "Cooling device"),
    (11, "Other (units-based)"),
    (12, "Memory"),
    (13, "Drive Slot"),
    (14, "POST memory resize"),
    (15, "POST error"),
    (16, "Logging disabled"),
    (17, "Watchdog 1"),
    (18, "System event"),
    (19, "Critical Interrupt"),
    (20, "Button"),
    (21, "Module/board"),
    (22, "uController/coprocessor"),
    (23, "Add-in card"),
    (24, "Chassis"),
    (25, "Chipset"),
    (26, "Other (FRU)"),
    (27, "Cable/interconnect"),
    (28, "Terminator"),
    (29, "System boot"),
    (30, "Boot error"),
    (31, "OS boot"),
    (32, "OS critical stop"),
    (33, "Slot/connector"),
    (34, "ACPI power state"),
    (35, "Watchdog 2"),
    (36, "Platform alert"),
    (37, "Entity presence"),
    (38, "Monitor ASIC/IC"),
    (39, "LAN"),
    (40, "Management subsystem health"),
    (41, "Battery"),
];

/// States of the generic event types from 1 on. `<` is for the worse, `>` for
/// the better.
pub(super) const TRIGGERS: [Words; 12] = [
    words!["<LNC", ">LNC", "<LC", ">LC", "<LNR", ">LNR", ">UNC", "<UNC", ">UC", "<UC", ">UNR", "<UNR"],
    words!["transition to idle", "transition to active", "transition to busy"],
    words!["state deasserted", "state asserted"],
    words!["predictive failure deasserted", "predictive failure asserted"],
    words!["limit not exceeded", "limit exceeded"],
    words!["performance met", "performance lags"],
    words!["ok", "<warn", "<fail", "<dead", ">warn", ">fail", "dead", "monitor", "informational"],
    words!["device removed/absent", "device inserted/present"],
    words!["device disabled", "device enabled"],
    words![
        "transition to running",
        "transition to in test",
        "transition to power off",
        "transition to online",
        "transition to offline",
        "transition to off duty",
        "transition to degraded",
        "transition to power save",
        "install error",
    ],
    words![
        "fully redundant",
        "redundancy lost",
        "redundancy degraded",
        "<non-redundant/sufficient",
        ">non-redundant/sufficient",
        "non-redundant/insufficient",
        "<redundancy degraded",
        ">redundancy degraded",
    ],
    words!["D0 power state", "D1 power state", "D2 power state", "D3 power state"],
];

/// When an alert policy applies.
pub(super) const POLICIES: Names = names![
    (0, "Match-always"),
    (1, "Try-next-entry"),
    (2, "Try-next-set"),
    (3, "Try-next-channel"),
    (4, "Try-next-destination"),
];

/// Channel media.
pub(super) const MEDIA: Names = names![
    (1, "IPMB (I2C)"),
    (2, "ICMB v1.0"),
    (3, "ICMB v0.9"),
    (4, "802.3 LAN"),
    (5, "Serial/Modem (RS-232)"),
    (6, "Other LAN"),
    (7, "PCI SMBus"),
    (8, "SMBus v1.0/1.1"),
    (9, "SMBus v2.0"),
    (10, "USB 1.x"),
    (11, "USB 2.x"),
    (12, "System I/F (KCS,SMIC,BT)"),
];

/// Types of a LAN's destinations.
pub(super) const LAN_DESTINATIONS: Names = names![(0, "PET"), (6, "OEM 1"), (7, "OEM 2")];

/// Types of a serial channel's destinations; dialling has no name.
pub(super) const SERIAL_DESTINATIONS: Names = names![
    (1, "TAP page"),
    (2, "PPP PET"),
    (3, "Basic callback"),
    (4, "PPP callback"),
    (14, "OEM 1"),
    (15, "OEM 2"),
];

/// How a page is confirmed.
pub(super) const TAP_CONFIRMATIONS: Names = names![(0, "ACK"), (1, "211+ACK"), (2, "{211|213}+ACK")];
