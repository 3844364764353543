//! Handing over to the original tool, and never to ourselves.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::machine::{Machine, answer, run};

/// A machine with a device, our shim, and `cat` for an original: it shows what
/// the original is given.
fn with_cat() -> Machine {
    let machine = Machine::new().with_device();
    machine.install_program("bin/ipmitool.real", "/bin/cat");
    machine
}

/// What the shim answers here where nothing was ever set aside.
fn answer_without_original(args: &[&str]) -> (String, String, Option<i32>) {
    answer(&Machine::new().with_device().run(args))
}

#[test]
fn the_original_gets_our_name_arguments_and_streams() {
    let machine = with_cat();
    machine.install_shim("bin/ipmitool");
    let output = run(machine.command("bin/ipmitool", &["/proc/self/cmdline"]));
    let typed = machine.path("bin/ipmitool").display().to_string();
    assert_eq!(answer(&output).0, format!("{typed}\0/proc/self/cmdline\0"));

    let mut command = machine.command("bin/ipmitool", &[]);
    machine.write("input", "from standard input");
    command.stdin(fs::File::open(machine.path("input")).expect("input"));
    assert_eq!(answer(&run(command)).0, "from standard input");
}

#[test]
fn the_original_gets_our_environment_and_one_more_in_the_depth() {
    let machine = Machine::new().with_device();
    machine.install_program("bin/ipmitool.real", "/usr/bin/env");
    machine.install_shim("bin/ipmitool");
    let mut command = machine.command("bin/ipmitool", &[]);
    command.env("IPMI_PASSWORD", "two words\nand a line").env("LOOPSHIM_DEPTH", "2");
    let text = answer(&run(command)).0;
    let root = machine.path("").display().to_string();
    let root = root.trim_end_matches('/');
    let expected = format!(
        "IPMI_PASSWORD=two words\nand a line\nLC_ALL=C\nLOOPSHIM_DEPTH=3\nLOOPSHIM_ROOT={root}\nTZ=UTC\n"
    );
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&text), sorted(&expected));
}

#[test]
fn the_original_ends_by_a_broken_pipe_as_if_called_directly() {
    let status = answer(&with_cat().run(&["/proc/self/status"])).0;
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a SigIgn line");
    let ignored = u64::from_str_radix(ignored.trim(), 16).expect("a mask");
    assert_eq!(ignored & 1 << 12, 0, "SIGPIPE is ignored");
}

#[test]
fn the_record_counts_before_what_lies_beside_us() {
    let machine = with_cat();
    machine.install_script("bin/kept", "echo recorded");
    machine.write("var/lib/loopshim/originals", "pip3\t/bin/cat\nipmitool\t/bin/kept\n");
    assert_eq!(answer(&machine.run(&["mc", "info"])).0, "recorded\n");
}

#[test]
fn a_record_that_others_could_write_is_not_believed() {
    let machine = with_cat();
    machine.install_script("bin/planted", "echo planted");
    machine.write("var/lib/loopshim/originals", "ipmitool\t/bin/planted\n");
    machine.permit("var/lib/loopshim/originals", 0o666);
    assert_eq!(answer(&machine.run(&["/dev/null"])).0, "");
    machine.permit("var/lib/loopshim/originals", 0o644);
    machine.permit("var/lib/loopshim", 0o777);
    assert_eq!(answer(&machine.run(&["/dev/null"])).0, "");
    machine.permit("var/lib/loopshim", 0o755);
    fs::rename(machine.path("var/lib/loopshim/originals"), machine.path("elsewhere")).expect("a move");
    symlink(machine.path("elsewhere"), machine.path("var/lib/loopshim/originals")).expect("a link");
    assert_eq!(answer(&machine.run(&["/dev/null"])).0, "");
}

#[test]
fn without_one_set_aside_the_search_path_is_walked_past_ourselves() {
    let machine = Machine::new().with_device();
    machine.make_directory("usr");
    machine.install_shim("bin/ipmitool");
    machine.install_script("usr/ipmitool", "echo the system\\'s");
    let mut command = machine.command("bin/ipmitool", &["mc", "info"]);
    command.env("PATH", "/bin:/usr");
    assert_eq!(answer(&run(command)).0, "the system's\n");
}

#[test]
fn a_shim_installed_twice_does_not_call_itself() {
    let args = ["mc", "info"];
    let expected = answer_without_original(&args);
    type Plant = fn(&Machine);
    let plants: [(&str, Plant); 6] = [
        ("a copy", |machine| machine.install_shim("bin/ipmitool.real")),
        ("a hard link", |machine| {
            fs::hard_link(machine.path("bin/ipmitool"), machine.path("bin/ipmitool.real")).expect("a link");
        }),
        ("a symbolic link", |machine| {
            symlink("ipmitool", machine.path("bin/ipmitool.real")).expect("a link");
        }),
        ("a link to a link", |machine| {
            symlink("two", machine.path("bin/ipmitool.real")).expect("a link");
            symlink(machine.path("bin/ipmitool"), machine.path("bin/two")).expect("a link");
        }),
        ("a loop of links", |machine| {
            symlink("two", machine.path("bin/ipmitool.real")).expect("a link");
            symlink("ipmitool.real", machine.path("bin/two")).expect("a link");
        }),
        ("a record of ourselves", |machine| {
            machine.write("var/lib/loopshim/originals", "ipmitool\t/bin/ipmitool\nipmitool\t/bin/absent\n");
        }),
    ];
    for (name, plant) in plants {
        let machine = Machine::new().with_device();
        machine.install_shim("bin/ipmitool");
        plant(&machine);
        assert_eq!(answer(&machine.run(&args)), expected, "{name}");
    }
}

#[test]
fn a_script_that_calls_us_back_comes_to_an_end() {
    let machine = Machine::new().with_device();
    machine.install_script("bin/ipmitool.real", "echo again; exec \"${0%.real}\" \"$@\"");
    let (stdout, stderr, status) = answer(&machine.run(&["mc", "info"]));
    let expected = answer_without_original(&["mc", "info"]);
    assert_eq!(stdout, "again\n".repeat(4) + &expected.0);
    assert_eq!((stderr, status), (expected.1, expected.2));
}

#[test]
fn a_file_that_cannot_be_executed_is_no_original() {
    let expected = answer_without_original(&["mc", "info"]);
    let machine = Machine::new().with_device();
    machine.write("bin/ipmitool.real", "#!/bin/sh\necho wrong\n");
    assert_eq!(answer(&machine.run(&["mc", "info"])), expected, "not executable");
    machine.write("script", "#!/nonexistent/interpreter\n");
    machine.install_program("bin/ipmitool.real", machine.path("script").to_str().expect("a path"));
    assert_eq!(answer(&machine.run(&["mc", "info"])), expected, "no interpreter");
    machine.make_directory("bin/kept");
    machine.write("var/lib/loopshim/originals", "ipmitool\t/bin/kept\n");
    assert_eq!(answer(&machine.run(&["mc", "info"])), expected, "a directory");
}

#[test]
fn every_name_of_the_device_counts_and_its_number() {
    for (device, args) in [
        ("dev/ipmi0", &["echo"][..]),
        ("dev/ipmi/0", &["echo"]),
        ("dev/ipmidev/0", &["echo"]),
        ("dev/ipmi1", &["-d", "1", "echo"]),
    ] {
        let machine = Machine::new();
        machine.install_script("bin/ipmitool.real", "echo original");
        machine.make_directory("dev/ipmi");
        machine.make_directory("dev/ipmidev");
        assert_ne!(answer(&machine.run(args)).0, "original\n", "without {device}");
        machine.write(device, "");
        assert_eq!(answer(&machine.run(args)).0, "original\n", "with {device}");
    }
}

#[test]
fn a_remote_bmc_is_the_originals_business_and_a_socket_is_ours() {
    let machine = Machine::new();
    machine.install_script("bin/ipmitool.real", "echo original");
    for args in
        [&["-H", "bmc", "mc", "info"][..], &["mc", "info", "-I", "lanplus"], &["-Hbmc", "-P", "x", "-V"]]
    {
        assert_eq!(answer(&machine.run(args)).0, "original\n", "{args:?}");
    }
    let machine = machine.with_device();
    assert_ne!(answer(&machine.run(&["-I", "dummy", "mc", "info"])).0, "original\n");
}

#[test]
fn the_configuration_decides_who_answers_for_a_device() {
    let machine = Machine::new().with_device();
    machine.install_script("bin/ipmitool.real", "echo original");
    for (device, modelled, unmodelled) in
        [("original", true, true), ("unmodelled", false, true), ("model", false, false)]
    {
        machine.write("etc/loopshim/config.json", format!(r#"{{"ipmitool": {{"device": "{device}"}}}}"#));
        // A board of a vendor whose command goes on past what is modelled.
        let board = r#"{"responses": [{"request": "3e 0c *", "data": ""}]}"#;
        machine.write("etc/loopshim/bmc.json", board);
        let is_original = |args: &[&str]| answer(&machine.run(args)).0 == "original\n";
        assert_eq!(is_original(&["mc", "info"]), modelled, "{device}");
        assert_eq!(is_original(&["kontronoem", "setsn"]), unmodelled, "{device}");
    }
}

#[test]
fn a_bad_configuration_stops_us_before_anything_is_asked() {
    let machine = Machine::new().with_device();
    machine.install_script("bin/ipmitool.real", "echo original");
    machine.write("etc/loopshim/config.json", "{\"ipmitool\": {\n  \"devise\": \"model\"}}");
    let (stdout, stderr, status) = answer(&machine.run(&["mc", "info"]));
    let file = machine.path("etc/loopshim/config.json").display().to_string();
    assert_eq!(
        stderr,
        format!(
            "ipmitool: {file}: line 2, column 10, field ipmitool.devise: unknown field `devise`, \
             expected `device`; did you mean `device`?\n"
        )
    );
    assert_eq!((stdout.as_str(), status), ("", Some(1)));
}
