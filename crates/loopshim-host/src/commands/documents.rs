//! Completion scripts and manual pages, made from the command line's own
//! description.

use std::path::Path;

use clap::CommandFactory;

use crate::cli::Arguments;
use crate::output::{Outcome, Status, print, say};

/// Prints a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "loopshim", &mut script);
    print(&String::from_utf8_lossy(&script));
    Ok(Status::Good)
}

/// The pages of the stand-ins. Their own names are their originals'.
const STAND_INS: [(&str, &str); 3] = [
    ("loopshim-ipmitool", include_str!("pages/loopshim-ipmitool.1")),
    ("loopshim-pip3", include_str!("pages/loopshim-pip3.1")),
    ("loopshim-rsync", include_str!("pages/loopshim-rsync.1")),
];

/// Writes a manual page for the program, one for each command, and those of the
/// stand-ins.
pub(crate) fn man(folder: &Path) -> Outcome {
    let unwritable = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let mut command = Arguments::command();
    command.build();
    let mut pages = pages(&command, "loopshim");
    pages.extend(STAND_INS.map(|(name, page)| (name.to_owned(), Ok(page.into()))));
    let count = pages.len();
    for (name, page) in pages {
        std::fs::write(folder.join(format!("{name}.1")), page.map_err(unwritable)?).map_err(unwritable)?;
    }
    say(&format!("{count} pages written to {}", folder.display()));
    Ok(Status::Good)
}

type Page = (String, std::io::Result<Vec<u8>>);

fn pages(command: &clap::Command, name: &str) -> Vec<Page> {
    let mut pages = vec![page(command, name)];
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help")
    {
        pages.extend(self::pages(below, &format!("{name}-{}", below.get_name())));
    }
    pages
}

fn page(command: &clap::Command, name: &str) -> Page {
    let mut text = Vec::new();
    let titled = command.clone().name(name.to_owned()).display_name(name.to_owned());
    let rendered = clap_mangen::Man::new(titled).render(&mut text);
    (name.to_owned(), rendered.map(|()| text))
}
