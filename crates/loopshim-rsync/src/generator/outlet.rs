//! What the generator says to the sender.

use rsync_proto::index::{Index, Running};
use rsync_proto::integers::write_varint;
use rsync_proto::item::Item;
use rsync_proto::sums::{BlockSums, Head};
use rsync_proto::xattr_values;

use crate::connection::Data;
use crate::failure::Failure;

/// The way to the sender.
pub struct Outlet {
    data: Data,
    running: Running,
}

impl Outlet {
    /// Over a connection.
    pub fn new(data: Data) -> Self {
        Self { data, running: Running::default() }
    }

    /// Says an index that is no entry's.
    ///
    /// # Errors
    /// Where the peer is gone.
    pub fn index(&mut self, index: Index) -> Result<(), Failure> {
        self.running.write(self.data.buffer(), index);
        self.settle()
    }

    /// Says an item, and which values of extended attributes are wanted with it.
    ///
    /// # Errors
    /// Where the peer is gone.
    pub fn item(&mut self, index: u32, item: &Item, asked: Option<&[usize]>) -> Result<(), Failure> {
        let buffer = self.data.buffer();
        self.running.write(buffer, Index::Entry(index));
        item.write(buffer);
        if let Some(asked) = asked {
            xattr_values::write_requests(buffer, asked.iter().copied());
        }
        self.settle()
    }

    /// Says how a basis is cut.
    ///
    /// # Errors
    /// Where the peer is gone.
    pub fn head(&mut self, head: Head) -> Result<(), Failure> {
        head.write(self.data.buffer());
        self.settle()
    }

    /// Says the sums of blocks.
    ///
    /// # Errors
    /// Where the peer is gone.
    pub fn sums(&mut self, sums: &[BlockSums]) -> Result<(), Failure> {
        for sums in sums.chunks(1024) {
            let buffer = self.data.buffer();
            sums.iter().for_each(|sums| sums.write(buffer));
            self.data.settle()?;
        }
        Ok(())
    }

    /// Says how much was deleted, by type.
    ///
    /// # Errors
    /// Where the peer is gone.
    pub fn deletions(&mut self, counts: [u64; 5]) -> Result<(), Failure> {
        self.index(Index::DeletionCounts)?;
        for count in counts {
            write_varint(self.data.buffer(), i32::try_from(count).unwrap_or(i32::MAX).min(1 << 28));
        }
        self.settle()
    }

    /// Sends all that was said.
    ///
    /// # Errors
    /// Where the peer is gone.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.data.flush()
    }

    fn settle(&mut self) -> Result<(), Failure> {
        self.data.settle()
    }

    /// The way for messages.
    pub const fn outgoing(&self) -> &crate::connection::Outgoing {
        self.data.outgoing()
    }
}
