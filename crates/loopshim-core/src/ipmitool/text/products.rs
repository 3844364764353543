//! Product names by manufacturer and product id.

use crate::ipmitool::Personality;
use crate::ipmitool::oem::manufacturer;
use crate::packed::Packed;

/// The name of a product. Entries of PICMG would fit every manufacturer.
pub fn product_name(personality: Personality, maker: u32, product: u16) -> String {
    let list = LIST.text();
    let found = list.lines().filter_map(Entry::read).find(|entry| {
        personality.knows_product(entry.recent)
            && (entry.maker == maker || entry.maker == manufacturer::PICMG)
            && entry.product == product
    });
    found.map_or_else(|| personality.unknown_oem_value(product), |entry| entry.name.to_owned())
}

/// One product a line: `-` if only 1.8.19 knows it, else `+`; the maker's
/// enterprise number; the product id in hexadecimal; the name.
const LIST: Packed = include!(concat!(env!("OUT_DIR"), "/products.packed.rs"));

struct Entry<'a> {
    recent: bool,
    maker: u32,
    product: u16,
    name: &'a str,
}

impl<'a> Entry<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let mut fields = line.get(1..)?.splitn(3, ' ');
        Some(Self {
            recent: line.starts_with('-'),
            maker: fields.next()?.parse().ok()?,
            product: u16::from_str_radix(fields.next()?, 16).ok()?,
            name: fields.next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_entry() {
        assert!(LIST.text().lines().all(|line| Entry::read(line).is_some()));
    }

    #[test]
    fn each_version_has_its_products_and_its_words_for_others() {
        let (old, new) = (Personality::V1_8_18El8, Personality::V1_8_19Deb12);
        assert_eq!(product_name(old, 343, 0x28), "S5000PAL");
        assert_eq!(product_name(new, 24339, 0x9700), "aTCA-9700");
        assert_eq!(product_name(old, 343, 1), "Unknown (0x1)");
        assert_eq!(product_name(new, 343, 1), "Unknown (0x01)");
    }
}
