//! Writing a file list.

use std::collections::{BTreeSet, HashMap};

use crate::Version;
use crate::compat::Ability;
use crate::integers::{write_int, write_varint, write_varlong};
use crate::multiplex::IoErrors;

use super::decode::Running;
use super::entry::{Device, Entry, HardLink, Kind};
use super::ids::write_name;
use super::metadata::{self, Acl, Attributes};
use super::{Format, xflags};

/// Whether a list may end with what went wrong; where not, a message of its
/// own has to say it.
pub(super) fn ends_with_errors(format: &Format) -> bool {
    format.version >= Version::V31 || format.abilities.has(Ability::SAFE_FILE_LIST)
}

/// Writes the lists of a session.
#[derive(Debug)]
pub struct Encoder {
    format: Format,
    name: Vec<u8>,
    running: Running,
    is_first: bool,
    number: u32,
    start: u32,
    /// What the running values became after each first hard link of this list.
    leaders: HashMap<u32, Running>,
    users: BTreeSet<u32>,
    groups: BTreeSet<u32>,
    access_acls: metadata::Sent<Acl>,
    default_acls: metadata::Sent<Acl>,
    xattrs: metadata::Sent<Attributes>,
}

impl Encoder {
    /// For a session in `format`.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            name: Vec::new(),
            running: Running::default(),
            is_first: true,
            number: 0,
            start: 0,
            leaders: HashMap::new(),
            users: BTreeSet::new(),
            groups: BTreeSet::new(),
            access_acls: metadata::Sent::default(),
            default_acls: metadata::Sent::default(),
            xattrs: metadata::Sent::default(),
        }
    }

    /// Begins a list whose first entry is number `start`.
    pub fn begin(&mut self, start: u32) {
        (self.start, self.number) = (start, start);
        self.leaders.clear();
    }

    /// The number of the next entry, to be named by later hard links to it.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Whether the next entry of this user wants the user's name.
    pub fn wants_user_name(&self, user: u32) -> bool {
        self.format.fields.owner && self.format.names_inline() && !self.users.contains(&user)
    }

    /// Whether the next entry of this group wants the group's name.
    pub fn wants_group_name(&self, group: u32) -> bool {
        self.format.fields.group && self.format.names_inline() && !self.groups.contains(&group)
    }

    /// Writes an entry, which has exactly the fields of the session's format.
    pub fn write(&mut self, output: &mut Vec<u8>, entry: &Entry) {
        let new = self.running_after(entry);
        let mut flags = self.common(entry, &new);
        let name = entry.name.bytes();
        let common = common_length(&self.name, name);
        let rest = &name[common..];
        if common > 0 {
            flags |= xflags::SAME_NAME;
        }
        if rest.len() > usize::from(u8::MAX) {
            flags |= xflags::LONG_NAME;
        }
        xflags::write(output, &self.format, flags, entry.is_directory());
        if common > 0 {
            output.push(common as u8);
        }
        match flags & xflags::LONG_NAME {
            0 => output.push(rest.len() as u8),
            _ => write_varint(output, rest.len() as i32),
        }
        output.extend_from_slice(rest);
        self.name.clear();
        self.name.extend_from_slice(name);
        self.write_rest(output, entry, flags, new);
        self.number += 1;
        self.is_first = false;
    }

    fn write_rest(&mut self, output: &mut Vec<u8>, entry: &Entry, flags: u32, new: Running) {
        let mut is_abbreviated = false;
        if let Some(HardLink::To(leader)) = entry.hard_link {
            write_varint(output, leader as i32);
            is_abbreviated = leader >= self.start;
            self.running = self.leaders.get(&leader).copied().filter(|_| is_abbreviated).unwrap_or(new);
        } else {
            self.running = new;
        }
        if !is_abbreviated {
            self.write_fields(output, entry, flags);
        }
        if entry.hard_link == Some(HardLink::First) {
            self.leaders.insert(self.number, self.running);
        }
        self.write_metadata(output, entry);
    }

    /// Writes the end of a list.
    pub fn end(&self, output: &mut Vec<u8>, errors: IoErrors) {
        xflags::write_end(output, &self.format, errors.bits());
    }

    /// Whether the errors have to be said by a message, since the list's end
    /// cannot.
    pub fn errors_need_a_message(&self) -> bool {
        !self.format.abilities.has(Ability::VARINT_FLAGS) && !ends_with_errors(&self.format)
    }

    fn running_after(&self, entry: &Entry) -> Running {
        let device = self.device(entry);
        Running {
            mode: entry.mode(),
            modified: entry.modified.seconds,
            accessed: entry.accessed.unwrap_or(self.running.accessed),
            user: entry.user.unwrap_or(self.running.user),
            group: entry.group.unwrap_or(self.running.group),
            major: device.map_or(self.running.major, |device| device.major),
        }
    }

    fn device(&self, entry: &Entry) -> Option<Device> {
        let device = match entry.kind {
            Kind::CharacterDevice(device) | Kind::BlockDevice(device) => device,
            _ => Device::default(),
        };
        self.format.has_device(entry.kind.file_type()).then_some(device)
    }

    /// What the entry has in common with the one before it, and what it is.
    fn common(&self, entry: &Entry, new: &Running) -> u32 {
        let (old, fields) = (&self.running, &self.format.fields);
        let flag = |is_set: bool, flag: u32| if is_set { flag } else { 0 };
        let had = !self.is_first;
        let of_kind = match entry.kind {
            Kind::Directory { is_top, has_content } => {
                flag(is_top, xflags::TOP_DIRECTORY) | flag(!has_content, xflags::NO_CONTENT)
            }
            _ if self.device(entry).is_some() => flag(new.major == old.major, xflags::SAME_MAJOR),
            _ => 0,
        };
        let of_link = match entry.hard_link {
            None => 0,
            Some(HardLink::First) => xflags::HARD_LINKED | xflags::HARD_LINK_FIRST,
            Some(HardLink::To(_)) => xflags::HARD_LINKED,
        };
        let same_user = !fields.owner || had && new.user == old.user;
        let same_group = !fields.group || had && new.group == old.group;
        of_kind
            | of_link
            | flag(had && new.mode == old.mode, xflags::SAME_MODE)
            | flag(had && new.modified == old.modified, xflags::SAME_TIME)
            | flag(entry.accessed.is_some() && had && new.accessed == old.accessed, xflags::SAME_ACCESS_TIME)
            | flag(
                entry.modified.nanoseconds != 0 && self.format.version >= Version::V31,
                xflags::NANOSECONDS,
            )
            | flag(entry.created == Some(entry.modified.seconds), xflags::CREATED_WHEN_MODIFIED)
            | flag(same_user, xflags::SAME_USER)
            | flag(same_group, xflags::SAME_GROUP)
            | flag(!same_user && entry.user_name.is_some(), xflags::USER_NAME)
            | flag(!same_group && entry.group_name.is_some(), xflags::GROUP_NAME)
    }

    fn write_fields(&mut self, output: &mut Vec<u8>, entry: &Entry, flags: u32) {
        let is_sent = |flag: u32| flags & flag == 0;
        write_varlong(output, entry.length as i64, 3);
        if is_sent(xflags::SAME_TIME) {
            write_varlong(output, entry.modified.seconds, 4);
        }
        if !is_sent(xflags::NANOSECONDS) {
            write_varint(output, entry.modified.nanoseconds as i32);
        }
        if let Some(created) = entry.created.filter(|_| is_sent(xflags::CREATED_WHEN_MODIFIED)) {
            write_varlong(output, created, 4);
        }
        if is_sent(xflags::SAME_MODE) {
            write_int(output, entry.mode() as i32);
        }
        if let Some(accessed) = entry.accessed.filter(|_| is_sent(xflags::SAME_ACCESS_TIME)) {
            write_varlong(output, accessed, 4);
        }
        if let Some(user) = entry.user.filter(|_| is_sent(xflags::SAME_USER)) {
            write_varint(output, user as i32);
            entry.user_name.iter().for_each(|name| write_name(output, name));
            self.users.insert(user);
        }
        if let Some(group) = entry.group.filter(|_| is_sent(xflags::SAME_GROUP)) {
            write_varint(output, group as i32);
            entry.group_name.iter().for_each(|name| write_name(output, name));
            self.groups.insert(group);
        }
        self.write_kind(output, entry, flags);
    }

    fn write_kind(&self, output: &mut Vec<u8>, entry: &Entry, flags: u32) {
        if let Some(device) = self.device(entry) {
            if flags & xflags::SAME_MAJOR == 0 {
                write_varint(output, device.major as i32);
            }
            write_varint(output, device.minor as i32);
        }
        if let Kind::Symlink(Some(target)) = &entry.kind {
            write_varint(output, target.len() as i32);
            output.extend_from_slice(target);
        }
        if let Some(checksum) = &entry.checksum {
            output.extend_from_slice(checksum.bytes());
        }
    }

    fn write_metadata(&mut self, output: &mut Vec<u8>, entry: &Entry) {
        if let Some(acl) = &entry.access_acl {
            self.access_acls.write(output, acl, |output, acl| acl.write(output));
        }
        if let Some(acl) = &entry.default_acl {
            self.default_acls.write(output, acl, |output, acl| acl.write(output));
        }
        if let Some(xattrs) = &entry.xattrs {
            self.xattrs.write(output, xattrs, metadata::write_xattrs);
        }
    }
}

/// How much of a name is as in the one before, at most what a byte can say.
fn common_length(before: &[u8], name: &[u8]) -> usize {
    let common = before.iter().zip(name).take_while(|(old, new)| old == new).count();
    common.min(usize::from(u8::MAX))
}
