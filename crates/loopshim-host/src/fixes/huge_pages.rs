//! Transparent huge pages off, now and after the next start; by one of two
//! ways, never both. tuned would set them again at each start, so where it is
//! in use it is told, by a profile built on the one in force.

use std::fmt;

use super::{Context, Desired, directories, head, pending, write};
use crate::facts::tuned;
use crate::journal::step::{Step, chosen};

/// Where the kernel has them.
pub const SWITCHES: [&str; 2] =
    ["/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/mm/transparent_hugepage/defrag"];

const UNIT: &str = "/etc/systemd/system/disable-thp.service";
const UNIT_LINK: &str = "/etc/systemd/system/basic.target.wants/disable-thp.service";
const PROFILE: &str = "vast-no-huge-pages";

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    running: Vec<(&'static str, String)>,
    profile: Option<String>,
    profile_does_it: bool,
    has_unit: bool,
}

impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (switch, value) in &self.running {
            write!(f, "{} {value}, ", switch.rsplit('/').next().unwrap_or_default())?;
        }
        match &self.profile {
            Some(profile) if self.profile_does_it => write!(f, "kept off by tuned's profile {profile}"),
            Some(profile) => write!(f, "tuned's profile {profile} decides at the next start"),
            None if self.has_unit => f.write_str("kept off by disable-thp.service"),
            None => f.write_str("nothing keeps them off at the next start"),
        }
    }
}

/// What is.
pub fn probe(context: &Context<'_>) -> Current {
    let root = &context.machine.root;
    let live = context.machine.is_live();
    let value =
        |&switch: &&'static str| root.text(switch).filter(|_| live).map(|text| (switch, chosen(&text)));
    let profile = tuned::active_profile(root);
    Current {
        running: SWITCHES.iter().filter_map(value).collect(),
        profile_does_it: profile.as_ref().is_some_and(|profile| tuned::turns_huge_pages_off(root, profile)),
        profile,
        has_unit: root.exists(UNIT) && root.place(UNIT_LINK).is_ok_and(|place| place.stat().is_ok()),
    }
}

/// What should be.
pub fn desired(context: &Context<'_>, current: &Current) -> Desired {
    let machine = context.machine;
    let mut steps: Vec<Step> = match &current.profile {
        Some(_) if current.profile_does_it => Vec::new(),
        Some(profile) => by_tuned(context, profile),
        None => by_unit(context),
    };
    let running = current.running.iter().filter(|(_, value)| value != "never");
    steps.extend(running.map(|(path, _)| Step::Set { path: (*path).to_owned(), value: "never".to_owned() }));
    let way = if current.profile.is_some() { "tuned" } else { "a systemd unit" };
    Desired::new(format!("never, kept so by {way}"), pending(machine, steps))
}

fn by_tuned(context: &Context<'_>, profile: &str) -> Vec<Step> {
    let machine = context.machine;
    let path = format!("/etc/tuned/{PROFILE}/tuned.conf");
    let text = format!(
        "{}[main]\nsummary={profile} without transparent huge pages\ninclude={profile}\n\n[vm]\ntransparent_hugepages=never\n",
        head("huge-pages")
    );
    let mut steps = write(machine, &path, text);
    if machine.commands.has("tuned-adm") {
        steps.push(Step::run(&["tuned-adm", "profile", PROFILE], &[&["tuned-adm", "profile", profile]]));
    } else {
        steps.push(Step::Write {
            path: "/etc/tuned/active_profile".to_owned(),
            contents: format!("{PROFILE}\n"),
            mode: 0o644,
        });
    }
    // One way only.
    for path in [UNIT_LINK, UNIT] {
        if machine.root.place(path).is_ok_and(|place| place.stat().is_ok()) {
            steps.push(Step::Remove { path: path.to_owned() });
        }
    }
    steps
}

fn by_unit(context: &Context<'_>) -> Vec<Step> {
    let machine = context.machine;
    let unit = format!(
        "{}[Unit]\nDescription=Transparent huge pages off\nDefaultDependencies=no\n\
         After=sysinit.target local-fs.target\nBefore=basic.target\n\n\
         [Service]\nType=oneshot\n\
         ExecStart=/bin/sh -c 'echo never >/sys/kernel/mm/transparent_hugepage/enabled && \
         echo never >/sys/kernel/mm/transparent_hugepage/defrag'\n\n\
         [Install]\nWantedBy=basic.target\n",
        head("huge-pages")
    );
    let mut steps = write(machine, UNIT, unit);
    steps.extend(
        directories(machine, UNIT_LINK).into_iter().filter(|step| !steps.contains(step)).collect::<Vec<_>>(),
    );
    // What `systemctl enable` would do; it works in an image, too.
    steps.push(Step::Link { path: UNIT_LINK.to_owned(), target: UNIT.to_owned() });
    if machine.commands.has("systemctl") {
        let reload: &[&str] = &["systemctl", "daemon-reload"];
        steps.insert(0, Step::run(&[], &[reload]));
        steps.push(Step::run(reload, &[]));
    }
    steps
}
