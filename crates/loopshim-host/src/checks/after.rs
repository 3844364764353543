//! What the installation leaves: packages, images, containers.

use loopshim_core::pip::outer::site;

use super::{Examination, Verdict, running};
use crate::facts::docker;
use crate::facts::python::Python;
use crate::fixes::Context;

/// Whole: one distribution, every file as `RECORD` has it, and importable.
pub(super) fn monitor(examination: &Examination<'_>) -> Verdict {
    let Context { machine, settings, .. } = &examination.context;
    let Some(package) = settings.packages.first() else { return Verdict::skip("no package is configured") };
    let Some(python) = Python::find(&machine.root) else {
        return Verdict::fail("no Python 3", "install python3");
    };
    let all = python.all(&machine.root, package);
    let advice =
        format!("pip3 install --ignore-installed --no-deps DIR; --force-reinstall does not heal {package}");
    let Some(found) = all.first() else {
        return Verdict::fail(format!("{package} is not installed"), advice);
    };
    let value = format!("{package} {} in {}", found.version, found.site);
    let folder = machine.root.path(&found.metadata);
    let twins = all.iter().filter(|other| other.site == found.site).count();
    if twins > 1 {
        return Verdict::fail(
            format!("{value}: {twins} times"),
            "loopshim apply --only pip-leftovers, then install it again",
        );
    }
    let faults = site::faults_of(&folder);
    if let Some(first) = faults.first() {
        return Verdict::fail(format!("{value}: {first}; {} faults", faults.len()), advice);
    }
    match importable(examination, &python, &found.metadata) {
        Some(error) => Verdict::fail(format!("{value} cannot be imported: {error}"), advice),
        None => Verdict::pass(value),
    }
}

/// Why a distribution's packages cannot be imported; asked of Python where it
/// can be run, and as the user would be.
fn importable(examination: &Examination<'_>, python: &Python, metadata: &str) -> Option<String> {
    let machine = examination.context.machine;
    let interpreter = format!("/usr/bin/python3.{}", python.minor);
    if !machine.is_live() || !machine.commands.has(&interpreter) {
        return None;
    }
    let names = site::top_level(&machine.root.path(metadata));
    let is_module = |name: &String| {
        !name.ends_with("-info") && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    for name in names.into_iter().filter_map(|name| name.into_string().ok()).filter(is_module) {
        // Found, not executed: what its import does is its own business.
        let program = format!(
            "import importlib.util, sys; sys.exit(0 if importlib.util.find_spec('{name}') else 'not found')"
        );
        match machine.commands.run(&[&interpreter, "-c", &program]) {
            Ok(done) if done.succeeded() => {}
            Ok(done) => return Some(format!("{name}: {}", done.last_words())),
            Err(error) => return Some(error.to_string()),
        }
    }
    None
}

pub(super) fn docker(examination: &Examination<'_>) -> Verdict {
    let machine = examination.context.machine;
    let advice = "install docker-ce, docker-ce-cli and containerd.io, and start docker.service";
    if !docker::is_installed(&machine.root) {
        return Verdict::fail("not installed", advice);
    }
    if !machine.is_live() {
        return Verdict::pass("installed");
    }
    match docker::images(machine) {
        Ok(_) => Verdict::pass("installed and running"),
        Err(why) => Verdict::fail(format!("installed, but: {why}"), advice),
    }
}

pub(super) fn image(examination: &Examination<'_>) -> Verdict {
    let Context { machine, settings, .. } = &examination.context;
    running(examination, || {
        let images = match docker::images(machine) {
            Ok(images) => images,
            Err(why) => return Some(Verdict::skip(why)),
        };
        let fitting: Vec<&String> =
            images.iter().filter(|image| docker::fits(&settings.docker.image, image)).collect();
        Some(match fitting[..] {
            [] => Verdict::fail(
                format!("none of {} fits {}", images.len(), settings.docker.image),
                "run the bootstrap, which loads it",
            ),
            [first, ..] => Verdict::pass(first.clone()),
        })
    })
}

pub(super) fn containers(examination: &Examination<'_>) -> Verdict {
    let Context { machine, settings, .. } = &examination.context;
    running(examination, || {
        let containers = match docker::containers(machine) {
            Ok(containers) => containers,
            Err(why) => return Some(Verdict::skip(why)),
        };
        let state = |name: &String| {
            containers.iter().find(|container| container.name == *name).map(|found| found.state.as_str())
        };
        let wanted = &settings.docker.containers;
        let down: Vec<String> = wanted
            .iter()
            .filter(|name| state(name) != Some("running"))
            .map(|name| format!("{name} {}", state(name).unwrap_or("not there")))
            .collect();
        let advice = "they are made when the cluster is created, and started by start_vms.sh after a reboot";
        let value = if down.is_empty() { format!("all {}", wanted.len()) } else { down.join(", ") };
        Some(Verdict::fail_unless(down.is_empty(), value, advice))
    })
}
