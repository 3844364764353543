//! One request from arrival to answer, as a state machine: events in, one
//! action out. It reads no clock and touches nothing; what it says is done by
//! the outer layer, which reports back.

use std::time::Duration;

use super::failure::Class;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The request arrived; the breaker wants it to wait that long.
    Arrived(Duration),
    /// A wait is over.
    WaitOver,
    /// It is the first in the queue and holds the lock; the breaker, as those
    /// before it have left it, wants it to wait that long.
    TurnCame(Duration),
    /// Its time in the queue is over.
    TimedOut,
    /// Another's answer was found to be its own, or not.
    Examined {
        /// Whether it was.
        shared: bool,
    },
    /// pip ended.
    Ended(Ended),
    /// The caller wants pip to end, by this signal. Before pip runs, a signal
    /// ends the process, and with it the request.
    Signalled(i32),
    /// The signal could be passed on to pip, which had changed nothing yet, or
    /// was held back.
    Passed {
        /// Whether it was passed on.
        passed: bool,
    },
}

/// How a pip ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Status 0, and what it installed is whole.
    Whole,
    /// Status 0, and what it installed is not.
    NotWhole,
    /// Status 0, and not whole in just the way it was not before: the package is
    /// like that.
    NotWholeAgain,
    /// Another status, for this reason.
    Failed(Class),
    /// By a signal that is not ours.
    Killed,
    /// By us, for it no longer moved.
    Stuck,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing: wait for the next event.
    Nothing,
    /// Wait.
    Wait(Duration),
    /// Join the queue.
    Enqueue,
    /// Leave the queue again and wait.
    StepBack(Duration),
    /// See whether another's answer is this one's.
    Examine,
    /// Clean up and run pip.
    Run,
    /// Pass a signal on to pip, if it has not begun to change the environment.
    Pass(i32),
    /// Answer, leave the queue and end.
    Finish(Answer),
}

/// What the caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What the last run of pip said; whether it was a failure.
    OfPip {
        /// Whether it failed, after all attempts.
        failed: bool,
    },
    /// What another's run said.
    Shared,
    /// That others took too long.
    TimedOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    New,
    Delayed,
    Queued,
    Examining,
    Running,
    Pausing,
    Finished,
}

/// A request on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Flow {
    state: State,
    attempts_max: u32,
    attempts: u32,
    /// What is left of the time that the breaker may hold it back.
    delay_left: Duration,
    /// A signal was passed on to pip: it ends as the caller wished.
    is_ending: bool,
    /// The last signal that was held back while pip changed the environment.
    held: Option<i32>,
}

/// The longest wait before a further attempt, and the bound of the first.
const PAUSE_MAX: Duration = Duration::from_secs(5);
const PAUSE_FIRST: Duration = Duration::from_millis(100);

impl Flow {
    /// A request for which pip is run at most `attempts_max` times, and which
    /// the breaker may hold back for `delay_max` in all.
    pub fn new(attempts_max: u32, delay_max: Duration) -> Self {
        let state = State::New;
        Self { state, attempts_max, attempts: 0, delay_left: delay_max, is_ending: false, held: None }
    }

    /// A request whose turn another process has waited for.
    pub fn at_its_turn(attempts_max: u32) -> Self {
        Self { state: State::Examining, ..Self::new(attempts_max, Duration::ZERO) }
    }

    /// How often pip was run.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The signal that was held back.
    pub fn held(&self) -> Option<i32> {
        self.held
    }

    /// Whether it ended by a signal that was passed on, as the caller wished.
    pub fn was_interrupted(&self) -> bool {
        self.is_ending
    }

    /// Takes an event. `chance` is a random number: it decides how long to pause
    /// between attempts (full jitter, so that those who failed together do not
    /// come back together).
    pub fn handle(&mut self, event: Event, chance: u64) -> Action {
        match (self.state, event) {
            (State::New, Event::Arrived(delay)) => match self.granted(delay) {
                Duration::ZERO => self.go(State::Queued, Action::Enqueue),
                delay => self.go(State::Delayed, Action::Wait(delay)),
            },
            (State::Delayed, Event::WaitOver) => self.go(State::Queued, Action::Enqueue),
            (State::Queued, Event::TurnCame(delay)) => match self.granted(delay) {
                Duration::ZERO => self.go(State::Examining, Action::Examine),
                // The one before it was the breaker's trial, and failed.
                delay => self.go(State::Delayed, Action::StepBack(delay)),
            },
            (State::Queued, Event::TimedOut) => self.finish(Answer::TimedOut),
            (State::Examining, Event::Examined { shared: true }) => self.finish(Answer::Shared),
            (State::Examining, Event::Examined { shared: false }) | (State::Pausing, Event::WaitOver) => {
                self.run()
            }
            (State::Running, Event::Ended(ended)) => self.ended(ended, chance),
            (State::Running, Event::Signalled(signal)) => {
                Action::Pass(signal).also(|| self.held = Some(signal))
            }
            (State::Running, Event::Passed { passed }) => {
                self.is_ending |= passed;
                if passed {
                    self.held = None;
                }
                Action::Nothing
            }
            // What began to change the environment is brought to an end.
            (State::Pausing, Event::Signalled(signal)) => {
                self.held = Some(signal);
                Action::Nothing
            }
            _ => Action::Nothing,
        }
    }

    /// So much of a delay as there is left: nobody is held back for ever.
    fn granted(&mut self, delay: Duration) -> Duration {
        let granted = delay.min(self.delay_left);
        self.delay_left -= granted;
        granted
    }

    fn go(&mut self, state: State, action: Action) -> Action {
        self.state = state;
        action
    }

    fn finish(&mut self, answer: Answer) -> Action {
        self.go(State::Finished, Action::Finish(answer))
    }

    fn run(&mut self) -> Action {
        self.attempts += 1;
        self.go(State::Running, Action::Run)
    }

    fn ended(&mut self, ended: Ended, chance: u64) -> Action {
        let again = match ended {
            Ended::Whole | Ended::NotWholeAgain => return self.finish(Answer::OfPip { failed: false }),
            Ended::Failed(class) => class.is_worth_another_run(),
            Ended::NotWhole | Ended::Killed | Ended::Stuck => true,
        };
        if !again || self.is_ending || self.attempts >= self.attempts_max {
            return self.finish(Answer::OfPip { failed: true });
        }
        self.go(State::Pausing, Action::Wait(pause(self.attempts, chance)))
    }
}

impl Action {
    fn also(self, effect: impl FnOnce()) -> Self {
        effect();
        self
    }
}

/// The pause after that many attempts: anything up to a bound that doubles.
fn pause(attempts: u32, chance: u64) -> Duration {
    let bound = PAUSE_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(PAUSE_MAX);
    Duration::from_micros(chance % (bound.as_micros() as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(attempts_max: u32) -> Flow {
        let mut flow = Flow::new(attempts_max, Duration::ZERO);
        assert_eq!(flow.handle(Event::Arrived(Duration::ZERO), 0), Action::Enqueue);
        assert_eq!(flow.handle(Event::TurnCame(Duration::ZERO), 0), Action::Examine);
        assert_eq!(flow, Flow::at_its_turn(attempts_max));
        assert_eq!(flow.handle(Event::Examined { shared: false }, 0), Action::Run);
        flow
    }

    #[test]
    fn attempts_are_bounded_and_pauses_too() {
        let mut flow = running(4);
        for attempt in 1..4 {
            let action = flow.handle(Event::Ended(Ended::Killed), u64::MAX - 3);
            match action {
                Action::Wait(pause) => assert!(pause <= PAUSE_MAX),
                other => panic!("{other:?} after attempt {attempt}"),
            }
            assert_eq!(flow.handle(Event::WaitOver, 0), Action::Run);
        }
        let last = flow.handle(Event::Ended(Ended::Killed), 0);
        assert_eq!(last, Action::Finish(Answer::OfPip { failed: true }));
        assert_eq!(flow.attempts(), 4);
    }

    #[test]
    fn what_no_run_can_mend_is_not_run_again() {
        for class in [Class::Build, Class::NoSpace, Class::Other] {
            let answer = running(4).handle(Event::Ended(Ended::Failed(class)), 0);
            assert_eq!(answer, Action::Finish(Answer::OfPip { failed: true }));
        }
    }

    #[test]
    fn a_signal_that_was_passed_on_ends_it_and_one_held_back_does_not() {
        let mut flow = running(4);
        assert_eq!(flow.handle(Event::Signalled(2), 0), Action::Pass(2));
        flow.handle(Event::Passed { passed: true }, 0);
        let ended = flow.handle(Event::Ended(Ended::Killed), 0);
        assert_eq!((ended, flow.held()), (Action::Finish(Answer::OfPip { failed: true }), None));

        let mut flow = running(4);
        flow.handle(Event::Signalled(15), 0);
        flow.handle(Event::Passed { passed: false }, 0);
        assert!(matches!(flow.handle(Event::Ended(Ended::Killed), 0), Action::Wait(_)));
        assert_eq!(flow.handle(Event::WaitOver, 0), Action::Run);
        let ended = flow.handle(Event::Ended(Ended::Whole), 0);
        assert_eq!((ended, flow.held()), (Action::Finish(Answer::OfPip { failed: false }), Some(15)));
    }

    #[test]
    fn the_breaker_holds_it_back_at_the_door_and_at_its_turn_but_not_for_ever() {
        const SECOND: Duration = Duration::from_secs(1);
        let mut flow = Flow::new(4, 5 * SECOND);
        assert_eq!(flow.handle(Event::Arrived(SECOND), 0), Action::Wait(SECOND));
        assert_eq!(flow.handle(Event::WaitOver, 0), Action::Enqueue);
        assert_eq!(flow.handle(Event::TurnCame(2 * SECOND), 0), Action::StepBack(2 * SECOND));
        assert_eq!(flow.handle(Event::WaitOver, 0), Action::Enqueue);
        // Two seconds are left of five.
        assert_eq!(flow.handle(Event::TurnCame(4 * SECOND), 0), Action::StepBack(2 * SECOND));
        assert_eq!(flow.handle(Event::WaitOver, 0), Action::Enqueue);
        assert_eq!(flow.handle(Event::TurnCame(8 * SECOND), 0), Action::Examine);
    }

    #[test]
    fn pauses_are_spread_over_their_range() {
        let longest = (0..1000).map(|chance| pause(3, chance * 7919)).max();
        assert!(longest.is_some_and(|pause| pause > Duration::from_micros(1)));
        assert_eq!(pause(1, 100_000), Duration::from_millis(100));
        assert_eq!(pause(1, 100_001), Duration::ZERO);
    }
}
