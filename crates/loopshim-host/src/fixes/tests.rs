//! What each fix comes to on machines of one kind and another.

use super::*;
use crate::machine::Scope;
use crate::machine::staged::Staged;

const EL8: (&str, &str) = ("/etc/os-release", "ID=rocky\nID_LIKE=\"rhel fedora\"\n");
const EPEL: (&str, &str) = ("/etc/yum.repos.d/epel.repo", "[epel]\nname=EPEL\n");
const DEBIAN: (&str, &str) = ("/etc/os-release", "ID=debian\n");
const PYTHON_3_6: (&str, &str) = ("/usr/bin/python3", "-> /usr/bin/python3.6");

fn steps(assessment: &Assessment) -> Vec<String> {
    match &assessment.need {
        Need::Change(steps) => steps.iter().map(Step::words).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_fix_has_its_own_name_and_says_why() {
    let mut ids: Vec<&str> = ALL.iter().map(|fix| fix.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ALL.len());
    for fix in ALL {
        assert!(!fix.reason.is_empty() && !fix.source.is_empty() && !fix.title.contains('|'), "{}", fix.id);
    }
}

#[test]
fn packages_come_before_what_they_would_overwrite() {
    let at = |id: &str| ALL.iter().position(|fix| fix.id == id);
    assert!(at("packages") < at("shims") && at("sysctl-fd") < at("limits"));
}

#[test]
fn pip_is_pinned_on_python_3_6_alone() {
    let site = "/usr/local/lib/python3.6/site-packages";
    let old = Staged::with(&[
        EL8,
        PYTHON_3_6,
        ("/usr/lib/python3.6/site-packages/pip-9.0.3.dist-info/METADATA", ""),
    ]);
    let Need::Blocked(advice) = old.assess("pip-pin", false).need else {
        panic!("a network was used unasked")
    };
    assert!(
        advice.starts_with("/usr/bin/python3.6 -m pip install pip==21.3.1 setuptools==59.6.0 wheel==0.37.1")
    );
    let old = old.program("/usr/bin/python3.6", "");
    let assessment = old.assess("pip-pin", true);
    let Need::Change(steps) = &assessment.need else { panic!("{assessment:?}") };
    let Step::Run { undo, .. } = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(
        undo.last().map(|words| words.join(" ")),
        Some("/usr/bin/python3.6 -m pip uninstall -y pip".to_owned())
    );
    for (name, version) in pip_pin::PINS {
        old.write(&format!("{site}/{name}-{version}.dist-info/METADATA"), "");
    }
    assert_eq!(old.assess("pip-pin", true).need, Need::Nothing);
    let new = Staged::with(&[DEBIAN, ("/usr/bin/python3", "-> python3.11")]);
    assert!(matches!(new.assess("pip-pin", true).need, Need::DoesNotApply(_)));
    assert!(matches!(Staged::with(&[]).assess("pip-pin", true).need, Need::DoesNotApply(_)));
}

#[test]
fn packages_have_each_distributions_names() {
    let el8 = Staged::with(&[EL8, EPEL, PYTHON_3_6, ("/usr/bin/gcc", ""), ("/usr/bin/rsync", "")])
        .program("dnf", "");
    assert!(matches!(el8.assess("packages", false).need, Need::Blocked(_)));
    assert_eq!(
        steps(&el8.assess("packages", true)),
        ["run dnf -y install python3-devel python3-wheel python3-setuptools pv jq tmux htop"]
    );
    let debian = Staged::with(&[
        DEBIAN,
        ("/usr/bin/jq", ""),
        ("/usr/bin/python3", "-> python3.11"),
        ("/usr/include/python3.11/Python.h", ""),
    ])
    .program("apt-get", "");
    let told = steps(&debian.assess("packages", true));
    assert_eq!(told[0], "run apt-get update");
    assert!(
        told[1].ends_with(" install python3-wheel python3-setuptools gcc rsync pv tmux htop"),
        "{told:?}"
    );
    assert!(told[1].starts_with("run apt-get -y "), "{told:?}");
}

#[test]
fn what_is_in_epel_waits_for_it() {
    let rocky = Staged::with(&[EL8, PYTHON_3_6]).program("dnf", "");
    let assessment = rocky.assess("packages", true);
    assert_eq!(
        steps(&assessment),
        ["run dnf -y install python3-devel python3-wheel python3-setuptools gcc rsync jq tmux"]
    );
    let told = "in EPEL, which is not set up here: pv htop; dnf install epel-release, then apply again";
    assert_eq!(assessment.notes, [told]);
    assert_eq!(rocky.assess("packages", false).notes, [told], "the plan says so, too");
    // With all else there, there is nothing that could be done.
    for file in ["gcc", "rsync", "jq", "tmux"] {
        rocky.write(&format!("/usr/bin/{file}"), "");
    }
    rocky.write("/usr/include/python3.6m/Python.h", "");
    for project in ["wheel-0.37.1", "setuptools-59.6.0"] {
        rocky.write(&format!("/usr/lib/python3.6/site-packages/{project}.dist-info/METADATA"), "");
    }
    assert_eq!(rocky.assess("packages", true).need, Need::Blocked(told.to_owned()));
    rocky.write("/etc/yum.repos.d/epel.repo", "[epel]\nenabled=1\n");
    assert_eq!(steps(&rocky.assess("packages", true)), ["run dnf -y install pv htop"]);
    let fedora = Staged::with(&[("/etc/os-release", "ID=fedora\n")]).program("dnf", "");
    assert!(steps(&fedora.assess("packages", true))[0].ends_with(" pv jq tmux htop"));
}

#[test]
fn a_package_that_was_installed_before_is_neither_installed_nor_removed() {
    // Those of Python 3.6, where python3 is another.
    let old = "installed python36-devel python36-devel\ninstalled python36-devel python3-devel\n\
               installed python3-setuptools python3-setuptools\n";
    let files = [EL8, EPEL, ("/usr/bin/python3", "-> python3.11")];
    let el8 = Staged::with(&files).program("dnf", "").program("rpm", old);
    let told = "installed already, but not all is there: python3-devel python3-setuptools; \
                reinstall them, or install those of the Python in use";
    let assessment = el8.assess("packages", true);
    let Need::Change(steps) = &assessment.need else { panic!("{assessment:?}") };
    let names = "python3-wheel gcc rsync pv jq tmux htop";
    let [step] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!(step.words(), format!("run dnf -y install {names}"));
    assert_eq!(assessment.notes, [told]);
    for name in ["gcc", "rsync", "pv", "jq", "tmux", "htop"] {
        el8.write(&format!("/usr/bin/{name}"), "");
    }
    el8.write("/usr/lib/python3.11/site-packages/wheel-0.37.1.dist-info/METADATA", "");
    assert_eq!(el8.assess("packages", true).need, Need::Blocked(told.to_owned()));

    let list = "config-files gcc gcc\ninstalled rsync rsync\n";
    let debian = Staged::with(&[DEBIAN]).program("apt-get", "").program("dpkg-query", list);
    let Need::Change(steps) = debian.assess("packages", true).need else { panic!("nothing") };
    let Step::Packages { names, .. } = &steps[1] else { panic!("{steps:?}") };
    assert_eq!(names.join(" "), "python3-dev python3-wheel python3-setuptools gcc pv jq tmux htop");
}

#[test]
fn a_parameter_that_the_kernel_lacks_is_left_out() {
    let machine =
        Staged::with(&[("/proc/sys/vm/swappiness", "60\n"), ("/proc/sys/net/core/somaxconn", "100000\n")]);
    let assessment = machine.assess("sysctl-perf", false);
    let Need::Change(steps) = &assessment.need else { panic!("{assessment:?}") };
    let Some(Step::Write { contents, .. }) = steps.iter().find(|step| matches!(step, Step::Write { .. }))
    else {
        panic!("{steps:?}")
    };
    assert!(contents.ends_with("\nvm.swappiness = 1\n"), "{contents}");
    assert!(!contents.contains("sched_migration_cost_ns") && !contents.contains("somaxconn"));
    assert!(assessment.notes.iter().any(|note| note.contains("kernel.sched_migration_cost_ns is left out")));
    // Of an image, its kernels tell.
    for (version, is_there) in [("4.18.0-553.el8.x86_64", true), ("6.1.0-9-amd64", false)] {
        let image = Staged::with(&[(&format!("/lib/modules/{version}/modules.dep"), "")]);
        let Need::Change(steps) = image.assess_in(Scope::Files, "sysctl-perf", false).need else {
            panic!("nothing")
        };
        for line in [
            "vm.swappiness = 1",
            "vm.dirty_ratio = 10",
            "vm.dirty_background_ratio = 5",
            "vm.dirty_expire_centisecs = 500",
            "vm.dirty_writeback_centisecs = 100",
            "kernel.sched_autogroup_enabled = 0",
            "net.core.somaxconn = 65535",
            "net.core.netdev_max_backlog = 65535",
            "net.ipv4.tcp_max_syn_backlog = 65535",
            "net.ipv4.tcp_fin_timeout = 30",
            "net.ipv4.tcp_keepalive_time = 300",
        ] {
            let writes = |step: &Step| matches!(step, Step::Write { contents, .. } if contents.lines().any(|it| it == line));
            assert!(steps.iter().any(writes), "{version}: no {line:?}");
        }
        let writes = |step: &Step| matches!(step, Step::Write { contents, .. } if contents.contains("sched_migration_cost_ns"));
        assert_eq!(steps.iter().any(writes), is_there, "{version}");
    }
}

#[test]
fn what_another_file_sets_later_is_told() {
    let machine =
        Staged::with(&[("/proc/sys/fs/file-max", "100\n"), ("/etc/sysctl.d/zz.conf", "fs.file-max=100\n")]);
    let notes = machine.assess("sysctl-fd", false).notes;
    assert!(
        notes
            .iter()
            .any(|note| note.starts_with("/etc/sysctl.d/zz.conf is read later and sets fs.file-max to 100")),
        "{notes:?}"
    );
}

#[test]
fn the_older_file_keeps_what_is_not_the_scripts() {
    let path = sysctl_old::FILE;
    let machine = Staged::with(&[(path, "# mine\nfs.file-max = 1\nvm.max_map_count=9\nfs.nr_open=2\n")]);
    let Need::Change(steps) = machine.assess("sysctl-old", false).need else { panic!("nothing") };
    assert_eq!(
        steps,
        [Step::Write { path: path.to_owned(), contents: "# mine\nvm.max_map_count=9\n".into(), mode: 0o644 }]
    );
    assert_eq!(Staged::with(&[(path, "vm.swappiness=1\n")]).assess("sysctl-old", false).need, Need::Nothing);
}

#[test]
fn huge_pages_are_kept_off_by_one_way_only() {
    let switch = (huge_pages::SWITCHES[0], "always [madvise] never\n");
    let plain = Staged::with(&[switch]).program("systemctl", "");
    let told = steps(&plain.assess("huge-pages", false)).join("\n");
    assert!(
        told.contains("write /etc/systemd/system/disable-thp.service") && !told.contains("tuned"),
        "{told}"
    );
    let tuned = Staged::with(&[
        switch,
        ("/etc/tuned/active_profile", "virtual-guest\n"),
        (
            "/etc/systemd/system/multi-user.target.wants/tuned.service",
            "-> /usr/lib/systemd/system/tuned.service",
        ),
        ("/usr/lib/tuned/virtual-guest/tuned.conf", "[main]\ninclude=base\n"),
        ("/usr/lib/tuned/base/tuned.conf", "[vm]\ntransparent_hugepages=always\n"),
        ("/etc/systemd/system/disable-thp.service", "[Unit]\n"),
    ])
    .program("tuned-adm", "");
    let told = steps(&tuned.assess("huge-pages", false)).join("\n");
    assert!(told.contains("run tuned-adm profile vast-no-huge-pages"), "{told}");
    assert!(
        told.contains("remove /etc/systemd/system/disable-thp.service")
            && !told.contains("write /etc/systemd"),
        "{told}"
    );
    tuned.write(
        "/etc/tuned/vast-no-huge-pages/tuned.conf",
        "[main]\ninclude=virtual-guest\n[vm]\ntransparent_hugepages=never\n",
    );
    tuned.write("/etc/tuned/active_profile", "vast-no-huge-pages\n");
    tuned.write(huge_pages::SWITCHES[0], "never\n");
    assert_eq!(tuned.assess("huge-pages", false).need, Need::Nothing);
}

#[test]
fn the_rules_match_whole_disks() {
    let rules = io_scheduler::rules();
    assert_eq!(rules.matches("SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\"").count(), 2);
    assert!(rules.contains("KERNEL==\"sd*|vd*\"") && rules.contains("KERNEL==\"nvme*n*\""));
    let machine = Staged::with(&[
        ("/sys/block/sdaa/queue/scheduler", "[none] mq-deadline\n"),
        ("/sys/block/nvme0n1/queue/scheduler", "[mq-deadline] none\n"),
        ("/sys/block/vda/queue/scheduler", "[none]\n"),
        ("/sys/block/loop0/queue/scheduler", "[none] mq-deadline\n"),
    ]);
    let assessment = machine.assess("io-scheduler", false);
    let told = steps(&assessment).join("\n");
    assert!(told.contains("set /sys/block/sdaa/queue/scheduler to mq-deadline"), "{told}");
    assert!(
        told.contains("set /sys/block/nvme0n1/queue/scheduler to none") && !told.contains("loop0"),
        "{told}"
    );
    assert!(
        assessment.notes.iter().any(|note| note.starts_with("vda cannot have mq-deadline")),
        "{:?}",
        assessment.notes
    );
}

#[test]
fn docker_is_looked_for_and_never_installed() {
    let Need::Blocked(what) = Staged::with(&[EL8]).assess("docker", true).need else { panic!("a change") };
    assert!(what.contains("docker-ce") && what.contains("centos"));
    let there = Staged::with(&[("/usr/bin/docker", ""), ("/usr/bin/dockerd", "")]);
    assert_eq!(there.assess("docker", true).need, Need::Nothing);
}

#[test]
fn the_guest_agent_is_for_machines_with_its_channel() {
    assert!(matches!(Staged::with(&[]).assess("guest-agent", false).need, Need::DoesNotApply(_)));
    let machine = Staged::with(&[
        ("/dev/virtio-ports/org.qemu.guest_agent.0", ""),
        ("/usr/lib/systemd/system/qemu-guest-agent.service", ""),
        ("/etc/systemd/system/multi-user.target.wants/vmtoolsd.service", ""),
    ])
    .program("systemctl", "");
    let told = steps(&machine.assess("guest-agent", false));
    assert_eq!(
        told,
        [
            "run systemctl enable --now qemu-guest-agent.service",
            "run systemctl disable --now vmtoolsd.service"
        ]
    );
}
