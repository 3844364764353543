//! What of an entry is kept, and how it differs from what the destination has.
//! Pure: facts in, decisions out.

use rsync_proto::file_list::{Entry, Kind, Time};
use rsync_proto::item::Flags;

use crate::fs::{Attributes, Facts, FileType, Policy};
use crate::options::{Options, Super, Twice};

/// What is kept of entries, in this run by this user.
#[derive(Debug, Clone)]
pub struct Keep {
    /// Permissions.
    pub permissions: bool,
    /// Where those are not, whether a file can be executed.
    pub executability: bool,
    /// Owners.
    pub owner: bool,
    /// Groups.
    pub group: bool,
    /// The only groups we can give files to; any, where there is no such limit.
    pub our_groups: Option<Vec<u32>>,
    /// Modification times of files and specials.
    pub times: bool,
    /// Those of directories.
    pub directory_times: bool,
    /// Those of symbolic links.
    pub link_times: bool,
    /// Access times.
    pub access_times: Twice,
    /// Access control lists.
    pub acls: bool,
    /// Extended attributes, and which.
    pub xattrs: Option<Policy>,
    /// What only the super-user can give is written down instead.
    pub is_fake: bool,
    /// What only the super-user may do is done.
    pub is_super: bool,
    /// Permissions that new files do not get.
    pub umask: u16,
    /// Seconds by which times may differ; negative: nanoseconds count.
    pub window: i32,
    /// Files are compared by their content, so that what is kept may have a time
    /// that only almost is the other's: it gets that to the nanosecond
    /// (observed: 3.5.0).
    pub makes_times_exact: bool,
}

/// Whose a file is to be, as numbers of this machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owner {
    /// The user, where it is kept.
    pub user: Option<u32>,
    /// The group, where it is kept.
    pub group: Option<u32>,
}

impl Keep {
    /// What `options` ask for of a process of user `euid` in `groups`.
    pub fn new(options: &Options, euid: u32, groups: Vec<u32>, umask: u16) -> Self {
        let attributes = &options.attributes;
        let is_fake = attributes.super_user == Super::Fake;
        let is_super = match attributes.super_user {
            Super::IfRoot => euid == 0,
            Super::Try | Super::Fake => true,
            Super::No => false,
        };
        let policy =
            Policy { all_namespaces: is_super && !is_fake, own: attributes.xattrs == Twice::More, is_fake };
        // Backups beside the files would change the times that were just set.
        let omits_directory_times = attributes.omits_dir_times
            || options.writing.backup.as_ref().is_some_and(|backup| backup.directory.is_none());
        Self {
            permissions: attributes.perms,
            executability: attributes.executability,
            owner: attributes.owner && is_super,
            group: attributes.group,
            our_groups: (!is_super).then_some(groups),
            times: attributes.times,
            directory_times: attributes.times && !omits_directory_times,
            link_times: attributes.times && !attributes.omits_link_times,
            access_times: attributes.atimes,
            acls: attributes.acls,
            xattrs: attributes.xattrs.is_given().then_some(policy),
            is_fake,
            is_super,
            umask,
            window: options.comparison.modify_window,
            makes_times_exact: options.comparison.by_checksum,
        }
    }

    /// Whether two times are taken for one.
    pub fn is_same_time(&self, left: Time, right: Time) -> bool {
        match self.window {
            0 => left.seconds == right.seconds,
            ..0 => left == right,
            window => left.seconds.abs_diff(right.seconds) <= window as u64,
        }
    }

    /// Whether the time of such an entry is kept.
    pub fn keeps_time(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Directory { .. } => self.directory_times,
            Kind::Symlink(_) => self.link_times,
            _ => self.times,
        }
    }

    fn keeps_access_time(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Directory { .. } | Kind::Symlink(_) => false,
            _ => self.access_times.is_given(),
        }
    }

    /// Permissions an entry gets in place of what is there, if something is; new
    /// ones do not get those of `mask`.
    pub fn permissions(&self, entry: &Entry, there: Option<&Facts>, mask: u16) -> u16 {
        if self.permissions {
            return entry.permissions;
        }
        match there {
            Some(facts) if self.executability && facts.is_file() && entry.kind == Kind::File => {
                executable_as(entry.permissions, facts.permissions)
            }
            Some(facts) => facts.permissions,
            None => entry.permissions & 0o777 & !mask,
        }
    }

    /// Owner and group that can be given.
    pub fn owner(&self, mapped: Owner) -> Owner {
        let can_give = |group: &u32| self.our_groups.as_ref().is_none_or(|ours| ours.contains(group));
        Owner {
            user: mapped.user.filter(|_| self.owner),
            group: mapped.group.filter(|_| self.group).filter(can_give),
        }
    }

    /// How an entry differs from what is there, but for content, access
    /// control lists and extended attributes. `is_updated`: the content is
    /// replaced, and so is the time.
    pub fn differences(&self, entry: &Entry, owner: Owner, there: &Facts, is_updated: bool) -> Flags {
        let mut flags = Flags::default();
        let mut set = |differs: bool, flag: Flags| {
            if differs {
                flags = flags.and(flag);
            }
        };
        let is_directory = entry.is_directory();
        set(entry.kind == Kind::File && entry.length != there.length, Flags::SIZE);
        let is_later = if self.keeps_time(&entry.kind) {
            !self.is_same_time(entry.modified, there.modified)
        } else {
            is_updated && !is_directory
        };
        set(is_later, Flags::TIME);
        let accessed = entry.accessed.filter(|_| self.keeps_access_time(&entry.kind));
        set(accessed.is_some_and(|seconds| self.is_accessed_later(seconds, there)), Flags::ACCESS_TIME);
        let is_link = matches!(entry.kind, Kind::Symlink(_));
        set(!is_link && self.permissions(entry, Some(there), 0) != there.permissions, Flags::PERMISSIONS);
        set(owner.user.is_some_and(|user| user != there.user), Flags::OWNER);
        set(owner.group.is_some_and(|group| group != there.group), Flags::GROUP);
        flags
    }

    /// Whether a file was not read last at that time, in seconds.
    fn is_accessed_later(&self, seconds: i64, there: &Facts) -> bool {
        let time = |seconds| Time { seconds, nanoseconds: 0 };
        !self.is_same_time(time(seconds), time(there.accessed.seconds))
    }

    /// What an entry is to have, in place of what `there` is; what gets it is
    /// `current`.
    pub fn attributes(
        &self,
        entry: &Entry,
        owner: Owner,
        there: Option<&Facts>,
        current: &Facts,
        mask: u16,
    ) -> Attributes {
        // A link that is written down is a file.
        let is_file = self.is_fake && matches!(entry.kind, Kind::Symlink(_));
        let keeps_time = if is_file { self.times } else { self.keeps_time(&entry.kind) };
        let is_same_time = match self.makes_times_exact && entry.kind == Kind::File {
            true => entry.modified == current.modified,
            false => self.is_same_time(entry.modified, current.modified),
        };
        let is_same = is_same_time && there.is_some_and(|there| there.identity == current.identity);
        let accessed = entry.accessed.filter(|_| self.keeps_access_time(&entry.kind));
        let is_link = matches!(entry.kind, Kind::Symlink(_)) && !self.is_fake;
        let is_new_directory = there.is_none() && entry.is_directory() && !self.permissions;
        Attributes {
            // A new directory keeps what it inherited, as its making gave it.
            permissions: (!is_link && !is_new_directory).then(|| self.permissions(entry, there, mask)),
            user: owner.user,
            group: owner.group,
            modified: (keeps_time && !is_same).then_some(entry.modified),
            accessed: accessed
                .filter(|&seconds| self.is_accessed_later(seconds, current))
                .map(|seconds| Time { seconds, nanoseconds: 0 }),
        }
    }
}

/// `there`, executable by whom it can be read, or by nobody, as the source is.
fn executable_as(source: u16, there: u16) -> u16 {
    match (source & 0o111 != 0, there & 0o111 != 0) {
        (true, false) => there | (there & 0o444) >> 2,
        (false, true) => there & !0o111,
        _ => there,
    }
}

/// What a kind is called in the system's words.
pub fn file_type(kind: &Kind) -> FileType {
    match kind {
        Kind::File | Kind::Missing => FileType::File,
        Kind::Directory { .. } => FileType::Directory,
        Kind::Symlink(_) => FileType::Symlink,
        Kind::CharacterDevice(_) => FileType::CharacterDevice,
        Kind::BlockDevice(_) => FileType::BlockDevice,
        Kind::Fifo => FileType::Fifo,
        Kind::Socket => FileType::Socket,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executability_follows_the_source_as_the_manual_says() {
        assert_eq!(executable_as(0o755, 0o640), 0o750);
        assert_eq!(executable_as(0o100, 0o604), 0o705);
        assert_eq!(executable_as(0o644, 0o755), 0o644);
        assert_eq!(executable_as(0o711, 0o710), 0o710);
    }

    #[test]
    fn times_are_compared_in_the_window() {
        let mut keep = Keep::new(&Options::default(), 0, Vec::new(), 0o022);
        let time = |seconds, nanoseconds| Time { seconds, nanoseconds };
        assert!(keep.is_same_time(time(1, 5), time(1, 9)));
        assert!(!keep.is_same_time(time(1, 5), time(2, 5)));
        keep.window = -1;
        assert!(!keep.is_same_time(time(1, 5), time(1, 9)));
        keep.window = 2;
        assert!(keep.is_same_time(time(1, 0), time(3, 0)) && !keep.is_same_time(time(1, 0), time(4, 0)));
    }
}
