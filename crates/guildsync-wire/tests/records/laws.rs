//! Laws over arbitrary values.

use guildsync_wire::records::{Base, decode, encode};
use proptest::prelude::*;

use crate::world::{all_same, any_value};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_records_come_back_exactly(records in prop::collection::vec(any_value(), 0..12)) {
        let bytes = encode(&records, None).unwrap();
        prop_assert!(all_same(&decode(&bytes, None).unwrap(), &records));
    }

    #[test]
    fn any_records_come_back_exactly_with_any_base(
        records in prop::collection::vec(any_value(), 0..6),
        held in prop::collection::vec(any_value(), 0..6),
        number in 0..=Base::NUMBER_MAX,
    ) {
        let base = Some(Base { number, records: &held });
        let bytes = encode(&records, base).unwrap();
        prop_assert!(all_same(&decode(&bytes, base).unwrap(), &records));
    }

    #[test]
    fn a_base_that_holds_the_records_makes_them_cheap(
        records in prop::collection::vec(any_value(), 1..6),
    ) {
        let mut held = records.clone();
        held.extend(records.iter().cloned());
        let cold = encode(&records, None).unwrap().len();
        let primed = encode(&records, Some(Base { number: 7, records: &held })).unwrap().len();
        prop_assert!(primed <= cold + 4, "{primed} bytes primed, {cold} cold");
    }
}
