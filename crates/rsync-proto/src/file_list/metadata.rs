//! Access control lists and extended attributes. Many entries have the same:
//! a set is sent once and named by its number afterwards.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::integers::{read_varint, write_varint};
use crate::violation::Field;
use crate::{Input, Violation};

/// What one direction of a session has received of a kind of set.
#[derive(Debug)]
pub(super) struct Received<T>(Vec<Arc<T>>);

impl<T> Default for Received<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Received<T> {
    /// Reads a set, or the number of one; `read` reads a new one's contents.
    pub(super) fn read<I: Input>(
        &mut self,
        input: &mut I,
        field: Field,
        read: impl FnOnce(&mut I) -> Result<T, I::Error>,
    ) -> Result<Arc<T>, I::Error> {
        match usize::try_from(read_varint(input)?) {
            Ok(0) => {
                let new = Arc::new(read(input)?);
                self.0.push(Arc::clone(&new));
                Ok(new)
            }
            Ok(number) => self.0.get(number - 1).cloned().ok_or_else(|| Violation::Reference(field).into()),
            Err(_) => Err(Violation::Reference(field).into()),
        }
    }
}

/// What one direction of a session has sent of a kind of set.
#[derive(Debug)]
pub(super) struct Sent<T>(HashMap<Arc<T>, i32>);

impl<T> Default for Sent<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Hash + Eq> Sent<T> {
    /// Writes a set or its number.
    pub(super) fn write(&mut self, output: &mut Vec<u8>, set: &Arc<T>, write: impl FnOnce(&mut Vec<u8>, &T)) {
        if let Some(&number) = self.0.get(set) {
            return write_varint(output, number);
        }
        self.0.insert(Arc::clone(set), self.0.len() as i32 + 1);
        write_varint(output, 0);
        write(output, set);
    }
}

/// A POSIX access control list, without what the mode says already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Acl {
    /// The owner's permissions, 0 to 7.
    pub user: Option<u8>,
    /// The group's.
    pub group: Option<u8>,
    /// What the others' and the named ones' are limited to.
    pub mask: Option<u8>,
    /// Everybody else's.
    pub other: Option<u8>,
    /// Permissions of users and groups by number.
    pub named: Vec<NamedAccess>,
}

/// What one user or group may do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NamedAccess {
    /// The number of the user or group.
    pub id: u32,
    /// Whether it is a user.
    pub is_user: bool,
    /// 0 to 7.
    pub permissions: u8,
    /// The name, where it is sent.
    pub name: Option<Box<[u8]>>,
}

const USER: u8 = 1;
const GROUP: u8 = 2;
const MASK: u8 = 4;
const OTHER: u8 = 8;
const NAMED: u8 = 16;

/// Most named users and groups of an access control list: eight bytes each,
/// the kernel keeps 64 KiB.
const NAMED_MAX: i32 = 8192;

impl Acl {
    pub(super) fn read<I: Input>(input: &mut I) -> Result<Self, I::Error> {
        let flags = input.byte()?;
        let mut permissions = |bit| match flags & bit {
            0 => Ok(None),
            _ => read_permissions(input).map(Some),
        };
        let (user, group) = (permissions(USER)?, permissions(GROUP)?);
        let (mask, other) = (permissions(MASK)?, permissions(OTHER)?);
        let mut named = Vec::new();
        if flags & NAMED != 0 {
            let count = read_varint(input)?;
            if !(0..=NAMED_MAX).contains(&count) {
                return Err(Violation::OutOfRange(Field::AccessControlList).into());
            }
            for _ in 0..count {
                named.push(NamedAccess::read(input)?);
            }
        }
        Ok(Self { user, group, mask, other, named })
    }

    pub(super) fn write(&self, output: &mut Vec<u8>) {
        let parts = [(self.user, USER), (self.group, GROUP), (self.mask, MASK), (self.other, OTHER)];
        let present = parts.iter().filter(|(part, _)| part.is_some()).fold(0, |flags, (_, bit)| flags | bit);
        output.push(present | if self.named.is_empty() { 0 } else { NAMED });
        parts.iter().filter_map(|(part, _)| *part).for_each(|part| write_varint(output, part.into()));
        if !self.named.is_empty() {
            write_varint(output, self.named.len() as i32);
            self.named.iter().for_each(|named| named.write(output));
        }
    }
}

fn read_permissions<I: Input>(input: &mut I) -> Result<u8, I::Error> {
    let permissions = read_varint(input)?;
    if (0..=7).contains(&permissions) {
        Ok(permissions as u8)
    } else {
        Err(Violation::OutOfRange(Field::AccessControlList).into())
    }
}

impl NamedAccess {
    fn read<I: Input>(input: &mut I) -> Result<Self, I::Error> {
        let id = read_varint(input)? as u32;
        let access = read_varint(input)?;
        if !(0..=31).contains(&access) {
            return Err(Violation::OutOfRange(Field::AccessControlList).into());
        }
        let name = match access & 1 {
            0 => None,
            _ => {
                let length = input.byte()?;
                Some(input.bytes(length.into())?.into())
            }
        };
        Ok(Self { id, is_user: access & 2 != 0, permissions: (access >> 2) as u8, name })
    }

    fn write(&self, output: &mut Vec<u8>) {
        write_varint(output, self.id as i32);
        let access = self.permissions << 2 | u8::from(self.is_user) << 1 | u8::from(self.name.is_some());
        write_varint(output, access.into());
        if let Some(name) = &self.name {
            super::ids::write_name(output, name);
        }
    }
}

/// The extended attributes of an entry, by name.
pub type Attributes = Vec<(Box<[u8]>, Value)>;

/// The value of an extended attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// All of it.
    Whole(Box<[u8]>),
    /// Of a longer one, how many bytes it has and their MD5: the generator
    /// asks for it if it has another.
    Digest {
        /// More than [`WHOLE_MAX`].
        length: u32,
        /// The MD5.
        md5: [u8; 16],
    },
}

/// Longest value sent in the list, in bytes.
pub const WHOLE_MAX: usize = 32;
/// Most attributes of an entry.
const ATTRIBUTES_MAX: i32 = 65_536;
/// Longest name of an attribute, with the zero byte that ends it.
const NAME_MAX: i32 = 4096;

pub(super) fn read_xattrs<I: Input>(input: &mut I) -> Result<Attributes, I::Error> {
    const OUT_OF_RANGE: Violation = Violation::OutOfRange(Field::ExtendedAttribute);
    let count = read_varint(input)?;
    if !(0..=ATTRIBUTES_MAX).contains(&count) {
        return Err(OUT_OF_RANGE.into());
    }
    let mut attributes = Attributes::new();
    for _ in 0..count {
        let (name_length, length) = (read_varint(input)?, read_varint(input)?);
        let Ok(length) = u32::try_from(length) else { return Err(OUT_OF_RANGE.into()) };
        if !(1..=NAME_MAX).contains(&name_length) {
            return Err(OUT_OF_RANGE.into());
        }
        let mut name = input.bytes(name_length as usize)?;
        if name.pop() != Some(0) || name.contains(&0) {
            return Err(OUT_OF_RANGE.into());
        }
        let value = match length as usize {
            whole @ ..=WHOLE_MAX => Value::Whole(input.bytes(whole)?.into()),
            _ => Value::Digest { length, md5: input.array()? },
        };
        attributes.push((name.into(), value));
    }
    Ok(attributes)
}

pub(super) fn write_xattrs(output: &mut Vec<u8>, attributes: &Attributes) {
    write_varint(output, attributes.len() as i32);
    for (name, value) in attributes {
        write_varint(output, name.len() as i32 + 1);
        let (length, bytes) = match value {
            Value::Whole(bytes) => (bytes.len() as i32, &bytes[..]),
            Value::Digest { length, md5 } => (*length as i32, &md5[..]),
        };
        write_varint(output, length);
        output.extend_from_slice(name);
        output.push(0);
        output.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceError;

    #[test]
    fn a_list_longer_than_any_kernel_keeps_is_refused() {
        let refused = SliceError::Violation(Violation::OutOfRange(Field::AccessControlList));
        for count in [-1, NAMED_MAX + 1, i32::MAX] {
            let mut bytes = vec![NAMED];
            write_varint(&mut bytes, count);
            bytes.extend_from_slice(&[1; 64]);
            assert_eq!(Acl::read(&mut &bytes[..]), Err(refused));
        }
        let mut bytes = vec![NAMED];
        write_varint(&mut bytes, NAMED_MAX);
        assert_eq!(Acl::read(&mut &bytes[..]), Err(SliceError::End));
    }
}
