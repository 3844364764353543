//! Whole-program tests: the shims as processes, against recorded and live originals.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they counted and skipped")]

mod corpus;
mod model;

mod support;
