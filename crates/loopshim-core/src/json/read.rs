//! Types that are read from JSON.

use std::path::PathBuf;

use ipmi::Map;

use super::reader::{Fault, Reader};

/// Where a value goes. It is read where it is to be: moving each there after it
/// has been read would be half of the code.
pub(crate) trait Slot {
    /// Reads the value, over the one that is there if none was given. After a
    /// fault it may be anything.
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault>;
}

/// A type that can be read.
pub(crate) trait Read: Slot + Default {
    /// Reads one value.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut value = Self::default();
        value.fill(reader)?;
        Ok(value)
    }
}

impl<T: Slot + Default> Read for T {}

/// A member that an object may have.
pub(crate) struct Member<'s> {
    pub(super) name: &'static str,
    pub(super) slot: &'s mut dyn Slot,
}

/// The member of that name, whose value goes to `slot`.
pub(crate) fn member<'s>(name: &'static str, slot: &'s mut dyn Slot) -> Member<'s> {
    Member { name, slot }
}

/// Makes a struct readable from an object: first the fields that have to be
/// given, then those that need not, with the value they then have where it is
/// not the type's default. A member is called like its field if not told
/// otherwise.
macro_rules! object {
    ($type:ty {
        $($need:ident $(as $need_name:literal)?),*; $($may:ident $(as $may_name:literal)? $(or $other:expr)?),* $(,)?
    }) => {
        impl Default for $type {
            fn default() -> Self {
                Self {
                    $($need: $crate::json::default!(),)*
                    $($may: $crate::json::default!($($other)?),)*
                }
            }
        }

        impl $crate::json::Slot for $type {
            fn fill(&mut self, reader: &mut $crate::json::Reader<'_>) -> Result<(), $crate::json::Fault> {
                let needed: &[&str] = &[$($crate::json::name!($need $($need_name)?)),*];
                reader.object(needed.len(), &mut [
                    $($crate::json::member($crate::json::name!($need $($need_name)?), &mut self.$need),)*
                    $($crate::json::member($crate::json::name!($may $($may_name)?), &mut self.$may),)*
                ])
            }
        }
    };
}

/// The name of a member.
macro_rules! name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

/// The value of a member that is not given.
macro_rules! default {
    () => {
        Default::default()
    };
    ($other:expr) => {
        $other
    };
}

/// Makes an enum readable from the names of its variants.
macro_rules! choice {
    ($type:ty { $($name:literal => $variant:ident),* $(,)? }) => {
        impl $crate::json::Slot for $type {
            fn fill(&mut self, reader: &mut $crate::json::Reader<'_>) -> Result<(), $crate::json::Fault> {
                *self = [$(Self::$variant),*][reader.one_of(&[$($name),*])?];
                Ok(())
            }
        }
    };
}

pub(crate) use {choice, default, name, object};

macro_rules! scalars {
    ($($(#[$comment:meta])* $type:ident: |$reader:ident| $value:expr;)*) => {$(
        $(#[$comment])*
        impl Slot for $type {
            fn fill(&mut self, $reader: &mut Reader<'_>) -> Result<(), Fault> {
                *self = $value;
                Ok(())
            }
        }
    )*};
}

/// The bounds are the type's: nothing is cut off.
macro_rules! whole_numbers {
    ($($type:ident)*) => {
        scalars! { $($type: |reader| reader.integer($type::MIN.into(), $type::MAX.into())? as Self;)* }
    };
}

whole_numbers! { u8 u16 u32 i8 i16 i64 }

scalars! {
    /// Up to 2^63 - 1: more seconds or calls than there can be.
    u64: |reader| reader.integer(0, i64::MAX)? as Self;
    bool: |reader| reader.boolean()?;
    f64: |reader| reader.float()?;
    String: |reader| reader.string("a string")?;
    PathBuf: |reader| reader.string("a file's name")?.into();
}

impl<T: Read> Slot for Option<T> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        *self = None;
        if reader.null()? { Ok(()) } else { self.insert(T::default()).fill(reader) }
    }
}

impl<T: Read> Slot for Vec<T> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        self.clear();
        reader.array("an array", &mut |reader| {
            let at = self.len();
            self.push(T::default());
            self[at].fill(reader)
        })
    }
}

/// An object whose members are called by numbers.
impl<T: Read> Slot for Map<u8, T> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        self.clear();
        reader.members("an object", &mut |reader, key| {
            let refuse = |problem: &str| reader.fault(format!("`{key}` {problem}"));
            let number = key.parse().map_err(|_| refuse("is not a number from 0 to 255"))?;
            if self.contains_key(&number) {
                return Err(refuse("is given twice"));
            }
            reader.colon()?;
            self.get_or_default(number).fill(reader)
        })
    }
}
