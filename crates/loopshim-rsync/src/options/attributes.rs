//! What is kept of an entry besides its name and content.

use super::{Bytes, Chmod};

/// What is kept of an entry besides its name and content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    /// `-p`
    pub perms: bool,
    /// `-E`, where there is no `-p`.
    pub executability: bool,
    /// `--chmod`: the client changes the modes in the list, be it sender or receiver.
    pub chmod: Option<Chmod>,
    /// `-A`
    pub acls: bool,
    /// `-X`; given twice, the originals' own attributes too.
    pub xattrs: Twice,
    /// `-o`
    pub owner: bool,
    /// `-g`
    pub group: bool,
    /// `--devices`, of `-D`
    pub devices: bool,
    /// `--specials`, of `-D`
    pub specials: bool,
    /// `--drop-D`: the receiver makes neither, whatever is sent.
    pub drops_devices: bool,
    /// `--copy-devices`: a device's content is sent as a file's.
    pub copies_devices: bool,
    /// `--write-devices`: a device is written to as a file is.
    pub writes_devices: bool,
    /// `-t`
    pub times: bool,
    /// `-O`: not of directories.
    pub omits_dir_times: bool,
    /// `-J`: not of symbolic links.
    pub omits_link_times: bool,
    /// `-U`; given twice, directories' too.
    pub atimes: Twice,
    /// `--open-noatime`
    pub opens_noatime: bool,
    /// `--super` and the like.
    pub super_user: Super,
    /// `--numeric-ids`
    pub numeric_ids: bool,
    /// `--usermap`, and the user of `--chown`.
    pub usermap: Option<Bytes>,
    /// `--groupmap`, and the group of `--chown`.
    pub groupmap: Option<Bytes>,
    /// `--copy-as`: whose rights are taken for the copy.
    pub copy_as: Option<Identity>,
}

/// An option that means more when given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Twice {
    /// Not given.
    #[default]
    No,
    /// Given once.
    Once,
    /// Given twice or more.
    More,
}

impl Twice {
    /// Whether it was given at all.
    pub const fn is_given(self) -> bool {
        !matches!(self, Self::No)
    }
}

/// Whether the receiver does what only the super-user may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Super {
    /// If it is the super-user.
    #[default]
    IfRoot,
    /// `--super`: it tries to.
    Try,
    /// `--no-super`: it does not.
    No,
    /// `--fake-super`: it writes down what it would have done.
    Fake,
}

/// A user and a group by name or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user: Bytes,
    /// The group, where it is not the user's own.
    pub group: Option<Bytes>,
}
