//! Reading a JSON file that a person wrote: an absent file is no error, a bad
//! one is refused with its place, the field, what is allowed there and, for a
//! misspelt name, the likely one.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::file;
use crate::json::{self, Read, Refusal};

/// Largest file accepted, in bytes.
pub const SIZE_MAX: u64 = 4 << 20;

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// Line and column of the fault, from 1; absent when the file could not be read.
    pub place: Option<(usize, usize)>,
    /// The field at that place, such as `recorder.files` or `sensors[2].name`;
    /// empty at the top of the document.
    pub field: String,
    /// What is wrong and what is allowed.
    pub problem: String,
    /// The allowed name closest to the one found.
    pub suggestion: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ": line {line}, column {column}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", field {}", self.field)?;
        }
        write!(f, ": {}", self.problem)?;
        self.suggestion.as_ref().map_or(Ok(()), |name| write!(f, "; did you mean `{name}`?"))
    }
}

/// Reads `path`; `None` when there is no such file.
///
/// # Errors
/// When the file cannot be read, is larger than [`SIZE_MAX`], is no JSON, or
/// does not have `T`'s fields.
pub(crate) fn load<T: Read>(path: &Path) -> Result<Option<T>, Error> {
    text(path)?.map(|text| parse(path, &text)).transpose()
}

/// Takes `text`, the contents of `path`, as a `T`.
///
/// # Errors
/// As [`load`].
pub(crate) fn parse<T: Read>(path: &Path, text: &[u8]) -> Result<T, Error> {
    json::parse(text).map_err(|fault| describe(path, text, *fault))
}

/// Reads `path` without taking it apart; `None` when there is no such file.
///
/// # Errors
/// When it cannot be read or is larger than [`SIZE_MAX`].
pub(crate) fn text(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let text = file::read_start(file::open(path)?, SIZE_MAX + 1)?;
    if text.len() as u64 > SIZE_MAX {
        return Err(io::Error::other(format!("larger than {SIZE_MAX} bytes")));
    }
    Ok(text)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The refusal of a file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Error {
    let problem = format!("cannot be read: {error}");
    Error { path: path.to_owned(), place: None, field: String::new(), problem, suggestion: None }
}

fn describe(path: &Path, text: &[u8], refusal: Refusal) -> Error {
    let Refusal { at, problem } = refusal;
    Error {
        path: path.to_owned(),
        place: Some(place_of(text, at)),
        field: field_at(text, at),
        suggestion: suggest(&problem),
        problem,
    }
}

/// The line and the column, both from 1, of the byte in front of `offset`.
fn place_of(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.saturating_sub(1).min(text.len())];
    let line = before.split(|&byte| byte == b'\n').count();
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count();
    (line, column + 1)
}

/// One open bracket on the way to a place in a document.
enum Step {
    Object(String),
    Array(usize),
}

/// Names the field that is being read at `offset` of a document.
fn field_at(text: &[u8], offset: usize) -> String {
    let mut steps: Vec<Step> = Vec::new();
    let mut at = 0;
    // Within an object a string is a key until its colon is passed.
    let mut expects_key = false;
    while at < offset.min(text.len()) {
        match text[at] {
            b'{' => {
                steps.push(Step::Object(String::new()));
                expects_key = true;
            }
            b'[' => {
                steps.push(Step::Array(0));
                expects_key = false;
            }
            b'}' | b']' => {
                steps.pop();
                expects_key = false;
            }
            b':' => expects_key = false,
            b',' => match steps.last_mut() {
                Some(Step::Array(index)) => *index += 1,
                Some(Step::Object(_)) => expects_key = true,
                None => {}
            },
            b'"' => {
                let end = string_end(text, at);
                if let (true, Some(Step::Object(key))) = (expects_key, steps.last_mut()) {
                    *key = String::from_utf8_lossy(text.get(at + 1..end).unwrap_or_default()).into_owned();
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    join(&steps)
}

/// The offset of the quote that ends the string starting at `start`.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at
}

fn join(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Object(key) if key.is_empty() => {}
            Step::Object(key) if path.is_empty() => path.push_str(key),
            Step::Object(key) => path.extend([".", key]),
            Step::Array(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// The name among those a "… unknown …" problem allows that is closest to the
/// one found, if it is close enough to be a slip.
fn suggest(problem: &str) -> Option<String> {
    if !problem.starts_with("unknown ") {
        return None;
    }
    let mut names = problem.split('`').skip(1).step_by(2);
    let found = names.next()?;
    let limit = 1 + found.len() / 3;
    names
        .map(|name| (distance(found, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name.to_owned())
}

/// Number of letters to add, remove or change to turn `a` into `b`, ignoring case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_ascii_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.to_ascii_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Sample {
        colour: Option<String>,
        nested: Vec<Nested>,
    }

    json::object!(Sample { ; colour, nested });

    #[derive(Debug, PartialEq)]
    struct Nested {
        count: u8,
    }

    json::object!(Nested { count; });

    fn refusal(text: &str) -> String {
        match parse::<Sample>(Path::new("/etc/x.json"), text.as_bytes()) {
            Ok(sample) => panic!("accepted as {sample:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_misspelt_key_is_named_placed_and_corrected() {
        assert_eq!(
            refusal("{\n  \"color\": \"red\"\n}"),
            "/etc/x.json: line 2, column 9, field color: unknown field `color`, expected `colour` or `nested`; \
             did you mean `colour`?"
        );
    }

    #[test]
    fn a_wrong_type_names_its_field_even_in_an_array() {
        let text = refusal("{\"nested\": [{\"count\": 1},\n {\"count\": \"two\"}]}");
        assert_eq!(
            text,
            "/etc/x.json: line 2, column 16, field nested[1].count: invalid type: string \"two\", \
             expected a whole number from 0 to 255"
        );
    }

    #[test]
    fn a_missing_field_and_broken_syntax_are_placed() {
        assert!(
            refusal("{\"nested\": [{}]}")
                .contains("line 1, column 14, field nested[0]: missing field `count`")
        );
        assert!(refusal("{\"colour\": tru").starts_with("/etc/x.json: line 1, column "));
        assert!(refusal("").contains("EOF while parsing"));
    }

    #[test]
    fn a_name_far_from_every_other_gets_no_suggestion() {
        assert!(!refusal("{\"zzz\": 1}").contains("did you mean"));
    }

    #[test]
    fn quotes_and_brackets_inside_strings_do_not_confuse_the_place() {
        let text = refusal(r#"{"colour": "a\"{[,:", "nested": [{"count": 300}]}"#);
        assert!(text.contains("field nested[0].count: invalid value"), "{text}");
    }

    #[test]
    fn an_absent_file_is_no_error_and_a_directory_is() {
        assert_eq!(load::<Sample>(Path::new("/nonexistent/x.json")), Ok(None));
        let error = load::<Sample>(Path::new("/")).map_err(|error| error.to_string());
        assert!(matches!(&error, Err(text) if text.starts_with("/: cannot be read: ")), "{error:?}");
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("record", "recrod"), 2);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("Model", "model"), 0);
    }
}
