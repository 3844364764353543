//! The side that has the source: lists it, and answers what the receiving side asks for.
