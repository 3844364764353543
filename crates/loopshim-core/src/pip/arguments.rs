//! pip's argument grammar (Python's `optparse`), as far as it takes to tell
//! what would change an environment.
//!
//! Global options come before the command; after it options and operands mix.
//! Long options may be shortened. The tables join the options of pip 9 to 25:
//! an option that one of them lacks is a usage error there, which changes
//! nothing. Whatever is in doubt is a [`Change`]: watching over a command that
//! changes nothing costs time, the contrary an environment.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What an invocation does to the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Nothing: pip can have it at once.
    PassThrough,
    /// Something.
    Change(Change),
}

/// Which command changes the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `pip install`
    Install,
    /// `pip uninstall`
    Uninstall,
}

impl Action {
    /// The command's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Uninstall => "uninstall",
        }
    }
}

/// An invocation that changes an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The command.
    pub action: Action,
    /// Where the operands (packages, folders, files) are among the arguments.
    pub operands: Vec<usize>,
    /// Whether every option is one that makes no file but those installed, so
    /// that an answer may stand for another's.
    pub is_plain: bool,
    /// Whether `--no-deps` is given.
    pub no_deps: bool,
    /// Whether every option is known, so that operands cannot be values.
    pub is_understood: bool,
}

impl Change {
    /// The operand that is a local folder, given as a plain absolute path, where
    /// it is the only operand.
    pub fn only_folder<'a>(&self, args: &'a [OsString]) -> Option<(usize, &'a Path)> {
        let &[at] = self.operands.as_slice() else { return None };
        let path = Path::new(args.get(at)?);
        let text = path.as_os_str().as_bytes();
        let is_plain = text.starts_with(b"/")
            && !text.ends_with(b"/")
            && !text.contains(&b'[')
            && path.components().skip(1).all(|part| matches!(part, std::path::Component::Normal(_)))
            && !text.windows(2).any(|pair| pair == b"//")
            && !text.windows(3).any(|three| three == b"/./");
        (self.is_understood && is_plain).then_some((at, path))
    }
}

/// An option: its long name, its letter, whether it takes a value, and whether
/// it leaves no trace but the installation.
struct Known(&'static str, u8, bool, bool);

const VALUE: bool = true;
const FLAG: bool = false;
const PLAIN: bool = true;
const OTHER: bool = false;
/// No letter.
const NONE: u8 = 0;

/// Options that every command takes (pip 9.0.3 to 25.3).
const GENERAL: &[Known] = &[
    Known("help", b'h', FLAG, OTHER),
    Known("debug", NONE, FLAG, OTHER),
    Known("isolated", NONE, FLAG, PLAIN),
    Known("require-virtualenv", NONE, FLAG, PLAIN),
    Known("require-venv", NONE, FLAG, PLAIN),
    Known("python", NONE, VALUE, OTHER),
    Known("verbose", b'v', FLAG, PLAIN),
    Known("version", b'V', FLAG, OTHER),
    Known("quiet", b'q', FLAG, PLAIN),
    Known("log", NONE, VALUE, OTHER),
    Known("log-file", NONE, VALUE, OTHER),
    Known("local-log", NONE, VALUE, OTHER),
    Known("no-input", NONE, FLAG, PLAIN),
    Known("keyring-provider", NONE, VALUE, OTHER),
    Known("proxy", NONE, VALUE, OTHER),
    Known("retries", NONE, VALUE, PLAIN),
    Known("resume-retries", NONE, VALUE, PLAIN),
    Known("timeout", NONE, VALUE, PLAIN),
    Known("default-timeout", NONE, VALUE, PLAIN),
    Known("skip-requirements-regex", NONE, VALUE, OTHER),
    Known("exists-action", NONE, VALUE, OTHER),
    Known("trusted-host", NONE, VALUE, OTHER),
    Known("cert", NONE, VALUE, OTHER),
    Known("client-cert", NONE, VALUE, OTHER),
    Known("cache-dir", NONE, VALUE, OTHER),
    Known("no-cache-dir", NONE, FLAG, PLAIN),
    Known("disable-pip-version-check", NONE, FLAG, PLAIN),
    Known("no-color", NONE, FLAG, PLAIN),
    Known("no-python-version-warning", NONE, FLAG, PLAIN),
    Known("use-feature", NONE, VALUE, OTHER),
    Known("use-deprecated", NONE, VALUE, OTHER),
];

/// Options of `install` and `uninstall` (pip 9.0.3 to 25.3).
const OF_COMMAND: &[Known] = &[
    Known("requirement", b'r', VALUE, OTHER),
    Known("requirements-from-script", NONE, VALUE, OTHER),
    Known("constraint", b'c', VALUE, OTHER),
    Known("build-constraint", NONE, VALUE, OTHER),
    Known("no-deps", NONE, FLAG, PLAIN),
    Known("no-dependencies", NONE, FLAG, PLAIN),
    Known("pre", NONE, FLAG, PLAIN),
    Known("dry-run", NONE, FLAG, OTHER),
    Known("editable", b'e', VALUE, OTHER),
    Known("group", NONE, VALUE, OTHER),
    Known("target", b't', VALUE, OTHER),
    Known("platform", NONE, VALUE, OTHER),
    Known("python-version", NONE, VALUE, OTHER),
    Known("implementation", NONE, VALUE, OTHER),
    Known("abi", NONE, VALUE, OTHER),
    Known("user", NONE, FLAG, PLAIN),
    Known("no-user", NONE, FLAG, PLAIN),
    Known("root", NONE, VALUE, OTHER),
    Known("prefix", NONE, VALUE, OTHER),
    Known("src", NONE, VALUE, OTHER),
    Known("source", NONE, VALUE, OTHER),
    Known("source-dir", NONE, VALUE, OTHER),
    Known("source-directory", NONE, VALUE, OTHER),
    Known("build", b'b', VALUE, OTHER),
    Known("build-dir", NONE, VALUE, OTHER),
    Known("build-directory", NONE, VALUE, OTHER),
    Known("download", b'd', VALUE, OTHER),
    Known("download-cache", NONE, VALUE, OTHER),
    Known("upgrade", b'U', FLAG, PLAIN),
    Known("upgrade-strategy", NONE, VALUE, PLAIN),
    Known("force-reinstall", NONE, FLAG, PLAIN),
    Known("ignore-installed", b'I', FLAG, PLAIN),
    Known("ignore-requires-python", NONE, FLAG, PLAIN),
    Known("no-build-isolation", NONE, FLAG, PLAIN),
    Known("use-pep517", NONE, FLAG, PLAIN),
    Known("no-use-pep517", NONE, FLAG, PLAIN),
    Known("check-build-dependencies", NONE, FLAG, PLAIN),
    Known("break-system-packages", NONE, FLAG, PLAIN),
    Known("config-settings", b'C', VALUE, OTHER),
    Known("config-setting", NONE, VALUE, OTHER),
    Known("install-option", NONE, VALUE, OTHER),
    Known("global-option", NONE, VALUE, OTHER),
    Known("build-option", NONE, VALUE, OTHER),
    Known("egg", NONE, FLAG, OTHER),
    Known("compile", NONE, FLAG, PLAIN),
    Known("no-compile", NONE, FLAG, PLAIN),
    Known("no-warn-script-location", NONE, FLAG, PLAIN),
    Known("no-warn-conflicts", NONE, FLAG, PLAIN),
    Known("no-binary", NONE, VALUE, OTHER),
    Known("only-binary", NONE, VALUE, OTHER),
    Known("use-wheel", NONE, FLAG, OTHER),
    Known("no-use-wheel", NONE, FLAG, OTHER),
    Known("prefer-binary", NONE, FLAG, PLAIN),
    Known("require-hashes", NONE, FLAG, OTHER),
    Known("progress-bar", NONE, VALUE, PLAIN),
    Known("root-user-action", NONE, VALUE, PLAIN),
    Known("report", NONE, VALUE, OTHER),
    Known("no-clean", NONE, FLAG, OTHER),
    Known("index-url", b'i', VALUE, OTHER),
    Known("pypi-url", NONE, VALUE, OTHER),
    Known("extra-index-url", NONE, VALUE, OTHER),
    Known("no-index", NONE, FLAG, PLAIN),
    Known("find-links", b'f', VALUE, OTHER),
    Known("process-dependency-links", NONE, FLAG, OTHER),
    Known("allow-external", NONE, VALUE, OTHER),
    Known("allow-all-external", NONE, FLAG, OTHER),
    Known("allow-unverified", NONE, VALUE, OTHER),
    Known("yes", b'y', FLAG, PLAIN),
];

/// Decides what an invocation with these arguments does.
pub fn parse(args: &[OsString]) -> Command {
    let mut general = Scan::new(args, 0, &[GENERAL]);
    let command_at = match general.next() {
        Some(Word::Operand(at)) => at,
        // Usage, version or help, or words we do not understand.
        None => return in_doubt(&general, args),
    };
    if general.has("version") || general.has("help") {
        return Command::PassThrough;
    }
    let action = match args[command_at].as_bytes() {
        b"install" => Action::Install,
        b"uninstall" => Action::Uninstall,
        _ => return in_doubt(&general, args),
    };
    let mut rest = Scan::new(args, command_at + 1, &[OF_COMMAND, GENERAL]);
    let mut operands = Vec::new();
    while let Some(Word::Operand(at)) = rest.next() {
        operands.push(at);
    }
    if rest.has("help") || rest.has("dry-run") {
        return Command::PassThrough;
    }
    let seen = || general.seen.iter().chain(&rest.seen);
    Command::Change(Change {
        action,
        operands,
        is_plain: seen().all(|option| option.3),
        no_deps: rest.has("no-deps") || rest.has("no-dependencies"),
        is_understood: general.is_understood && rest.is_understood,
    })
}

/// A command line that shows no changing command: unless an option we do not
/// know may have hidden one.
fn in_doubt(general: &Scan<'_>, args: &[OsString]) -> Command {
    let find = |name: &str| args.iter().any(|arg| arg.as_bytes() == name.as_bytes());
    let hidden = [Action::Install, Action::Uninstall].into_iter().find(|action| find(action.name()));
    match hidden {
        Some(action) if !general.is_understood => Command::Change(Change {
            action,
            operands: Vec::new(),
            is_plain: false,
            no_deps: false,
            is_understood: false,
        }),
        _ => Command::PassThrough,
    }
}

/// What is neither an option nor the value of one.
enum Word {
    Operand(usize),
}

struct Scan<'a> {
    args: &'a [OsString],
    at: usize,
    tables: &'a [&'static [Known]],
    seen: Vec<&'static Known>,
    only_operands: bool,
    is_understood: bool,
}

impl<'a> Scan<'a> {
    fn new(args: &'a [OsString], at: usize, tables: &'a [&'static [Known]]) -> Self {
        Self { args, at, tables, seen: Vec::new(), only_operands: false, is_understood: true }
    }

    fn next(&mut self) -> Option<Word> {
        while let Some(arg) = self.args.get(self.at) {
            let at = self.at;
            self.at += 1;
            match arg.as_bytes() {
                _ if self.only_operands => return Some(Word::Operand(at)),
                b"--" => self.only_operands = true,
                [b'-', b'-', long @ ..] => self.long(long),
                [b'-', letters @ ..] if !letters.is_empty() => self.letters(letters),
                _ => return Some(Word::Operand(at)),
            }
        }
        None
    }

    fn long(&mut self, word: &[u8]) {
        let (name, has_value) = match word.iter().position(|&byte| byte == b'=') {
            Some(at) => (&word[..at], true),
            None => (word, false),
        };
        let Some(option) = self.named(name) else {
            self.is_understood = false;
            return;
        };
        self.seen.push(option);
        self.at += usize::from(option.2 && !has_value);
    }

    /// The option of that name, or one it is short for. Where it could be short
    /// for several, the versions of pip differ in which: it is not understood,
    /// unless nothing follows from it.
    fn named(&mut self, name: &[u8]) -> Option<&'static Known> {
        let all = || self.tables.iter().flat_map(|table| table.iter());
        if let Some(exact) = all().find(|option| option.0.as_bytes() == name) {
            return Some(exact);
        }
        let matching = || all().filter(|option| option.0.as_bytes().starts_with(name));
        let first = matching().next()?;
        let agree = matching().all(|option| option.2 == first.2);
        if matching().count() > 1 || name.is_empty() {
            self.is_understood = false;
        }
        agree.then_some(first)
    }

    fn letters(&mut self, letters: &[u8]) {
        for (index, letter) in letters.iter().enumerate() {
            let found = self.tables.iter().flat_map(|table| table.iter()).find(|option| option.1 == *letter);
            let Some(option) = found.filter(|option| option.1 != NONE) else {
                self.is_understood = false;
                return;
            };
            self.seen.push(option);
            if option.2 {
                self.at += usize::from(index + 1 == letters.len());
                return;
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        self.seen.iter().any(|option| option.0 == name)
    }
}

/// The command line for people: words joined by blanks, cut at `limit` bytes.
pub fn for_people(program: &str, args: &[OsString], limit: usize) -> String {
    let mut text = String::from(program);
    for arg in args {
        text.push(' ');
        text.push_str(&arg.to_string_lossy().replace(char::is_control, "?"));
    }
    if text.len() > limit {
        let end = (0..=limit).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Whether an operand names something in the file system, as pip sees it.
pub fn is_local(operand: &OsStr) -> bool {
    operand.as_bytes().contains(&b'/') || operand.as_bytes() == b"." || operand.as_bytes() == b".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn change(line: &str) -> Change {
        match parse(&args(line)) {
            Command::Change(change) => change,
            Command::PassThrough => panic!("{line}: passed through"),
        }
    }

    #[test]
    fn what_changes_nothing_is_passed_through() {
        for line in [
            "",
            "--version",
            "-V",
            "list",
            "show pip",
            "download install",
            "config set global.index-url x",
            "help install",
            "--help install",
            "-h install x",
            "install --help",
            "install x --dry-run",
            "install --he",
            "uninstall -yh x",
            "--log install list",
            "--proxy=x wheel install",
            "bogus install",
            "-- list",
            "--timeout 5",
        ] {
            assert_eq!(parse(&args(line)), Command::PassThrough, "{line}");
        }
    }

    #[test]
    fn what_changes_an_environment_is_found_behind_any_options() {
        for (line, operands) in [
            ("install -U --no-deps --no-cache-dir /tmp/hevnojky", vec![4]),
            ("--log file install x", vec![3]),
            ("--log=install install x -q y", vec![2, 4]),
            ("-qq --time 5 install --target dir x", vec![6]),
            ("install -Uttarget x", vec![2]),
            ("install -rreq.txt -- -x", vec![3]),
            ("install -", vec![1]),
            ("uninstall -y x y", vec![2, 3]),
            ("--proxy list install x", vec![3]),
        ] {
            assert_eq!(change(line).operands, operands, "{line}");
            assert!(change(line).is_understood, "{line}");
        }
        assert_eq!(change("uninstall x").action, Action::Uninstall);
    }

    #[test]
    fn doubt_is_a_change_and_is_not_understood() {
        for line in [
            "--frobnicate install x",
            "--frobnicate value install x",
            "install --frobnicate x",
            "install --re x y",
        ] {
            assert!(!change(line).is_understood, "{line}");
        }
        assert_eq!(parse(&args("--frobnicate list")), Command::PassThrough);
    }

    #[test]
    fn only_a_plain_absolute_folder_alone_counts_as_one() {
        let folder = |line: &str| {
            let args = args(line);
            change(line).only_folder(&args).map(|(at, path)| (at, path.to_owned()))
        };
        assert_eq!(folder("install -U /tmp/a"), Some((2, "/tmp/a".into())));
        for line in [
            "install .",
            "install a/b",
            "install /tmp/a /tmp/b",
            "install /tmp/../a",
            "install /tmp/a/",
            "install //tmp/a",
            "install /tmp/./a",
            "install /tmp/a[extra]",
            "install --frob /tmp/a",
            "install -e /tmp/a",
        ] {
            assert_eq!(folder(line), None, "{line}");
        }
    }

    #[test]
    fn traces_outside_the_installation_are_noticed() {
        assert!(change("install -U --no-deps --no-cache-dir /tmp/x").is_plain);
        for line in [
            "install --log f /tmp/x",
            "install --report f /tmp/x",
            "--log f install /tmp/x",
            "install -t d /tmp/x",
        ] {
            assert!(!change(line).is_plain, "{line}");
        }
        assert!(change("install --no-dependencies x").no_deps);
        assert!(!change("install x").no_deps);
    }

    #[test]
    fn for_people_a_line_is_one_line_and_short() {
        assert_eq!(for_people("pip3", &args("install x"), 80), "pip3 install x");
        assert_eq!(for_people("pip3", &["a\nb".into()], 80), "pip3 a?b");
        assert_eq!(for_people("pip3", &["äöü".into()], 8), "pip3 ä…");
    }
}
