//! `loopshim edit-lines`: the line editor of `ipmitool shell`, which itself has
//! no room for one.

use std::io::{self, Read, Write};

use rustyline::config::Configurer;
use rustyline::history::MemHistory;
use rustyline::{Behavior, Config, Editor};

use crate::output::{Outcome, Status};

/// Reads lines at the terminal, each when a byte asks for it, until either ends.
pub(crate) fn run(prompt: &str) -> Outcome {
    // Standard input and output are the caller's pipes.
    let config = Config::builder().auto_add_history(true).behavior(Behavior::PreferTerm);
    let config = config.bracketed_paste(false).build();
    let history = MemHistory::with_config(&config);
    let Ok(mut editor) = Editor::<(), _>::with_history(config, history) else { return Ok(Status::Failed) };
    // Terminals that do not know it show the words.
    editor.enable_synchronized_output(false);
    let mut wish = [0];
    while io::stdin().read_exact(&mut wish).is_ok() {
        let Ok(line) = editor.readline(prompt) else { break };
        let mut output = io::stdout();
        if output.write_all(format!("{line}\n").as_bytes()).and_then(|()| output.flush()).is_err() {
            break;
        }
    }
    Ok(Status::Good)
}
