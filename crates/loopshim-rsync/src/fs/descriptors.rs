//! Room for open files.

use std::os::fd::RawFd;

use rustix::fs::{Mode, OFlags};

/// Has the system make room for so many open files now. To be called while the
/// process has one thread: for a table that several share it first waits for all
/// processors, each time it has grown full (observed: Linux 6, some 10 ms).
pub fn make_room(descriptors: RawFd) {
    // Where it cannot be made now, it is made when it is needed, or is not to be had.
    let _ = rustix::fs::open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .and_then(|opened| rustix::io::fcntl_dupfd_cloexec(opened, descriptors - 1));
}
