//! `loopshim bmc show`, `check` and `edit`: a model file in a person's hands.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs `loopshim bmc …` in a folder, with an editor that is a line of shell.
fn bmc(folder: &Path, arguments: &[&str], editor: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopshim"));
    command.arg("bmc").args(arguments).current_dir(folder).stdin(Stdio::null());
    command.env("LOOPSHIM_ROOT", folder).env_remove("VISUAL").env("EDITOR", editor);
    command.output().expect("loopshim starts")
}

fn folder_with(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("bmc.json"), text).expect("a file");
    folder
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_fault_is_shown_with_its_place_and_status() {
    let folder = folder_with("{\n  \"fru\": []\n}\n");
    let faulty = bmc(folder.path(), &["check", "bmc.json"], "");
    assert_eq!(faulty.status.code(), Some(1));
    assert!(
        stderr(&faulty).contains("bmc.json: line 2, column 7, field fru: unknown field `fru`"),
        "{faulty:?}"
    );
    let report = bmc(folder.path(), &["check", "--json", "bmc.json"], "");
    let report: Value = serde_json::from_slice(&report.stdout).expect("JSON");
    let fields = ["good", "line", "column", "field", "suggestion"].map(|name| report[name].to_string());
    assert_eq!(fields, ["false", "2", "7", "\"fru\"", "\"frus\""]);
    assert_eq!(bmc(folder.path(), &["check", "absent.json"], "").status.code(), Some(2));
    // Without a name it is the file of this machine, which is not there.
    assert_eq!(bmc(folder.path(), &["check"], "").status.code(), Some(2));
    std::fs::write(folder.path().join("bmc.json"), "{}").expect("a file");
    assert_eq!(bmc(folder.path(), &["check", "bmc.json"], "").status.code(), Some(0));
}

#[test]
fn only_a_good_file_is_installed() {
    let folder = folder_with(r#"{"profile": "empty"}"#);
    let file = folder.path().join("bmc.json");
    let text = || std::fs::read_to_string(&file).expect("the file");
    let edit = |editor: &str| bmc(folder.path(), &["edit", "bmc.json"], editor);
    let faulty = edit("sed -i s/empty/emptier/");
    assert_eq!(faulty.status.code(), Some(1));
    assert!(stderr(&faulty).contains("bmc.json: line 1, column"), "{faulty:?}");
    assert_eq!(edit("false").status.code(), Some(1));
    assert_eq!(text(), r#"{"profile": "empty"}"#);
    assert!(stderr(&edit("true")).contains("unchanged"));
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("a mode");
    assert!(edit("sed -i s/empty/virtual-cnode/").status.success());
    assert_eq!(text(), r#"{"profile": "virtual-cnode"}"#);
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).expect("the file"));
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

#[test]
fn a_machine_is_shown_to_people_and_programs() {
    let folder = folder_with(r#"{"profile": "virtual-cnode"}"#);
    let shown = bmc(folder.path(), &["show", "bmc.json"], "");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    for line in ["full sensor: CPU Temp", "VAST Data Loopback, Virtual CNode, LOOPBACK-001"] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    let shown = bmc(folder.path(), &["show", "--json", "bmc.json"], "");
    let summary: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!((&summary["power"], &summary["frus"][0]["id"]), (&Value::from("on"), &Value::from(0)));
    assert_eq!(bmc(folder.path(), &["show", "absent.json"], "").status.code(), Some(1));
}
