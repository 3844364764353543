//! `rsync`: ours and the original in each other's place, at both ends of a
//! transfer, over every protocol; what either leaves behind must be the same.
//!
//! `LOOPSHIM_RSYNC_VERSIONS=all` runs the matrix with each protocol version in
//! place of the newest alone; `LOOPSHIM_RSYNC_SHOW=1` shows each call of a case.

mod amounts;
mod call;
mod case;
mod container;
mod daemon;
mod full_disk;
mod golden;
mod hostile;
mod large;
mod limits;
mod matrix;
mod messages;
mod options;
mod pace;
mod pending;
mod random;
mod random_calls;
mod random_rules;
mod rows;
mod rule_refusals;
mod skip_compress;
mod snapshot;
mod subject;
mod tree;
