//! Requests whose failure is put into one common set of words
//! (`eval_ccode` of both versions).

use super::text::completion::completion_name;
use super::{Failed, Reply, Session};
use crate::log;

/// Why a request came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No response.
    Silence,
    /// A response of another length than the specification has.
    Length,
    /// A completion code other than zero.
    Completion(u8),
}

impl Session<'_> {
    /// Sends a request whose response has `length` data bytes (`None`: any
    /// number). Logs nothing.
    pub fn attempt(
        &mut self,
        (netfn, cmd): (u8, u8),
        data: &[u8],
        length: Option<usize>,
    ) -> Result<Reply, Refusal> {
        let reply = self.send(netfn, cmd, data).ok_or(Refusal::Silence)?;
        if !reply.is_ok() {
            return Err(Refusal::Completion(reply.completion));
        }
        match length {
            Some(length) if length != reply.len() => Err(Refusal::Length),
            _ => Ok(reply),
        }
    }

    /// Logs a refusal in the original's common words.
    pub fn report(&mut self, refusal: Refusal) -> Failed {
        match refusal {
            Refusal::Silence => log!(self, ERR, "IPMI response is NULL."),
            Refusal::Length => log!(self, ERR, "Unexpected data length received."),
            Refusal::Completion(code) => log!(self, ERR, "IPMI command failed: {}", completion_name(code)),
        }
        Failed
    }
}
