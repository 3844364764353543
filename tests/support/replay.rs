//! A controller that knows one conversation: it answers the recorded requests,
//! in the recorded order, and remembers the first departure.

use std::cell::RefCell;
use std::rc::Rc;

use ipmi::{CompletionCode, Request, Response};
use loopshim_core::ipmitool::transport::model::Controller;

use super::recordings::Exchange;

/// A conversation being replayed.
pub struct Replay {
    traffic: Vec<Exchange>,
    progress: Rc<RefCell<Progress>>,
}

/// How far a conversation got.
#[derive(Debug, Default)]
pub struct Progress {
    answered: usize,
    departure: Option<String>,
}

impl Replay {
    /// A controller that knows `traffic`, and where to see how far it got.
    pub fn new(traffic: Vec<Exchange>) -> (Self, Rc<RefCell<Progress>>) {
        let progress = Rc::default();
        (Self { traffic, progress: Rc::clone(&progress) }, progress)
    }
}

impl Progress {
    /// Where the client departed from the first `all` recorded requests.
    pub fn departure(&self, all: usize) -> Option<String> {
        let short = || format!("stopped after {} of {all} recorded requests", self.answered);
        self.departure.clone().or_else(|| (self.answered < all).then(short))
    }
}

impl Controller for Replay {
    fn answer(&mut self, request: &Request, _clock: &dyn Fn() -> u64) -> Response {
        let mut progress = self.progress.borrow_mut();
        let at = progress.answered;
        let sent = ([request.netfn, request.lun, request.cmd], &request.data);
        match self.traffic.get(at) {
            Some(expected) if sent == (expected.head, &expected.request) => {
                progress.answered += 1;
                Response { completion: CompletionCode(expected.completion), data: expected.response.clone() }
            }
            expected => {
                progress.departure.get_or_insert_with(|| {
                    format!("request {at}: sent {sent:02x?}, recorded {expected:02x?}")
                });
                Response::from(CompletionCode(0xFF))
            }
        }
    }
}
