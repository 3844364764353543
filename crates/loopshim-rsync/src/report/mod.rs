//! What is said of a run: lines for what is done with each file, statistics,
//! progress, the last words of a run that fails. All of it in the original's
//! words (observed: rsync 3.5.0).

mod escape;
mod format;
mod itemize;
mod listing;
mod number;
mod progress;
mod reporter;
mod statistics;
mod text;
mod version;

pub use escape::{Escaping, Locale};
pub use itemize::itemized;
pub use listing::{Lister, ZoneOf};
pub use number::Style;
pub use reporter::{Reporter, Streams, Way};
pub use statistics::Statistics;
pub use text::{error_line, usage};
pub use version::{VERSION, json, version};
