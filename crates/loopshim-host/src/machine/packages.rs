//! Package managers: what is installed, what needs it, how it comes and goes.

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use super::Machine;
use super::commands::Done;

/// RPM's books have the keys of repositories among the packages.
const KEYS: &str = "gpg-pubkey";

/// Who installs packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manager {
    /// `apt-get`, with dpkg's books.
    Apt,
    /// `dnf`, with RPM's.
    Dnf,
}

/// Why packages do not go.
#[derive(Debug)]
pub enum Trouble {
    /// These need them, and are not ours.
    Needed(Vec<String>),
    /// It could not be done.
    Failed(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// A package that is there, at least in part.
struct Entry {
    /// What it was asked for by: itself, or something that it provides.
    asked: String,
    name: String,
    state: String,
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
        })
    }
}

impl Manager {
    /// The words that install these.
    pub fn install(self, names: &[String]) -> Vec<String> {
        let fixed: &[&str] = match self {
            Self::Apt => &["apt-get", "-y", "-o", "DPkg::Lock::Timeout=120", "install"],
            Self::Dnf => &["dnf", "-y", "install"],
        };
        fixed.iter().map(|&word| word.to_owned()).chain(names.iter().cloned()).collect()
    }

    /// Those of the names that are installed, as the books have it.
    pub fn installed(self, machine: &Machine, names: &[&'static str]) -> Vec<&'static str> {
        let entries = self.entries(machine, names).unwrap_or_default();
        let is_whole = |name: &&str| entries.iter().any(|it| it.asked == *name && it.state == "installed");
        names.iter().copied().filter(is_whole).collect()
    }

    /// All that is installed.
    ///
    /// # Errors
    /// When the books cannot be read.
    pub fn all(self, machine: &Machine) -> io::Result<BTreeSet<String>> {
        self.in_state(machine, "installed")
    }

    /// What apt-get would install for these, theirs and its own dependencies. RPM's
    /// books tell afterwards.
    pub fn planned(self, machine: &Machine, names: &[String]) -> Vec<String> {
        if self == Self::Dnf {
            return Vec::new();
        }
        let text = run(machine, &["apt-get", "-s", "install"], names).map(|done| done.text());
        let text = text.unwrap_or_default();
        let planned = text.lines().filter_map(|line| line.strip_prefix("Inst ")?.split_whitespace().next());
        planned.map(str::to_owned).collect()
    }

    /// What came along with these and nothing else, as far as that can be told: what
    /// was planned, or, as RPM's books have it, came in the same transaction.
    pub fn along(self, machine: &Machine, names: &[String], planned: &[&str]) -> BTreeSet<String> {
        if self == Self::Apt {
            let is_planned = |package: &&String| planned.contains(&without_architecture(package));
            return self.all(machine).unwrap_or_default().iter().filter(is_planned).cloned().collect();
        }
        let told = |words: &[&str]| machine.commands.run(words).map(|done| done.text()).unwrap_or_default();
        let ours = self.entries(machine, names).unwrap_or_default();
        let text = told(&["rpm", "-qa", "--qf", r"%{INSTALLTID} %{NAME}\n"]);
        let all: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(' ')).collect();
        let is_ours = |name: &str| ours.iter().any(|entry| entry.name == name);
        let transactions: BTreeSet<&str> =
            all.iter().filter(|(_, name)| is_ours(name)).map(|(transaction, _)| *transaction).collect();
        let along =
            all.iter().filter(|(transaction, name)| transactions.contains(transaction) && *name != KEYS);
        along.map(|(_, name)| (*name).to_owned()).collect()
    }

    /// All of which only the configuration is left.
    pub fn configured(self, machine: &Machine) -> BTreeSet<String> {
        self.in_state(machine, "config-files").unwrap_or_default()
    }

    fn in_state(self, machine: &Machine, state: &str) -> io::Result<BTreeSet<String>> {
        let words: &[&str] = match self {
            Self::Apt => &["dpkg-query", "-W", "-f", r"${db:Status-Status} ${binary:Package}\n"],
            Self::Dnf => &["rpm", "-qa", "--qf", r"installed %{NAME}\n"],
        };
        let text = machine.commands.run(words)?.text();
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        let names = lines.filter(|(found, name)| *found == state && *name != KEYS).map(|(_, name)| name);
        Ok(names.map(str::to_owned).collect())
    }

    fn entries<Name: AsRef<str>>(self, machine: &Machine, names: &[Name]) -> io::Result<Vec<Entry>> {
        // EL8's python36-devel is what dnf installs by the name of python3-devel.
        let query: &[&str] = match self {
            Self::Apt => &["dpkg-query", "-W", "-f", r"${db:Status-Status} ${binary:Package} ${Package}\n"],
            Self::Dnf => &["rpm", "-q", "--whatprovides", "--qf", r"[installed %{=NAME} %{PROVIDENAME}\n]"],
        };
        if names.is_empty() {
            return Ok(Vec::new());
        }
        // Both end with 1 when one of them is not there, after printing the others.
        let words: Vec<&str> = query.iter().copied().chain(names.iter().map(AsRef::as_ref)).collect();
        let text = machine.commands.run(&words)?.text();
        let entry = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [state, name, asked] if names.iter().any(|wanted| wanted.as_ref() == asked) => {
                Some(Entry { asked: asked.to_owned(), name: name.to_owned(), state: state.to_owned() })
            }
            // What came along is asked for by the name that it has in the books.
            [state, name, _] if names.iter().any(|wanted| wanted.as_ref() == name) => {
                Some(Entry { asked: name.to_owned(), name: name.to_owned(), state: state.to_owned() })
            }
            _ => None,
        };
        Ok(text.lines().filter_map(entry).filter(|entry| entry.state != "not-installed").collect())
    }

    /// Removes what was installed by these names, and what they brought along
    /// unless it is needed by now; the latter is said. The configuration of those
    /// that are `configured` stays.
    ///
    /// # Errors
    /// When something else needs them: then nothing is removed.
    pub fn take_back(
        self,
        machine: &Machine,
        names: &[String],
        configured: &[String],
        brought: &[String],
    ) -> Result<Option<String>, Trouble> {
        let present = |names: &[String]| -> io::Result<Vec<String>> {
            let entries = self.entries(machine, names)?.into_iter();
            let there = entries.filter(|it| it.state != "config-files" || !configured.contains(&it.name));
            Ok(there.map(|it| it.name).collect())
        };
        let (mut ours, along) = (present(names)?, present(brought)?);
        let all = [ours.clone(), along.clone()].concat();
        let users = self.users(machine, &all)?;
        if users.is_empty() {
            self.remove(machine, &all, configured)?;
            return Ok(None);
        }
        // Some that came along need those that they came with.
        loop {
            let users = self.users(machine, &ours)?;
            let (mine, others): (Vec<_>, Vec<_>) = users.into_iter().partition(|user| along.contains(user));
            if !others.is_empty() {
                return Err(Trouble::Needed(others));
            }
            if mine.is_empty() {
                break;
            }
            ours.extend(mine);
        }
        self.remove(machine, &ours, configured)?;
        Ok(Some(format!("some of what came along with {} stays, for {}", names.join(" "), users.join(" "))))
    }

    /// What is installed besides these, and needs them.
    fn users(self, machine: &Machine, packages: &[String]) -> io::Result<Vec<String>> {
        if packages.is_empty() {
            return Ok(Vec::new());
        }
        let done = match self {
            Self::Apt => {
                run(machine, &["dpkg", "--force-remove-reinstreq", "--no-act", "--remove"], packages)?
            }
            Self::Dnf => run(machine, &["rpm", "-e", "--test"], packages)?,
        };
        let text = String::from_utf8_lossy(&done.stderr);
        let users: BTreeSet<String> =
            text.lines().filter_map(|line| self.user(line)).map(str::to_owned).collect();
        if users.is_empty() && !done.succeeded() {
            return Err(io::Error::other(done.last_words()));
        }
        Ok(users.into_iter().collect())
    }

    /// The user that a line of such a refusal names.
    fn user(self, line: &str) -> Option<&str> {
        match self {
            // ` python3-x pre-depends on python3-y (>= 2).`
            Self::Apt if line.contains("depends on ") => line.split_whitespace().next(),
            Self::Apt => None,
            // `\tliby.so.1 is needed by (installed) python3-x-1.0-2.noarch`
            Self::Dnf => line.split_once(" is needed by (installed) ")?.1.rsplitn(3, '-').nth(2),
        }
    }

    fn remove(self, machine: &Machine, packages: &[String], configured: &[String]) -> io::Result<()> {
        // All at once, since they may need each other.
        match self {
            Self::Apt => {
                // Half unpacked ones as well, which dpkg wants to be told twice.
                well(machine, &["dpkg", "--force-remove-reinstreq", "--remove"], packages)?;
                let is_new = |package: &&String| !configured.contains(*package);
                let new: Vec<String> = packages.iter().filter(is_new).cloned().collect();
                well(machine, &["dpkg", "--purge"], &new)
            }
            Self::Dnf => well(machine, &["rpm", "-e"], packages),
        }
    }

    /// Lets the manager finish what was under way when it was killed. Of these, what
    /// it was about to unpack goes.
    pub fn recover(self, machine: &Machine, names: &[String], planned: &[&str]) {
        if self == Self::Apt {
            // What cannot be configured can be removed all the same.
            let _ = well(machine, &["dpkg", "--configure"], &["-a".to_owned()]);
            // What is half unpacked counts as installed for apt-get, and not for dpkg.
            let half = self.in_state(machine, "half-installed").unwrap_or_default();
            let is_ours = |package: &String| {
                names.contains(package) || planned.contains(&without_architecture(package))
            };
            let half: Vec<String> = half.into_iter().filter(is_ours).collect();
            let _ = well(machine, &["dpkg", "--force-remove-reinstreq", "--purge"], &half);
        }
    }
}

/// `libc6`, of `libc6:amd64`.
fn without_architecture(package: &str) -> &str {
    package.split_once(':').map_or(package, |(name, _)| name)
}

fn run(machine: &Machine, words: &[&str], packages: &[String]) -> io::Result<Done> {
    let words: Vec<&str> = words.iter().copied().chain(packages.iter().map(String::as_str)).collect();
    machine.commands.run(&words)
}

fn well(machine: &Machine, words: &[&str], packages: &[String]) -> io::Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let words: Vec<&str> = words.iter().copied().chain(packages.iter().map(String::as_str)).collect();
    let done = machine.commands.run_locked(&words, machine.lock.borrow().as_ref())?;
    if done.succeeded() { Ok(()) } else { Err(io::Error::other(done.last_words())) }
}
