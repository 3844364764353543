//! POSIX access control lists: as the kernel keeps them in attributes, and as
//! the protocol sends them, without what the mode says already.

use rsync_proto::file_list::{Acl, NamedAccess};
use rustix::io::Errno;

use super::access::Target;
use super::directory::Directory;
use super::xattr::{get_attribute, set_attribute};

/// Which of a file's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AclKind {
    /// Who may do what with it.
    Access,
    /// What is made in it inherits.
    Default,
}

impl AclKind {
    const fn attribute(self) -> &'static [u8] {
        match self {
            Self::Access => b"system.posix_acl_access",
            Self::Default => b"system.posix_acl_default",
        }
    }
}

/// The only layout there is of the attribute, in its first four bytes.
const LAYOUT: u32 = 2;
/// Number of an entry that names nobody.
const NOBODY: u32 = u32::MAX;

mod tag {
    pub(super) const USER_OBJECT: u16 = 0x01;
    pub(super) const USER: u16 = 0x02;
    pub(super) const GROUP_OBJECT: u16 = 0x04;
    pub(super) const GROUP: u16 = 0x08;
    pub(super) const MASK: u16 = 0x10;
    pub(super) const OTHER: u16 = 0x20;
}

/// Decodes the attribute; `None` where it is damaged.
pub fn from_attribute(value: &[u8]) -> Option<Acl> {
    let (layout, entries) = value.split_first_chunk::<4>()?;
    let (entries, []) = entries.as_chunks::<8>() else { return None };
    if u32::from_le_bytes(*layout) != LAYOUT {
        return None;
    }
    let mut acl = Acl::default();
    for &[tag_low, tag_high, low, _, a, b, c, d] in entries {
        let (permissions, id) = (low & 7, u32::from_le_bytes([a, b, c, d]));
        let named = |is_user| NamedAccess { id, is_user, permissions, name: None };
        match u16::from_le_bytes([tag_low, tag_high]) {
            tag::USER_OBJECT => acl.user = Some(permissions),
            tag::USER => acl.named.push(named(true)),
            tag::GROUP_OBJECT => acl.group = Some(permissions),
            tag::GROUP => acl.named.push(named(false)),
            tag::MASK => acl.mask = Some(permissions),
            tag::OTHER => acl.other = Some(permissions),
            _ => return None,
        }
    }
    Some(acl)
}

/// Encodes a list as the attribute; `None` where the mode says it all. An access
/// list says of owner, mask and others what `mode` says, as the system would have
/// it when the mode is set after the list (observed: 3.5.0), and of the group where
/// it leaves that out; a default list is filled up.
pub fn to_attribute(acl: &Acl, mode: u32, kind: AclKind) -> Option<Vec<u8>> {
    let is_minimal = acl.named.is_empty() && acl.mask.is_none() && acl.group.is_none();
    match kind {
        AclKind::Access if is_minimal && acl.user.is_none() && acl.other.is_none() => return None,
        AclKind::Default if is_minimal && acl.user.is_none() && acl.other.is_none() => return None,
        _ => {}
    }
    let of_mode = |shift: u32| ((mode >> shift) & 7) as u8;
    let has_mask = acl.mask.is_some() || acl.group.is_some() || !acl.named.is_empty();
    let (user, mask, other) = match kind {
        AclKind::Access => (None, has_mask.then_some(of_mode(3)), None),
        AclKind::Default => (acl.user, acl.mask, acl.other),
    };
    let mut value = LAYOUT.to_le_bytes().to_vec();
    let mut push = |tag: u16, permissions: u8, id: u32| {
        value.extend_from_slice(&tag.to_le_bytes());
        value.extend_from_slice(&u16::from(permissions).to_le_bytes());
        value.extend_from_slice(&id.to_le_bytes());
    };
    let mut named: Vec<&NamedAccess> = acl.named.iter().collect();
    named.sort_by_key(|named| (!named.is_user, named.id));
    push(tag::USER_OBJECT, user.unwrap_or(of_mode(6)), NOBODY);
    named.iter().filter(|named| named.is_user).for_each(|named| push(tag::USER, named.permissions, named.id));
    push(tag::GROUP_OBJECT, acl.group.unwrap_or(of_mode(3)), NOBODY);
    named
        .iter()
        .filter(|named| !named.is_user)
        .for_each(|named| push(tag::GROUP, named.permissions, named.id));
    if let Some(mask) = mask {
        push(tag::MASK, mask, NOBODY);
    }
    push(tag::OTHER, other.unwrap_or(of_mode(0)), NOBODY);
    Some(value)
}

/// An access list without what `mode` says too, as it is sent.
#[must_use]
pub fn stripped(mut acl: Acl, mode: u32) -> Acl {
    let of_mode = |shift: u32| Some(((mode >> shift) & 7) as u8);
    acl.user = acl.user.filter(|&user| Some(user) != of_mode(6));
    acl.other = acl.other.filter(|&other| Some(other) != of_mode(0));
    // With a mask the mode's group bits are the mask, without the group's own.
    if acl.mask.is_none() {
        acl.group = acl.group.filter(|&group| Some(group) != of_mode(3));
    } else if acl.mask == of_mode(3) && (!acl.named.is_empty() || acl.group != acl.mask) {
        if acl.group == acl.mask {
            acl.group = None;
        }
        acl.mask = None;
    }
    acl
}

/// Reads a list as it is sent: empty where the file has none.
///
/// # Errors
/// What the system says.
pub fn read_acl(target: Target<'_>, kind: AclKind, mode: u32) -> Result<Acl, Errno> {
    let acl = stored_acl(target, kind)?;
    Ok(match kind {
        AclKind::Access => stripped(acl, mode),
        AclKind::Default => acl,
    })
}

/// Reads a list as the file has it; empty where it has none.
///
/// # Errors
/// What the system says.
pub fn stored_acl(target: Target<'_>, kind: AclKind) -> Result<Acl, Errno> {
    match get_attribute(target, kind.attribute())? {
        Some(value) => from_attribute(&value).ok_or(Errno::INVAL),
        None => Ok(Acl::default()),
    }
}

/// The permissions that what is made in a directory does not get, if its
/// default list says so in place of the process' mask.
pub fn default_mask(directory: &Directory) -> Option<u16> {
    let target = Target { directory, leaf: b".", file: None };
    let acl = read_acl(target, AclKind::Default, 0).ok()?;
    let group = acl.mask.or(acl.group)?;
    let allowed = u16::from(acl.user?) << 6 | u16::from(group) << 3 | u16::from(acl.other?);
    Some(0o777 & !allowed)
}

/// Gives a file a list, or takes it away where the mode says it all.
///
/// # Errors
/// What the system says.
pub fn write_acl(target: Target<'_>, kind: AclKind, acl: &Acl, mode: u32) -> Result<(), Errno> {
    let value = to_attribute(acl, mode, kind);
    match set_attribute(target, kind.attribute(), value.as_deref()) {
        Err(Errno::OPNOTSUPP) if value.is_none() => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: u32, is_user: bool, permissions: u8) -> NamedAccess {
        NamedAccess { id, is_user, permissions, name: None }
    }

    #[test]
    fn a_list_survives_the_attribute() {
        let acl = Acl {
            user: Some(7),
            group: Some(5),
            mask: Some(7),
            other: Some(0),
            named: vec![named(3, true, 6), named(9, true, 4), named(2, false, 1)],
        };
        let value = to_attribute(&acl, 0o770, AclKind::Access).expect("a list");
        assert_eq!(value.len(), 4 + 7 * 8);
        assert_eq!(from_attribute(&value), Some(acl.clone()));
        let sent = stripped(acl.clone(), 0o770);
        assert_eq!((sent.user, sent.group, sent.mask, sent.other), (None, Some(5), None, None));
        assert_eq!(from_attribute(&to_attribute(&sent, 0o770, AclKind::Access).expect("a list")), Some(acl));
    }

    #[test]
    fn what_the_mode_says_is_no_list() {
        let acl = Acl { user: Some(6), group: Some(4), mask: None, other: Some(4), named: Vec::new() };
        assert_eq!(stripped(acl, 0o644), Acl::default());
        assert_eq!(to_attribute(&Acl::default(), 0o644, AclKind::Access), None);
    }

    #[test]
    fn damaged_attributes_are_no_lists() {
        for damaged in
            [&[][..], &[2, 0, 0], &[3, 0, 0, 0], &[2, 0, 0, 0, 1], &[2, 0, 0, 0, 3, 0, 7, 0, 0, 0, 0, 0]]
        {
            assert_eq!(from_attribute(damaged), None);
        }
    }
}
