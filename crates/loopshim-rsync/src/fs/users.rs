//! Names of users and groups, from the files that list them. Other sources are
//! not asked: the program runs where there are none.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Names and numbers of users, or of groups.
#[derive(Debug, Default)]
pub struct Table {
    by_name: HashMap<Vec<u8>, u32>,
    by_number: HashMap<u32, Vec<u8>>,
}

impl Table {
    /// Parses `/etc/passwd` or `/etc/group`: name, password, number, each
    /// followed by a colon. Lines that are not so are passed over; of two with
    /// the same name or number the first counts.
    pub fn parse(text: &[u8]) -> Self {
        let mut table = Self::default();
        for line in text.split(|&byte| byte == b'\n') {
            let mut fields = line.split(|&byte| byte == b':');
            let (Some(name), Some(number)) = (fields.next(), fields.nth(1)) else { continue };
            let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
            let Some(number) = number.filter(|_| !name.is_empty()) else { continue };
            table.by_name.entry(name.to_vec()).or_insert(number);
            table.by_number.entry(number).or_insert_with(|| name.to_vec());
        }
        table
    }

    /// The number of a name.
    pub fn number(&self, name: &[u8]) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// The name of a number.
    pub fn name(&self, number: u32) -> Option<&[u8]> {
        self.by_number.get(&number).map(Vec::as_slice)
    }
}

/// Users and groups of this machine, read when first asked for.
#[derive(Debug, Default)]
pub struct Names {
    users: OnceLock<Table>,
    groups: OnceLock<Table>,
}

impl Names {
    /// The users.
    pub fn users(&self) -> &Table {
        self.users.get_or_init(|| read("/etc/passwd"))
    }

    /// The groups.
    pub fn groups(&self) -> &Table {
        self.groups.get_or_init(|| read("/etc/group"))
    }
}

/// A machine without the file has no names.
fn read(path: &str) -> Table {
    std::fs::read(path).map(|text| Table::parse(&text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_none_are_passed_over() {
        let table =
            Table::parse(b"root:x:0:0:root:/root:/bin/sh\n\nbad\nx:y:z\n:x:5:\na:x:7:\nb:x:7\nroot:x:9:");
        assert_eq!((table.number(b"root"), table.name(0)), (Some(0), Some(&b"root"[..])));
        assert_eq!((table.number(b"b"), table.name(7)), (Some(7), Some(&b"a"[..])));
        assert_eq!((table.number(b"bad"), table.name(5), table.number(b"")), (None, None, None));
    }
}
