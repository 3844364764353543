//! The system's errors in the words and numbers the original shows.

use rustix::io::Errno;

/// The words of an error and its number, as `No such file or directory (2)`.
pub fn error_text(errno: Errno) -> String {
    format!("{} ({})", error_words(errno), errno.raw_os_error())
}

/// The words of an error alone.
pub fn error_words(errno: Errno) -> String {
    if let Some((_, words)) = WORDS.iter().find(|(other, _)| *other == errno) {
        return (*words).to_owned();
    }
    // "Words (os error N)" is how the standard library shows it.
    let shown = std::io::Error::from(errno).to_string();
    shown.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Where glibc, whose words are the original's, has others than the C library
/// we are built with: of errors that files, processes and sockets can have.
const WORDS: [(Errno, &str); 34] = [
    (Errno::IO, "Input/output error"),
    (Errno::NXIO, "No such device or address"),
    (Errno::CHILD, "No child processes"),
    (Errno::NOMEM, "Cannot allocate memory"),
    (Errno::BUSY, "Device or resource busy"),
    (Errno::XDEV, "Invalid cross-device link"),
    (Errno::MFILE, "Too many open files"),
    (Errno::NOTTY, "Inappropriate ioctl for device"),
    (Errno::TXTBSY, "Text file busy"),
    (Errno::SPIPE, "Illegal seek"),
    (Errno::RANGE, "Numerical result out of range"),
    (Errno::DEADLK, "Resource deadlock avoided"),
    (Errno::NAMETOOLONG, "File name too long"),
    (Errno::LOOP, "Too many levels of symbolic links"),
    (Errno::NODATA, "No data available"),
    (Errno::OVERFLOW, "Value too large for defined data type"),
    (Errno::ILSEQ, "Invalid or incomplete multibyte or wide character"),
    (Errno::USERS, "Too many users"),
    (Errno::NOTSOCK, "Socket operation on non-socket"),
    (Errno::MSGSIZE, "Message too long"),
    (Errno::OPNOTSUPP, "Operation not supported"),
    (Errno::ADDRINUSE, "Address already in use"),
    (Errno::ADDRNOTAVAIL, "Cannot assign requested address"),
    (Errno::NETUNREACH, "Network is unreachable"),
    (Errno::NETRESET, "Network dropped connection on reset"),
    (Errno::CONNABORTED, "Software caused connection abort"),
    (Errno::ISCONN, "Transport endpoint is already connected"),
    (Errno::NOTCONN, "Transport endpoint is not connected"),
    (Errno::TIMEDOUT, "Connection timed out"),
    (Errno::HOSTUNREACH, "No route to host"),
    (Errno::INPROGRESS, "Operation now in progress"),
    (Errno::STALE, "Stale file handle"),
    (Errno::UCLEAN, "Structure needs cleaning"),
    (Errno::DQUOT, "Disk quota exceeded"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_shown_as_the_original_does() {
        assert_eq!(error_text(Errno::NOENT), "No such file or directory (2)");
        assert_eq!(error_text(Errno::LOOP), "Too many levels of symbolic links (40)");
        assert_eq!(error_text(Errno::MFILE), "Too many open files (24)");
    }
}
