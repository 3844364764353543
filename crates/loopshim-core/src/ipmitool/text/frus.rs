//! What PICMG's and VITA's commands call a FRU's lights and resets.

use super::{Names, Words, names, words};

/// The name of an LED's colour. Past the end 1.8.18 prints what lies there in
/// the program.
pub fn led_color(code: u8) -> &'static str {
    LED_COLORS.get(code.into()).unwrap_or("invalid")
}

/// LED colours by code.
pub const LED_COLORS: Words =
    words!["reserved", "BLUE", "RED", "GREEN", "AMBER", "ORANGE", "WHITE", "reserved"];

/// What an LED does, by its function byte.
pub fn led_function(code: u8) -> &'static str {
    match code {
        0 => "[OFF]",
        0xFF => "[ON]",
        _ => "[BLINKING]",
    }
}

/// The options of FRU Control.
pub const FRU_CONTROLS: Names = names![
    (0, "Cold Reset"),
    (1, "Warm Reset"),
    (2, "Graceful Reboot"),
    (3, "Issue Diagnostic Interrupt"),
    (4, "Quiesce"),
];
