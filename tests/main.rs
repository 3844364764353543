//! Whole-program tests: the shims as processes, against recorded and live originals.
#![expect(unreachable_pub, reason = "one program: what support offers, any module may use")]

mod capture;
mod clients;
mod corpus;
mod differential;
mod export;
mod host;
mod install;
mod ledger;
mod live;
mod memory;
mod model;
mod model_file;
mod model_note;
mod original;
mod pip;
mod readme;
mod recorder;
mod refusals;
mod rsync;
mod shell;
mod snapshots;
mod vast;

mod support;
