//! Taking secrets out of text whose form is not known: by what stands before
//! them, and, of those that are known, wherever they stand.

use std::borrow::Cow;

use regex::{Captures, Regex};

/// What stands where a secret stood.
const MASK: &str = "***";
/// Shortest known secret looked for: a shorter one is found in every text.
const KNOWN_MIN: usize = 4;

/// Each with the secret in the group `secret`. What comes before tells it.
const PATTERNS: [&str; 8] = [
    // key: value, key=value, "key": "value", KEY_NAME: value
    r#"(?i)["']?[a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|community|credential)[a-z0-9_-]*["']?\s*(?::|=>|=)\s*(?P<secret>"(?:\\.|[^"\\])*"|'[^']*'|[^\s,;"'}]+)"#,
    // Authorization: Basic …
    r"(?i)(?:authorization|x-api-key|cookie)\s*:\s*(?P<secret>[^\r\n]+)",
    // scheme://user:secret@host
    r"(?i)[a-z][a-z0-9+.-]*://[^/\s:@]*:(?P<secret>[^/\s@]+)@",
    // curl -u user:secret
    r"(?:\s|^)(?:-u|--user)[ =]?'?[^\s:']+:(?P<secret>[^\s']+)",
    // ipmitool -P secret, mysql -psecret is no case of ours
    r"(?:\s|^)(?:-P|-k|-y|--password|--token)[ =](?P<secret>\S+)",
    // user set password 2 secret
    r"set password \d+ (?P<secret>\S+)",
    // $6$salt$hash of crypt(3)
    r"(?P<secret>\$(?:1|2[aby]|5|6|y|gy)\$[./A-Za-z0-9$=,]+)",
    r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret>.*?)-----END",
];

/// Takes secrets out.
#[derive(Debug)]
pub struct Redactor {
    patterns: Vec<Regex>,
    known: Vec<String>,
}

impl Redactor {
    /// One that also knows these secrets.
    pub fn new(known: Vec<String>) -> Self {
        let patterns = PATTERNS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
        Self { patterns, known: known.into_iter().filter(|secret| secret.len() >= KNOWN_MIN).collect() }
    }

    /// `text` without secrets, and how many there were.
    pub fn redact(&self, text: &str) -> (String, usize) {
        let mut count = 0;
        let mut text = Cow::Borrowed(text);
        for known in &self.known {
            let found = text.matches(known.as_str()).count();
            if found > 0 {
                count += found;
                text = Cow::Owned(text.replace(known.as_str(), MASK));
            }
        }
        for pattern in &self.patterns {
            let replaced =
                pattern.replace_all(&text, |captures: &Captures<'_>| mask(captures, &mut count)).into_owned();
            text = Cow::Owned(replaced);
        }
        (text.into_owned(), count)
    }
}

/// The match with its secret masked, quotes kept.
fn mask(captures: &Captures<'_>, count: &mut usize) -> String {
    let whole = captures.get(0).map_or(0..0, |found| found.range());
    let all = &captures[0];
    let Some(secret) = captures.name("secret") else { return all.to_owned() };
    let quote = secret.as_str().chars().next().filter(|letter| matches!(letter, '"' | '\''));
    let bare = secret.as_str().trim_matches(['"', '\'']);
    if bare.is_empty() || bare == MASK || matches!(bare, "null" | "true" | "false") {
        return all.to_owned();
    }
    *count += 1;
    let quote = quote.map(String::from).unwrap_or_default();
    let (before, after) = (&all[..secret.start() - whole.start], &all[secret.end() - whole.start..]);
    format!("{before}{quote}{MASK}{quote}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(Redactor::new(Vec::new()).patterns.len(), PATTERNS.len());
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        let redactor = Redactor::new(vec!["hunter22".to_owned(), "abc".to_owned()]);
        for (text, expected) in [
            (
                r#"{"user": "admin", "password": "cal\"vin", "n": 1}"#,
                r#"{"user": "admin", "password": "***", "n": 1}"#,
            ),
            ("db_password=s3cret; x", "db_password=***; x"),
            ("IPMI_PASSWORD: calvin", "IPMI_PASSWORD: ***"),
            ("Authorization: Basic YWRtaW46MTIzNDU2", "Authorization: ***"),
            ("curl -sk -u admin:123456 'https://v/api'", "curl -sk -u admin:*** 'https://v/api'"),
            ("https://u:pw@host/x", "https://u:***@host/x"),
            ("ipmitool -U root -P calvin fru", "ipmitool -U root -P *** fru"),
            ("ipmitool user set password 2 calvin", "ipmitool user set password 2 ***"),
            ("root:$6$salt$Hash/9.:1", "root:***:1"),
            ("said hunter22 aloud, abc", "said *** aloud, abc"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----",
            ),
            (r#""snmp_community": "public""#, r#""snmp_community": "***""#),
        ] {
            let (redacted, count) = redactor.redact(text);
            assert_eq!((redacted.as_str(), count), (expected, 1), "{text}");
            assert_eq!(redactor.redact(&redacted), (redacted.clone(), 0), "{text}: a second time");
        }
        for plain in
            ["nothing here", "password:", r#""password": null"#, "fs.file-max = 8388608", "tokens per second"]
        {
            assert_eq!(redactor.redact(plain), (plain.to_owned(), 0));
        }
    }
}
