//! Wildcards in operands that came over the wire, where no shell has seen them.

use rsync_proto::filter::Pattern;
use rustix::io::Errno;

use crate::fs::{Trust, open_directory};
use crate::options::Bytes;

/// The paths that `operand` means, in order; the operand itself where it has no
/// wildcards, or nothing is called so.
pub(super) fn expanded(operand: &[u8]) -> Vec<Bytes> {
    let mut found = vec![Bytes::new()];
    for component in operand.split_inclusive(|&byte| byte == b'/') {
        let name = component.strip_suffix(b"/").unwrap_or(component);
        let behind = &component[name.len()..];
        let paths = found.iter().flat_map(|before| -> Vec<Bytes> {
            if !name.iter().any(|byte| b"*?[".contains(byte)) {
                return vec![[before, component].concat()];
            }
            let names = matching(before, name);
            names.iter().map(|name| [before, &name[..], behind].concat()).collect()
        });
        found = paths.collect();
    }
    if found.is_empty() { vec![operand.to_vec()] } else { found }
}

/// What in a directory has a name of that pattern; one that begins with a dot
/// has to be asked for by one.
fn matching(directory: &[u8], name: &[u8]) -> Vec<Bytes> {
    let pattern = Pattern::new(name);
    let place = if directory.is_empty() { b"." } else { directory };
    let children = open_directory(place, Trust::All).map_err(Errno::from);
    let children = children.and_then(|directory| directory.children()).unwrap_or_default();
    let names = children.iter().map(|child| child.name.to_vec());
    let is_shown = |child: &Bytes| !child.starts_with(b".") || name.starts_with(b".");
    let mut names: Vec<Bytes> =
        names.filter(|child| is_shown(child) && pattern.matches(child, false)).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_order_and_what_is_not_found_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.c", "a.c", ".c", "a.h"] {
            std::fs::write(folder.path().join(name), "x").expect("written");
        }
        let root = folder.path().as_os_str().as_encoded_bytes();
        let path = |name: &str| [root, b"/", name.as_bytes()].concat();
        assert_eq!(expanded(&path("*.c")), [path("a.c"), path("b.c")]);
        assert_eq!(expanded(&path("nosuch*")), [path("nosuch*")]);
        assert_eq!(expanded(&path("a.h")), [path("a.h")]);
    }
}
