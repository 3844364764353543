//! What the running kernel, and the next one, are set to.

use super::{Examination, Level, Verdict, running};
use crate::facts::disks::Disk;
use crate::facts::kernel::FileTable;
use crate::facts::processes::{self, Counter};
use crate::facts::scheduling::{Pressure, Ticks};
use crate::facts::sysctl;
use crate::fixes::{self, Fix, Need, huge_pages, io_scheduler, sysctl as parameters};
use crate::journal::step::chosen;

/// Share of the file table that is worth a warning, in percent.
const TABLE_WARN: u64 = 50;
/// Stolen time that is worth a warning, in percent: 0.33 was seen at most where
/// all went well.
const STEAL_WARN: f64 = 1.0;
/// Pressure that is: an idle cluster already keeps processors and disks busy.
const PRESSURE_WARN: f64 = 60.0;
/// How long is counted at least for a rate.
const RATE_SPAN: std::time::Duration = std::time::Duration::from_millis(200);

fn at_least(examination: &Examination<'_>, keys: &[&str]) -> Verdict {
    let root = &examination.context.machine.root;
    running(examination, || {
        let mut low = Vec::new();
        let mut values = Vec::new();
        for parameter in parameters::FD.iter().filter(|parameter| keys.contains(&parameter.key)) {
            let value: u64 = root.value(sysctl::path(parameter.key))?.parse().ok()?;
            if value < parameter.value {
                low.push(format!("{} ≥ {}", parameter.key, parameter.value));
            }
            values.push(value.to_string());
        }
        let advice = format!("wanted: {}; loopshim apply --only sysctl-fd", low.join(", "));
        Some(Verdict::fail_unless(low.is_empty(), values.join(", "), advice))
    })
}

pub(super) fn file_max(examination: &Examination<'_>) -> Verdict {
    at_least(examination, &["fs.file-max"])
}

pub(super) fn nr_open(examination: &Examination<'_>) -> Verdict {
    at_least(examination, &["fs.nr_open"])
}

pub(super) fn inotify(examination: &Examination<'_>) -> Verdict {
    at_least(examination, &["fs.inotify.max_user_watches", "fs.inotify.max_user_instances"])
}

/// Whether fixes would have nothing to do.
pub(super) fn by_fixes(examination: &Examination<'_>, ids: &[&str], otherwise: Level) -> Verdict {
    let fixes: Vec<&Fix> = ids.iter().filter_map(|id| fixes::find(id)).collect();
    let mut values = Vec::new();
    let mut advice = Vec::new();
    for fix in fixes {
        let assessment = (fix.assess)(&examination.context);
        values.push(assessment.current);
        match assessment.need {
            Need::Nothing => {}
            Need::DoesNotApply(why) => {
                values.pop();
                values.push(why);
            }
            Need::Change(_) => advice.push(format!("loopshim apply --only {}", fix.id)),
            Need::Blocked(what) => advice.push(what),
        }
    }
    let level = if advice.is_empty() { Level::Pass } else { otherwise };
    let advice = (!advice.is_empty()).then(|| advice.join("; "));
    Verdict { level, value: values.join("; "), advice }
}

pub(super) fn sysctl_files(examination: &Examination<'_>) -> Verdict {
    by_fixes(examination, &["sysctl-old", "sysctl-fd"], Level::Fail)
}

/// The table counts open files, not handles; who holds handles is counted by
/// process, all of them.
pub(super) fn open_files(examination: &Examination<'_>) -> Verdict {
    let root = &examination.context.machine.root;
    running(examination, || {
        let table = FileTable::read(root)?;
        let holders = processes::holders(root, &Counter::of_this_kernel());
        let top: Vec<String> = holders
            .iter()
            .take(3)
            .map(|(process, handles)| format!("{} ({}) {handles}", process.name, process.pid))
            .collect();
        let value = format!("{} of {}; most: {}", table.open, table.max, top.join(", "));
        let share = table.open.saturating_mul(100) / table.max.max(1);
        Some(Verdict::warn_unless(share < TABLE_WARN, value, "find out what those processes open"))
    })
}

pub(super) fn huge_pages(examination: &Examination<'_>) -> Verdict {
    let root = &examination.context.machine.root;
    running(examination, || {
        let value = chosen(&root.text(huge_pages::SWITCHES[0])?);
        Some(Verdict::warn_unless(value == "never", value.clone(), "loopshim apply --only huge-pages"))
    })
}

pub(super) fn io_scheduler(examination: &Examination<'_>) -> Verdict {
    let root = &examination.context.machine.root;
    running(examination, || {
        let disks = Disk::all(root);
        if disks.is_empty() {
            return Some(Verdict::skip("no sd, vd or NVMe disk"));
        }
        let is_right = |disk: &Disk| disk.kind().map(io_scheduler::scheduler) == Some(&disk.scheduler);
        let values: Vec<String> =
            disks.iter().map(|disk| format!("{} {}", disk.name, disk.scheduler)).collect();
        Some(Verdict::warn_unless(
            disks.iter().all(is_right),
            values.join(", "),
            "loopshim apply --only io-scheduler",
        ))
    })
}

pub(super) fn pressure(examination: &Examination<'_>) -> Verdict {
    running(examination, || {
        let pressure = Pressure::read(&examination.context.machine.root)?;
        let value = format!("{:.0} %, {:.0} %, {:.0} %", pressure.cpu, pressure.io, pressure.memory);
        let worst = pressure.cpu.max(pressure.io).max(pressure.memory);
        Some(Verdict::warn_unless(worst < PRESSURE_WARN, value, "wait until the machine is less busy"))
    })
}

pub(super) fn steal(examination: &Examination<'_>) -> Verdict {
    running(examination, || {
        let began = examination.began?;
        let mut now = Ticks::read(&examination.context.machine.root)?;
        if now.total.saturating_sub(began.total) < 20 {
            // A rate wants some time to be counted in.
            std::thread::sleep(RATE_SPAN);
            now = Ticks::read(&examination.context.machine.root)?;
        }
        let steal = now.steal_since(began)?;
        Some(Verdict::warn_unless(
            steal < STEAL_WARN,
            format!("{steal:.1} %"),
            "the host is overcommitted: give it less to do",
        ))
    })
}
