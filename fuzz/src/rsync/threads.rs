//! The process's threads, as the kernel shows them.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

const TASKS: &str = "/proc/self/task";

/// How many there are: the folder's links, but for its name and its `.`.
pub(super) fn count() -> u64 {
    fs::metadata(TASKS).expect("proc").nlink() - 2
}

/// Waits until there are no more than `count`.
pub(super) fn wait_for(count: u64) {
    let begun = Instant::now();
    while self::count() > count {
        assert!(begun.elapsed() < Duration::from_secs(10), "a thread outlives its session");
        std::thread::yield_now();
    }
}

/// Whether all but this one sleep, and sleep on until something from without
/// wakes them: each is found asleep, and none has fallen asleep meanwhile. One
/// that was awake could only have been missed by waking one already looked at
/// and falling asleep itself.
pub(super) fn all_others_sleep() -> bool {
    let before = times_fallen_asleep();
    let this = rustix::thread::gettid().as_raw_nonzero().to_string();
    let mut others = fs::read_dir(TASKS).expect("proc").flatten().filter(|task| *task.file_name() != *this);
    others.all(|task| sleeps(&task.path())) && times_fallen_asleep() == before
}

/// One that is gone sleeps, too.
fn sleeps(task: &std::path::Path) -> bool {
    // `11206 (name) S 1 ...` (proc(5)); the name may have any bytes.
    let mut stat = [0; 64];
    let Ok(length) = File::open(task.join("stat")).and_then(|mut file| file.read(&mut stat)) else {
        return true;
    };
    let end = stat[..length].iter().rposition(|&byte| byte == b')');
    end.is_some_and(|at| stat[..length].get(at + 2) == Some(&b'S'))
}

fn times_fallen_asleep() -> i64 {
    getrusage(UsageWho::RUSAGE_SELF).expect("the usage").voluntary_context_switches()
}
