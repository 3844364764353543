//! FRU information: inventory areas and the records that follow them (Platform
//! Management FRU Information Storage Definition 1.0, revision 1.3).

mod language;
mod type_length;

pub use language::Language;
pub use type_length::{Encoding, Field, TypeLength};
