//! The destination's and the source's files. Everything is reached from a
//! directory that is held open, one checked component after the other; nothing
//! is looked up by a path that somebody could bend meanwhile.

mod access;
mod acl;
mod children;
mod copy;
mod descriptors;
mod directory;
mod errors;
mod facts;
mod fake_super;
mod ids;
mod mask;
mod named;
mod random;
mod temporary;
mod tree;
mod users;
mod walk;
mod writing;
mod xattr;

pub use access::{Attributes, Change, Target, apply};
pub use acl::{
    AclKind, default_mask, from_attribute, read_acl, stored_acl, stripped, to_attribute, write_acl,
};
pub use children::{Child, Children};
pub use copy::{Copied, Passed, copy_range};
pub use descriptors::make_room;
pub use directory::{Directory, Opening};
pub use errors::{error_text, error_words};
pub use facts::{Facts, FileType, Identity};
pub use fake_super::{Fake, faked, link_target, read_fake_acl, write_fake_acl};
pub use ids::{IdMap, IdRule, RuleError, parse_rules};
pub use mask::umask;
pub use named::{Access, open_named};
pub use temporary::{Temporaries, Temporary};
pub use tree::Tree;
pub use users::{Names, Table};
pub use walk::{Links, Trust, WayError, open_directory, open_from, open_parent};
pub use writing::{Sparse, Writer};
pub use xattr::{Pairs, Policy, get_attribute, read_attributes, wanted_attributes, write_attributes};
