use ipmi::DeviceId;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn full_responses_return_their_bytes(mut bytes in vec(any::<u8>(), 15)) {
        const RESERVED_REVISION_BITS: u8 = 0x70;
        bytes[1] &= !RESERVED_REVISION_BITS;
        prop_assert_eq!(DeviceId::decode(&bytes).unwrap().encode(), &bytes[..]);
        prop_assert_eq!(DeviceId::decode(&bytes[..11]).unwrap().encode(), &bytes[..11]);
    }

    #[test]
    fn any_bytes_decode_or_err(bytes in vec(any::<u8>(), 0..32)) {
        match DeviceId::decode(&bytes) {
            Ok(id) => prop_assert_eq!(DeviceId::decode(&id.encode()), Ok(id)),
            Err(_) => prop_assert!(bytes.len() < 11),
        }
    }
}
