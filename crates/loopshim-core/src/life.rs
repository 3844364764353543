//! What of a modelled machine moves by itself or reaches out to the host:
//! readings that change, and commands that power actions run.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use ipmi::bmc::SensorKey;
use ipmi::{Bmc, Request};

use crate::decimal;
use crate::process::Child;

/// What moves, and what is run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Life {
    /// Readings that change.
    pub motions: Vec<Motion>,
    /// Shell commands by action of Chassis Control (IPMI 2.0 table 28-4).
    pub power_commands: [Option<String>; POWER_ACTIONS],
    /// The second for which the readings are.
    moved_at: Option<u64>,
}

/// Power down, power up, power cycle, hard reset, diagnostic interrupt, soft
/// shutdown.
pub const POWER_ACTIONS: usize = 6;

/// A reading that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Motion {
    /// Of which sensor.
    pub sensor: SensorKey,
    /// The lowest reading and the highest: in the unit, and raw.
    pub ends: [(f64, i16); 2],
    /// By what it changes.
    pub source: Source,
}

/// What a reading follows.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Nothing: it wanders between its ends, the same way for the same seed.
    Walk {
        /// Tells one walk from another.
        seed: u64,
        /// Seconds from one turn to the next; at least 1.
        every: u32,
    },
    /// How many of the host's processors are at work, by `/proc/stat`.
    Processors(PathBuf),
    /// A number in a file, as hardware monitors have them, and what one is in
    /// the sensor's unit.
    File(PathBuf, f64),
}

impl Life {
    /// Puts the sensors at their readings of the second `clock` tells, once a
    /// second, where a request may show them or the log; the second then.
    pub(crate) fn advance(
        &mut self,
        bmc: &mut Bmc,
        request: &Request,
        clock: &dyn Fn() -> u64,
    ) -> Option<u64> {
        let shows = match request.netfn {
            0x04 | 0x2C => true,
            0x0A => request.cmd >= 0x40,
            _ => false,
        };
        if self.motions.is_empty() || !shows {
            return None;
        }
        let now = clock();
        if self.moved_at.replace(now) == Some(now) {
            return None;
        }
        for motion in &self.motions {
            bmc.move_sensor(motion.sensor, motion.raw(now));
        }
        Some(now)
    }

    /// Runs the command for a power action that has been accepted.
    pub(crate) fn act(&self, request: &Request) {
        /// Chassis Control.
        const CONTROL: (u8, u8) = (0x00, 0x02);
        let action = request.data.first().map(|byte| usize::from(byte & 0x0F));
        let command = action.filter(|_| (request.netfn, request.cmd) == CONTROL);
        if let Some(Some(command)) = command.and_then(|action| self.power_commands.get(action)) {
            // In the background of a shell that ends at once: nobody waits for it,
            // and it leaves no dead process to a server that goes on.
            let script = "exec </dev/null >/dev/null 2>&1; eval \"$0\" &";
            let args = ["-c", script, command].map(OsStr::new);
            // A controller does not tell, either, what became of its host.
            if let Ok(shell) = Child::start(Path::new("/bin/sh"), &args) {
                shell.wait();
            }
        }
    }
}

impl Motion {
    /// The raw reading at a time; `None` where it cannot be had.
    fn raw(&self, now: u64) -> Option<u8> {
        let [(low, low_raw), (high, high_raw)] = self.ends;
        let share = match &self.source {
            Source::Walk { seed, every } => walk(*seed, now, *every),
            Source::Processors(stat) => busy(&fs::read_to_string(stat).ok()?)?,
            Source::File(path, scale) => {
                let number = decimal::parse(fs::read_to_string(path).ok()?.trim())?;
                (number * scale - low) / (high - low)
            }
        };
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        let raw = f64::from(low_raw) + share * f64::from(high_raw - low_raw);
        // A signed raw reading is the low byte of its number.
        Some((raw + 0.5).floor() as i16 as u8)
    }
}

/// Where a walk is at a time, from 0 to 1: from turn to turn in a line.
fn walk(seed: u64, now: u64, every: u32) -> f64 {
    let every = u64::from(every.max(1));
    let turn = now / every;
    let part = (now % every) as f64 / every as f64;
    let [here, next] =
        [turn, turn + 1].map(|turn| scattered(seed ^ turn.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
    here + (next - here) * part
}

/// A number from 0 to 1 for every seed (SplitMix64).
fn scattered(seed: u64) -> f64 {
    let mixed = (seed ^ seed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ mixed >> 31) as f64 / u64::MAX as f64
}

/// The share of processors that run something other than this very program.
fn busy(stat: &str) -> Option<f64> {
    let is_processor = |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| !rest.starts_with(' '));
    let processors = stat.lines().filter(is_processor).count();
    let running: u32 =
        stat.lines().find_map(|line| line.strip_prefix("procs_running "))?.trim().parse().ok()?;
    Some(f64::from(running.saturating_sub(1)) / processors.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_stays_between_its_ends_moves_and_comes_again() {
        let way = |seed| (0..1000).map(|now| walk(seed, now, 10)).collect::<Vec<_>>();
        assert!(way(1).iter().all(|at| (0.0..=1.0).contains(at)));
        assert!(
            way(1).windows(2).all(|step| (step[0] - step[1]).abs() <= 0.1),
            "ten steps from turn to turn"
        );
        let (low, high) =
            way(1).iter().fold((1.0_f64, 0.0_f64), |(low, high), at| (low.min(*at), high.max(*at)));
        assert!(low < 0.2 && high > 0.8, "{low} to {high}");
        assert_eq!(way(1), way(1));
        assert_ne!(way(1), way(2));
    }

    #[test]
    fn processors_at_work_are_counted_without_us() {
        let stat = |running| {
            format!("cpu  1 2 3\ncpu0 1 2\ncpu1 1 2\nctxt 5\nprocs_running {running}\nprocs_blocked 0\n")
        };
        assert_eq!(busy(&stat(1)), Some(0.0));
        assert_eq!(busy(&stat(2)), Some(0.5));
        assert_eq!(busy(""), None);
    }

    #[test]
    fn a_file_is_read_in_the_sensors_unit_and_held_between_the_ends() {
        let folder = std::env::temp_dir().join(format!("loopshim-life-{}", std::process::id()));
        let raw = |text: &str| {
            fs::write(&folder, text).expect("a file");
            let source = Source::File(folder.clone(), 0.001);
            let sensor = SensorKey { lun: Some(0), number: 1 };
            Motion { sensor, ends: [(-10.0, -20), (110.0, 220)], source }.raw(0)
        };
        assert_eq!(raw("45000\n"), Some(90));
        assert_eq!(raw("-5000\n"), Some(246), "signed");
        assert_eq!(raw("200000\n"), Some(220));
        assert_eq!(raw("none\n"), None);
        let _ = fs::remove_file(folder);
    }
}
