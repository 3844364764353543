//! The host tool, as a program, on machines of its own: a Debian-like and an
//! RPM-like tree, seen from outside by `--root` and from within by chroot.

mod apply;
mod clean;
mod container;
mod inventory;
mod orphans;
mod output;
mod packages;
mod readme;
mod tools;
mod verify;

use std::path::Path;
use std::process::Command;

use crate::install::machine::{Done, Machine, Snapshot, run};
use crate::install::programs;

/// The host tool.
const LOOPSHIM: &str = env!("CARGO_BIN_EXE_loopshim");

/// From where the tool looks at a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// From outside, by `--root`: files alone.
    Outside,
    /// From within, where everything counts as running: `/proc` and `/sys` are
    /// fabricated, so that nothing of the machine below is touched.
    Within,
}

/// A machine with something to be fixed in every way.
struct Patient {
    machine: Machine,
    from: From,
}

type Make = fn() -> Option<Machine>;

/// Each kind of machine, from outside and from within.
fn patients() -> impl Iterator<Item = (String, Patient)> {
    let kinds: [(&str, Make); 2] = [("Debian-like", Machine::of_debian), ("RPM-like", Machine::of_rpm)];
    let pairs = kinds.into_iter().flat_map(|kind| [From::Outside, From::Within].map(|from| (kind, from)));
    pairs.filter_map(|((name, make), from)| {
        let machine = make()?;
        furnish(&machine, name);
        // From outside, none of it is needed within; it is tens of megabytes.
        if from == From::Within {
            machine.copy_dynamic(Path::new(LOOPSHIM), "/src/loopshim");
        }
        Some((format!("{name}, {from:?}"), Patient { machine, from }))
    })
}

impl Patient {
    /// Runs the tool.
    fn loopshim(&self, arguments: &str) -> Done {
        self.stopped_after(arguments, None)
    }

    /// Runs the tool; it is killed after so many durable operations.
    fn stopped_after(&self, arguments: &str, operations: Option<u32>) -> Done {
        let mut command = self.command(arguments);
        if let Some(operations) = operations {
            command.env("LOOPSHIM_HOST_STOP_AFTER", operations.to_string());
        }
        run(&mut command)
    }

    fn command(&self, arguments: &str) -> Command {
        let words = arguments.split_whitespace();
        let mut command = match self.from {
            From::Outside => {
                let mut command = Command::new(LOOPSHIM);
                command.arg("--root").arg(self.machine.path("/"));
                command
            }
            From::Within => {
                let mut command = Command::new("chroot");
                command.arg(self.machine.path("/")).arg("/src/loopshim");
                command
            }
        };
        command.args(words).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }

    /// The folder with stand-ins, as the tool sees it.
    fn binaries(&self) -> String {
        match self.from {
            From::Outside => programs::folder().join("all").to_str().expect("in UTF-8").to_owned(),
            From::Within => "/src/sets/all".to_owned(),
        }
    }

    /// Everything that is on the machine, times of fabricated values and what
    /// only lasts until the next start apart.
    fn snapshot(&self) -> Snapshot {
        self.machine.snapshot().undated_below(&["proc", "sys"]).without(&["run", "src"])
    }

    /// What `plan` has about a fix.
    fn plan_of(&self, fix: &str) -> serde_json::Value {
        let plan: serde_json::Value =
            serde_json::from_str(&self.loopshim(&format!("plan --json --only {fix}")).ok().stdout)
                .expect("JSON");
        plan["fixes"][0].clone()
    }
}

/// Files as the documents' scripts and distributions leave them.
fn furnish(machine: &Machine, kind: &str) {
    let os = if kind.starts_with("Debian") {
        "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"
    } else {
        "PRETTY_NAME=\"Rocky Linux 8.10\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"
    };
    for folder in [
        "/etc/sysctl.d",
        "/etc/security/limits.d",
        "/run",
        "/usr/lib/sysctl.d",
        "/etc/systemd/system",
        "/root",
    ] {
        machine.folder(folder);
    }
    machine.write("/etc/os-release", 0o644, os.as_bytes());
    machine.write(
        "/etc/passwd",
        0o644,
        b"root:x:0:0::/root:/bin/sh\ncentos:x:1000:1000::/home/centos:/bin/sh\n",
    );
    let appended = "fs.file-max = 2097152\nfs.nr_open = 2097152\n";
    machine.write("/etc/sysctl.d/99-vast.conf", 0o644, appended.repeat(2).as_bytes());
    // With everything that a file can have.
    machine.write_original("/etc/security/limits.d/99-vast.conf", "old");
    machine.write("/etc/security/limits.conf", 0o644, b"# none\n@users hard nproc 20\n");
    let python = "/usr/lib/python3.6/site-packages";
    for (path, text) in [
        ("/usr/bin/python3.6", ""),
        (&format!("{python}/~onitor_v2/core/module.py"), "x = 1\n"),
        (&format!("{python}/~onitor_v2-0.0.3.dist-info/METADATA"), "Name: monitor-v2\n"),
        (&format!("{python}/healthy-1.0.dist-info/METADATA"), "Name: healthy\n"),
        (&format!("{python}/pip-21.3.1.dist-info/METADATA"), "Name: pip\n"),
        (&format!("{python}/setuptools-59.6.0.dist-info/METADATA"), "Name: setuptools\n"),
        (&format!("{python}/wheel-0.37.1.dist-info/METADATA"), "Name: wheel\n"),
        ("/proc/sys/fs/file-max", "2097152\n"),
        ("/proc/sys/fs/nr_open", "1048576\n"),
        ("/proc/sys/fs/inotify/max_user_watches", "8192\n"),
        ("/proc/sys/fs/inotify/max_user_instances", "1024\n"),
        ("/proc/sys/vm/swappiness", "60\n"),
        ("/proc/sys/net/core/somaxconn", "4096\n"),
        ("/sys/kernel/mm/transparent_hugepage/enabled", "always\n"),
        ("/sys/kernel/mm/transparent_hugepage/defrag", "madvise\n"),
        ("/sys/block/sda/queue/scheduler", "none mq-deadline\n"),
    ] {
        let folder = path.rsplit_once('/').expect("a folder").0;
        machine.folder(folder);
        machine.write(path, 0o644, text.as_bytes());
    }
    std::os::unix::fs::symlink("python3.6", machine.path("/usr/bin/python3")).expect("a link");
}
