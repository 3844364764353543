//! The `LOOPSHIM_*` variables of `pip3`, read once and refused as a whole where
//! one of them is wrong: before anything runs.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::time::Duration;

/// Names the real pip as a command line.
pub const REAL_PIP: &str = "LOOPSHIM_REAL_PIP";
/// How long to wait for others that change the same environment.
pub const LOCK_TIMEOUT: &str = "LOOPSHIM_PIP_LOCK_TIMEOUT";
/// How long a pip may show no sign of life.
pub const STALE: &str = "LOOPSHIM_PIP_STALE";
/// When a source directory that nobody removed may be removed.
pub const ORPHAN_AGE: &str = "LOOPSHIM_PIP_ORPHAN_AGE";
/// Of which packages.
pub const ORPHAN_PACKAGES: &str = "LOOPSHIM_PIP_ORPHAN_PACKAGES";
/// How often pip is run at most for one request.
pub const ATTEMPTS: &str = "LOOPSHIM_PIP_ATTEMPTS";
/// The longest delay of a request that failed before.
pub const DELAY_MAX: &str = "LOOPSHIM_PIP_DELAY_MAX";
/// Whether identical concurrent requests share an answer.
pub const COALESCE: &str = "LOOPSHIM_PIP_COALESCE";

/// What the variables say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The words of [`REAL_PIP`].
    pub real_pip: Option<Vec<OsString>>,
    /// [`LOCK_TIMEOUT`]: 1 s to 1 week, 10 minutes if not given.
    pub lock_timeout: Duration,
    /// [`STALE`]: 1 s to 1 week, 10 minutes if not given.
    pub stale: Duration,
    /// [`ORPHAN_AGE`]: 1 s to 1 year, 60 minutes if not given; `None`: never.
    pub orphan_age: Option<Duration>,
    /// [`ORPHAN_PACKAGES`], names normalised.
    pub orphan_packages: Vec<String>,
    /// [`ATTEMPTS`]: 1 to 10, 4 if not given.
    pub attempts: u32,
    /// [`DELAY_MAX`]: up to 1 day, 5 minutes if not given; zero: no delays.
    pub delay_max: Duration,
    /// [`COALESCE`]: `on` if not given.
    pub coalesce: bool,
}

/// Why a variable was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    variable: &'static str,
    value: OsString,
    expected: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?} is not {}", self.variable, self.value, self.expected)
    }
}

const WEEK: u64 = 7 * 24 * 3600;

impl Settings {
    /// Reads the variables.
    ///
    /// # Errors
    /// When one has a value it cannot have.
    pub fn read(var: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let var = |name: &str| var(name).filter(|value| !value.is_empty());
        let seconds = |name, min, max, default| match var(name) {
            Some(value) => duration(name, &value, min, max),
            None => Ok(Duration::from_secs(default)),
        };
        let orphan_age = match var(ORPHAN_AGE) {
            Some(value) if value == "off" => None,
            Some(value) => Some(duration(ORPHAN_AGE, &value, 1, 365 * 24 * 3600)?),
            None => Some(Duration::from_secs(3600)),
        };
        let packages = var(ORPHAN_PACKAGES).unwrap_or_else(|| "monitor-v2,monitor_bundle".into());
        Ok(Self {
            real_pip: var(REAL_PIP).map(|value| real_pip(&value)).transpose()?,
            lock_timeout: seconds(LOCK_TIMEOUT, 1, WEEK, 600)?,
            stale: seconds(STALE, 1, WEEK, 600)?,
            orphan_age,
            orphan_packages: package_names(&packages)?,
            attempts: attempts(var(ATTEMPTS).as_deref())?,
            delay_max: seconds(DELAY_MAX, 0, 24 * 3600, 300)?,
            coalesce: switch(COALESCE, var(COALESCE).as_deref())?,
        })
    }
}

fn refused(variable: &'static str, value: &OsStr, expected: impl Into<String>) -> Error {
    Error { variable, value: value.to_owned(), expected: expected.into() }
}

/// A number of seconds, or of minutes or hours with `m` or `h` behind.
fn duration(variable: &'static str, value: &OsStr, min: u64, max: u64) -> Result<Duration, Error> {
    let text = value.to_str().unwrap_or_default();
    let (digits, unit) = match text.as_bytes().last() {
        Some(b's') => (&text[..text.len() - 1], 1),
        Some(b'm') => (&text[..text.len() - 1], 60),
        Some(b'h') => (&text[..text.len() - 1], 3600),
        _ => (text, 1),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number = if is_number { digits.parse().ok() } else { None };
    match number.and_then(|number: u64| number.checked_mul(unit)) {
        Some(seconds) if (min..=max).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(refused(
            variable,
            value,
            format!("a time from {min} to {max} seconds, such as 90, 90s, 10m or 2h"),
        )),
    }
}

fn attempts(value: Option<&OsStr>) -> Result<u32, Error> {
    let Some(value) = value else { return Ok(4) };
    let number = value.to_str().and_then(|text| text.parse().ok()).filter(|number| (1..=10).contains(number));
    number.ok_or_else(|| refused(ATTEMPTS, value, "a whole number from 1 to 10"))
}

fn switch(variable: &'static str, value: Option<&OsStr>) -> Result<bool, Error> {
    match value.map(OsStr::as_bytes) {
        None | Some(b"on") => Ok(true),
        Some(b"off") => Ok(false),
        Some(other) => Err(refused(variable, OsStr::from_bytes(other), "on or off")),
    }
}

fn package_names(value: &OsStr) -> Result<Vec<String>, Error> {
    let expected = "a list of package names with commas between";
    let text = value.to_str().ok_or_else(|| refused(ORPHAN_PACKAGES, value, expected))?;
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let names: Vec<&str> = text.split(',').map(str::trim).collect();
    if !names.iter().all(|name| is_name(name)) {
        return Err(refused(ORPHAN_PACKAGES, value, expected));
    }
    Ok(names.into_iter().map(super::distribution::normalised).collect())
}

fn real_pip(value: &OsStr) -> Result<Vec<OsString>, Error> {
    match words(value.as_bytes()) {
        Some(words) if !words.is_empty() => Ok(words),
        _ => Err(refused(REAL_PIP, value, "a command line (is a quote missing?)")),
    }
}

/// Splits a command line as a shell would: blanks, both quotes and backslash.
fn words(text: &[u8]) -> Option<Vec<OsString>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' | b'\n' => words.extend(word.take()),
            b'\\' => word.get_or_insert_default().push(bytes.next()?),
            b'\'' | b'"' => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next()? {
                        end if end == byte => break,
                        b'\\' if byte == b'"' => word.push(bytes.next()?),
                        inside => word.push(inside),
                    }
                }
            }
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    Some(words.into_iter().map(OsString::from_vec).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Settings, String> {
        let find = |name: &str| {
            vars.iter().find(|(given, _)| *given == name).map(|(_, value)| OsString::from(*value))
        };
        Settings::read(find).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_given_gives_the_defaults() {
        let settings = read(&[]).expect("defaults");
        assert_eq!(settings.lock_timeout, Duration::from_secs(600));
        assert_eq!(settings.orphan_age, Some(Duration::from_secs(3600)));
        assert_eq!(settings.orphan_packages, ["monitor-v2", "monitor-bundle"]);
        assert_eq!((settings.attempts, settings.coalesce, settings.real_pip), (4, true, None));
        assert_eq!(read(&[(STALE, "")]), read(&[]));
    }

    #[test]
    fn times_may_have_units_and_orphans_may_be_let_be() {
        let settings = read(&[(LOCK_TIMEOUT, "2m"), (STALE, "90s"), (ORPHAN_AGE, "off"), (DELAY_MAX, "0")]);
        let settings = settings.expect("good values");
        assert_eq!(settings.lock_timeout, Duration::from_secs(120));
        assert_eq!(settings.stale, Duration::from_secs(90));
        assert_eq!((settings.orphan_age, settings.delay_max), (None, Duration::ZERO));
    }

    #[test]
    fn a_command_line_is_split_as_a_shell_does() {
        let split =
            |text: &str| read(&[(REAL_PIP, text)]).map(|settings| settings.real_pip.unwrap_or_default());
        assert_eq!(
            split("/env/bin/python -m pip"),
            Ok(vec!["/env/bin/python".into(), "-m".into(), "pip".into()])
        );
        assert_eq!(split(r#"'a b'"c\"d" e\ f ''"#), Ok(vec!["a bc\"d".into(), "e f".into(), "".into()]));
        assert!(split("'a").is_err() && split("  ").is_err() && split("a\\").is_err());
    }

    #[test]
    fn a_bad_value_is_named_with_what_is_expected() {
        let cases = [
            (
                STALE,
                "soon",
                "LOOPSHIM_PIP_STALE: \"soon\" is not a time from 1 to 604800 seconds, such as 90, 90s, 10m or 2h",
            ),
            (LOCK_TIMEOUT, "0", "LOOPSHIM_PIP_LOCK_TIMEOUT: \"0\" is not a time from 1"),
            (LOCK_TIMEOUT, "+5", "LOOPSHIM_PIP_LOCK_TIMEOUT: \"+5\" is not a time"),
            (LOCK_TIMEOUT, "99999999999999999999h", "LOOPSHIM_PIP_LOCK_TIMEOUT: "),
            (ATTEMPTS, "11", "LOOPSHIM_PIP_ATTEMPTS: \"11\" is not a whole number from 1 to 10"),
            (COALESCE, "yes", "LOOPSHIM_PIP_COALESCE: \"yes\" is not on or off"),
            (ORPHAN_PACKAGES, "a,,b", "LOOPSHIM_PIP_ORPHAN_PACKAGES: \"a,,b\" is not a list"),
            (ORPHAN_PACKAGES, "../x", "LOOPSHIM_PIP_ORPHAN_PACKAGES: "),
        ];
        for (name, value, expected) in cases {
            let error = read(&[(name, value)]).expect_err(value);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
