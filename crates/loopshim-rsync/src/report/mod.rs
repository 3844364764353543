//! What is printed: items, statistics, progress and errors.
