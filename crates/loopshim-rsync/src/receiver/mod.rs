//! The side that writes files, fed by the sender.
