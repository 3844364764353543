//! Files, relative to directories that are held open.
