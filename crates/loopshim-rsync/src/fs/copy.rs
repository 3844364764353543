//! Copying between files without the bytes passing through the program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::fd::{AsFd, BorrowedFd};
use rustix::io::Errno;

/// Told of bytes that are copied.
pub type Passed<'p> = &'p (dyn Fn(u64) + Sync);

/// How the bytes came to the other file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// Both files share them now.
    Shared,
    /// The kernel or we copied so many.
    Bytes(u64),
}

/// Bytes at once.
const CHUNK: usize = 256 << 10;
/// From this length on two threads may copy a file.
const SHARED_LEAST: u64 = 16 << 20;
/// What one of them takes over at a time.
const SEGMENT: u64 = 4 << 20;
/// Most that one call of the kernel is asked for.
const LARGE: usize = 1 << 30;

static HAS_CLONE: AtomicBool = AtomicBool::new(true);

/// Copies all of `from` to the beginning of `to`, which is empty: by sharing
/// where the file system can, else inside the kernel, else through a buffer.
/// What is added beyond `length` meanwhile need not be copied. `passed` is told of
/// bytes as they are copied, from any thread.
///
/// # Errors
/// What the system says.
pub fn copy_range(from: impl AsFd, to: impl AsFd, length: u64, passed: Passed<'_>) -> Result<Copied, Errno> {
    let (from, to) = (from.as_fd(), to.as_fd());
    // Small files are not worth the attempt: they are copied as fast.
    if length > CHUNK as u64 && HAS_CLONE.load(Ordering::Relaxed) {
        match rustix::fs::ioctl_ficlone(to, from) {
            Ok(()) => return Ok(Copied::Shared),
            Err(Errno::OPNOTSUPP | Errno::NOTTY | Errno::NOSYS) => HAS_CLONE.store(false, Ordering::Relaxed),
            // Between file systems, or lengths that do not fit blocks.
            Err(_) => {}
        }
    }
    if length <= CHUNK as u64 {
        return through_buffer(from, to, 0, length).map(Copied::Bytes);
    }
    if length >= SHARED_LEAST && !copies_by_itself(to) {
        return in_segments(from, to, length, passed).map(Copied::Bytes);
    }
    let mut copied = 0;
    loop {
        match rustix::fs::copy_file_range(from, None, to, None, LARGE) {
            Ok(0) => return through_buffer(from, to, copied, u64::MAX).map(Copied::Bytes),
            Ok(some) => {
                copied += some as u64;
                passed(some as u64);
            }
            Err(Errno::INTR) => {}
            Err(errno) if is_missing(errno) => {
                return through_buffer(from, to, copied, u64::MAX).map(Copied::Bytes);
            }
            Err(errno) => return Err(errno),
        }
    }
}

/// Whether a file system has files copied where they lie, and not here.
fn copies_by_itself(file: impl AsFd) -> bool {
    const KINDS: [u64; 5] = [NFS, SMB, CIFS, CEPH, FUSE];
    // One that does not say what it is may be any.
    rustix::fs::fstatfs(file).map_or(true, |found| KINDS.contains(&(found.f_type as u64 & 0xffff_ffff)))
}

/// Magic numbers of file systems (statfs(2)).
const NFS: u64 = 0x6969;
const SMB: u64 = 0xfe53_4d42;
const CIFS: u64 = 0xff53_4d42;
const CEPH: u64 = 0x00c3_6400;
const FUSE: u64 = 0x6573_5546;

/// Copies segment by segment, alone while every processor is busy. Once one is
/// not, another thread helps: then one reads while the other writes. Where the
/// file has become shorter meanwhile, so does the copy.
fn in_segments(
    from: BorrowedFd<'_>,
    to: BorrowedFd<'_>,
    length: u64,
    passed: Passed<'_>,
) -> Result<u64, Errno> {
    let segments =
        Segments { from, to, length, passed, next: AtomicU64::new(0), end: AtomicU64::new(length) };
    std::thread::scope(|scope| {
        while !has_idle_processor() {
            if !segments.copy_next(within_kernel)? {
                return Ok(());
            }
        }
        let other = scope.spawn(|| segments.copy_rest());
        let ours = segments.copy_rest();
        other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(ours)
    })?;
    let reached = segments.end.into_inner();
    if reached < length {
        rustix::fs::ftruncate(to, reached)?;
    }
    Ok(reached)
}

/// Copies between two places of both files; to where it came.
type Step = fn(BorrowedFd<'_>, BorrowedFd<'_>, u64, u64) -> Result<u64, Errno>;

/// A file that is copied segment by segment, by whoever takes the next one.
struct Segments<'f> {
    from: BorrowedFd<'f>,
    to: BorrowedFd<'f>,
    length: u64,
    passed: Passed<'f>,
    next: AtomicU64,
    /// Where the file ended, or zero once one has failed: nobody goes on beyond.
    end: AtomicU64,
}

impl Segments<'_> {
    fn copy_rest(&self) -> Result<(), Errno> {
        while self.copy_next(through_buffer)? {}
        Ok(())
    }

    /// Copies the next segment; whether there was one.
    fn copy_next(&self, copy: Step) -> Result<bool, Errno> {
        let start = self.next.fetch_add(SEGMENT, Ordering::Relaxed);
        if start >= self.end.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let stop = self.length.min(start + SEGMENT);
        match copy(self.from, self.to, start, stop) {
            Ok(reached) if reached < stop => drop(self.end.fetch_min(reached, Ordering::Relaxed)),
            Ok(_) => (self.passed)(stop - start),
            Err(errno) => {
                self.end.store(0, Ordering::Relaxed);
                return Err(errno);
            }
        }
        Ok(true)
    }
}

/// Whether a processor has nothing to do: as many tasks as there are processors
/// would run already, we among them. Where that cannot be known, none has.
fn has_idle_processor() -> bool {
    // To find out how many there are takes a dozen calls of the system.
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let processors = *PROCESSORS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from));
    let running = std::fs::read_to_string("/proc/loadavg").ok().and_then(|load| running_of(&load));
    running.is_some_and(|running| running < processors)
}

/// How many tasks run or could: `0.20 0.18 0.12 1/80 11206` (proc(5)).
fn running_of(load: &str) -> Option<usize> {
    load.split(' ').nth(3)?.split('/').next()?.parse().ok()
}

/// Copies from `offset` to `stop` inside the kernel, or through a buffer where
/// it does not.
fn within_kernel(from: BorrowedFd<'_>, to: BorrowedFd<'_>, mut offset: u64, stop: u64) -> Result<u64, Errno> {
    while offset < stop {
        let (mut read, mut written) = (offset, offset);
        let wanted = usize::try_from(stop - offset).unwrap_or(LARGE);
        match rustix::fs::copy_file_range(from, Some(&mut read), to, Some(&mut written), wanted) {
            Ok(0) => return through_buffer(from, to, offset, stop),
            Ok(some) => offset += some as u64,
            Err(Errno::INTR) => {}
            Err(errno) if is_missing(errno) => return through_buffer(from, to, offset, stop),
            Err(errno) => return Err(errno),
        }
    }
    Ok(offset)
}

/// Between file systems before Linux 5.3, or on one without it.
fn is_missing(errno: Errno) -> bool {
    matches!(errno, Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM)
}

/// Copies from `offset` on, to the end or to `length`.
fn through_buffer(
    from: BorrowedFd<'_>,
    to: BorrowedFd<'_>,
    mut offset: u64,
    length: u64,
) -> Result<u64, Errno> {
    thread_local! {
        static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        let most = usize::try_from(length - offset.min(length)).unwrap_or(CHUNK).min(CHUNK);
        if buffer.len() < most {
            buffer.resize(most, 0);
        }
        loop {
            if offset >= length {
                return Ok(offset);
            }
            let wanted = usize::try_from(length - offset).unwrap_or(CHUNK).min(buffer.len());
            let read = match rustix::io::pread(from, &mut buffer[..wanted], offset) {
                Ok(0) => return Ok(offset),
                Ok(read) => read,
                Err(Errno::INTR) => continue,
                Err(errno) => return Err(errno),
            };
            let mut rest = &buffer[..read];
            while !rest.is_empty() {
                match rustix::io::pwrite(to, rest, offset) {
                    Ok(0) => return Err(Errno::NOSPC),
                    Ok(written) => {
                        rest = &rest[written..];
                        offset += written as u64;
                    }
                    Err(Errno::INTR) => {}
                    Err(errno) => return Err(errno),
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_files_are_copied() {
        let folder = tempfile::tempdir().expect("a folder");
        for length in
            [0_usize, 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7, (SHARED_LEAST + 3 * SEGMENT) as usize + 11]
        {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(folder.path().join("a"), &content).expect("written");
            let from = std::fs::File::open(folder.path().join("a")).expect("opened");
            let to = std::fs::File::create(folder.path().join("b")).expect("created");
            copy_range(&from, &to, length as u64, &|_| {}).expect("copied");
            assert!(std::fs::read(folder.path().join("b")).expect("read") == content, "{length}");
        }
    }

    #[test]
    fn a_file_that_became_shorter_is_copied_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let content = vec![7; SEGMENT as usize + 5];
        std::fs::write(folder.path().join("a"), &content).expect("written");
        let from = std::fs::File::open(folder.path().join("a")).expect("opened");
        let to = std::fs::File::create(folder.path().join("b")).expect("created");
        assert_eq!(in_segments(from.as_fd(), to.as_fd(), 5 * SEGMENT, &|_| {}), Ok(content.len() as u64));
        assert!(std::fs::read(folder.path().join("b")).expect("read") == content);
    }

    #[test]
    fn a_segment_is_copied_alike_by_the_kernel_and_through_a_buffer() {
        let folder = tempfile::tempdir().expect("a folder");
        let content: Vec<u8> = (0..SEGMENT + 5).map(|at| (at % 251) as u8).collect();
        std::fs::write(folder.path().join("a"), &content).expect("written");
        let from = std::fs::File::open(folder.path().join("a")).expect("opened");
        for copy in [within_kernel as Step, through_buffer] {
            let to = std::fs::File::create(folder.path().join("b")).expect("created");
            assert_eq!(copy(from.as_fd(), to.as_fd(), SEGMENT, 2 * SEGMENT), Ok(SEGMENT + 5));
            assert_eq!(copy(from.as_fd(), to.as_fd(), 0, SEGMENT), Ok(SEGMENT));
            assert!(std::fs::read(folder.path().join("b")).expect("read") == content);
        }
    }

    #[test]
    fn running_tasks_are_read_as_the_kernel_tells_them() {
        assert_eq!(running_of("0.20 0.18 0.12 1/80 11206\n"), Some(1));
        assert_eq!(running_of("11.35 9.46 7.73 11/208 25893\n"), Some(11));
        assert_eq!(running_of(""), None);
    }
}
