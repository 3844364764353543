//! What sessions and services may open.

use super::{Examination, Verdict, running};
use crate::facts::docker;
use crate::facts::limits::{self, Limit};
use crate::facts::processes::Process;
use crate::fixes::Context;

/// A new login session of the user: asked where that can be done, else worked
/// out from the files that it will be made by.
pub(super) fn limits(examination: &Examination<'_>) -> Verdict {
    let Context { machine, settings, .. } = &examination.context;
    let user = &settings.user;
    let asked = if machine.is_live() { ask(examination, user) } else { None };
    let (soft, how) = match asked {
        Some(soft) => (Some(soft), "asked"),
        None => (configured(examination, user), "configured"),
    };
    let wanted = Limit::Number(settings.limits.nofile.get());
    let advice = format!("wanted: {wanted}; loopshim apply --only limits, then log in again");
    match soft {
        Some(soft) => Verdict::fail_unless(soft >= wanted, format!("{soft} for {user}, {how}"), advice),
        None => Verdict::fail(format!("nothing is configured for {user}: 1024"), advice),
    }
}

/// `su -l` opens a session by PAM, as sshd does; where there is no PAM, as with
/// busybox, it would only show this process's own limits.
fn ask(examination: &Examination<'_>, user: &str) -> Option<Limit> {
    let machine = examination.context.machine;
    let passwd = machine.root.text("/etc/passwd")?;
    let exists = passwd.lines().any(|line| line.split(':').next() == Some(user));
    let by_pam = machine.root.exists("/etc/pam.d/su-l") || machine.root.exists("/etc/pam.d/su");
    if !exists || !by_pam || !crate::machine::Machine::is_root() || !machine.commands.has("su") {
        return None;
    }
    let done = machine.commands.run(&["su", "-l", user, "-s", "/bin/sh", "-c", "ulimit -n"]).ok()?;
    // A profile may print before.
    done.succeeded().then(|| Limit::parse(done.text().lines().next_back()?.trim())).flatten()
}

fn configured(examination: &Examination<'_>, user: &str) -> Option<Limit> {
    let root = &examination.context.machine.root;
    let texts = limits::files(root).into_iter().filter_map(|file| root.text(file));
    let lines: Vec<_> = texts.flat_map(|text| limits::parse(&text)).collect();
    limits::of_session(&lines, user, "soft", "nofile")
}

/// Services and containers are not made by PAM: `/proc/PID/limits` of those
/// that run.
pub(super) fn running_limits(examination: &Examination<'_>) -> Verdict {
    let Context { machine, settings, .. } = &examination.context;
    running(examination, || {
        let processes = Process::all(&machine.root);
        let mut low = Vec::new();
        let mut values = Vec::new();
        let mut note = |name: String, process: &Process, judged: bool| {
            let Some((soft, hard)) = process.open_files_limit() else { return };
            if judged && hard < Limit::Number(settings.limits.nofile.get()) {
                low.push(name.clone());
            }
            values.push(format!("{name} {soft}/{hard}"));
        };
        for name in ["sshd", "dockerd"] {
            // The first one is the service; a session's limits are PAM's.
            if let Some(process) = processes.iter().find(|process| process.name == name) {
                note(name.to_owned(), process, name == "dockerd");
            }
        }
        for container in docker::containers(machine).unwrap_or_default() {
            if let Some(process) = Process::of(&machine.root, container.pid).filter(|_| container.pid != 0) {
                note(container.name, &process, true);
            }
        }
        if values.is_empty() {
            return Some(Verdict::skip("neither sshd nor dockerd runs here"));
        }
        let advice = format!(
            "{}: raise LimitNOFILE of docker.service, or the container's --ulimit nofile",
            low.join(", ")
        );
        Some(Verdict::warn_unless(low.is_empty(), values.join(", "), advice))
    })
}
