//! Where rules stand, as refusals name it. What a file says is not shown: who
//! copies may be let to read it, who sees the message need not be (observed:
//! 3.5.0).

use rsync_proto::filter::Error;

use crate::{Failure, Status};

/// How deep files of rules may name others.
pub(super) const DEPTH_MAX: usize = 32;

/// A file of rules, as messages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    name: Vec<u8>,
    /// Its lines can be told.
    has_lines: bool,
}

impl Source {
    /// A file that the user, or the peer, named.
    pub(super) fn file(path: &[u8]) -> Self {
        Self { name: path.to_vec(), has_lines: true }
    }

    /// A file of each directory that another file named.
    pub(super) fn earlier() -> Self {
        Self { name: b"a file read earlier".to_vec(), has_lines: false }
    }

    /// A file that is named in a line of this one; `None` where the lines are
    /// split into words.
    pub(super) fn named_at(&self, line: Option<usize>) -> Self {
        Self { name: [b"a file named at ", &self.at(line)[..]].concat(), has_lines: false }
    }

    fn at(&self, line: Option<usize>) -> Vec<u8> {
        let line = line.filter(|_| self.has_lines).map(|line| format!(" line {line}"));
        [&self.name[..], line.unwrap_or_default().as_bytes()].concat()
    }

    /// A line of it, as what is told of a rule there has it.
    pub(super) fn rule_at(&self, line: Option<usize>) -> Vec<u8> {
        [b"<rule from ", &self.at(line)[..], b">"].concat()
    }

    /// A rule of it that is none.
    pub(super) fn refused(&self, error: &Error, line: Option<usize>) -> Failure {
        failure(error, error.message_from(&self.rule_at(line)))
    }

    /// A file named in it that cannot be read.
    pub(super) fn unreadable(&self, line: Option<usize>) -> Failure {
        let text = [b"failed to open exclude file ", &self.rule_at(line)[..]].concat();
        Failure::new(Status::FileIo, text).bare().at(UNREADABLE)
    }

    /// A file named in it that is one too many.
    pub(super) fn too_deep(&self, line: Option<usize>) -> Failure {
        let limit = format!("merge-file include depth limit ({DEPTH_MAX}) exceeded at ");
        let text = [limit.as_bytes(), &self.rule_at(line)].concat();
        Failure::new(Status::FileIo, text).spoken().at("exclude.c(1626)")
    }
}

/// Where the original says that a file of rules cannot be read.
pub(super) const UNREADABLE: &str = "exclude.c(1719)";

/// A rule that was typed and is none.
pub(super) fn refused(error: &Error, rule: &[u8]) -> Failure {
    failure(error, error.message(rule))
}

fn failure(error: &Error, text: Vec<u8>) -> Failure {
    let site = match error {
        Error::Modifier(..) => "exclude.c(1379)",
        _ => "exclude.c(136)",
    };
    Failure::new(Status::Syntax, text).bare().at(site)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(failure: &Failure) -> String {
        String::from_utf8(failure.text.clone().expect("a text")).expect("words")
    }

    #[test]
    fn places_are_named_as_the_original_names_them() {
        let file = Source::file(b"/d/.rf");
        let refused = |source: &Source, line| text(&source.refused(&Error::Unknown, line));
        assert_eq!(refused(&file, Some(3)), "Unknown filter rule: <rule from /d/.rf line 3>");
        assert_eq!(refused(&file, None), "Unknown filter rule: <rule from /d/.rf>");
        let named = file.named_at(Some(1)).named_at(Some(2));
        assert_eq!(
            refused(&named, Some(3)),
            "Unknown filter rule: <rule from a file named at a file named at /d/.rf line 1>"
        );
        assert_eq!(
            refused(&Source::earlier(), Some(1)),
            "Unknown filter rule: <rule from a file read earlier>"
        );
        assert_eq!(text(&file.unreadable(Some(2))), "failed to open exclude file <rule from /d/.rf line 2>");
    }
}
