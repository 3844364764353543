//! When one request may have the answer of another, and what it then sees.
//!
//! The rule has five parts, and all must hold:
//! 1. same arguments apart from the folder, same user, umask, variables that
//!    pip and Python read, working directory, pip and interpreter;
//! 2. one local folder, not editable, without dependencies;
//! 3. the same tree in the folder: at arrival, and again now;
//! 4. it arrived before the other was through;
//! 5. the other succeeded, and what it installed is still whole and its own.
//!
//! Failures are never shared.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What is known of a request that could be answered by another's run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Digest of all that part 1 names; `None` where part 2 does not hold.
    pub likeness: Option<String>,
    /// Digest of the folder's tree, when the request arrived.
    pub tree: String,
    /// Its place in the queue: numbers are given once and grow.
    pub ticket: u64,
}

/// What a run that succeeded left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// As [`Request::likeness`].
    pub likeness: String,
    /// As [`Request::tree`].
    pub tree: String,
    /// The last number given when it was through.
    pub last_ticket: u64,
    /// Digest of the `RECORD` it installed.
    pub record: String,
}

/// What is found now, by the holder of the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now<'a> {
    /// Digest of the folder's tree.
    pub tree: Option<&'a str>,
    /// Digest of the installed `RECORD`, if all it names is there and matches.
    pub record: Option<&'a str>,
}

/// Whether `request` may have the answer of `finished`.
pub fn may_share(request: &Request, finished: &Finished, now: Now<'_>) -> bool {
    let same_kind = request.likeness.as_ref() == Some(&finished.likeness);
    let same_tree = request.tree == finished.tree && now.tree == Some(request.tree.as_str());
    let in_time = request.ticket <= finished.last_ticket;
    let still_whole = now.record == Some(finished.record.as_str());
    same_kind && same_tree && in_time && still_whole
}

/// The output of a run on `from`, as a run on `to` would have had it: pip prints
/// a folder as a path, or, below the working directory, from `./` on. `None`
/// where a longer name hides in it and could be mistaken for the folder.
pub fn replayed(output: &[u8], from: &Path, to: &Path, working_directory: &Path) -> Option<Vec<u8>> {
    let short = shown(from, working_directory);
    let mut output = output.to_vec();
    if short != from.as_os_str().as_bytes() {
        output = with(&output, &short, &shown(to, working_directory))?;
    }
    with(&output, from.as_os_str().as_bytes(), to.as_os_str().as_bytes())
}

/// A path as pip shows it (`pip._internal.utils.misc.display_path`).
fn shown(path: &Path, working_directory: &Path) -> Vec<u8> {
    match path.strip_prefix(working_directory) {
        Ok(below) if working_directory != Path::new("/") => [b"./", below.as_os_str().as_bytes()].concat(),
        _ => path.as_os_str().as_bytes().to_vec(),
    }
}

fn with(output: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let mut replayed = Vec::with_capacity(output.len());
    let mut rest = output;
    while let Some(at) = find(rest, from) {
        let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
        let is_longer = rest.get(at + from.len()).is_some_and(goes_on) || at > 0 && goes_on(&rest[at - 1]);
        if is_longer {
            return None;
        }
        replayed.extend_from_slice(&rest[..at]);
        replayed.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    replayed.extend_from_slice(rest);
    Some(replayed)
}

/// A text with every `from` in it replaced.
pub fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest, from) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

/// Where `needle` is in `text`.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return None;
    }
    text.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of the parts' truth: only all of them together share.
    #[test]
    fn every_part_is_needed() {
        for bits in 0..1 << 7_u8 {
            let part = |number: u8| bits >> number & 1 == 1;
            let pick = |yes: bool, right: &str| if yes { right.to_owned() } else { format!("not-{right}") };
            let finished = Finished {
                likeness: "kind".into(),
                tree: "tree".into(),
                last_ticket: 7,
                record: "record".into(),
            };
            let tree = pick(part(0), "tree");
            let (now_tree, record) = (pick(part(1), "tree"), pick(part(2), "record"));
            let request = Request {
                likeness: part(3).then(|| pick(part(4), "kind")),
                tree,
                ticket: if part(5) { 7 } else { 8 },
            };
            let now = Now { tree: Some(&now_tree), record: part(6).then_some(record.as_str()) };
            let all = bits == (1 << 7) - 1;
            assert_eq!(may_share(&request, &finished, now), all, "{bits:07b}");
        }
    }

    #[test]
    fn nothing_is_shared_where_nothing_is_known() {
        let request = Request { likeness: None, tree: String::new(), ticket: 0 };
        let finished =
            Finished { likeness: String::new(), tree: String::new(), last_ticket: 9, record: String::new() };
        assert!(!may_share(&request, &finished, Now { tree: Some(""), record: Some("") }));
    }

    #[test]
    fn below_the_working_directory_it_is_shown_in_short() {
        let replay = |text: &str, to: &str, working_directory: &str| {
            let bytes = replayed(
                text.as_bytes(),
                Path::new("/w/tmp/aa"),
                Path::new(to),
                Path::new(working_directory),
            );
            bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = "Processing ./tmp/aa\nin /w/tmp/aa\n";
        assert_eq!(replay(text, "/w/tmp/bb", "/w").as_deref(), Some("Processing ./tmp/bb\nin /w/tmp/bb\n"));
        assert_eq!(replay(text, "/o/bb", "/w").as_deref(), Some("Processing /o/bb\nin /o/bb\n"));
        assert_eq!(replay("Processing ../tmp/aa", "/w/tmp/bb", "/w"), None);
        assert_eq!(replay("Processing /w/tmp/aa", "/o", "/").as_deref(), Some("Processing /o"));
    }

    #[test]
    fn a_folder_is_replaced_and_a_longer_name_is_not() {
        let replay = |text: &str| {
            let bytes =
                replayed(text.as_bytes(), Path::new("/tmp/aa"), Path::new("/tmp/bbb"), Path::new("/root"));
            bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        assert_eq!(
            replay("Processing /tmp/aa\n at /tmp/aa/build").as_deref(),
            Some("Processing /tmp/bbb\n at /tmp/bbb/build")
        );
        assert_eq!(replay("nothing").as_deref(), Some("nothing"));
        for longer in ["/tmp/aab", "/tmp/aa-1", "/tmp/aa.x", "x/tmp/aa"] {
            assert_eq!(replay(longer), None, "{longer}");
        }
    }
}
