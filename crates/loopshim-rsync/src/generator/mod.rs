//! Decides what is to be asked of the sender.
