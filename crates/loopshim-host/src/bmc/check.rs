//! `loopshim bmc check` and `loopshim bmc edit`: a model file is looked at
//! before it can stop a shim.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use loopshim_core::World;
use loopshim_core::json_file::Error;
use loopshim_core::model::Model;
use serde_json::json;

use crate::bmc::{Check, Edit, default_path, file, print, say};

/// Status when the file was read and is not a model.
const NO_MODEL: u8 = 1;
/// Status when the file could not be read, or the editor not be run.
const UNREADABLE: u8 = 2;

/// Checks a file, and says what is wrong with it.
pub(crate) fn check(world: &World, arguments: &Check, json: bool) -> ExitCode {
    let path = arguments.file.clone().unwrap_or_else(|| default_path(world));
    let result = examine(world, &path, &path);
    if json {
        print(&format!("{}\n", report(&path, result.as_ref().err())));
    }
    match result {
        Ok(()) => {
            if !json {
                say(&format!("{}: good", path.display()));
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            if !json {
                say(&error.to_string());
            }
            ExitCode::from(if is_about_reading(&error) { UNREADABLE } else { NO_MODEL })
        }
    }
}

/// Whether the file itself could not be had. A fault in a text has its place or
/// field.
fn is_about_reading(error: &Error) -> bool {
    error.place.is_none() && error.field.is_empty()
}

/// Reads `path` as the model that would be at `place`.
fn examine(world: &World, path: &Path, place: &Path) -> Result<(), Error> {
    let text = fs::read(path).map_err(|error| Error {
        path: place.to_owned(),
        place: None,
        field: String::new(),
        problem: format!("cannot be read: {error}"),
        suggestion: None,
    })?;
    Model::from_json(place, &text, &world.hostname()).map(drop)
}

fn report(path: &Path, error: Option<&Error>) -> serde_json::Value {
    let path = path.display().to_string();
    match error {
        None => json!({"file": path, "good": true}),
        Some(error) => json!({
            "file": path,
            "good": false,
            "line": error.place.map(|(line, _)| line),
            "column": error.place.map(|(_, column)| column),
            "field": error.field,
            "problem": error.problem,
            "suggestion": error.suggestion,
        }),
    }
}

/// Edits a file: an editor gets a copy, and only a good one takes its place.
///
/// # Errors
/// When there is no editor, or the copy was given up.
pub(crate) fn edit(world: &World, arguments: &Edit) -> Result<(), String> {
    let path = arguments.file.clone().unwrap_or_else(|| default_path(world));
    let old = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => b"{\n}\n".to_vec(),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    let draft = Draft::of(&path, &old)?;
    loop {
        run_editor(&draft.0)?;
        match examine(world, &draft.0, &path) {
            Ok(()) => break,
            Err(error) => say(&error.to_string()),
        }
        if !edits_again() {
            return Err(format!("given up: {} is as it was", path.display()));
        }
    }
    let new = fs::read(&draft.0).map_err(|error| format!("cannot read the copy: {error}"))?;
    if new == old {
        say(&format!("{}: unchanged", path.display()));
        return Ok(());
    }
    file::write(&path, &new, true)?;
    say(&format!("{}: installed", path.display()));
    Ok(())
}

/// Whether a person wants another go; nobody to ask means no.
fn edits_again() -> bool {
    if !io::stdin().is_terminal() {
        return false;
    }
    say("edit again? (Enter for yes, q to give up)");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok_and(|len| len > 0) && !answer.trim().starts_with(['q', 'n'])
}

/// The copy that is edited, in the folder of the file so that names in it mean
/// the same; removed at the end.
struct Draft(PathBuf);

impl Draft {
    fn of(path: &Path, text: &[u8]) -> Result<Self, String> {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.json", std::process::id()));
        let draft = Self(path.with_file_name(name));
        file::write(&draft.0, text, false)?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // An editor may have moved it.
        let _ = fs::remove_file(&self.0);
    }
}

/// Runs `$VISUAL` or `$EDITOR`, by the shell since they may have arguments.
fn run_editor(path: &Path) -> Result<(), String> {
    let given = |name: &str| std::env::var_os(name).filter(|editor| !editor.is_empty());
    let editor = given("VISUAL").or_else(|| given("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut line = editor.clone();
    line.push(OsStr::new(" \"$1\""));
    let status = Command::new("/bin/sh").arg("-c").arg(line).arg("sh").arg(path).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the editor {}: {status}", editor.to_string_lossy())),
        Err(error) => Err(format!("cannot run an editor: {error}")),
    }
}
