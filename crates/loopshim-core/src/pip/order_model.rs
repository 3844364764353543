//! The whole of queue, sharing, attempts and deaths, checked in every order in
//! which a few requests can take their steps.
//!
//! The model has what the kernel gives: files with numbers, locks on them that
//! end with their last holder (a request, or the pip it started), and waiters
//! that wake when they do. Everything that decides is the real code: [`place`],
//! [`next_number`], [`Flow`] and [`may_share`].

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use super::{Place, next_number, place};
use crate::pip::failure::Class;
use crate::pip::flow::{Action, Answer, Ended, Event, Flow};
use crate::pip::sharing::{Finished, Now, Request, may_share};

/// What the requests of a model ask for: equal letters are identical requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Client {
    Away,
    /// In the queue: blocked on the lock of that number, or about to look.
    Waiting {
        number: u64,
        behind: Option<u64>,
    },
    /// Holds the lock; pip runs.
    Running {
        number: u64,
        attempts: u32,
    },
    Done(Outcome),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Outcome {
    Ran,
    Failed,
    Shared,
    Died,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Model {
    kinds: Vec<&'static str>,
    clients: Vec<Client>,
    /// Files that exist.
    files: BTreeSet<u64>,
    /// Pips whose supervisor died: they keep the lock of their number.
    orphans: BTreeSet<u64>,
    last_number: u64,
    /// The answer left by the last run, and whose environment it is: the kind,
    /// the last number at its end.
    left: Option<(&'static str, u64)>,
    /// What is installed: changed by every run, whatever its end.
    installed: Option<&'static str>,
    /// Deaths still to come.
    deaths: u32,
    /// Numbers that were given their turn, to see that the order is kept.
    last_turn: u64,
}

impl Model {
    fn new(kinds: &[&'static str], deaths: u32) -> Self {
        Self {
            kinds: kinds.to_vec(),
            clients: kinds.iter().map(|_| Client::Away).collect(),
            files: BTreeSet::new(),
            orphans: BTreeSet::new(),
            last_number: 0,
            left: None,
            installed: None,
            deaths,
            last_turn: 0,
        }
    }

    fn numbers(&self) -> Vec<u64> {
        self.files.iter().copied().collect()
    }

    /// Whether somebody lives who holds the lock of this number.
    fn is_locked(&self, wanted: u64) -> bool {
        self.orphans.contains(&wanted)
            || self.clients.iter().any(|client| {
                matches!(client, Client::Waiting { number, .. } | Client::Running { number, .. } if *number == wanted)
            })
    }

    fn running(&self) -> usize {
        self.orphans.len()
            + self.clients.iter().filter(|client| matches!(client, Client::Running { .. })).count()
    }

    /// Every state that one step leads to.
    fn successors(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for at in 0..self.clients.len() {
            match self.clients[at].clone() {
                Client::Away => all.push(self.arrive(at)),
                Client::Waiting { number, behind: None } => all.push(self.look(at, number)),
                Client::Waiting { number, behind: Some(other) } => {
                    if !self.is_locked(other) {
                        all.push(self.wake(at, number, other));
                    }
                }
                Client::Running { number, attempts } => {
                    for ended in [Ended::Whole, Ended::Killed, Ended::Failed(Class::Other)] {
                        all.push(self.end(at, number, attempts, ended));
                    }
                }
                Client::Done(_) => {}
            }
            if self.deaths > 0 && !matches!(self.clients[at], Client::Away | Client::Done(_)) {
                all.extend(self.die(at));
            }
        }
        for &number in &self.orphans {
            let mut next = self.clone();
            next.orphans.remove(&number);
            all.push(next);
        }
        all
    }

    fn arrive(&self, at: usize) -> Self {
        let mut next = self.clone();
        let number = next_number(Some(self.last_number), &self.numbers());
        next.last_number = number;
        next.files.insert(number);
        next.clients[at] = Client::Waiting { number, behind: None };
        next
    }

    fn look(&self, at: usize, number: u64) -> Self {
        let mut next = self.clone();
        match place(&self.numbers(), number) {
            Place::Behind(other) => next.clients[at] = Client::Waiting { number, behind: Some(other) },
            Place::First => next.turn(at, number),
        }
        next
    }

    /// The lock waited for has come free: the dead one's file goes.
    fn wake(&self, at: usize, number: u64, other: u64) -> Self {
        let mut next = self.clone();
        next.files.remove(&other);
        next.clients[at] = Client::Waiting { number, behind: None };
        next
    }

    fn turn(&mut self, at: usize, number: u64) {
        assert_eq!(self.running(), 0, "two at once: {self:?}");
        assert!(number > self.last_turn, "out of order: {self:?}");
        self.last_turn = number;
        let kind = self.kinds[at];
        let mut flow = Flow::new(2);
        flow.handle(Event::Arrived(Duration::ZERO), 0);
        assert_eq!(flow.handle(Event::TurnCame, 0), Action::Examine);
        let shared = self.left.is_some_and(|(leader, last_ticket)| {
            let request = Request { likeness: Some(kind.into()), tree: kind.into(), ticket: number };
            let finished =
                Finished { likeness: leader.into(), tree: leader.into(), last_ticket, record: leader.into() };
            may_share(&request, &finished, Now { tree: Some(kind), record: self.installed })
        });
        match flow.handle(Event::Examined { shared }, 0) {
            Action::Finish(Answer::Shared) => {
                // What the rule is for: the environment is as its own run would leave it.
                assert_eq!(self.installed, Some(kind), "shared what is not there: {self:?}");
                self.leave(at, number, Outcome::Shared);
            }
            Action::Run => {
                self.left = None;
                self.installed = None;
                self.clients[at] = Client::Running { number, attempts: 1 };
            }
            other => panic!("{other:?} when the turn came"),
        }
    }

    fn leave(&mut self, at: usize, number: u64, outcome: Outcome) {
        self.files.remove(&number);
        self.clients[at] = Client::Done(outcome);
    }

    fn end(&self, at: usize, number: u64, attempts: u32, ended: Ended) -> Self {
        let mut next = self.clone();
        let mut flow = Flow::new(2);
        flow.handle(Event::Arrived(Duration::ZERO), 0);
        flow.handle(Event::TurnCame, 0);
        flow.handle(Event::Examined { shared: false }, 0);
        for _ in 1..attempts {
            flow.handle(Event::Ended(Ended::Killed), 0);
            flow.handle(Event::WaitOver, 0);
        }
        match flow.handle(Event::Ended(ended), 0) {
            Action::Wait(_) => next.clients[at] = Client::Running { number, attempts: attempts + 1 },
            Action::Finish(Answer::OfPip { failed }) => {
                if !failed {
                    next.installed = Some(self.kinds[at]);
                    next.left = Some((self.kinds[at], self.last_number));
                }
                next.leave(at, number, if failed { Outcome::Failed } else { Outcome::Ran });
            }
            other => panic!("{other:?} when pip ended"),
        }
        next
    }

    /// Dies with its pip, or without it.
    fn die(&self, at: usize) -> Vec<Self> {
        let mut next = self.clone();
        next.deaths -= 1;
        let was = std::mem::replace(&mut next.clients[at], Client::Done(Outcome::Died));
        let mut all = vec![next.clone()];
        if let Client::Running { number, .. } = was {
            next.orphans.insert(number);
            all.push(next);
        }
        all
    }
}

/// Walks through every state that can be reached. In each one that has no
/// further step, everybody must have had an answer or be dead.
fn explore(model: Model) -> (usize, HashSet<Vec<Outcome>>) {
    let mut seen = HashSet::new();
    let mut ends = HashSet::new();
    let mut open = vec![model];
    while let Some(model) = open.pop() {
        if !seen.insert(model.clone()) {
            continue;
        }
        let successors = model.successors();
        if successors.is_empty() {
            let outcome = |client: &Client| match client {
                Client::Done(outcome) => *outcome,
                other => panic!("{other:?} waits for ever: {model:?}"),
            };
            ends.insert(model.clients.iter().map(outcome).collect());
        }
        open.extend(successors);
    }
    (seen.len(), ends)
}

#[test]
fn in_no_order_does_anybody_wait_for_ever_run_at_once_or_share_amiss() {
    let (states, ends) = explore(Model::new(&["a", "a", "b"], 2));
    assert!(states > 1_000, "only {states} states");
    assert!(ends.contains(&vec![Outcome::Ran, Outcome::Shared, Outcome::Ran]), "{ends:?}");
    // A different request between two identical ones must come out somewhere.
    assert!(ends.contains(&vec![Outcome::Ran, Outcome::Ran, Outcome::Ran]), "{ends:?}");
}

#[test]
fn four_identical_requests_can_all_live_on_one_run_and_any_may_die() {
    let (_, ends) = explore(Model::new(&["a", "a", "a", "a"], 1));
    assert!(
        ends.contains(&vec![Outcome::Ran, Outcome::Shared, Outcome::Shared, Outcome::Shared]),
        "{ends:?}"
    );
    assert!(ends.contains(&vec![Outcome::Died, Outcome::Ran, Outcome::Shared, Outcome::Shared]), "{ends:?}");
    let shared_from_nobody =
        ends.iter().any(|end| !end.contains(&Outcome::Ran) && end.contains(&Outcome::Shared));
    assert!(!shared_from_nobody, "{ends:?}");
}

#[test]
fn numbers_only_grow_even_when_the_note_is_lost() {
    assert_eq!(next_number(None, &[]), 1);
    assert_eq!(next_number(Some(7), &[3]), 8);
    assert_eq!(next_number(None, &[3, 9]), 10);
    assert_eq!(place(&[3, 9, 12], 9), Place::Behind(3));
    assert_eq!(place(&[9, 12], 9), Place::First);
}
