//! What is in a directory.

use super::facts::FileType;

/// The names in a directory, in the order the system tells them in. They lie one
/// behind the other, so that a large directory costs no more than its names.
#[derive(Debug, Default)]
pub struct Children {
    names: Vec<u8>,
    /// Where each name ends, and what the directory says it is.
    found: Vec<(usize, Option<FileType>)>,
}

/// A name in a directory and what the directory says it is, if it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child<'c> {
    /// One component.
    pub name: &'c [u8],
    /// What it is; `None` where the file system does not tell with the names.
    pub kind: Option<FileType>,
}

impl Children {
    pub(super) fn add(&mut self, child: Child<'_>) {
        self.names.extend_from_slice(child.name);
        self.found.push((self.names.len(), child.kind));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether the directory is empty.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Child<'_>> {
        self.found.iter().scan(0, |begin, &(end, kind)| {
            let begin = std::mem::replace(begin, end);
            Some(Child { name: &self.names[begin..end], kind })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_as_they_were_added() {
        let mut children = Children::default();
        assert!(children.is_empty());
        let added =
            [(&b"one"[..], Some(FileType::File)), (b"b", None), (b"three", Some(FileType::Directory))];
        let added = added.map(|(name, kind)| Child { name, kind });
        added.iter().for_each(|child| children.add(*child));
        assert_eq!(children.len(), 3);
        assert_eq!(children.iter().collect::<Vec<_>>(), added);
    }
}
