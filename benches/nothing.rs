//! Does nothing: what any static Rust program costs to start.
fn main() {}
