//! Giving a file all that is kept of its entry besides the content.

use std::sync::Arc;

use rsync_proto::digest::Checksum;
use rsync_proto::file_list::{Acl, Entry, Kind, Value};
use rustix::io::Errno;

use super::keep::Owner;
use super::run::{Run, Who, lock, value_key};
use crate::fs::{self, AclKind, Attributes, Change, Facts, Fake, Pairs, Target, Tree, error_text};

/// Its owner may write to a file.
const OWNER_WRITES: u16 = 0o200;

/// A file that is to be given what its entry says.
pub struct Outfit<'o> {
    /// What the threads have in common.
    pub run: &'o Run,
    /// Who gives it.
    pub who: Who,
    /// Its entry.
    pub entry: &'o Entry,
    /// Its path, and the tree it lies in.
    pub path: (&'o Tree, &'o [u8]),
    /// What was in its place; `None` where nothing was.
    pub there: Option<&'o Facts>,
    /// The file that was in its place, for attributes that it has already.
    pub old: Option<Target<'o>>,
}

impl Outfit<'_> {
    /// Gives `target`, which is `current` now, all of it. What fails is
    /// reported, and the rest is done.
    pub fn give(&self, target: Target<'_>, current: &Facts) {
        let keep = &self.run.keep;
        let owner = self.run.owner(self.entry);
        let is_masked = self.there.is_none() && !keep.permissions;
        let mask = if is_masked { fs::default_mask(target.directory) } else { None };
        let mask = mask.unwrap_or(keep.umask);
        let wanted = keep.attributes(self.entry, owner, self.there, current, mask);
        // Who is not the super-user may only set them while the file can be written.
        let attributes_first = !keep.is_super;
        if attributes_first {
            self.give_xattrs(target);
        }
        self.apply(target, current, wanted, owner);
        if !attributes_first {
            self.give_xattrs(target);
        }
        self.give_acls(target, current, wanted.permissions.unwrap_or(current.permissions));
    }

    fn apply(&self, target: Target<'_>, current: &Facts, wanted: Attributes, owner: Owner) {
        let wanted = if self.run.keep.is_fake { self.fake(target, current, wanted, owner) } else { wanted };
        let Err((change, errno)) = fs::apply(target, current, &wanted) else { return };
        match change {
            Change::Owner => self.run.failed_at(self.who, "chown", &self.shown(), errno),
            Change::Permissions => self.report("failed to set permissions on", errno),
            Change::Times => self.report("failed to set times on", errno),
        }
    }

    /// Its path as messages show it.
    fn shown(&self) -> Vec<u8> {
        let (tree, name) = self.path;
        tree.shown(name)
    }

    fn report(&self, what: &str, errno: Errno) {
        self.run.could_not(self.who, what, &self.shown(), errno);
    }

    /// Writes down what we do not give, and says what we do.
    fn fake(&self, target: Target<'_>, current: &Facts, wanted: Attributes, owner: Owner) -> Attributes {
        let permissions = wanted.permissions.unwrap_or(self.there.unwrap_or(current).permissions);
        let kind = super::keep::file_type(&self.entry.kind);
        let device = match self.entry.kind {
            Kind::CharacterDevice(device) | Kind::BlockDevice(device) => device,
            _ => rsync_proto::file_list::Device::default(),
        };
        let fake = Fake {
            mode: kind.bits() | u32::from(permissions),
            device,
            user: owner.user.unwrap_or(self.there.unwrap_or(current).user),
            group: owner.group.unwrap_or(self.there.unwrap_or(current).group),
        };
        let least = if current.is_directory() { 0o700 } else { 0o600 };
        let real = permissions & 0o777 | least;
        let as_it_will_be = Facts { permissions: real, ..*current };
        if current.permissions & OWNER_WRITES == 0 {
            // Only who may write to a file may give it attributes. Where that fails, so
            // does what is given.
            let _ = target.set_permissions(real);
        }
        if can_hold_fakes(current)
            && let Err(errno) = fake.write(target, &as_it_will_be)
        {
            self.report("failed to write xattr user.rsync.%stat for", errno);
        }
        Attributes { permissions: Some(real), user: None, group: None, ..wanted }
    }

    fn give_xattrs(&self, target: Target<'_>) {
        let (Some(policy), Some(attributes)) = (self.run.keep.xattrs, &self.entry.xattrs) else { return };
        let mut wanted = Pairs::new();
        for (position, (name, value)) in attributes.iter().enumerate() {
            let Some(local) = policy.inward(name) else { continue };
            let value = match value {
                Value::Whole(value) => Some(value.to_vec()),
                Value::Digest { .. } => self.value(position, &local),
            };
            wanted.extend(value.map(|value| (local, value)));
        }
        if let Err((name, errno)) = fs::write_attributes(target, &wanted, policy) {
            let words = error_text(errno);
            let call = b"rsync: [receiver] rsync_xal_set: lsetxattr(\"";
            let rest = format!("\") failed: {words}");
            self.run.complain(&[call, &self.shown(), b"\",\"", &name, rest.as_bytes()]);
        }
    }

    /// A long value: it came with the item, or what was here has it already.
    fn value(&self, position: usize, local: &[u8]) -> Option<Vec<u8>> {
        let set = self.entry.xattrs.as_ref()?;
        if let Some(value) = lock(&self.run.values).get(&value_key(set, position)) {
            return Some(value.to_vec());
        }
        fs::get_attribute(self.old?, local).ok().flatten()
    }

    fn give_acls(&self, target: Target<'_>, current: &Facts, permissions: u16) {
        let is_fake = self.run.keep.is_fake;
        if !self.run.keep.acls || is_fake && !can_hold_fakes(current) {
            return;
        }
        let give = |acl: &Option<Arc<Acl>>, kind| {
            let Some(acl) = acl else { return };
            let acl = self.run.mapped_acl(acl);
            let written = match is_fake {
                true => fs::write_fake_acl(target, kind, &with_mask(acl, kind, permissions)),
                false => fs::write_acl(target, kind, &acl, permissions.into()),
            };
            if let Err(errno) = written {
                self.report("failed to set ACL on", errno);
            }
        };
        give(&self.entry.access_acl, AclKind::Access);
        give(&self.entry.default_acl, AclKind::Default);
    }
}

/// Whether attributes of ours can be kept with a file: the system gives none to
/// links, devices, FIFOs and sockets.
fn can_hold_fakes(facts: &Facts) -> bool {
    facts.is_file() || facts.is_directory()
}

/// Which long values of an entry's attributes differ from the file's, by
/// position, and whether any attribute does.
pub fn compare_xattrs(run: &Run, entry: &Entry, target: Target<'_>) -> (bool, Vec<usize>) {
    let (Some(policy), Some(attributes)) = (run.keep.xattrs, &entry.xattrs) else {
        return (false, Vec::new());
    };
    let there = fs::read_attributes(target, policy).unwrap_or_default();
    let mut differs = false;
    let mut asked = Vec::new();
    let mut count = 0;
    for (position, (name, value)) in attributes.iter().enumerate() {
        if policy.inward(name).is_none() {
            continue;
        }
        count += 1;
        let here = there.iter().find(|(here, _)| here[..] == name[..]).map(|(_, value)| value);
        match value {
            Value::Whole(value) => differs |= here.map(Vec::as_slice) != Some(value),
            Value::Digest { length, md5 } => {
                let is_same = here.is_some_and(|here| here.len() == *length as usize && md5_of(here) == *md5);
                if !is_same {
                    differs = true;
                    asked.push(position);
                }
            }
        }
    }
    (differs || count != there.len(), asked)
}

/// A list that names somebody has a mask; the mode says it where the list does not.
fn with_mask(mut acl: Acl, kind: AclKind, permissions: u16) -> Acl {
    if kind == AclKind::Access && acl.mask.is_none() && !acl.named.is_empty() {
        acl.mask = Some((permissions >> 3 & 7) as u8);
    }
    acl
}

fn md5_of(value: &[u8]) -> [u8; 16] {
    let mut digest = Checksum::Md5.of_file();
    digest.update(value);
    digest.finish().bytes().try_into().unwrap_or_default()
}

/// Whether a file's access control lists differ from its entry's.
pub fn acls_differ(run: &Run, entry: &Entry, target: Target<'_>) -> bool {
    if !run.keep.acls || matches!(entry.kind, Kind::Symlink(_)) {
        return false;
    }
    let differs = |acl: &Option<Arc<Acl>>, kind| {
        let Some(acl) = acl else { return false };
        if run.keep.is_fake {
            let wanted = with_mask(run.mapped_acl(acl), kind, entry.permissions);
            return fs::read_fake_acl(target, kind) != Ok(wanted);
        }
        // What the mode says is compared with the mode.
        let attribute = |acl: &Acl| fs::to_attribute(acl, entry.mode(), kind);
        let here = fs::stored_acl(target, kind);
        here.map_or(true, |here| attribute(&here) != attribute(&run.mapped_acl(acl)))
    };
    differs(&entry.access_acl, AclKind::Access) || differs(&entry.default_acl, AclKind::Default)
}
