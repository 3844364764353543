//! States by event/reading type code (IPMI 2.0 table 42-2).

use super::{States, row, table};

/// Generic states; `code` is the event/reading type.
pub(super) const STATES: States = table![
    // Threshold.
    row(0x01, 0x0, "Lower Non-critical going low "),
    row(0x01, 0x1, "Lower Non-critical going high"),
    row(0x01, 0x2, "Lower Critical going low "),
    row(0x01, 0x3, "Lower Critical going high"),
    row(0x01, 0x4, "Lower Non-recoverable going low "),
    row(0x01, 0x5, "Lower Non-recoverable going high"),
    row(0x01, 0x6, "Upper Non-critical going low "),
    row(0x01, 0x7, "Upper Non-critical going high"),
    row(0x01, 0x8, "Upper Critical going low "),
    row(0x01, 0x9, "Upper Critical going high"),
    row(0x01, 0xA, "Upper Non-recoverable going low "),
    row(0x01, 0xB, "Upper Non-recoverable going high"),
    // Usage state.
    row(0x02, 0x0, "Transition to Idle"),
    row(0x02, 0x1, "Transition to Active"),
    row(0x02, 0x2, "Transition to Busy"),
    // Digital: state.
    row(0x03, 0x0, "State Deasserted"),
    row(0x03, 0x1, "State Asserted"),
    // Digital: predictive failure.
    row(0x04, 0x0, "Predictive Failure Deasserted"),
    row(0x04, 0x1, "Predictive Failure Asserted"),
    // Digital: limit.
    row(0x05, 0x0, "Limit Not Exceeded"),
    row(0x05, 0x1, "Limit Exceeded"),
    // Digital: performance.
    row(0x06, 0x0, "Performance Met"),
    row(0x06, 0x1, "Performance Lags"),
    // Severity.
    row(0x07, 0x0, "Transition to OK"),
    row(0x07, 0x1, "Transition to Non-critical from OK"),
    row(0x07, 0x2, "Transition to Critical from less severe"),
    row(0x07, 0x3, "Transition to Non-recoverable from less severe"),
    row(0x07, 0x4, "Transition to Non-critical from more severe"),
    row(0x07, 0x5, "Transition to Critical from Non-recoverable"),
    row(0x07, 0x6, "Transition to Non-recoverable"),
    row(0x07, 0x7, "Monitor"),
    row(0x07, 0x8, "Informational"),
    // Digital: device presence.
    row(0x08, 0x0, "Device Absent"),
    row(0x08, 0x1, "Device Present"),
    // Digital: device enabled.
    row(0x09, 0x0, "Device Disabled"),
    row(0x09, 0x1, "Device Enabled"),
    // Availability.
    row(0x0A, 0x0, "Transition to Running"),
    row(0x0A, 0x1, "Transition to In Test"),
    row(0x0A, 0x2, "Transition to Power Off"),
    row(0x0A, 0x3, "Transition to On Line"),
    row(0x0A, 0x4, "Transition to Off Line"),
    row(0x0A, 0x5, "Transition to Off Duty"),
    row(0x0A, 0x6, "Transition to Degraded"),
    row(0x0A, 0x7, "Transition to Power Save"),
    row(0x0A, 0x8, "Install Error"),
    // Redundancy.
    row(0x0B, 0x0, "Fully Redundant"),
    row(0x0B, 0x1, "Redundancy Lost"),
    row(0x0B, 0x2, "Redundancy Degraded"),
    row(0x0B, 0x3, "Non-Redundant: Sufficient from Redundant"),
    row(0x0B, 0x4, "Non-Redundant: Sufficient from Insufficient"),
    row(0x0B, 0x5, "Non-Redundant: Insufficient Resources"),
    row(0x0B, 0x6, "Redundancy Degraded from Fully Redundant"),
    row(0x0B, 0x7, "Redundancy Degraded from Non-Redundant"),
    // ACPI device power.
    row(0x0C, 0x0, "D0 Power State"),
    row(0x0C, 0x1, "D1 Power State"),
    row(0x0C, 0x2, "D2 Power State"),
    row(0x0C, 0x3, "D3 Power State"),
];
