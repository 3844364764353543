//! Incremental recursion: which directory's list comes next.
//!
//! Directories of every list get numbers, in the order of the list, from zero
//! on. A sender goes through them depth first: after the list of a directory
//! comes its first subdirectory, else its next sibling, else one of its parent.

use std::ops::Range;

/// Directories whose lists are still to be sent.
#[derive(Debug, Clone, Default)]
pub struct Directories {
    /// Siblings that are left, the deepest last.
    left: Vec<Range<u32>>,
    count: u32,
}

impl Directories {
    /// Gives numbers to the `count` directories of the list that was just sent.
    pub fn add(&mut self, count: u32) -> Range<u32> {
        let numbers = self.count..self.count.saturating_add(count);
        self.count = numbers.end;
        if !numbers.is_empty() {
            self.left.push(numbers.clone());
        }
        numbers
    }

    /// Takes the next directory.
    pub fn next_directory(&mut self) -> Option<u32> {
        while let Some(siblings) = self.left.last_mut() {
            if let Some(number) = siblings.next() {
                return Some(number);
            }
            self.left.pop();
        }
        None
    }

    /// The sibling after the one taken last, if it was not followed by others'
    /// lists.
    pub fn peek_sibling(&self) -> Option<u32> {
        self.left.last().filter(|siblings| !siblings.is_empty()).map(|siblings| siblings.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_taken_depth_first() {
        let mut directories = Directories::default();
        assert_eq!(directories.add(2), 0..2);
        assert_eq!(directories.next_directory(), Some(0));
        assert_eq!(directories.peek_sibling(), Some(1));
        assert_eq!(directories.add(2), 2..4);
        assert_eq!(directories.next_directory(), Some(2));
        assert_eq!(directories.add(0), 4..4);
        assert_eq!(directories.next_directory(), Some(3));
        assert_eq!(directories.peek_sibling(), None);
        assert_eq!(directories.add(1), 4..5);
        assert_eq!(directories.next_directory(), Some(4));
        assert_eq!(directories.next_directory(), Some(1));
        assert_eq!(directories.next_directory(), None);
    }
}
