use alloc::vec::Vec;
use core::num::NonZeroU8;

use crate::Error;

use super::multirecord::{self, MultiRecord};
use super::{BoardInfo, ChassisInfo, Checksum, CommonHeader, InternalUse, Offset, ProductInfo};

/// The inventory of one FRU: everything a FRU device holds (FRU 1.0 r1.3 section 7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inventory {
    /// Internal use area.
    pub internal_use: Option<InternalUse>,
    /// Chassis info area.
    pub chassis: Option<ChassisInfo>,
    /// Board info area.
    pub board: Option<BoardInfo>,
    /// Product info area.
    pub product: Option<ProductInfo>,
    /// Records of the multirecord area; with none, there is no area.
    pub multirecord: Vec<MultiRecord>,
    /// Of the common header.
    pub header_checksum: Checksum,
}

impl Inventory {
    /// Reads a device's whole image.
    ///
    /// # Errors
    ///
    /// What is wrong with the header, or with the first area that is; offsets in
    /// it count from the area's start.
    pub fn decode(image: &[u8]) -> Result<Self, Error> {
        let header = CommonHeader::decode(image)?;
        let at = |offset: Offset| offset.map(|offset| tail(image, offset.get()));
        Ok(Self {
            internal_use: internal_use(image, &header).map(InternalUse::decode).transpose()?,
            chassis: at(header.chassis).map(ChassisInfo::decode).transpose()?,
            board: at(header.board).map(BoardInfo::decode).transpose()?,
            product: at(header.product).map(ProductInfo::decode).transpose()?,
            multirecord: at(header.multirecord).map(multirecord::decode).transpose()?.unwrap_or_default(),
            header_checksum: header.checksum,
        })
    }

    /// The image: header, then the areas in the header's order, nothing between
    /// them, zeros up to a multiple of eight bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] when an area exceeds its length field or would start
    /// beyond the 2040 bytes that offsets reach.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut image = alloc::vec![0; CommonHeader::LEN];
        let internal_use = self.internal_use.as_ref().map(|area| Ok(area.encode()));
        let multirecord = (!self.multirecord.is_empty()).then(|| multirecord::encode(&self.multirecord));
        let header = CommonHeader {
            internal_use: append(&mut image, internal_use)?,
            chassis: append(&mut image, self.chassis.as_ref().map(ChassisInfo::encode))?,
            board: append(&mut image, self.board.as_ref().map(BoardInfo::encode))?,
            product: append(&mut image, self.product.as_ref().map(ProductInfo::encode))?,
            multirecord: append(&mut image, multirecord)?,
            checksum: self.header_checksum,
        };
        image[..CommonHeader::LEN].copy_from_slice(&header.encode());
        Ok(image)
    }

    /// The image of a device of `size` bytes, unused ones FFh as in an erased chip.
    ///
    /// # Errors
    ///
    /// As [`Inventory::encode`], and [`Error::TooLong`] when the image exceeds `size`.
    pub fn encode_device(&self, size: u16) -> Result<Vec<u8>, Error> {
        let mut image = self.encode()?;
        if image.len() > size.into() {
            return Err(Error::TooLong { what: "FRU inventory" });
        }
        image.resize(size.into(), 0xFF);
        Ok(image)
    }
}

/// The image from an offset on; nothing when it lies beyond the end.
fn tail(image: &[u8], offset: u8) -> &[u8] {
    image.get(usize::from(offset) * 8..).unwrap_or_default()
}

/// The bytes of the internal use area: up to the next area, or the end.
fn internal_use<'a>(image: &'a [u8], header: &CommonHeader) -> Option<&'a [u8]> {
    let start = header.internal_use?;
    let others = [header.chassis, header.board, header.product, header.multirecord];
    let end = others.into_iter().flatten().filter(|offset| *offset > start).min();
    let rest = tail(image, start.get());
    let len = end.map_or(rest.len(), |end| usize::from(end.get() - start.get()) * 8);
    Some(&rest[..len.min(rest.len())])
}

/// Appends an area at a multiple of eight and gives its offset.
fn append(image: &mut Vec<u8>, area: Option<Result<Vec<u8>, Error>>) -> Result<Offset, Error> {
    let Some(area) = area.transpose()? else { return Ok(None) };
    let offset = u8::try_from(image.len() / 8).map_err(|_| Error::TooLong { what: "FRU inventory" })?;
    image.extend_from_slice(&area);
    image.resize(image.len().next_multiple_of(8), 0);
    Ok(NonZeroU8::new(offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fru::multirecord::RecordBody;
    use crate::fru::{Field, Language, ManufacturingDate};

    fn inventory() -> Inventory {
        Inventory {
            internal_use: Some(InternalUse::new([1, 2, 3])),
            chassis: Some(ChassisInfo::default()),
            board: Some(BoardInfo {
                language: Language::ENGLISH,
                manufacturing_date: ManufacturingDate::from_unix(1_704_067_200).unwrap(),
                manufacturer: Field::latin1("Somebody").unwrap(),
                ..BoardInfo::default()
            }),
            product: Some(ProductInfo::default()),
            multirecord: alloc::vec![MultiRecord::new(RecordBody::decode(0xC7, &[1, 2, 3, 4]))],
            header_checksum: Checksum::RIGHT,
        }
    }

    #[test]
    fn areas_follow_each_other_in_header_order() {
        let image = inventory().encode().unwrap();
        assert_eq!(&image[..8], [1, 1, 2, 3, 6, 8, 0, 0xEB]);
        assert_eq!(Inventory::decode(&image), Ok(inventory()));
    }

    #[test]
    fn wrong_checksums_survive() {
        let mut image = inventory().encode().unwrap();
        image[7] ^= 0x55;
        image[31] ^= 0x55;
        let read = Inventory::decode(&image).unwrap();
        assert!(!read.header_checksum.is_right());
        assert_eq!(read.encode(), Ok(image));
    }

    #[test]
    fn an_offset_beyond_the_end_is_an_error() {
        let image = [1, 0, 0, 9, 0, 0, 0, 0xF6];
        let error = Error::Truncated { what: "FRU board info area", offset: 0 };
        assert_eq!(Inventory::decode(&image), Err(error));
    }

    #[test]
    fn a_device_is_filled_up_or_too_small() {
        let image = inventory().encode_device(256).unwrap();
        assert_eq!((image.len(), image[255]), (256, 0xFF));
        assert_eq!(Inventory::decode(&image), Ok(inventory()));
        assert_eq!(inventory().encode_device(16), Err(Error::TooLong { what: "FRU inventory" }));
    }
}
