//! Whole-program tests: the shims as processes, against recorded and live originals.

mod corpus;
mod model;

mod support;
