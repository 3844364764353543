//! Whole sessions of rsync against a peer of bytes, in a throwaway folder.
//!
//! Thousands of sessions a second are wanted of these targets, so that the peer
//! is one thread for all of them, and of the folder only what a session has
//! changed is made again.

mod peer;
mod stage;
mod threads;

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use loopshim_core::ipmitool::locale::Environment;
use loopshim_core::ipmitool::time::Zone;
use loopshim_rsync::connection::Algorithms;
use loopshim_rsync::fs::Temporaries;
use loopshim_rsync::log::{Kind, Log};
use loopshim_rsync::options::{Bytes, Invocation, Surroundings, parse};
use loopshim_rsync::report::{Escaping, Locale};
use loopshim_rsync::roles::{Client, Quiet, Route, serve_over};

pub use peer::{PAUSE, Patience, Script};
pub use stage::Stage;

use peer::Player;

use crate::folder;

/// Calls rsync with `arguments`, and has `script` for its peer.
pub fn converse(arguments: &[&str], script: Script, patience: Patience) {
    let arguments: Vec<Bytes> = arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect();
    let zone =
        || Zone::of(&Environment::new(folder().to_owned(), loopshim_core::Variables::Given(Vec::new())));
    let surroundings = Surroundings { variable: &|_| None, now: UNIX_EPOCH, zone: &zone };
    let Ok(Invocation { options, operands }) = parse(&arguments, &surroundings) else {
        panic!("a call of ours is refused");
    };
    let (algorithms, temporaries) = (Algorithms::default(), Temporaries::default());
    let player = Player::get();
    let before = threads::count();
    let link = player.play(script, patience);
    if options.role.is_server() {
        let escaping = Escaping { keeps_high: false, is_utf8: false };
        let locale = Locale { escaping, zone: Box::new(zone) };
        serve_over(link, options, &operands, &algorithms, temporaries, locale);
    } else {
        let Ok(route) = Route::new(&operands) else { panic!("a route of ours is refused") };
        let options = Arc::new(options);
        let client = Client {
            options: Arc::clone(&options),
            local_receiver: options,
            algorithms,
            temporaries,
            log: Arc::new(Nowhere),
            sent: Arc::new(Quiet),
            received: Arc::new(Quiet),
        };
        // A peer that lies is a failure; that ours says so is all there is to it.
        let _ = client.run_over(link, route);
    }
    // None may stay behind, and none may still write when the next session begins.
    threads::wait_for(before);
}

struct Nowhere;

impl Log for Nowhere {
    fn line(&self, _: Kind, _: &[u8]) {}
}
