//! Types that are read from JSON.

use std::path::PathBuf;

use ipmi::Map;

use super::reader::{Fault, Reader};

/// A type that can be read.
pub(crate) trait Read: Sized {
    /// Reads one value.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault>;
}

/// Where the value of an object's member goes.
pub(crate) trait Slot {
    /// Reads the value.
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault>;
}

impl<T: Read> Slot for T {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        *self = T::read(reader)?;
        Ok(())
    }
}

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
/// otherwise. Fields are read where they are: moving each of them there after
/// all have been read would be half of the code.
macro_rules! object {
    ($type:ty {
        $($need:ident $(as $need_name:literal)?),*; $($may:ident $(as $may_name:literal)? $(or $other:expr)?),* $(,)?
    }) => {
        impl $crate::json::Read for $type {
            fn read(reader: &mut $crate::json::Reader<'_>) -> Result<Self, $crate::json::Fault> {
                let mut object = Self {
                    $($need: $crate::json::default!(),)*
                    $($may: $crate::json::default!($($other)?),)*
                };
                let needed: &[&str] = &[$($crate::json::name!($need $($need_name)?)),*];
                reader.object(needed.len(), &mut [
                    $($crate::json::member($crate::json::name!($need $($need_name)?), &mut object.$need),)*
                    $($crate::json::member($crate::json::name!($may $($may_name)?), &mut object.$may),)*
                ])?;
                Ok(object)
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
        impl $crate::json::Read for $type {
            fn read(reader: &mut $crate::json::Reader<'_>) -> Result<Self, $crate::json::Fault> {
                let at = reader.one_of(&[$($name),*])?;
                Ok([$(Self::$variant),*][at])
            }
        }
    };
}

pub(crate) use {choice, default, name, object};

macro_rules! whole_numbers {
    ($($type:ident)*) => {$(
        impl Read for $type {
            fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
                // The bounds are the type's: nothing is cut off.
                reader.integer($type::MIN.into(), $type::MAX.into()).map(|number| number as Self)
            }
        }
    )*};
}

whole_numbers! { u8 u16 u32 i8 i16 i64 }

/// Up to 2^63 - 1: more seconds or calls than there can be.
impl Read for u64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        reader.integer(0, i64::MAX).map(|number| number as Self)
    }
}

impl Read for bool {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        reader.boolean()
    }
}

impl Read for f64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        reader.float()
    }
}

impl Read for String {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        reader.string("a string")
    }
}

impl Read for PathBuf {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        reader.string("a file's name").map(Self::from)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        if reader.null()? { Ok(None) } else { T::read(reader).map(Some) }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut elements = Self::new();
        reader.array("an array", &mut |reader| {
            elements.push(T::read(reader)?);
            Ok(())
        })?;
        Ok(elements)
    }
}

/// An object whose members are called by numbers.
impl<T: Read> Read for Map<u8, T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut map = Self::new();
        reader.members("an object", &mut |reader, key| {
            let refuse = |problem: &str| reader.fault(format!("`{key}` {problem}"));
            let number = key.parse().map_err(|_| refuse("is not a number from 0 to 255"))?;
            if map.contains_key(&number) {
                return Err(refuse("is given twice"));
            }
            reader.colon()?;
            map.insert(number, T::read(reader)?);
            Ok(())
        })?;
        Ok(map)
    }
}
