//! Which words of a command line, and which variables, are secrets.

use super::getopt::{Found, Getopt};
use super::text::{Words, words};
use super::{Arg, Personality};

/// Options whose argument is a password or key.
const OPTIONS: &[u8] = b"Pky";

/// Variables that hold a password or key (`-E`, `-K`).
const VARIABLES: [&str; 3] = ["IPMI_PASSWORD", "IPMITOOL_PASSWORD", "IPMI_KGKEY"];

/// Commands that take one: the words before it (`*` is any word), in the
/// verbs' full spelling.
const COMMANDS: Words = words![
    "channel setkg *",
    "lan set * password",
    "lan set * snmp",
    "set kgkey",
    "set password",
    "user set password *",
    "user test * *",
];

/// The secrets in `args` and in the environment that `var` reads.
pub fn find(args: &[Arg], var: impl Fn(&str) -> Option<Arg>) -> Vec<Arg> {
    // The grammars differ in no option that takes an argument.
    let mut getopt =
        Getopt::new(Personality::default().option_grammar(), args, var("POSIXLY_CORRECT").is_some());
    let mut secrets: Vec<Arg> = getopt
        .by_ref()
        .filter_map(|found| match found {
            Found::Option(letter, Some(text)) if OPTIONS.contains(&letter) => Some(text),
            _ => None,
        })
        .collect();
    let words = getopt.into_words();
    secrets.extend(COMMANDS.iter().filter_map(|verbs| after(&words, verbs)?.first().cloned()));
    secrets.extend(VARIABLES.iter().filter_map(|name| var(name)));
    secrets
}

/// The words after `verbs`, if they begin with those; 1.8.18 ignores what
/// follows a verb.
fn after<'a>(words: &'a [Arg], verbs: &str) -> Option<&'a [Arg]> {
    verbs.split(' ').try_fold(words, |words, verb| {
        let (word, rest) = words.split_first()?;
        (verb == "*" || word.starts_with(verb.as_bytes())).then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets_in(line: &str) -> Vec<String> {
        let args: Vec<Arg> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        find(&args, |_| None)
            .into_iter()
            .map(|secret| String::from_utf8_lossy(&secret).into_owned())
            .collect()
    }

    #[test]
    fn options_are_found_in_every_spelling() {
        assert_eq!(secrets_in("-H bmc -U root -P calvin mc info"), ["calvin"]);
        assert_eq!(secrets_in("-vPcalvin mc info -k key -y 0a0b"), ["calvin", "key", "0a0b"]);
        assert!(secrets_in("-U -P mc info").is_empty());
        assert!(secrets_in("mc info -- -P x").is_empty());
    }

    #[test]
    fn commands_that_take_a_password_are_known() {
        assert_eq!(secrets_in("user set password 2 hunter2 20"), ["hunter2"]);
        assert_eq!(secrets_in("user test 2 16 -v hunter2"), ["hunter2"]);
        assert_eq!(secrets_in("lan set 1 snmp public"), ["public"]);
        assert!(secrets_in("lan set 1 ipaddr 10.0.0.1").is_empty());
        assert!(secrets_in("user set password 2").is_empty());
    }

    #[test]
    fn the_environment_may_hold_some() {
        let var = |name: &str| (name == "IPMI_PASSWORD").then(|| b"hunter2".to_vec());
        assert_eq!(find(&[], var), [b"hunter2".to_vec()]);
    }
}
