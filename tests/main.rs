//! Whole-program tests: the shims as processes, against recorded and live originals.

mod clients;
mod corpus;
mod live;
mod support;
