//! Answers given to request patterns, before any command is looked up.

use alloc::vec::Vec;

use crate::{Request, Response};

/// A fixed answer to every request of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedResponse {
    /// Which requests it answers.
    pub request: Pattern,
    /// What they are answered with.
    pub response: Response,
}

/// A request in which data bytes may be left open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// Network function.
    pub netfn: u8,
    /// Command.
    pub cmd: u8,
    /// Data bytes; `None` is any byte.
    pub data: Vec<Option<u8>>,
    /// Whether any number of bytes may follow.
    pub open_ended: bool,
}

impl Pattern {
    /// Whether `request` is one of these. The LUN does not matter.
    pub fn matches(&self, request: &Request) -> bool {
        let data = &request.data;
        let long_enough = data.len() == self.data.len() || self.open_ended && data.len() > self.data.len();
        (self.netfn, self.cmd) == (request.netfn, request.cmd)
            && long_enough
            && self.data.iter().zip(data).all(|(wanted, byte)| wanted.is_none_or(|wanted| wanted == *byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_bytes_and_open_ends_match_what_they_say() {
        let pattern =
            |open_ended| Pattern { netfn: 0x3E, cmd: 0x50, data: [Some(1), None].into(), open_ended };
        let request = |data: &[u8]| Request::new(0x3E, 0x50, data);
        assert!(pattern(false).matches(&request(&[1, 9])));
        assert!(!pattern(false).matches(&request(&[2, 9])));
        assert!(!pattern(false).matches(&request(&[1, 9, 9])));
        assert!(pattern(true).matches(&request(&[1, 9, 9])));
        assert!(!pattern(true).matches(&request(&[1])));
    }
}
