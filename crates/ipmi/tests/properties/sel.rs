use ipmi::sel::SelRecord;
use proptest::prelude::*;

proptest! {
    #[test]
    fn every_record_returns_its_bytes(bytes in any::<[u8; 16]>()) {
        prop_assert_eq!(SelRecord::from_bytes(bytes).encode(), bytes);
    }

    #[test]
    fn system_events_return_their_bytes(mut bytes in any::<[u8; 16]>()) {
        bytes[2] = SelRecord::SYSTEM_EVENT;
        prop_assert_eq!(SelRecord::from_bytes(bytes).encode(), bytes);
    }
}
