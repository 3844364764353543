//! The conversation with the peer: handshake, frames, messages and time limits.
//!
//! Data and messages go out by way of a `queue::Queue`, which a thread empties into
//! the descriptor, or which the peer reads directly where it is a thread of this
//! process. So a message never waits for data: who only receives is never held
//! up by a peer that does not read.

mod handover;
mod handshake;
mod incoming;
mod interrupt;
mod link;
mod outgoing;
mod queue;
mod session;
mod traffic;
mod watch;
mod writer;

pub use handover::{Handed, Handover};
pub use handshake::{Algorithms, agree, handshake};
pub use incoming::{Incoming, Messages};
pub use interrupt::Interrupt;
pub use link::{Link, paced_pair, pair};
pub use outgoing::{Data, Outgoing};
pub use session::{Session, Side};
pub use traffic::Traffic;
pub use watch::Watch;
