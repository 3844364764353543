//! What PICMG's and VITA's commands call a FRU's lights and resets.

use super::Name;

/// The name of an LED's colour. Past the end 1.8.18 prints what lies there in
/// the program.
pub fn led_color(code: u8) -> &'static str {
    LED_COLORS.get(usize::from(code)).unwrap_or(&"invalid")
}

/// LED colours by code.
pub const LED_COLORS: [&str; 8] =
    ["reserved", "BLUE", "RED", "GREEN", "AMBER", "ORANGE", "WHITE", "reserved"];

/// What an LED does, by its function byte.
pub fn led_function(code: u8) -> &'static str {
    match code {
        0 => "[OFF]",
        0xFF => "[ON]",
        _ => "[BLINKING]",
    }
}

/// The options of FRU Control.
pub const FRU_CONTROLS: &[Name] = &[
    (0, "Cold Reset"),
    (1, "Warm Reset"),
    (2, "Graceful Reboot"),
    (3, "Issue Diagnostic Interrupt"),
    (4, "Quiesce"),
];
