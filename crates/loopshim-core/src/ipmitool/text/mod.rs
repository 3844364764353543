//! The original's vocabulary: tables from codes to the words it prints.

pub mod completion;
pub mod events;

/// A row of a code-to-name table.
pub type Name = (u16, &'static str);

/// The name of `code`, or the original's `Unknown (0x..)`.
pub fn name_of(code: u16, names: &[Name]) -> std::borrow::Cow<'static, str> {
    match names.iter().find(|(value, _)| *value == code) {
        Some((_, name)) => (*name).into(),
        None => format!("Unknown (0x{code:02X})").into(),
    }
}

/// A number as C's `%#x` prints it: zero has no prefix.
#[derive(Debug, Clone, Copy)]
pub struct SharpHex(pub u32);

impl std::fmt::Display for SharpHex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}
