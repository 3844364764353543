//! Whose a file becomes here: `--usermap`, `--groupmap`, `--chown`,
//! `--numeric-ids`, and names that both machines know.

use std::collections::HashMap;

use rsync_proto::filter::Pattern;

use super::users::Table;

/// One `FROM:TO` of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRule {
    from: From,
    to: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum From {
    Numbers(u32, u32),
    /// Everything with a name that matches; nothing at all: what has no name.
    Name(Vec<u8>),
    Wild(Pattern),
    Any,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleError {
    /// It has no colon.
    NoColon(Vec<u8>),
    /// There is nothing after its colon.
    NoName(Vec<u8>),
    /// What is before its colon is neither a number nor two.
    NoNumber(Vec<u8>),
    /// Whom it maps to is nobody here: the rule is passed over.
    Nobody(Vec<u8>),
}

impl RuleError {
    /// Whether the rules are good without this one.
    pub const fn is_harmless(&self) -> bool {
        matches!(self, Self::Nobody(_))
    }

    /// As the original words it (3.5.0), of `--usermap` or `--groupmap`.
    pub fn message(&self, option: &str) -> Vec<u8> {
        let (text, what) = match self {
            Self::NoColon(rule) => (format!("No colon found in --{option}"), rule),
            Self::NoName(rule) => (format!("No name found after colon --{option}"), rule),
            Self::NoNumber(from) => (format!("Invalid number in --{option}"), from),
            Self::Nobody(to) => (format!("Unknown --{option} name on receiver"), to),
        };
        [text.as_bytes(), b": ", what].concat()
    }

    /// Where the original says so.
    pub const fn site(&self) -> &'static str {
        match self {
            Self::NoColon(_) | Self::Nobody(_) => "uidlist.c(514)",
            Self::NoName(_) => "uidlist.c(519)",
            Self::NoNumber(_) => "uidlist.c(529)",
        }
    }
}

/// Parses the value of `--usermap` or `--groupmap`: `FROM:TO`, by commas.
/// `table` has the names of this machine.
pub fn parse_rules(value: &[u8], table: &Table) -> impl Iterator<Item = Result<IdRule, RuleError>> {
    value.split(|&byte| byte == b',').map(move |rule| parse_rule(rule, table))
}

fn parse_rule(rule: &[u8], table: &Table) -> Result<IdRule, RuleError> {
    let cut = rule.iter().position(|&byte| byte == b':').ok_or_else(|| RuleError::NoColon(rule.to_vec()))?;
    let (from, to) = (&rule[..cut], &rule[cut + 1..]);
    if to.is_empty() {
        return Err(RuleError::NoName(rule.to_vec()));
    }
    let is_range = from.first().is_some_and(u8::is_ascii_digit);
    let parsed = parse_from(from);
    if is_range && !matches!(parsed, From::Numbers(..)) {
        return Err(RuleError::NoNumber(from.to_vec()));
    }
    let to = number(to).or_else(|| table.number(to)).ok_or_else(|| RuleError::Nobody(to.to_vec()))?;
    Ok(IdRule { from: parsed, to })
}

fn parse_from(from: &[u8]) -> From {
    if from == b"*" {
        return From::Any;
    }
    if let Some(number) = number(from) {
        return From::Numbers(number, number);
    }
    if let Some(cut) = from.iter().position(|&byte| byte == b'-')
        && let (Some(low), Some(high)) = (number(&from[..cut]), number(&from[cut + 1..]))
    {
        return From::Numbers(low, high);
    }
    if from.iter().any(|byte| b"*?[".contains(byte)) {
        return From::Wild(Pattern::new(from));
    }
    From::Name(from.to_vec())
}

fn number(text: &[u8]) -> Option<u32> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| is_number)?.parse().ok()
}

impl IdRule {
    fn applies(&self, id: u32, name: Option<&[u8]>) -> bool {
        match &self.from {
            From::Any => true,
            From::Numbers(low, high) => (*low..=*high).contains(&id),
            From::Name(wanted) if wanted.is_empty() => name.is_none_or(<[u8]>::is_empty),
            From::Name(wanted) => name == Some(wanted),
            From::Wild(pattern) => name.is_some_and(|name| pattern.matches(name, false)),
        }
    }
}

/// What numbers of the peer become here.
#[derive(Debug, Default)]
pub struct IdMap {
    rules: Vec<IdRule>,
    /// Numbers stay, whatever their names.
    is_numeric: bool,
    known: HashMap<u32, u32>,
    /// The number that was last asked for, and what it becomes: files in a row
    /// mostly belong to one.
    last: Option<(u32, u32)>,
}

impl IdMap {
    /// By `rules`, the first that applies; else by name, unless `is_numeric`.
    pub fn new(rules: Vec<IdRule>, is_numeric: bool) -> Self {
        Self { rules, is_numeric, known: HashMap::new(), last: None }
    }

    /// Whether every number stays what it is.
    pub fn is_identity(&self) -> bool {
        self.is_numeric && self.rules.is_empty()
    }

    /// Takes what the peer says of a number.
    pub fn learn(&mut self, id: u32, name: Option<&[u8]>, table: &Table) {
        let mapped = self.decide(id, name, table);
        self.known.insert(id, mapped);
        self.last = None;
    }

    /// What a number becomes. One of which no name was told is mapped by rules alone.
    pub fn map(&mut self, id: u32) -> u32 {
        if let Some((_, mapped)) = self.last.filter(|(last, _)| *last == id) {
            return mapped;
        }
        let mapped = match self.known.get(&id) {
            Some(&mapped) => mapped,
            None => {
                let mapped = self.by_rules(id, None).unwrap_or(id);
                self.known.insert(id, mapped);
                mapped
            }
        };
        self.last = Some((id, mapped));
        mapped
    }

    fn decide(&self, id: u32, name: Option<&[u8]>, table: &Table) -> u32 {
        if let Some(mapped) = self.by_rules(id, name) {
            return mapped;
        }
        // The super-user is number 0 everywhere, whatever the name.
        let by_name = name.filter(|_| id != 0 && !self.is_numeric).and_then(|name| table.number(name));
        by_name.unwrap_or(id)
    }

    fn by_rules(&self, id: u32, name: Option<&[u8]>) -> Option<u32> {
        self.rules.iter().find(|rule| rule.applies(id, name)).map(|rule| rule.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_mapped_as_the_manual_says() {
        let table = Table::parse(b"here:x:50:\nother:x:60:");
        let rules = parse_rules(b"0-9:70,wild*:other,:71,named:5,100:here", &table);
        let rules = rules.collect::<Result<_, _>>().expect("rules");
        let mut map = IdMap::new(rules, false);
        for (id, name) in [(3, Some(&b"x"[..])), (10, Some(b"wildcat")), (11, None), (12, Some(b"named"))] {
            map.learn(id, name, &table);
        }
        map.learn(13, Some(b"here"), &table);
        map.learn(14, Some(b"nobody-here"), &table);
        let mapped: Vec<u32> = [3, 10, 11, 12, 13, 14, 100].into_iter().map(|id| map.map(id)).collect();
        assert_eq!(mapped, [70, 60, 71, 5, 50, 14, 71]);
        // What was just asked for is asked for again once more is known of it.
        map.learn(100, Some(b"wildcat"), &table);
        assert_eq!((map.map(100), map.map(100)), (60, 60));
    }

    #[test]
    fn the_super_user_stays_unless_a_rule_says_otherwise() {
        let table = Table::parse(b"root:x:1000:");
        let mut map = IdMap::new(Vec::new(), false);
        map.learn(0, Some(b"root"), &table);
        assert_eq!(map.map(0), 0);
        let mut map =
            IdMap::new(parse_rules(b"*:7", &table).collect::<Result<_, _>>().expect("a rule"), true);
        assert_eq!((map.map(0), map.map(9)), (7, 7));
        let refused = |rule: &[u8]| parse_rules(rule, &table).next().and_then(Result::err);
        assert_eq!(refused(b"a:nobody"), Some(RuleError::Nobody(b"nobody".to_vec())));
        assert_eq!(refused(b"bogus"), Some(RuleError::NoColon(b"bogus".to_vec())));
        assert_eq!(refused(b"x:"), Some(RuleError::NoName(b"x:".to_vec())));
        assert_eq!(refused(b"1-:4"), Some(RuleError::NoNumber(b"1-".to_vec())));
    }
}
