//! The C library's `getopt`: options anywhere among the words, bundled short
//! options, `--`, and its two complaints.

use super::Arg;

/// What one step of the scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A known option, with its argument if it takes one.
    Option(u8, Option<Arg>),
    /// An option letter the grammar does not have.
    Invalid(u8),
    /// An option at the end of the line whose argument is missing.
    MissingArgument(u8),
}

impl Found {
    /// The line glibc prints on standard error for a complaint.
    pub fn complaint(&self, program: &[u8]) -> Option<Vec<u8>> {
        let (text, letter) = match self {
            Self::Option(..) => return None,
            Self::Invalid(letter) => (": invalid option -- '", *letter),
            Self::MissingArgument(letter) => (": option requires an argument -- '", *letter),
        };
        Some([program, text.as_bytes(), &[letter], b"'\n"].concat())
    }
}

/// A scan over the arguments after `argv[0]`.
pub struct Getopt<'a> {
    grammar: &'a [u8],
    args: std::slice::Iter<'a, Arg>,
    /// Letters left in the word being read.
    bundle: &'a [u8],
    words: Vec<Arg>,
    /// `POSIXLY_CORRECT`: the first word ends the options.
    posix: bool,
}

impl<'a> Getopt<'a> {
    /// A scan by an option string: a letter followed by `:` takes an argument.
    pub fn new(grammar: &'a str, args: &'a [Arg], posix: bool) -> Self {
        Self { grammar: grammar.as_bytes(), args: args.iter(), bundle: &[], words: Vec::new(), posix }
    }

    /// The words that are no options, in order; call it after the last option.
    pub fn into_words(mut self) -> Vec<Arg> {
        self.words.extend(self.args.cloned());
        self.words
    }

    /// Moves to the next word that holds options; false at their end.
    fn enter_bundle(&mut self) -> bool {
        for arg in self.args.by_ref() {
            match arg.as_slice() {
                b"--" => return false,
                [b'-', letters @ ..] if !letters.is_empty() => {
                    self.bundle = letters;
                    return true;
                }
                word => self.words.push(word.to_vec()),
            }
            if self.posix {
                return false;
            }
        }
        false
    }

    fn takes_argument(&self, letter: u8) -> Option<bool> {
        // Neither can be a letter: one marks arguments, `W;` is POSIX's own.
        if matches!(letter, b':' | b';') {
            return None;
        }
        let at = self.grammar.iter().position(|known| *known == letter)?;
        Some(self.grammar.get(at + 1) == Some(&b':'))
    }
}

impl Iterator for Getopt<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if self.bundle.is_empty() && !self.enter_bundle() {
            // What remains are words, even if it looks like options.
            self.words.extend(std::mem::take(&mut self.args).cloned());
            return None;
        }
        let (&letter, rest) = self.bundle.split_first()?;
        self.bundle = rest;
        Some(match self.takes_argument(letter) {
            None => Found::Invalid(letter),
            Some(false) => Found::Option(letter, None),
            Some(true) => {
                let attached = std::mem::take(&mut self.bundle);
                let argument =
                    if attached.is_empty() { self.args.next().cloned() } else { Some(attached.to_vec()) };
                argument.map_or(Found::MissingArgument(letter), |text| Found::Option(letter, Some(text)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(line: &str, posix: bool) -> (Vec<Found>, Vec<String>) {
        let args: Vec<Arg> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        let mut getopt = Getopt::new("I:vcS:", &args, posix);
        let found = getopt.by_ref().collect();
        let words = getopt.into_words().into_iter().map(|word| String::from_utf8_lossy(&word).into_owned());
        (found, words.collect())
    }

    fn option(letter: char, argument: Option<&str>) -> Found {
        Found::Option(letter as u8, argument.map(|text| text.as_bytes().to_vec()))
    }

    #[test]
    fn options_may_follow_words() {
        let (found, words) = scan("sdr -S file elist -v", false);
        assert_eq!(found, [option('S', Some("file")), option('v', None)]);
        assert_eq!(words, ["sdr", "elist"]);
    }

    #[test]
    fn posix_stops_at_the_first_word() {
        let (found, words) = scan("-v sdr -c", true);
        assert_eq!(found, [option('v', None)]);
        assert_eq!(words, ["sdr", "-c"]);
    }

    #[test]
    fn bundles_and_attached_arguments() {
        let (found, words) = scan("-vcIopen -", false);
        assert_eq!(found, [option('v', None), option('c', None), option('I', Some("open"))]);
        assert_eq!(words, ["-"]);
    }

    #[test]
    fn double_dash_ends_options_unless_it_is_an_argument() {
        let (found, words) = scan("a -S -- -v -- -c --", false);
        assert_eq!(found, [option('S', Some("--")), option('v', None)]);
        assert_eq!(words, ["a", "-c", "--"]);
    }

    #[test]
    fn complains_as_glibc_does() {
        let (found, _) = scan("-vx --help -I", false);
        assert_eq!(found[1], Found::Invalid(b'x'));
        assert_eq!(found[2], Found::Invalid(b'-'));
        assert_eq!(found.last(), Some(&Found::MissingArgument(b'I')));
        let complaint = found[1].complaint(b"/usr/bin/ipmitool");
        assert_eq!(complaint.as_deref(), Some(b"/usr/bin/ipmitool: invalid option -- 'x'\n".as_slice()));
        let complaint = found.last().and_then(|last| last.complaint(b"i"));
        assert_eq!(complaint.as_deref(), Some(b"i: option requires an argument -- 'I'\n".as_slice()));
        assert_eq!(scan("-:", false).0, [Found::Invalid(b':')]);
    }
}
