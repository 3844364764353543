//! `--existing` and `--ignore-existing`: what is left alone for what is there, or
//! is not, and what is said of it.

use rsync_proto::file_list::{Entry, Kind};

use super::Generator;
use crate::fs::{Facts, Target, link_target};
use crate::options::Info;
use crate::receiver::keep::file_type;
use crate::receiver::outfit::{acls_differ, compare_xattrs};

impl Generator<'_> {
    /// Whether an entry is left alone because there is something already.
    pub(super) fn is_ignored(&mut self, entry: &Entry, path: &[u8], there: Option<&Facts>) -> bool {
        let ignores = self.run.options().comparison.update.ignores_existing;
        let is_both_directories = entry.is_directory() && there.is_some_and(Facts::is_directory);
        let Some(there) = there.filter(|_| ignores && !is_both_directories) else { return false };
        let info = &self.run.options().output.info;
        if info.has(Info::Skip, 2) {
            let change = self.change(entry, path, there);
            self.run.say(&[path, format!(" exists ({change})").as_bytes()]);
        } else if info.has(Info::Skip, 1) {
            self.run.say(&[path, b" exists"]);
        }
        true
    }

    /// How what is there differs from an entry, in the original's words (observed:
    /// 3.5.0).
    fn change(&mut self, entry: &Entry, path: &[u8], there: &Facts) -> &'static str {
        if there.kind != file_type(&entry.kind) {
            return "type change";
        }
        if !self.has_content_of(entry, path, there) {
            return if self.run.options().comparison.by_checksum { "sum change" } else { "file change" };
        }
        if self.has_attributes_of(entry, path, there) { "uptodate" } else { "attr change" }
    }

    fn has_content_of(&mut self, entry: &Entry, path: &[u8], there: &Facts) -> bool {
        match &entry.kind {
            Kind::File => self.is_up_to_date(entry, there, path),
            Kind::Symlink(target) => self.tree.parent(path).is_ok_and(|(directory, leaf)| {
                let own = link_target(&directory, leaf, self.run.keep.is_fake).ok();
                own.as_deref() == target.as_deref()
            }),
            Kind::CharacterDevice(device) | Kind::BlockDevice(device) => there.device == *device,
            _ => true,
        }
    }

    fn has_attributes_of(&mut self, entry: &Entry, path: &[u8], there: &Facts) -> bool {
        let owner = self.run.owner(entry);
        let is_alike = self.run.keep.differences(entry, owner, there, false).is_empty();
        is_alike
            && self.tree.parent(path).is_ok_and(|(directory, leaf)| {
                let target = Target { directory: &directory, leaf, file: None };
                !acls_differ(self.run, entry, target) && !compare_xattrs(self.run, entry, target).0
            })
    }

    /// Passes over what is not there, and must not be made.
    pub(super) fn leave_out(&mut self, entry: &Entry, path: &[u8]) {
        let what: &[u8] = if entry.is_directory() { b"directory" } else { b"file" };
        if entry.is_directory() {
            self.blocked.insert(path.into());
        }
        if self.run.options().output.info.has(Info::Skip, 1) {
            self.run.say(&[b"not creating new ", what, b" \"", path, b"\""]);
        }
    }
}
