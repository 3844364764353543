//! Sensor-specific states outside the IPMI specification.

use super::{States, row, table};

/// ANSI/VITA 46.11, looked up before the standard table on such a carrier.
pub(super) const VITA: States = table![
    // FRU state.
    row(0xF0, 0x0, "Transition to M0"),
    row(0xF0, 0x1, "Transition to M1"),
    row(0xF0, 0x4, "Transition to M4"),
    row(0xF0, 0x5, "Transition to M5"),
    row(0xF0, 0x6, "Transition to M6"),
    row(0xF0, 0x7, "Transition to M7"),
    // System IPMB link.
    row(0xF1, 0x0, "IPMB-A disabled, IPMB-B disabled"),
    row(0xF1, 0x1, "IPMB-A enabled, IPMB-B disabled"),
    row(0xF1, 0x2, "IPMB-A disabled, IPMB-B enabled"),
    row(0xF1, 0x3, "IPMB-A enabled, IPMB-B enabled"),
    // FRU temperature.
    row(0xF3, 0x0, "At or below Lower Non-critical"),
    row(0xF3, 0x1, "At or below Lower Critical"),
    row(0xF3, 0x2, "At or below Lower Non-recoverable"),
    row(0xF3, 0x3, "At or above Upper Non-critical"),
    row(0xF3, 0x4, "At or above Upper Critical"),
    row(0xF3, 0x5, "At or above Upper Non-recoverable"),
];

/// Kontron, instead of the standard table for its OEM sensor types.
pub(super) const KONTRON: States = table![
    // Board reset (CompactPCI).
    row(0xC1, 0x0, "Push Button"),
    row(0xC1, 0x1, "Bridge Reset"),
    row(0xC1, 0x2, "Backplane"),
    row(0xC1, 0x3, "Hotswap Fault"),
    row(0xC1, 0x4, "Hotswap Healty"),
    row(0xC1, 0x5, "Unknown"),
    row(0xC1, 0x6, "ITP"),
    row(0xC1, 0x7, "Hardware Watchdog"),
    row(0xC1, 0x8, "Software Reset"),
    // IPMB-L link.
    row(0xC3, 0x2, "IPMB L Disabled"),
    row(0xC3, 0x3, "IPMB L Enabled"),
    // Board reset.
    row(0xC4, 0x0, "Push Button"),
    row(0xC4, 0x1, "Hardware Power Failure"),
    row(0xC4, 0x2, "Unknown"),
    row(0xC4, 0x3, "Hardware Watchdog"),
    row(0xC4, 0x4, "Soft Reset"),
    row(0xC4, 0x5, "Warm Reset"),
    row(0xC4, 0x6, "Cold Reset"),
    row(0xC4, 0x7, "IPMI Command"),
    row(0xC4, 0x8, "Setup Reset (Save CMOS)"),
    row(0xC4, 0x9, "Power Up Reset"),
    // POST value.
    row(0xC6, 0xE, "Post Error (see data2)"),
    // Firmware update manager.
    row(0xC7, 0x0, "First Boot After Upgrade"),
    row(0xC7, 0x1, "First Boot After Rollback(error)"),
    row(0xC7, 0x2, "First Boot After Errors (watchdog)"),
    row(0xC7, 0x3, "First Boot After Manual Rollback"),
    row(0xC7, 0x8, "Firmware Watchdog Bite, reset occurred"),
    // Switch management software.
    row(0xC8, 0x0, "Not Loaded"),
    row(0xC8, 0x1, "Initializing"),
    row(0xC8, 0x2, "Ready"),
    row(0xC8, 0x3, "Failure (see data2)"),
    // Diagnostics.
    row(0xC9, 0x0, "Started"),
    row(0xC9, 0x1, "Pass"),
    row(0xC9, 0x2, "Fail"),
    // External component upgrade.
    row(0xCA, 0x0, "In progress"),
    row(0xCA, 0x1, "Success"),
    row(0xCA, 0x2, "Failure"),
    // FRU over-current.
    row(0xCB, 0x0, "Asserted"),
    row(0xCB, 0x1, "Deasserted"),
    // FRU sensor error.
    row(0xCC, 0x0, "Asserted"),
    row(0xCC, 0x1, "Deasserted"),
    // FRU power denied.
    row(0xCD, 0x0, "Asserted"),
    row(0xCD, 0x1, "Deasserted"),
    // Reset.
    row(0xCF, 0x0, "Asserted"),
    row(0xCF, 0x1, "Deasserted"),
];
