//! Resource limits: what login sessions are given (`limits.conf(5)`), and what
//! a process has.

use std::fmt;

use crate::machine::root::Root;

/// A bound: a number, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// At most so many.
    Number(u64),
    /// As many as there can be.
    Unlimited,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

impl Limit {
    /// As it is written in `limits.conf` and in `/proc/PID/limits`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "unlimited" | "infinity" | "-1" => Some(Self::Unlimited),
            number => number.parse().ok().map(Self::Number),
        }
    }
}

/// A line of `limits.conf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whom it concerns: `*`, a user, `@GROUP`.
    pub domain: String,
    /// `soft`, `hard`, or `-` for both.
    pub kind: String,
    /// What is limited, such as `nofile`.
    pub item: String,
    /// To how much.
    pub value: Limit,
}

/// The files in the order in which they are read: a later one counts more.
pub fn files(root: &Root) -> Vec<String> {
    let folder = "/etc/security/limits.d";
    let names = root.names(folder).into_iter().filter(|name| name.ends_with(".conf"));
    ["/etc/security/limits.conf".to_owned()]
        .into_iter()
        .chain(names.map(|name| format!("{folder}/{name}")))
        .collect()
}

/// The lines of a file's text.
pub fn parse(text: &str) -> Vec<Line> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [domain, kind, item, value] = words[..] else { return None };
        let owned = |word: &str| word.to_owned();
        Some(Line {
            domain: owned(domain),
            kind: owned(kind),
            item: owned(item),
            value: Limit::parse(value)?,
        })
    };
    lines.filter_map(line).collect()
}

/// What a new session of `user` is given by these lines, the later counting
/// more and a user's own more than everybody's (`pam_limits(8)`).
pub fn of_session(lines: &[Line], user: &str, kind: &str, item: &str) -> Option<Limit> {
    let fits = |line: &&Line| line.item == item && (line.kind == kind || line.kind == "-");
    let last = |domain: &str| {
        lines.iter().filter(fits).rev().find(|line| line.domain == domain).map(|line| line.value)
    };
    // The wildcard does not concern root.
    last(user).or_else(|| if user == "root" { None } else { last("*") })
}

/// The soft and the hard limit of open files in the text of `/proc/PID/limits`.
pub fn open_files(text: &str) -> Option<(Limit, Limit)> {
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let mut values = line.split_whitespace().map(Limit::parse);
    Some((values.next()??, values.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_fits_counts_and_a_users_own_first() {
        let lines = parse(
            "# none\n* soft nofile 1024\nroot - nofile unlimited # all\n* soft nofile 4096\n@x hard nofile 1\nbad\n",
        );
        assert_eq!(lines.len(), 4);
        assert_eq!(of_session(&lines, "centos", "soft", "nofile"), Some(Limit::Number(4096)));
        assert_eq!(of_session(&lines, "root", "hard", "nofile"), Some(Limit::Unlimited));
        assert_eq!(of_session(&lines, "centos", "hard", "nofile"), None);
        assert!(Limit::Unlimited > Limit::Number(u64::MAX));
    }

    #[test]
    fn a_process_s_limits_are_read() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max open files            1024                 524288               files     \n";
        assert_eq!(open_files(text), Some((Limit::Number(1024), Limit::Number(524_288))));
    }
}
