//! The command line: a user's, and a server's.
