//! The whole of queue, breaker, sharing, attempts and deaths, checked in every
//! order in which a few requests can take their steps, and for more of them in
//! many orders drawn by seed.
//!
//! The model has what the kernel gives: files with numbers, locks on them that
//! end with their last holder (a request, or the pip it started), and waiters
//! that wake when they do. Everything that decides is the real code: [`place`],
//! [`next_number`], [`Flow`] and [`may_share`].

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use super::{Place, next_number, place};
use crate::pip::failure::Class;
use crate::pip::flow::{Action, Answer, Ended, Event, Flow};
use crate::pip::sharing::{Finished, Now, Request, may_share};

const ATTEMPTS_MAX: u32 = 2;
/// How long an open breaker has a request wait, and how long it may in all.
const DELAY: Duration = Duration::from_secs(1);
const DELAY_MAX: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Client {
    Away,
    /// Held back by the breaker.
    Delayed(Flow),
    /// In the queue: blocked on the lock of that number, or about to look.
    Waiting {
        flow: Flow,
        number: u64,
        behind: Option<u64>,
    },
    /// Holds the lock; pip runs.
    Running {
        flow: Flow,
        number: u64,
    },
    Done(Outcome),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Outcome {
    Ran,
    Failed,
    Shared,
    Died,
    GaveUp,
}

/// The answer that the last run left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Left {
    kind: &'static str,
    last_ticket: u64,
    /// Who had come by then: nobody else may have it.
    present: BTreeSet<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Model {
    /// What the requests ask for: equal letters are identical requests.
    kinds: Vec<&'static str>,
    clients: Vec<Client>,
    /// Files that exist.
    files: BTreeSet<u64>,
    /// Pips whose supervisor died: they keep the lock of their number.
    orphans: BTreeSet<u64>,
    last_number: u64,
    left: Option<Left>,
    /// What is installed: nothing that can be relied on while pip runs, or when
    /// it did not end well.
    installed: Option<&'static str>,
    /// Requests that are held back after a failure.
    open: BTreeSet<&'static str>,
    /// Deaths still to come.
    deaths: u32,
    /// The last number that was given its turn, to see that the order is kept.
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
            open: BTreeSet::new(),
            deaths,
            last_turn: 0,
        }
    }

    fn numbers(&self) -> Vec<u64> {
        self.files.iter().copied().collect()
    }

    /// Whether somebody lives who holds the lock of this number.
    fn is_locked(&self, wanted: u64) -> bool {
        let holds = |client: &Client| matches!(client, Client::Waiting { number, .. } | Client::Running { number, .. } if *number == wanted);
        self.orphans.contains(&wanted) || self.clients.iter().any(holds)
    }

    fn running(&self) -> usize {
        let runs = |client: &&Client| matches!(client, Client::Running { .. });
        self.orphans.len() + self.clients.iter().filter(runs).count()
    }

    fn delay(&self, at: usize) -> Duration {
        if self.open.contains(self.kinds[at]) { DELAY } else { Duration::ZERO }
    }

    /// Every state that one step leads to.
    fn successors(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for at in 0..self.clients.len() {
            match self.clients[at].clone() {
                Client::Away => all.push(self.arrive(at)),
                Client::Delayed(flow) => all.push(self.wait_over(at, flow)),
                Client::Waiting { flow, number, behind: None } => all.push(self.look(at, flow, number)),
                Client::Waiting { flow, number, behind: Some(other) } => {
                    all.push(self.give_up(at, flow.clone()));
                    if !self.is_locked(other) {
                        all.push(self.wake(at, flow, number, other));
                    }
                }
                Client::Running { flow, number } => {
                    for ended in [Ended::Whole, Ended::Killed, Ended::Failed(Class::Other)] {
                        all.push(self.end(at, flow.clone(), number, ended));
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
        let mut flow = Flow::new(ATTEMPTS_MAX, DELAY_MAX);
        match flow.handle(Event::Arrived(self.delay(at)), 0) {
            Action::Enqueue => next.enqueue(at, flow),
            Action::Wait(_) => next.clients[at] = Client::Delayed(flow),
            other => panic!("{other:?} at arrival"),
        }
        next
    }

    fn wait_over(&self, at: usize, mut flow: Flow) -> Self {
        let mut next = self.clone();
        // Half-open: the next one whose turn it is tries.
        next.open.remove(self.kinds[at]);
        assert_eq!(flow.handle(Event::WaitOver, 0), Action::Enqueue);
        next.enqueue(at, flow);
        next
    }

    fn enqueue(&mut self, at: usize, flow: Flow) {
        let number = next_number(Some(self.last_number), &self.numbers());
        self.last_number = number;
        self.files.insert(number);
        self.clients[at] = Client::Waiting { flow, number, behind: None };
    }

    fn look(&self, at: usize, flow: Flow, number: u64) -> Self {
        let mut next = self.clone();
        match place(&self.numbers(), number) {
            Place::Behind(other) => next.clients[at] = Client::Waiting { flow, number, behind: Some(other) },
            Place::First => next.turn(at, flow, number),
        }
        next
    }

    /// The lock waited for has come free: the dead one's file goes.
    fn wake(&self, at: usize, flow: Flow, number: u64, other: u64) -> Self {
        let mut next = self.clone();
        next.files.remove(&other);
        next.clients[at] = Client::Waiting { flow, number, behind: None };
        next
    }

    /// Its time is over, or its caller's patience: the process ends, its file stays.
    fn give_up(&self, at: usize, mut flow: Flow) -> Self {
        let mut next = self.clone();
        assert_eq!(flow.handle(Event::TimedOut, 0), Action::Finish(Answer::TimedOut));
        next.clients[at] = Client::Done(Outcome::GaveUp);
        next
    }

    fn turn(&mut self, at: usize, mut flow: Flow, number: u64) {
        assert_eq!(self.running(), 0, "two at once: {self:?}");
        assert!(number > self.last_turn, "out of order: {self:?}");
        self.last_turn = number;
        match flow.handle(Event::TurnCame(self.delay(at)), 0) {
            Action::Examine => self.examine(at, flow, number),
            Action::StepBack(_) => {
                assert!(self.open.contains(self.kinds[at]), "held back for nothing: {self:?}");
                self.files.remove(&number);
                self.clients[at] = Client::Delayed(flow);
            }
            other => panic!("{other:?} when the turn came"),
        }
    }

    fn examine(&mut self, at: usize, mut flow: Flow, number: u64) {
        let kind = self.kinds[at];
        let shared = self.left.as_ref().is_some_and(|left| {
            let request = Request { likeness: Some(kind.into()), tree: kind.into(), ticket: number };
            let finished = Finished {
                likeness: left.kind.into(),
                tree: left.kind.into(),
                last_ticket: left.last_ticket,
                record: left.kind.into(),
            };
            may_share(&request, &finished, Now { tree: Some(kind), record: self.installed })
        });
        match flow.handle(Event::Examined { shared }, 0) {
            Action::Finish(Answer::Shared) => {
                // What the rule is for: the environment is as its own run would
                // leave it, and it asked before that run was over.
                assert_eq!(self.installed, Some(kind), "shared what is not there: {self:?}");
                let was_there = self.left.as_ref().is_some_and(|left| left.present.contains(&at));
                assert!(was_there, "shared what was over before: {self:?}");
                self.open.remove(kind);
                self.leave(at, number, Outcome::Shared);
            }
            Action::Run => {
                self.left = None;
                self.installed = None;
                self.clients[at] = Client::Running { flow, number };
            }
            other => panic!("{other:?} when looked at"),
        }
    }

    fn leave(&mut self, at: usize, number: u64, outcome: Outcome) {
        self.files.remove(&number);
        self.clients[at] = Client::Done(outcome);
    }

    fn end(&self, at: usize, mut flow: Flow, number: u64, ended: Ended) -> Self {
        let mut next = self.clone();
        match flow.handle(Event::Ended(ended), 0) {
            Action::Wait(_) => {
                // The lock is kept meanwhile.
                assert_eq!(flow.handle(Event::WaitOver, 0), Action::Run);
                next.clients[at] = Client::Running { flow, number };
            }
            Action::Finish(Answer::OfPip { failed: true }) => {
                next.open.insert(self.kinds[at]);
                next.leave(at, number, Outcome::Failed);
            }
            Action::Finish(Answer::OfPip { failed: false }) => {
                next.installed = Some(self.kinds[at]);
                next.open.remove(self.kinds[at]);
                let is_present = |at: &usize| !matches!(self.clients[*at], Client::Away);
                let present = (0..self.clients.len()).filter(is_present).collect();
                next.left = Some(Left { kind: self.kinds[at], last_ticket: self.last_number, present });
                next.leave(at, number, Outcome::Ran);
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

    /// How it ended: everybody has had an answer or is dead.
    fn outcomes(&self) -> Vec<Outcome> {
        let outcome = |client: &Client| match client {
            Client::Done(outcome) => *outcome,
            other => panic!("{other:?} waits for ever: {self:?}"),
        };
        self.clients.iter().map(outcome).collect()
    }
}

/// Walks through every state that can be reached, and sees that no way leads
/// back to where it came from: then every one of them comes to an end, and
/// nobody starves, whoever is let go first. The number of states, and the ends.
fn explore(start: Model) -> (usize, HashSet<Vec<Outcome>>) {
    // Whether a state is on the way that is being walked.
    let mut seen: HashMap<Model, bool> = HashMap::new();
    let mut ends = HashSet::new();
    let mut way = vec![(start.successors(), start.clone())];
    seen.insert(start, true);
    while let Some((open, model)) = way.last_mut() {
        let Some(next) = open.pop() else {
            seen.insert(model.clone(), false);
            way.pop();
            continue;
        };
        match seen.get(&next) {
            Some(true) => panic!("for ever in a circle: {next:?}"),
            Some(false) => {}
            None => {
                let successors = next.successors();
                if successors.is_empty() {
                    ends.insert(next.outcomes());
                }
                seen.insert(next.clone(), true);
                way.push((successors, next));
            }
        }
    }
    (seen.len(), ends)
}

#[test]
fn in_no_order_does_anybody_wait_for_ever_run_at_once_or_share_amiss() {
    let (states, ends) = explore(Model::new(&["a", "a", "b", "a"], 1));
    assert!(states > 10_000, "only {states} states");
    assert!(ends.contains(&vec![Outcome::Ran, Outcome::Shared, Outcome::Ran, Outcome::Shared]), "{ends:?}");
    // A different request between identical ones must come out somewhere.
    assert!(ends.contains(&vec![Outcome::Ran, Outcome::Shared, Outcome::Ran, Outcome::Ran]), "{ends:?}");
    assert!(ends.contains(&vec![Outcome::Failed, Outcome::Ran, Outcome::GaveUp, Outcome::Died]), "{ends:?}");
}

#[test]
fn identical_requests_can_all_live_on_one_run_and_any_may_die() {
    let (_, ends) = explore(Model::new(&["a", "a", "a"], 2));
    assert!(ends.contains(&vec![Outcome::Ran, Outcome::Shared, Outcome::Shared]), "{ends:?}");
    assert!(ends.contains(&vec![Outcome::Died, Outcome::Ran, Outcome::Shared]), "{ends:?}");
    let shared_from_nobody =
        ends.iter().any(|end| !end.contains(&Outcome::Ran) && end.contains(&Outcome::Shared));
    assert!(!shared_from_nobody, "{ends:?}");
}

#[test]
fn a_request_that_failed_is_held_back_and_has_its_turn_all_the_same() {
    let mut model = Model::new(&["a", "a"], 0).arrive(0).arrive(1);
    model = model.successors().into_iter().find(|next| next.running() == 1).expect("a turn");
    let Client::Running { flow, number } = model.clients[0].clone() else { panic!("{model:?}") };
    model = model.end(0, flow, number, Ended::Failed(Class::Other));
    let Client::Waiting { flow, number, .. } = model.clients[1].clone() else { panic!("{model:?}") };
    model = model.look(1, flow, number);
    let Client::Delayed(flow) = model.clients[1].clone() else { panic!("{model:?}") };
    assert!(model.files.is_empty(), "it holds up others: {model:?}");
    model = model.wait_over(1, flow);
    let Client::Waiting { flow, number, .. } = model.clients[1].clone() else { panic!("{model:?}") };
    assert_eq!(model.look(1, flow, number).running(), 1);
}

/// Eight requests of three kinds, three of whom may die: too many orders to try
/// all, so a thousand are drawn.
#[test]
fn in_orders_drawn_by_seed_many_come_to_their_ends() {
    let mut ends = HashSet::new();
    for seed in 1..=1_000_u64 {
        let mut chance = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut model = Model::new(&["a", "a", "b", "a", "c", "b", "a", "a"], 3);
        loop {
            let successors = model.successors();
            if successors.is_empty() {
                break;
            }
            // xorshift64
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            model = successors[chance as usize % successors.len()].clone();
        }
        ends.insert(model.outcomes());
    }
    let any = |outcome| ends.iter().any(|end| end.contains(&outcome));
    let all = [Outcome::Ran, Outcome::Failed, Outcome::Shared, Outcome::Died, Outcome::GaveUp];
    assert!(all.into_iter().all(any), "{ends:?}");
}

#[test]
fn numbers_only_grow_even_when_the_note_is_lost() {
    assert_eq!(next_number(None, &[]), 1);
    assert_eq!(next_number(Some(7), &[3]), 8);
    assert_eq!(next_number(None, &[3, 9]), 10);
    assert_eq!(place(&[3, 9, 12], 9), Place::Behind(3));
    assert_eq!(place(&[9, 12], 9), Place::First);
}
