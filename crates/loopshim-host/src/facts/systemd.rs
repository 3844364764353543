//! systemd: its version, and which units start by themselves. By files, so
//! that an image can be looked at as well.

use crate::machine::root::Root;

/// Where its private library lies, whose name has its version.
const LIBRARIES: [&str; 4] =
    ["/usr/lib/systemd", "/usr/lib/x86_64-linux-gnu/systemd", "/lib/systemd", "/usr/lib64/systemd"];

/// The installed version.
pub fn version(root: &Root) -> Option<u32> {
    let names = LIBRARIES.iter().flat_map(|folder| root.names(folder));
    let number = |name: String| {
        let rest = name.strip_prefix("libsystemd-shared-")?.to_owned();
        rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    };
    names.filter_map(number).max()
}

/// Whether a unit is started by itself: some target wants it.
pub fn is_enabled(root: &Root, unit: &str) -> bool {
    let folder = "/etc/systemd/system";
    let wanting =
        root.names(folder).into_iter().filter(|name| name.ends_with(".wants") || name.ends_with(".requires"));
    wanting
        .into_iter()
        .any(|target| root.place(format!("{folder}/{target}/{unit}")).is_ok_and(|place| place.stat().is_ok()))
}

/// Whether a unit is there at all.
pub fn exists(root: &Root, unit: &str) -> bool {
    let folders = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
    folders.iter().any(|folder| root.exists(format!("{folder}/{unit}")))
}
