//! Extended attributes.

use rustix::fd::{AsFd, AsRawFd};
use rustix::fs::XattrFlags;
use rustix::io::Errno;

use super::access::Target;

/// Which attributes take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// All namespaces but `system`, not `user` alone.
    pub all_namespaces: bool,
    /// What rsync itself stores in attributes as well (`-XX`).
    pub own: bool,
    /// Other namespaces are kept below `user.rsync.` (`--fake-super`).
    pub is_fake: bool,
}

/// Attributes, each a name and a value.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Below it lies what rsync itself stores.
const OWN: &[u8] = b"user.rsync.";
/// What rsync itself knows how to read.
const SPECIAL: &[u8] = b"user.rsync.%";

impl Policy {
    /// The name on the wire of a local attribute; `None` where it takes no part.
    pub fn outward<'n>(&self, name: &'n [u8]) -> Option<&'n [u8]> {
        if name.starts_with(b"system.") {
            return None;
        }
        if name.starts_with(SPECIAL) && !self.own {
            return None;
        }
        if self.is_fake
            && let Some(other) = name.strip_prefix(OWN).filter(|_| !name.starts_with(SPECIAL))
        {
            return Some(other);
        }
        (self.all_namespaces || name.starts_with(b"user.")).then_some(name)
    }

    /// The local name of an attribute from the wire; `None` where it is not stored.
    pub fn inward(&self, name: &[u8]) -> Option<Vec<u8>> {
        if name.starts_with(b"system.") || name.starts_with(SPECIAL) && !self.own {
            return None;
        }
        match name.starts_with(b"user.") {
            true => Some(name.to_vec()),
            false if self.is_fake => Some([OWN, name].concat()),
            false => self.all_namespaces.then(|| name.to_vec()),
        }
    }
}

/// The path of a file through its held directory. The calls that take it do not
/// follow a link at its end.
fn path(target: Target<'_>) -> Vec<u8> {
    let descriptor = target.directory.as_fd().as_raw_fd();
    [format!("/proc/self/fd/{descriptor}/").as_bytes(), target.leaf].concat()
}

/// Whether the error says that there are no attributes at all.
fn is_none(errno: Errno) -> bool {
    matches!(errno, Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS)
}

/// Names are at most 64 KiB together, a value too: the kernel's own limits.
const LIMIT: usize = 1 << 16;

/// The value of one attribute; `None` where the file has none such.
///
/// # Errors
/// What the system says.
pub fn get_attribute(target: Target<'_>, name: &[u8]) -> Result<Option<Vec<u8>>, Errno> {
    let get = |buffer: &mut [u8]| match target.file {
        Some(file) => rustix::fs::fgetxattr(file, name, buffer),
        None => rustix::fs::lgetxattr(path(target), name, buffer),
    };
    match filled(get) {
        Ok(value) => Ok(Some(value)),
        Err(errno) if is_none(errno) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// What a call that fills a buffer gives, with a larger one if it must be.
fn filled(call: impl Fn(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
    let mut small = [0; 512];
    match call(&mut small) {
        Ok(length) => Ok(small[..length].to_vec()),
        Err(Errno::RANGE) => {
            let mut large = vec![0; LIMIT];
            let length = call(&mut large)?;
            large.truncate(length);
            large.shrink_to_fit();
            Ok(large)
        }
        Err(errno) => Err(errno),
    }
}

fn names(target: Target<'_>) -> Result<Vec<Vec<u8>>, Errno> {
    let list = |buffer: &mut [u8]| match target.file {
        Some(file) => rustix::fs::flistxattr(file, buffer),
        None => rustix::fs::llistxattr(path(target), buffer),
    };
    let listed = match filled(list) {
        Err(errno) if is_none(errno) => return Ok(Vec::new()),
        listed => listed?,
    };
    Ok(listed.split(|&byte| byte == 0).filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect())
}

/// The attributes that take part, by their names on the wire, sorted.
///
/// # Errors
/// What the system says.
pub fn read_attributes(target: Target<'_>, policy: Policy) -> Result<Pairs, Errno> {
    let mut attributes = Vec::new();
    for local in names(target)? {
        let Some(name) = policy.outward(&local) else { continue };
        // It may have gone since the names were read.
        if let Some(value) = get_attribute(target, &local)? {
            attributes.push((name.to_vec(), value));
        }
    }
    attributes.sort();
    Ok(attributes)
}

/// Sets one attribute by its local name, or removes it.
///
/// # Errors
/// What the system says.
pub(super) fn set_attribute(target: Target<'_>, name: &[u8], value: Option<&[u8]>) -> Result<(), Errno> {
    let outcome = match (target.file, value) {
        (Some(file), Some(value)) => rustix::fs::fsetxattr(file, name, value, XattrFlags::empty()),
        (None, Some(value)) => rustix::fs::lsetxattr(path(target), name, value, XattrFlags::empty()),
        (Some(file), None) => rustix::fs::fremovexattr(file, name),
        (None, None) => rustix::fs::lremovexattr(path(target), name),
    };
    match outcome {
        Err(Errno::NODATA) if value.is_none() => Ok(()),
        outcome => outcome,
    }
}

/// The attributes of `wanted` that are stored, by their local names.
pub fn wanted_attributes(wanted: impl Iterator<Item = (Vec<u8>, Vec<u8>)>, policy: Policy) -> Pairs {
    wanted.filter_map(|(name, value)| Some((policy.inward(&name)?, value))).collect()
}

/// Gives a file exactly those attributes (of the ones that take part), all by
/// local names. Whether anything was changed.
///
/// # Errors
/// What the system says, and of which attribute.
pub fn write_attributes(
    target: Target<'_>,
    wanted: &[(Vec<u8>, Vec<u8>)],
    policy: Policy,
) -> Result<bool, (Vec<u8>, Errno)> {
    let mut is_changed = false;
    let present = match names(target) {
        Ok(names) => names,
        Err(errno) => return Err((Vec::new(), errno)),
    };
    for (name, value) in wanted {
        let is_there = present.contains(name)
            && get_attribute(target, name).map_err(|errno| (name.clone(), errno))?.as_ref() == Some(value);
        if !is_there {
            set_attribute(target, name, Some(value)).map_err(|errno| (name.clone(), errno))?;
            is_changed = true;
        }
    }
    for name in present {
        let takes_part = policy.outward(&name).is_some();
        if takes_part && !wanted.iter().any(|(wanted, _)| *wanted == name) {
            set_attribute(target, &name, None).map_err(|errno| (name, errno))?;
            is_changed = true;
        }
    }
    Ok(is_changed)
}

#[cfg(test)]
mod tests {
    use super::super::{Trust, open_directory};
    use super::*;

    #[test]
    fn names_take_part_as_the_manual_says() {
        let user = Policy { all_namespaces: false, own: false, is_fake: false };
        let root = Policy { all_namespaces: true, ..user };
        let fake = Policy { is_fake: true, ..user };
        for (name, by_user, by_root) in [
            (&b"user.a"[..], true, true),
            (b"trusted.a", false, true),
            (b"system.posix_acl_access", false, false),
            (b"user.rsync.%stat", false, false),
        ] {
            assert_eq!(user.outward(name).is_some(), by_user);
            assert_eq!(root.outward(name).is_some(), by_root);
            assert_eq!(user.inward(name).is_some(), by_user);
            assert_eq!(root.inward(name).is_some(), by_root);
        }
        assert_eq!(fake.inward(b"trusted.a").as_deref(), Some(&b"user.rsync.trusted.a"[..]));
        assert_eq!(fake.outward(b"user.rsync.trusted.a"), Some(&b"trusted.a"[..]));
        assert_eq!(Policy { own: true, ..root }.outward(b"user.rsync.%stat"), Some(&b"user.rsync.%stat"[..]));
    }

    #[test]
    fn attributes_are_set_changed_and_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("f"), "x").expect("written");
        let directory =
            open_directory(folder.path().as_os_str().as_encoded_bytes(), Trust::Owned).expect("opened");
        let target = Target { directory: &directory, leaf: b"f", file: None };
        let policy = Policy { all_namespaces: false, own: false, is_fake: false };
        let pair = |name: &str, value: &[u8]| (name.as_bytes().to_vec(), value.to_vec());
        let wanted = [pair("user.a", b"1"), pair("user.b", &[7; 3000])];
        if write_attributes(target, &wanted, policy).is_err() {
            return; // The file system has none: nothing of ours to test.
        }
        assert_eq!(read_attributes(target, policy), Ok(wanted.to_vec()));
        assert_eq!(write_attributes(target, &wanted, policy), Ok(false));
        assert_eq!(write_attributes(target, &wanted[..1], policy), Ok(true));
        assert_eq!(read_attributes(target, policy), Ok(wanted[..1].to_vec()));
    }
}
