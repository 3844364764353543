//! The system's errors in the words and numbers the original shows.

use rustix::io::Errno;

/// The words of an error and its number, as `No such file or directory (2)`.
pub fn error_text(errno: Errno) -> String {
    format!("{} ({})", words(errno), errno.raw_os_error())
}

/// Where the C library we are built with has other words than the original's.
fn words(errno: Errno) -> String {
    let known = match errno {
        Errno::LOOP => "Too many levels of symbolic links",
        Errno::OPNOTSUPP => "Operation not supported",
        Errno::XDEV => "Invalid cross-device link",
        Errno::NODATA => "No data available",
        Errno::NAMETOOLONG => "File name too long",
        Errno::TXTBSY => "Text file busy",
        Errno::BUSY => "Device or resource busy",
        Errno::IO => "Input/output error",
        Errno::DQUOT => "Disk quota exceeded",
        Errno::STALE => "Stale file handle",
        Errno::NXIO => "No such device or address",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    // "Words (os error N)" is how the standard library shows it.
    let shown = std::io::Error::from(errno).to_string();
    shown.split(" (os error").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_shown_as_the_original_does() {
        assert_eq!(error_text(Errno::NOENT), "No such file or directory (2)");
        assert_eq!(error_text(Errno::LOOP), "Too many levels of symbolic links (40)");
    }
}
