//! Where a captured machine came from. It is there for people and for
//! `loopshim bmc show`; nothing of it changes what the controller answers.

use crate::json;

/// What `loopshim bmc capture` notes.
#[derive(Debug)]
pub(super) struct Captured {
    _from: Option<String>,
    _tool: Option<String>,
    _at: Option<String>,
    _notes: Vec<String>,
}

json::object!(Captured { ; _from as "from", _tool as "tool", _at as "at", _notes as "notes" });
