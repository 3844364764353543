//! A case: trees, calls and what must hold after them, as text. It is run with
//! the original at both ends; what it says and leaves there is what every pair
//! with ours in it must say and leave.
//!
//! ```text
//! % local push           where it is run; `% local push pull` if not said
//! % user                 as an ordinary user; `% root user`: as both
//! % atimes               access times count
//! % daemonless           no daemon is asked, where all else is
//! # comment
//! f from/a =hello        an entry of a tree (see `tree`)
//! $ rsync -a S:from/ D:to/     a call; S: and D: become the host, or nothing
//! ! rm to/a              a change
//! ? test -f to/a         what must hold, whoever ran
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::call::{self, Said, Surroundings};
use super::pending;
use super::snapshot::{self, Scope, Snapshot};
use super::subject::{Pair, Subject};
use super::tree::{self, Entry, Owner};
use crate::support::say::say;
use crate::support::skip::skip;

/// An ordinary user, unknown to the machine.
const USER: Owner = (21_212, 21_212);

/// How the two ends are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Both in one call.
    Local,
    /// The destination behind the remote shell.
    Push,
    /// The source there.
    Pull,
    /// The destination in the module of a daemon that the remote shell starts.
    DaemonPush,
    /// The source there.
    DaemonPull,
}

impl Way {
    /// The same with a daemon, where there is a remote shell.
    fn with_daemon(self) -> Option<Self> {
        match self {
            Self::Push => Some(Self::DaemonPush),
            Self::Pull => Some(Self::DaemonPull),
            _ => None,
        }
    }

    /// For the table of pending cases.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Push => "push",
            Self::Pull => "pull",
            Self::DaemonPush => "daemon-push",
            Self::DaemonPull => "daemon-pull",
        }
    }

    /// A call with the places of its hosts filled in.
    pub fn place(self, line: &str) -> String {
        let (source, destination) = match self {
            Self::Local => ("", ""),
            Self::Push => ("", "lh:"),
            Self::Pull => ("lh:", ""),
            Self::DaemonPush => ("", "lh::here/"),
            Self::DaemonPull => ("lh::here/", ""),
        };
        let mut placed = String::new();
        let mut before = ' ';
        let mut rest = line;
        while let Some(next) = rest.chars().next() {
            let at_start = " =\"'".contains(before);
            let host = match &rest.as_bytes()[..rest.len().min(2)] {
                b"S:" if at_start => Some(source),
                b"D:" if at_start => Some(destination),
                _ => None,
            };
            let length = host.map_or(next.len_utf8(), |host| {
                placed.push_str(host);
                2
            });
            if host.is_none() {
                placed.push(next);
            }
            before = next;
            rest = &rest[length..];
        }
        placed
    }
}

enum Step {
    Tree(Vec<Entry>),
    Call(String),
    Change(String),
    Holds(String),
}

/// A parsed case.
pub struct Case {
    name: String,
    ways: Vec<Way>,
    users: Vec<Owner>,
    access_times: bool,
    is_daemonless: bool,
    steps: Vec<Step>,
}

/// What is left after each call, and what it said.
type Outcome = Vec<(String, Said, Snapshot)>;

impl Case {
    /// Reads the case of that name in that folder here; panics where there is
    /// none. (At run time: a case is changed without building anything.)
    pub fn read(folder: &str, name: &str) -> Self {
        let path = format!("{}/tests/rsync/{folder}/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
        Self::parse(name, &text)
    }

    fn parse(name: &str, text: &str) -> Self {
        let mut case = Self {
            name: name.to_owned(),
            ways: vec![Way::Local, Way::Push, Way::Pull],
            users: vec![(0, 0)],
            access_times: false,
            is_daemonless: false,
            steps: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let Some((letter, rest)) = line.split_once(' ') else { panic!("{name}: {line}") };
            match letter {
                "%" => case.set(rest),
                "$" => case.steps.push(Step::Call(rest.to_owned())),
                "!" => case.steps.push(Step::Change(rest.to_owned())),
                "?" => case.steps.push(Step::Holds(rest.to_owned())),
                _ => {
                    let entry = Entry::parse(line);
                    if let Some(Step::Tree(entries)) = case.steps.last_mut() {
                        entries.push(entry);
                    } else {
                        case.steps.push(Step::Tree(vec![entry]));
                    }
                }
            }
        }
        assert!(case.steps.iter().any(|step| matches!(step, Step::Call(_))), "{name} calls nothing");
        case
    }

    fn set(&mut self, words: &str) {
        let has = |word: &str| words.split_whitespace().any(|found| found == word);
        let ways = [Way::Local, Way::Push, Way::Pull];
        let named: Vec<Way> = ways.into_iter().filter(|way| has(way.name())).collect();
        if !named.is_empty() {
            self.ways = named;
        }
        if has("user") {
            self.users = if has("root") { vec![(0, 0), USER] } else { vec![USER] };
        }
        self.access_times |= has("atimes");
        self.is_daemonless |= has("daemonless");
    }

    /// Runs it everywhere and compares; what differs must be in the table of
    /// pending cases, and what is there must differ.
    pub fn judge(&self) {
        self.judge_pairs(&Pair::MIXED, &[""]);
    }

    /// The same with ours at both ends too, with ours as client of a daemon, and with
    /// each of some options.
    pub fn judge_all_pairs(mut self, options: &[&str]) {
        if !self.is_daemonless {
            let daemons: Vec<Way> = self.ways.iter().filter_map(|way| way.with_daemon()).collect();
            self.ways.extend(daemons);
        }
        self.judge_pairs(&[Pair::MIXED[0], Pair::MIXED[1], Pair::OURS], options);
    }

    fn judge_pairs(&self, remote: &[Pair], options: &[&str]) {
        if !Subject::Theirs.program().exists() {
            return skip(&self.name, "rsync (a package of that name)");
        }
        let mut failures = Vec::new();
        for &user in &self.users {
            if !rustix::process::geteuid().is_root() {
                skip(&self.name, "root, to be both root and a user");
                continue;
            }
            for option in options {
                self.judge_as(user, remote, option, &mut failures);
            }
        }
        pending::settle(&self.name, &failures);
    }

    fn judge_as(&self, user: Owner, remote: &[Pair], option: &str, failures: &mut Vec<(String, String)>) {
        let work = Work::new(user);
        let mut numbers = 10..;
        for &way in &self.ways {
            let mut run = |pair| self.run(&work, numbers.next().unwrap_or(0), way, pair, option);
            let expected = run(Pair::JUDGE).unwrap_or_else(|why| panic!("{} {way:?}: {why}", self.name));
            let judged = match way {
                Way::Local => &[Pair::OURS][..],
                Way::Push | Way::Pull => remote,
                // Ours is no daemon.
                Way::DaemonPush | Way::DaemonPull => &Pair::MIXED[..1],
            };
            for &pair in judged {
                let found = run(pair).map_or_else(|why| vec![why], |got| compare(&expected, &got));
                if !found.is_empty() {
                    let user = if user == USER { " user" } else { "" };
                    let option = if option.is_empty() { String::new() } else { format!(" {option}") };
                    failures.push((format!("{} {pair}{user}{option}", way.name()), found.join("\n  ")));
                }
            }
        }
    }

    fn run(&self, work: &Work, number: u32, way: Way, pair: Pair, options: &str) -> Result<Outcome, String> {
        // That a daemon is to be started has to be said.
        let shell = if matches!(way, Way::DaemonPush | Way::DaemonPull) { " -e $RSYNC_RSH" } else { "" };
        let surroundings = work.surroundings(number, pair, &format!("{options}{shell}"));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
        let scope = Scope { now: now as i64 - 1, access_times: self.access_times };
        let mut outcome = Vec::new();
        for step in &self.steps {
            match step {
                Step::Tree(entries) => tree::build(&surroundings.folder, entries, work.user),
                Step::Call(line) => {
                    let line = way.place(line);
                    let said = surroundings.run(&line);
                    let left = surroundings.snapshot(scope);
                    if std::env::var_os("LOOPSHIM_RSYNC_SHOW").is_some() {
                        say(format_args!("{pair} {line}\n{said:#?}\n{left:#?}"));
                    }
                    outcome.push((line, said, left));
                }
                Step::Change(line) => {
                    let said = surroundings.run(&way.place(line));
                    if said.status != 0 {
                        return Err(format!("does not succeed: {line}\n  {said:#?}"));
                    }
                    tree::redate_directories(&surroundings.folder, scope.now);
                }
                Step::Holds(line) => {
                    let said = surroundings.run(&way.place(line));
                    if said.status != 0 {
                        let (call, last, _) = outcome.last().expect("a call before");
                        return Err(format!("does not hold: {line}\n  after {call}: {last:#?}"));
                    }
                }
            }
        }
        drop(fs::remove_dir_all(&surroundings.folder));
        drop(fs::remove_dir_all(&surroundings.elsewhere));
        Ok(outcome)
    }
}

impl Surroundings {
    /// Everything in both folders.
    fn snapshot(&self, scope: Scope) -> Snapshot {
        let run = self.folder.to_str().expect("in UTF-8");
        let here = snapshot::take(&self.folder, scope);
        let mut left: Snapshot =
            here.into_iter().map(|(path, entry)| (path, entry.replace(run, "{run}"))).collect();
        for (path, entry) in snapshot::take(&self.elsewhere, scope) {
            left.insert(format!("$X/{path}"), entry);
        }
        left
    }
}

fn compare(expected: &Outcome, got: &Outcome) -> Vec<String> {
    for ((line, said, left), (_, other_said, other_left)) in expected.iter().zip(got) {
        let mut found = call::differences(said, other_said);
        found.extend(snapshot::differences(left, other_left).into_iter().take(12));
        if !found.is_empty() {
            found.insert(0, format!("after {line}"));
            return found;
        }
    }
    Vec::new()
}

/// Where the runs of a case are: on a file system in memory, if there is one.
pub struct Work {
    folder: tempfile::TempDir,
    elsewhere: tempfile::TempDir,
    user: Owner,
}

impl Work {
    /// A place, with the programs in it.
    pub fn new(user: Owner) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.expect("a folder");
        let elsewhere = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder elsewhere");
        open(folder.path());
        call::install(folder.path(), user != (0, 0));
        Self { folder, elsewhere, user }
    }

    /// A place for one run.
    pub fn surroundings(&self, number: u32, pair: Pair, options: &str) -> Surroundings {
        let make = |parent: &Path| -> PathBuf {
            let path = parent.join(format!("run-{number}"));
            fs::create_dir(&path).expect("a folder");
            std::os::unix::fs::chown(&path, Some(self.user.0), Some(self.user.1)).expect("an owner");
            path
        };
        Surroundings {
            folder: make(self.folder.path()),
            elsewhere: make(self.elsewhere.path()),
            programs: self.folder.path().to_owned(),
            pair,
            user: self.user,
            options: options.to_owned(),
        }
    }
}

/// Lets an ordinary user reach what is in a temporary folder.
fn open(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("a mode");
}
