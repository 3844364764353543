//! Breakers on the disk: what is remembered of requests that failed.

use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::request::Request;
use super::{shared, target};
use crate::World;
use crate::pip::breaker::{Breaker, State};
use crate::pip::fields::Fields;
use crate::trusted::TrustedDir;

/// A breaker's name: this and a digest.
const NAME: &str = "breaker-";
/// Most breakers kept.
const COUNT_MAX: usize = 500;

/// A breaker that is not closed, for those who want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What is remembered.
    pub breaker: Breaker,
    /// The command that failed, for people.
    pub command: String,
}

/// Every breaker that is remembered in the state directory.
pub fn list(state: &TrustedDir) -> Vec<Known> {
    let names = state.names().unwrap_or_default();
    let records =
        names.iter().filter(|name| name.starts_with(NAME)).filter_map(|name| shared::record(state, name));
    let known = |record: Fields| Known {
        breaker: of_record(&record),
        command: record.text("command").unwrap_or("pip3").to_owned(),
    };
    records.map(known).collect()
}

fn of_record(record: &Fields) -> Breaker {
    let number = |name| record.number(name).unwrap_or(0);
    let failures = u32::try_from(number("failures")).unwrap_or(u32::MAX);
    Breaker { failures, last: Duration::from_millis(number("last_ms")) }
}

impl Request<'_> {
    /// How long the breaker holds this request back: never somebody who looks on.
    pub fn delay(&self) -> Duration {
        if rustix::termios::isatty(std::io::stderr()) {
            return Duration::ZERO;
        }
        match self.breaker().state(super::now(self.world), self.settings.delay_max) {
            State::Open(left) => left,
            State::Closed | State::HalfOpen => Duration::ZERO,
        }
    }

    fn breaker(&self) -> Breaker {
        let record = self.places.state.as_ref().and_then(|state| shared::record(state, &self.breaker_name()));
        record.as_ref().map(of_record).unwrap_or_default()
    }

    /// Identical requests have one breaker, wherever their folders lie.
    fn breaker_name(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(&self.target.identity);
        let folder = self.folder.as_ref().and_then(|(path, digests)| Some((path, digests.as_ref()?)));
        for arg in &self.world.args {
            let word = match folder {
                Some((path, digests)) if path.as_os_str() == arg => digests.sources.as_bytes(),
                _ => arg.as_bytes(),
            };
            digest.update((word.len() as u64).to_le_bytes());
            digest.update(word);
        }
        format!("{NAME}{}", target::hex(&digest.finalize()[..16]))
    }

    /// Closes the breaker, or opens it for longer than before.
    pub fn remember(&self, failed: bool) {
        let Some(state) = &self.places.state else { return };
        let (name, before) = (self.breaker_name(), self.breaker());
        if !failed {
            if before.failures > 0 {
                // It runs out by itself, if need be.
                let _ = state.remove(&name);
            }
            return;
        }
        make_room(state, self.world);
        let after = before.failed(super::now(self.world), self.settings.delay_max);
        let record = Fields::default()
            .with("failures", after.failures.to_string())
            .with("last_ms", after.last.as_millis().to_string())
            .with("command", self.command_text());
        shared::replace(state, &name, &record);
    }
}

/// Drops the breakers that count no more, and, should that not be enough, the
/// one that has been quiet for longest.
fn make_room(state: &TrustedDir, world: &World) {
    let mut names = state.names().unwrap_or_default();
    names.retain(|name| name.starts_with(NAME));
    if names.len() < COUNT_MAX {
        return;
    }
    let last = |name: &String| shared::record(state, name).map(|record| of_record(&record).last);
    names.sort_by_cached_key(last);
    let now = super::now(world);
    let is_over =
        |name: &&String| last(name).is_none_or(|last| now.saturating_sub(last) > crate::pip::breaker::MEMORY);
    let over = names.iter().filter(is_over).count();
    // What stays is dropped the next time.
    names.iter().take(over.max(1)).for_each(|name| drop(state.remove(name)));
}
