//! Reading a file list.

use std::collections::HashMap;
use std::sync::Arc;

use crate::digest::Sum;
use crate::integers::{read_int, read_varint, read_varlong};
use crate::multiplex::IoErrors;
use crate::violation::Field;
use crate::{Input, Violation};

use super::entry::{Device, Entry, HardLink, Kind, Time, file_type, file_type_of};
use super::ids::read_name;
use super::metadata::{self, Acl, Attributes};
use super::name::Name;
use super::{Format, xflags};

/// What a list brings next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// An entry.
    Entry(Box<Entry>),
    /// The end, with what went wrong at the sender.
    End(IoErrors),
}

/// What entries say of themselves only when it changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Running {
    pub(super) mode: u32,
    pub(super) modified: i64,
    pub(super) accessed: i64,
    pub(super) user: u32,
    pub(super) group: u32,
    pub(super) major: u32,
}

/// Reads the lists of a session; what one entry has in common with the one
/// before it goes on from list to list.
#[derive(Debug)]
pub struct Decoder {
    format: Format,
    name: Vec<u8>,
    running: Running,
    /// The number of the entry to come.
    number: u32,
    /// The first number of this list.
    start: u32,
    /// First entries of hard links in this list, by number.
    leaders: HashMap<u32, (Entry, Running)>,
    access_acls: metadata::Received<Acl>,
    default_acls: metadata::Received<Acl>,
    xattrs: metadata::Received<Attributes>,
}

impl Decoder {
    /// For a session in `format`.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            name: Vec::new(),
            running: Running::default(),
            number: 0,
            start: 0,
            leaders: HashMap::new(),
            access_acls: metadata::Received::default(),
            default_acls: metadata::Received::default(),
            xattrs: metadata::Received::default(),
        }
    }

    /// Begins a list whose first entry is number `start`.
    pub fn begin(&mut self, start: u32) {
        (self.start, self.number) = (start, start);
        self.leaders.clear();
    }

    /// Reads an entry, or the end of the list.
    ///
    /// # Errors
    /// A [`Violation`], or those of the input.
    pub fn read<I: Input>(&mut self, input: &mut I) -> Result<Received, I::Error> {
        let flags = match xflags::read(input, &self.format)? {
            xflags::Next::Entry(flags) => flags,
            xflags::Next::End(errors) => return Ok(Received::End(IoErrors::from_bits(errors))),
        };
        let name = self.read_name(input, flags)?;
        let hard_link = self.read_hard_link(input, flags)?;
        let mut entry = match hard_link {
            Some(HardLink::To(leader)) if leader >= self.start => self.copy_of(leader, name)?,
            _ => self.read_fields(input, flags, name)?,
        };
        entry.hard_link = hard_link;
        self.read_metadata(input, &mut entry)?;
        if hard_link == Some(HardLink::First) {
            self.leaders.insert(self.number, (entry.clone(), self.running));
        }
        self.number = self.number.checked_add(1).ok_or(Violation::OutOfRange(Field::FileIndex))?;
        Ok(Received::Entry(Box::new(entry)))
    }

    fn read_name<I: Input>(&mut self, input: &mut I, flags: u32) -> Result<Name, I::Error> {
        let common = if flags & xflags::SAME_NAME != 0 { input.byte()? } else { 0 };
        let rest = match flags & xflags::LONG_NAME {
            0 => i32::from(input.byte()?),
            _ => read_varint(input)?,
        };
        let (common, rest) = (usize::from(common), usize::try_from(rest).map_err(|_| Violation::NameLength)?);
        if common > self.name.len() || common + rest > Name::MAX {
            return Err(Violation::NameLength.into());
        }
        self.name.resize(common + rest, 0);
        input.fill(&mut self.name[common..])?;
        // Peers that keep whole paths send them from the root on.
        let rooted = match self.format.fields.whole_paths {
            true => self.name.iter().take_while(|&&byte| byte == b'/').count(),
            false => 0,
        };
        Ok(Name::new(&self.name[rooted..])?)
    }

    fn read_hard_link<I: Input>(&mut self, input: &mut I, flags: u32) -> Result<Option<HardLink>, I::Error> {
        if flags & xflags::HARD_LINKED == 0 {
            return Ok(None);
        }
        if !self.format.fields.hard_links {
            return Err(Violation::OutOfRange(Field::HardLink).into());
        }
        if flags & xflags::HARD_LINK_FIRST != 0 {
            return Ok(Some(HardLink::First));
        }
        let leader = u32::try_from(read_varint(input)?).ok().filter(|leader| *leader < self.number);
        leader.map(|leader| Some(HardLink::To(leader))).ok_or(Violation::Reference(Field::HardLink).into())
    }

    /// The entry is its leader under another name.
    fn copy_of(&mut self, leader: u32, name: Name) -> Result<Entry, Violation> {
        let (entry, running) = self.leaders.get(&leader).ok_or(Violation::Reference(Field::HardLink))?;
        self.running = *running;
        Ok(Entry { name, user_name: None, group_name: None, ..entry.clone() })
    }

    fn read_fields<I: Input>(&mut self, input: &mut I, flags: u32, name: Name) -> Result<Entry, I::Error> {
        let fields = self.format.fields;
        let length = read_length(input)?;
        if flags & xflags::SAME_TIME == 0 {
            self.running.modified = read_varlong(input, 4)?;
        }
        let nanoseconds = if flags & xflags::NANOSECONDS == 0 { 0 } else { read_nanoseconds(input)? };
        let modified = Time { seconds: self.running.modified, nanoseconds };
        let created = match (fields.creation_times, flags & xflags::CREATED_WHEN_MODIFIED) {
            (false, _) => None,
            (true, 0) => Some(read_varlong(input, 4)?),
            (true, _) => Some(modified.seconds),
        };
        if flags & xflags::SAME_MODE == 0 {
            self.running.mode = read_int(input)? as u32;
        }
        let mode = self.running.mode;
        let file_type = file_type_of(mode)?;
        let is_directory = file_type == file_type::DIRECTORY;
        if name.is_root() && !is_directory {
            return Err(Violation::FileType(mode).into());
        }
        if fields.access_times && !is_directory && flags & xflags::SAME_ACCESS_TIME == 0 {
            self.running.accessed = read_varlong(input, 4)?;
        }
        let user_name = self.read_owner(input, flags)?;
        let group_name = self.read_group(input, flags)?;
        let kind = self.read_kind(input, flags, file_type)?;
        let has_checksum = fields.checksum.filter(|_| file_type == file_type::REGULAR);
        Ok(Entry {
            name,
            kind,
            permissions: (mode & 0o7777) as u16,
            length,
            modified,
            accessed: (fields.access_times && !is_directory).then_some(self.running.accessed),
            created,
            user: fields.owner.then_some(self.running.user),
            group: fields.group.then_some(self.running.group),
            user_name,
            group_name,
            hard_link: None,
            checksum: has_checksum.map(|length| read_sum(input, length)).transpose()?,
            access_acl: None,
            default_acl: None,
            xattrs: None,
        })
    }

    fn read_owner<I: Input>(&mut self, input: &mut I, flags: u32) -> Result<Option<Box<[u8]>>, I::Error> {
        if !self.format.fields.owner || flags & xflags::SAME_USER != 0 {
            return Ok(None);
        }
        self.running.user = read_varint(input)? as u32;
        (flags & xflags::USER_NAME != 0).then(|| read_name(input)).transpose()
    }

    fn read_group<I: Input>(&mut self, input: &mut I, flags: u32) -> Result<Option<Box<[u8]>>, I::Error> {
        if !self.format.fields.group || flags & xflags::SAME_GROUP != 0 {
            return Ok(None);
        }
        self.running.group = read_varint(input)? as u32;
        (flags & xflags::GROUP_NAME != 0).then(|| read_name(input)).transpose()
    }

    fn read_kind<I: Input>(&mut self, input: &mut I, flags: u32, file_type: u32) -> Result<Kind, I::Error> {
        let mut device = Device::default();
        if self.format.has_device(file_type) {
            if flags & xflags::SAME_MAJOR == 0 {
                self.running.major = read_varint(input)? as u32;
            }
            device = Device { major: self.running.major, minor: read_varint(input)? as u32 };
        }
        Ok(match file_type {
            file_type::DIRECTORY => Kind::Directory {
                is_top: flags & xflags::TOP_DIRECTORY != 0,
                has_content: flags & xflags::NO_CONTENT == 0,
            },
            file_type::SYMLINK if self.format.fields.links => Kind::Symlink(Some(read_target(input)?)),
            file_type::SYMLINK => Kind::Symlink(None),
            file_type::CHARACTER => Kind::CharacterDevice(device),
            file_type::BLOCK => Kind::BlockDevice(device),
            file_type::FIFO => Kind::Fifo,
            file_type::SOCKET => Kind::Socket,
            file_type::REGULAR => Kind::File,
            _ => Kind::Missing,
        })
    }

    fn read_metadata<I: Input>(&mut self, input: &mut I, entry: &mut Entry) -> Result<(), I::Error> {
        if self.format.fields.acls && !matches!(entry.kind, Kind::Symlink(_)) {
            entry.access_acl = Some(self.access_acls.read(input, Field::AccessControlList, Acl::read)?);
            let is_directory = entry.is_directory();
            entry.default_acl = is_directory
                .then(|| self.default_acls.read(input, Field::AccessControlList, Acl::read))
                .transpose()?;
        }
        if self.format.fields.xattrs {
            let read = metadata::read_xattrs::<I>;
            let xattrs: Arc<Attributes> = self.xattrs.read(input, Field::ExtendedAttribute, read)?;
            entry.xattrs = Some(xattrs);
        }
        Ok(())
    }
}

fn read_length<I: Input>(input: &mut I) -> Result<u64, I::Error> {
    u64::try_from(read_varlong(input, 3)?).map_err(|_| Violation::OutOfRange(Field::FileSize).into())
}

fn read_nanoseconds<I: Input>(input: &mut I) -> Result<u32, I::Error> {
    let nanoseconds =
        u32::try_from(read_varint(input)?).ok().filter(|nanoseconds| *nanoseconds < 1_000_000_000);
    nanoseconds.ok_or_else(|| Violation::OutOfRange(Field::Nanoseconds).into())
}

fn read_target<I: Input>(input: &mut I) -> Result<Box<[u8]>, I::Error> {
    let length = usize::try_from(read_varint(input)?).ok().filter(|length| (1..=Name::MAX).contains(length));
    let target = input.bytes(length.ok_or(Violation::OutOfRange(Field::SymlinkTarget))?)?;
    if target.contains(&0) {
        Err(Violation::OutOfRange(Field::SymlinkTarget).into())
    } else {
        Ok(target.into())
    }
}

fn read_sum<I: Input>(input: &mut I, length: usize) -> Result<Sum, I::Error> {
    let mut bytes = [0; Sum::MAX];
    let bytes = &mut bytes[..length.min(Sum::MAX)];
    input.fill(bytes)?;
    Ok(Sum::new(bytes))
}
