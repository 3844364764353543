//! `loopshim doctor`: the machine on one page, and what each fact means for a
//! loopback cluster.

use serde_json::{Value, json};

use super::Session;
use crate::facts::cpu::Cpu;
use crate::facts::disks::Disk;
use crate::facts::kernel::{self, FileTable};
use crate::facts::memory::Memory;
use crate::facts::os::Os;
use crate::facts::processes::{self, Counter};
use crate::facts::python::Python;
use crate::facts::scheduling::Pressure;
use crate::facts::{docker, sudo, systemd, tuned};
use crate::fixes::shims::{self, State};
use crate::machine::Machine;
use crate::output::table::Table;
use crate::output::{Outcome, Status, print, print_json, size};

/// How many processes are named.
const HOLDERS: usize = 5;

/// Shows the page.
pub(crate) fn run(session: &Session) -> Outcome {
    let page = page(session);
    if session.json {
        print_json(&document(&page));
        return Ok(Status::Good);
    }
    let mut table = Table::new(&["", "IS", "WHICH MEANS"]);
    for fact in &page {
        table.row(vec![fact.name.into(), fact.value.clone().into(), fact.meaning.clone().into()], Vec::new());
    }
    print(&table.text(session.colour));
    print("\n`loopshim verify` says whether that is enough, `loopshim plan` what to change.\n");
    Ok(Status::Good)
}

/// One line of the page.
pub(crate) struct Fact {
    name: &'static str,
    value: String,
    meaning: String,
}

/// The page as JSON.
pub(crate) fn document(page: &[Fact]) -> Value {
    json!({"facts": page.iter().map(|fact| json!({"name": fact.name, "value": fact.value, "meaning": fact.meaning})).collect::<Vec<_>>()})
}

/// All there is to know.
pub(crate) fn page(session: &Session) -> Vec<Fact> {
    let machine = &session.machine;
    let mut page = Vec::new();
    let mut fact =
        |name, value: String, meaning: &str| page.push(Fact { name, value, meaning: meaning.to_owned() });
    fact(
        "system",
        Os::read(&machine.root).name,
        "the documents are about Rocky Linux 8.10; the fixes know Debian, too",
    );
    let versions: Vec<String> = kernel::versions(machine).iter().map(ToString::to_string).collect();
    fact(
        "kernel",
        versions.join(", "),
        "before 5.13 it has sched_migration_cost_ns; from 6.2 on handles are counted at once",
    );
    if let Some(version) = systemd::version(&machine.root) {
        let meaning = if version >= 240 {
            "it sets fs.file-max and fs.nr_open higher than the documents: they are not lowered"
        } else {
            "it leaves fs.file-max and fs.nr_open as the kernel has them"
        };
        fact("systemd", version.to_string(), meaning);
    }
    if let Some(profile) = tuned::active_profile(&machine.root) {
        fact(
            "tuned",
            profile,
            "it sets huge pages at each start, so its profile is where to switch them off",
        );
    }
    if machine.is_live() {
        running(session, &mut fact);
    }
    if let Some(python) = Python::find(&machine.root) {
        let version = |name| {
            python.installed(&machine.root, name).map_or_else(|| "none".to_owned(), |found| found.version)
        };
        let value =
            format!("3.{}, pip {}, setuptools {}", python.minor, version("pip"), version("setuptools"));
        let meaning = if python.minor == 6 {
            "21.3.1 is the last pip for 3.6"
        } else {
            "nothing is pinned: only 3.6 needs that"
        };
        fact("Python", value, meaning);
    }
    let path = sudo::secure_path(&machine.root)
        .map_or_else(|| format!("not configured, so {}", sudo::EL), |path| path.join(":"));
    fact("sudo's path", path, "stand-ins must be found here: EL leaves out /usr/local");
    let states: Vec<String> = shims::PROGRAMS
        .iter()
        .map(|(name, place)| {
            let state = match shims::state(&machine.root, place) {
                State::InPlace => "in place",
                State::Overwritten => "overwritten",
                State::NotThere => "not in place",
            };
            format!("{name} {state}")
        })
        .collect();
    fact(
        "stand-ins",
        states.join(", "),
        "activation asks ipmitool for `Board Mfg`, and several pip3 at once break each other",
    );
    let value = if docker::is_installed(&machine.root) { "installed" } else { "not installed" };
    fact("Docker", value.to_owned(), "containers take their limits from dockerd, not from limits.d");
    page
}

/// What only a running system has.
fn running(session: &Session, fact: &mut impl FnMut(&'static str, String, &str)) {
    let root = &session.machine.root;
    if let Some(cpu) = Cpu::read(root) {
        let value = format!("{} × {}, {} sockets", cpu.logical, cpu.model, cpu.sockets);
        fact(
            "processors",
            value,
            "no more virtual ones than the host has cores, or they wait for each other",
        );
    }
    if let Some(memory) = Memory::read(root) {
        let value = format!(
            "{}, {} available, swap {}",
            size(memory.total),
            size(memory.available),
            size(memory.swap)
        );
        fact("memory", value, "97 and 109 GB were too little, 117 GB went well, of which 105 were used");
    }
    let disks: Vec<String> = Disk::all(root)
        .iter()
        .map(|disk| format!("{} {} {}", disk.name, size(disk.size), disk.scheduler))
        .collect();
    fact("disks", disks.join(", "), "13,000 to 40,000 reads a second are normal for an idle cluster");
    if let Some(table) = FileTable::read(root) {
        fact(
            "open files",
            format!("{} of {}", table.open, table.max),
            "counts files, not handles: duplicated handles do not show",
        );
    }
    let holders = processes::holders(root, &Counter::of_this_kernel());
    let top: Vec<String> = holders
        .iter()
        .take(HOLDERS)
        .map(|(process, handles)| format!("{} ({}) {handles}", process.name, process.pid))
        .collect();
    fact(
        "handles",
        top.join(", "),
        "by process, all of them; who holds most is where to look when files run out",
    );
    if let Some(pressure) = Pressure::read(root) {
        let value = format!(
            "processor {:.0} %, disk {:.0} %, memory {:.0} %",
            pressure.cpu, pressure.io, pressure.memory
        );
        fact(
            "pressure",
            value,
            "share of the last 10 s in which something waited; a load of 20 to 26 is normal when idle",
        );
    }
    if !Machine::is_root() {
        fact("user", "not root".to_owned(), "other users' processes and root's files were not seen");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Common;

    #[test]
    fn the_page_of_any_machine_has_the_main_facts() {
        let common = Common { root: None, config: None, json: true, color: Default::default() };
        let folder = tempfile::tempdir().expect("a folder");
        for root in [std::path::Path::new("/"), folder.path()] {
            let session = Session::open(&common, root.to_owned())
                .unwrap_or_else(|failure| panic!("{}", failure.message));
            let document = document(&page(&session));
            let names: Vec<&str> = document["facts"]
                .as_array()
                .expect("facts")
                .iter()
                .filter_map(|fact| fact["name"].as_str())
                .collect();
            for name in ["system", "kernel", "sudo's path", "stand-ins", "Docker"] {
                assert!(names.contains(&name), "{names:?}");
            }
            assert_eq!(names.contains(&"memory"), root == std::path::Path::new("/"));
        }
    }
}
