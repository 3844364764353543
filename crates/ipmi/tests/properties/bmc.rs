use ipmi::bmc::{
    Channel, ChannelAccess, Dcmi, Parameter, Parameters, Pef, Sensor, SensorKey, State, SystemInfo,
    ThresholdSet,
};
use ipmi::{Bmc, Request};
use proptest::collection::vec;
use proptest::prelude::*;

/// A controller with something of everything, so that most commands get beyond
/// "not present".
fn machine() -> Bmc {
    let parameters: Parameters = (0..=25)
        .map(|number| match number {
            18 | 19 => (number, Parameter::Sets([(0, vec![0; 3]), (1, vec![1; 3])].into())),
            _ => (number, Parameter::Single(vec![number; 4])),
        })
        .collect();
    let thresholds = Some(ThresholdSet { readable: 0x3F, settable: 0x3F, values: [10, 5, 0, 85, 90, 95] });
    let sensor = Sensor { event_type: 1, raw: 45, thresholds, hysteresis: Some([1, 1]), ..Sensor::default() };
    let lan = Channel {
        lan: Some(parameters.clone()),
        sol: Some(parameters.clone()),
        cipher_suites: (0..40).collect(),
        access: Some(ChannelAccess::default()),
        ..Channel::default()
    };
    let mut bmc = Bmc {
        device_id: vec![0x20; 15],
        device_guid: Some([1; 16]),
        system_guid: Some([2; 16]),
        pef: Some(Pef { parameters, ..Pef::default() }),
        dcmi: Some(Dcmi::default()),
        frus: [(0, vec![0; 64]), (1, vec![1; 1])].into(),
        channels: [(1, lan)].into(),
        system_info: [(1, SystemInfo::default())].into(),
        sensors: [(SensorKey { lun: Some(0), number: 1 }, sensor)].into(),
        ..Bmc::default()
    };
    bmc.users.max = 10;
    bmc.sel.capacity = 4;
    bmc.sdr.records = vec![vec![1, 0, 0x51, 0xC0, 2, 7, 7], vec![2, 0, 0x51, 0xC0, 0], vec![3]];
    bmc
}

fn request() -> impl Strategy<Value = Request> {
    // Mostly commands there are; data bytes mostly small, where the ids are.
    let netfn =
        prop_oneof![9 => prop::sample::select(vec![0x00, 0x04, 0x06, 0x0A, 0x0C, 0x2C]), 1 => any::<u8>()];
    let byte = prop_oneof![3 => 0u8..4, 1 => any::<u8>()];
    // DCMI's data begins with its group.
    let group = |netfn: u8, data: Vec<u8>| if netfn == 0x2C { [vec![0xDC], data].concat() } else { data };
    (netfn, 0u8..4, 0u8..0x60, vec(byte, 0..24)).prop_map(move |(netfn, lun, cmd, data)| Request {
        netfn,
        lun,
        cmd,
        data: group(netfn, data),
    })
}

proptest! {
    #[test]
    fn any_requests_are_answered(requests in vec(request(), 1..60), now in any::<u64>()) {
        let mut bmc = machine();
        for (step, request) in requests.iter().enumerate() {
            let response = bmc.answer(request, now.saturating_add(step as u64));
            prop_assert!(response.completion.is_ok() || response.data.is_empty());
            prop_assert!(response.data.len() <= 256);
        }
        prop_assert!(bmc.sel.entries.len() <= usize::from(bmc.sel.capacity));
        let sizes: Vec<usize> = bmc.frus.values().map(Vec::len).collect();
        prop_assert_eq!(sizes, [64, 1]);
    }

    #[test]
    fn what_requests_change_makes_the_same_machine_of_a_fresh_one(requests in vec(request(), 1..30), now in any::<u64>()) {
        let mut bmc = machine();
        let fresh = bmc.state();
        for request in &requests {
            let before = (!bmc.may_change(request)).then(|| bmc.state());
            bmc.answer(request, now);
            prop_assert!(before.is_none_or(|before| bmc.state() == before), "{request:02x?}");
        }
        let changes = bmc.state().since(&fresh);
        let stored = State::decode(&changes.encode());
        prop_assert_eq!(stored.as_ref(), Some(&changes));
        let mut again = machine();
        again.apply(&changes);
        // Reservations are forgotten.
        again.reservations = bmc.reservations;
        (again.sdr.reservation, again.sel.reservation) = (bmc.sdr.reservation, bmc.sel.reservation);
        prop_assert_eq!(again, bmc);
    }

    #[test]
    fn any_cells_are_a_state_that_can_be_undone_or_none(
        cells in vec((1u8..26, 0u8..3, 0u8..3, vec(any::<u8>(), 0..20)), 0..20),
        cut in 0..4usize
    ) {
        let mut bytes: Vec<u8> = cells
            .iter()
            .flat_map(|(kind, a, b, value)| [&[*kind, *a, *b, 0, value.len() as u8, 0, 0, 0], &value[..]].concat())
            .collect();
        bytes.truncate(bytes.len().saturating_sub(cut));
        let file = State::seal(&bytes);
        if let Some(state) = State::decode(&file) {
            prop_assert_eq!(state.encode(), file);
            let mut bmc = machine();
            let before = bmc.apply(&state);
            bmc.apply(&before);
            prop_assert_eq!(bmc, machine());
        }
    }

    #[test]
    fn lan_parameters_read_back_as_written(number in 0u8..26, value in any::<[u8; 4]>()) {
        let mut bmc = machine();
        let written = bmc.answer(&Request::new(0x0C, 0x01, [&[1, number][..], &value].concat()), 0).completion;
        let read = bmc.answer(&Request::new(0x0C, 0x02, [1, number, 0, 0]), 0).data;
        let single = !matches!(number, 18 | 19) && written.is_ok();
        prop_assert!(!single || read[1..] == value);
    }
}
