//! The watchdog timer (IPMI 2.0 section 27). It counts down and never acts.

use alloc::vec::Vec;

use super::{Answer, Call};
use crate::CompletionCode;

/// Bit of the timer use byte: running (Get), keep running (Set).
const RUNNING: u8 = 0x40;
/// Attempt to start a watchdog that was never set.
const NOT_INITIALIZED: CompletionCode = CompletionCode(0x80);

/// State of the watchdog timer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watchdog {
    /// Timer use, with the don't-log and running bits.
    pub timer_use: u8,
    /// Timeout action and pre-timeout interrupt.
    pub actions: u8,
    /// Pre-timeout interval in seconds.
    pub pretimeout: u8,
    /// Expiration flags.
    pub expired: u8,
    /// Countdown it starts from, in 100 ms.
    pub initial: u16,
    /// Countdown where it stands, or stood at `since`, in 100 ms.
    pub present: u16,
    /// When the countdown stood at `present`, in seconds since 1970, if it is
    /// counting.
    pub since: Option<u64>,
}

impl Watchdog {
    pub(crate) fn reset(&mut self, now: u64) -> Answer {
        if self.timer_use & 7 == 0 {
            return Err(NOT_INITIALIZED);
        }
        self.timer_use |= RUNNING;
        self.present = self.initial;
        self.since = Some(now);
        Ok(Vec::new())
    }

    pub(crate) fn set(&mut self, call: Call<'_>) -> Answer {
        let keeps_running = call.byte(0) & self.timer_use & RUNNING;
        self.timer_use = call.byte(0) & 0x87 | keeps_running;
        self.actions = call.byte(1);
        self.pretimeout = call.byte(2);
        self.expired &= !call.byte(3);
        self.initial = call.word(4);
        self.present = self.initial;
        self.since = (keeps_running != 0).then_some(call.now());
        Ok(Vec::new())
    }

    pub(crate) fn get(&self, now: u64) -> Vec<u8> {
        let mut data = Vec::from([self.timer_use, self.actions, self.pretimeout, self.expired]);
        data.extend(self.initial.to_le_bytes());
        data.extend(self.countdown(now).to_le_bytes());
        data
    }

    fn countdown(&self, now: u64) -> u16 {
        let elapsed = self.since.map_or(0, |since| now.saturating_sub(since).saturating_mul(10));
        self.present.saturating_sub(u16::try_from(elapsed).unwrap_or(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Bmc, Request};

    #[test]
    fn it_counts_down_once_reset() {
        let mut bmc = Bmc::default();
        let mut send = |cmd, data: &[u8], now| bmc.answer(&Request::new(0x06, cmd, data), now);
        assert_eq!(send(0x22, &[], 0).completion.0, 0x80);
        send(0x24, &[0x04, 0x01, 0, 0, 0x64, 0], 0);
        assert_eq!(send(0x25, &[], 5).data, [0x04, 0x01, 0, 0, 0x64, 0, 0x64, 0]);
        send(0x22, &[], 10);
        assert_eq!(send(0x25, &[], 13).data, [0x44, 0x01, 0, 0, 0x64, 0, 70, 0]);
        assert_eq!(send(0x25, &[], 99).data[6..], [0, 0]);
    }
}
