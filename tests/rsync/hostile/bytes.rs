//! What a peer of protocol 31 that negotiates nothing sends, right or wrong:
//! unlike the encoders of `rsync-proto` this can say what is not allowed.

use rsync_proto::integers::{write_int, write_shortint, write_varint, write_varlong};

/// A regular file's mode.
pub const FILE: i32 = 0o100_644;
/// A directory's.
pub const DIRECTORY: i32 = 0o040_755;
/// A symbolic link's.
pub const LINK: i32 = 0o120_777;

/// Flags of a list's entries.
pub mod flag {
    /// The top of what is sent; for a directory: with all that is in it.
    pub const TOP: u16 = 0x0001;
    /// A hard link.
    pub const HARD_LINK: u16 = 0x0200;
    /// The first of its links.
    pub const FIRST_LINK: u16 = 0x1000;
}

/// The flags every entry here has: two bytes of flags, owner and group not
/// sent, a name of any length.
const ALWAYS: u16 = 0x0004 | 0x0008 | 0x0010 | 0x0040;

/// Bytes of one direction.
#[derive(Default, Clone)]
pub struct Stream(Vec<u8>);

impl Stream {
    /// A server's beginning: its version, what it can, its seed.
    pub fn server(abilities: u8) -> Self {
        Self::default().int(31).byte(abilities).int(0x1234)
    }

    /// A client's beginning.
    pub fn client() -> Self {
        Self::default().int(31)
    }

    /// What a server that does nothing special can.
    pub const ABILITIES: u8 = 0x2a;
    /// The same, and lists directory by directory.
    pub const INCREMENTAL: u8 = 0x2b;

    pub fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub fn int(mut self, number: i32) -> Self {
        write_int(&mut self.0, number);
        self
    }

    pub fn short(mut self, number: u16) -> Self {
        write_shortint(&mut self.0, number);
        self
    }

    pub fn varint(mut self, number: i32) -> Self {
        write_varint(&mut self.0, number);
        self
    }

    pub fn varlong(mut self, number: i64, least: usize) -> Self {
        write_varlong(&mut self.0, number, least);
        self
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Those bytes as multiplexed data.
    pub fn data(self, data: Self) -> Self {
        data.0.chunks(0x8000).fold(self, |stream, piece| stream.frame(0, piece))
    }

    /// A frame of that code.
    pub fn frame(self, code: i32, contents: &[u8]) -> Self {
        let length = i32::try_from(contents.len()).expect("a frame");
        self.int((7 + code) << 24 | length).raw(contents)
    }

    /// An entry without what follows a mode.
    pub fn entry(self, flags: u16, name: &str, mode: i32, size: i64) -> Self {
        let length = i32::try_from(name.len()).expect("a name");
        let stream = self.short(flags | ALWAYS).varint(length).raw(name.as_bytes());
        stream.varlong(size, 3).varlong(1_704_164_645, 4).int(mode)
    }

    pub fn file(self, name: &str, size: i64) -> Self {
        self.entry(0, name, FILE, size)
    }

    pub fn directory(self, name: &str) -> Self {
        self.entry(flag::TOP, name, DIRECTORY, 0)
    }

    pub fn link(self, name: &str, target: &str) -> Self {
        let length = i32::try_from(target.len()).expect("a target");
        self.entry(0, name, LINK, i64::from(length)).varint(length).raw(target.as_bytes())
    }

    /// The end of a list.
    pub fn end(self) -> Self {
        self.byte(0)
    }

    /// An item that is transferred: `difference` from the last index (1 to
    /// 253), no basis, its data, and a sum that fits them.
    pub fn transfer(self, difference: u8, data: &[u8]) -> Self {
        let length = i32::try_from(data.len()).expect("a length");
        let stream = self.byte(difference).short(0xa000).raw(&[0; 16]).int(length).raw(data).int(0);
        stream.raw(sum(data).bytes())
    }

    /// The rest of a sender's part, after its items: three ends of phases and,
    /// from a server, its statistics, then the last two.
    pub fn goodbye(self) -> Self {
        self.raw(&[0, 0, 0]).raw(&[0; 15]).raw(&[0, 0])
    }

    pub fn bytes(self) -> Vec<u8> {
        self.0
    }
}

fn sum(data: &[u8]) -> rsync_proto::digest::Sum {
    let mut digest = rsync_proto::digest::Checksum::Md5.of_file();
    digest.update(data);
    digest.finish()
}
