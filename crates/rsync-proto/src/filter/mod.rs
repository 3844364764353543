//! Filter rules: which entries take part, and which are protected from
//! deletion. Syntax and meaning are those of rsync(1), "FILTER RULES".

mod glob;
mod pattern;
mod rule;
mod syntax;
mod wire;

pub use pattern::Pattern;
pub use rule::{Effect, Merge, Rule, Sides};
pub use syntax::{Error, Parsed, Prefix, Reading, parse, split};
pub use wire::{read, write};
