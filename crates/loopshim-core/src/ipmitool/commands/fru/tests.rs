//! Whole runs of `fru` against devices in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ipmi::Request;
use proptest::prelude::*;

use crate::ipmitool::Personality;
use crate::ipmitool::testing::{Answer, Fake, NEW, OLD, Ran};

/// Devices by id, and how they answer.
#[derive(Clone, Default)]
struct Machine {
    images: BTreeMap<u8, Vec<u8>>,
    records: Vec<Vec<u8>>,
    by_words: bool,
    /// Longest read answered; longer ones are refused with CAh.
    longest: Option<u8>,
    /// Most bytes returned, whatever is asked for.
    most: Option<usize>,
    /// Offset at which writing is refused with 80h.
    protected: Option<usize>,
    requests: Rc<RefCell<Vec<Request>>>,
}

impl Fake for Machine {
    fn answer(&self, request: &Request) -> Answer {
        Some(self.respond(request))
    }

    fn requests(&self) -> Option<Rc<RefCell<Vec<Request>>>> {
        Some(Rc::clone(&self.requests))
    }
}

impl Machine {
    fn respond(&self, request: &Request) -> (u8, Vec<u8>) {
        let [id, low, high, count] = [0, 1, 2, 3].map(|at| request.data.get(at).copied().unwrap_or(0));
        match (request.netfn, request.cmd) {
            (0x06, 0x01) => (0, vec![0x20, 1, 3, 0, 2, 0xBF, 0, 0, 0, 0, 0]),
            (0x0A, 0x10) => match self.images.get(&id) {
                Some(image) => {
                    let [low, high] = (image.len() as u16).to_le_bytes();
                    (0, vec![low, high, u8::from(self.by_words)])
                }
                None => (0xCB, Vec::new()),
            },
            (0x0A, 0x11) if self.longest.is_some_and(|longest| count > longest) => (0xCA, Vec::new()),
            (0x0A, 0x11) => match self.images.get(&id).map(|image| image.get(offset(low, high)..)) {
                Some(Some(rest)) => {
                    let len = rest.len().min(count.into()).min(self.most.unwrap_or(usize::MAX));
                    (0, [&[len as u8], &rest[..len]].concat())
                }
                _ => (0xC9, Vec::new()),
            },
            (0x0A, 0x12) if self.protected == Some(offset(low, high)) => (0x80, Vec::new()),
            (0x0A, 0x12) => (0, vec![request.data.len() as u8 - 3]),
            (0x0A, 0x20) => (0, [&[0x51, self.records.len() as u8][..], &[0; 12]].concat()),
            (0x0A, 0x22) => (0, vec![1, 0]),
            (0x0A, 0x23) => self.record(&request.data),
            _ => (0xC1, Vec::new()),
        }
    }

    fn record(&self, data: &[u8]) -> (u8, Vec<u8>) {
        let index = usize::from(data[2]);
        let Some(record) = self.records.get(index) else { return (0xCB, Vec::new()) };
        let next = if index + 1 < self.records.len() { index as u16 + 1 } else { 0xFFFF };
        let [start, count] = [4, 5].map(|at| usize::from(data[at]));
        let bytes = record.iter().skip(start).take(count);
        (0, next.to_le_bytes().iter().chain(bytes).copied().collect())
    }

    fn run(&self, personality: Personality, verbose: i32, args: &[&str]) -> Ran {
        self.run_command(personality, verbose, |_| (), super::run, args)
    }

    fn read_sizes(&self) -> Vec<u8> {
        self.requests.borrow().iter().filter(|request| request.cmd == 0x11).map(|r| r.data[3]).collect()
    }
}

impl Machine {
    /// Offset and bytes of every write.
    fn writes(&self) -> Vec<(usize, Vec<u8>)> {
        let requests = self.requests.borrow();
        let writes = requests.iter().filter(|request| request.cmd == 0x12);
        writes.map(|request| (offset(request.data[1], request.data[2]), request.data[3..].to_vec())).collect()
    }
}

fn offset(low: u8, high: u8) -> usize {
    u16::from_le_bytes([low, high]).into()
}

fn machine(image: &[u8]) -> Machine {
    Machine { images: BTreeMap::from([(0, image.to_vec())]), ..Machine::default() }
}

/// A common header, then areas: `[internal, chassis, board, product, multi]`.
fn image(offsets: [u8; 5], areas: &[u8]) -> Vec<u8> {
    [&[1][..], &offsets, &[0, 0], areas].concat()
}

fn chassis() -> Vec<u8> {
    image([0, 1, 0, 0, 0], b"\x01\x02\x17\x43\x12\xC3\x4B\xC2ab\xC0\xC3x\0y\xC1")
}

#[test]
fn prints_an_area_as_each_version_does() {
    let printed = " Chassis Type          : Rack Mount Chassis\n Chassis Part Number   : 12.34-\n\
                   \x20Chassis Serial        : ab\n Chassis Extra         : x\n";
    assert_eq!(machine(&chassis()).run(NEW, 0, &["print", "0"]), (printed.into(), String::new(), true));
    let printed = printed.replace("12.34-", "23-");
    assert_eq!(machine(&chassis()).run(OLD, 0, &["list", "0"]), (printed, String::new(), true));
}

#[test]
fn only_a_verbose_run_shows_fru_ids() {
    let board = image([0, 0, 1, 0, 0], b"\x01\x02\0\0\0\0\xC0\xC0\xC0\xC0\xC2id\xC1\0\0");
    let (stdout, ..) = machine(&board).run(NEW, 0, &["print", "0"]);
    assert_eq!(stdout, " Board Mfg Date        : Unspecified\n");
    let (stdout, ..) = machine(&board).run(NEW, 1, &["print", "0"]);
    assert!(stdout.ends_with(" Board FRU ID          : id\n"), "{stdout}");
}

#[test]
fn refuses_what_is_absent_empty_or_of_another_version() {
    let absent = " Device not present (Requested sensor, data, or record not found)\n";
    assert_eq!(machine(&[]).run(NEW, 0, &["print", "7"]), (absent.into(), String::new(), false));
    assert_eq!(
        machine(&[]).run(NEW, 0, &["print", "0"]),
        (String::new(), " Invalid FRU size 0\n".into(), false)
    );
    assert_eq!(
        machine(&[0xFF; 16]).run(NEW, 0, &["print", "0"]),
        (String::new(), " Unknown FRU header version 0xff\n".into(), false)
    );
}

#[test]
fn asks_for_less_when_refused_and_remembers() {
    let machine = Machine { longest: Some(21), ..machine(&chassis()) };
    let (stdout, ..) = machine.run(NEW, 0, &["print", "0"]);
    assert!(stdout.contains("Chassis Extra"), "{stdout}");
    // IPMB's 25 bytes less completion code and count are 23; the area has 16.
    assert_eq!(machine.read_sizes(), [8, 2, 16]);
    let machine = Machine { longest: Some(14), ..machine };
    machine.requests.borrow_mut().clear();
    machine.run(NEW, 0, &["print", "0"]);
    assert_eq!(machine.read_sizes(), [8, 2, 16, 16, 16, 16, 16, 16, 16, 16, 15, 14, 2]);
}

#[test]
fn an_area_beyond_the_device_is_cut_with_a_notice() {
    let (stdout, stderr, ok) = machine(&chassis()[..20]).run(NEW, 0, &["print", "0"]);
    assert_eq!(stderr, "Read FRU Area length 24 too large, Adjusting to 12\n");
    assert!(stdout.contains("Chassis Serial        : ab\n") && ok, "{stdout}");
}

#[test]
fn a_device_that_stops_returning_bytes_ends_the_read() {
    let machine = Machine { most: Some(0), ..machine(&chassis()) };
    assert_eq!(machine.run(NEW, 0, &["print", "0"]).0, "");
    assert_eq!(machine.read_sizes(), [8]);
}

#[test]
fn prints_records_up_to_the_last() {
    let records = b"\x02\x02\x0D\0\0\x03\xB0\x04\x88\x04\xC4\x04\x64\0\xE8\x03\xD0\x07\
                    \xC0\x82\x06\0\0\x5A\x31\0\x16\0\x0F\x01\x02\x0D\0\0";
    let (stdout, ..) = machine(&image([0, 0, 0, 0, 1], records)).run(NEW, 1, &["print", "0"]);
    let printed = " DC Load Record
  Output Number              : 3
  Nominal voltage            : 12.00 V
  Min voltage allowed        : 11.60 V
  Max voltage allowed        : 12.20 V
  Ripple and noise pk-pk     : 100 mV
  Minimum current load       : 1.000 A
  Maximum current load       : 2.000 A
  PICMG Extension Record
    FRU_AMC_CURRENT
      Current draw(@12V): 1.50 A [ 18.00 Watt ]

";
    assert_eq!(stdout, printed);
}

/// A FRU device locator record.
fn locator(device: u8, modifier: u8, name: &[u8]) -> Vec<u8> {
    let body = [&[0x20, device, 0x80, 0, 0, 0x10, modifier, 0, 0, 0, 0xC0 | name.len() as u8], name].concat();
    [&[0, 0, 0x51, 0x11, body.len() as u8], body.as_slice()].concat()
}

#[test]
fn prints_what_the_repository_locates() {
    let mut spd = vec![0; 128];
    (spd[2], spd[3], spd[4], spd[5], spd[8], spd[11], spd[17]) = (8, 14, 10, 0x61, 5, 2, 4);
    (spd[64], spd[65]) = (0x7F, 0x98);
    spd[73..77].copy_from_slice(b"PART");
    spd[95..99].copy_from_slice(&[1, 2, 3, 0xFF]);
    let machine = Machine {
        images: BTreeMap::from([(0, chassis()), (3, spd)]),
        records: vec![locator(3, 1, b"DIMM 1"), locator(4, 3, b"CPU"), locator(5, 0, b"gone")],
        ..Machine::default()
    };
    let (stdout, stderr, ok) = machine.run(OLD, 0, &[]);
    let printed = "\n
FRU Device Description : DIMM 1 (ID 3)
 Memory Type           : DDR2 SDRAM
 Memory Size           : 1024 MB
 Voltage Intf          : SSTL 1.8V
 Error Detect/Cor      : ECC
 Manufacturer          : Kingston
 Part Number           : PART
 Serial Number         : 010203ff

FRU Device Description : CPU (ID 4)
 Unsupported device

FRU Device Description : gone (ID 5)
 Device not present (Requested sensor, data, or record not found)

";
    assert!(stdout.starts_with("FRU Device Description : Builtin FRU Device (ID 0)\n Chassis Type"));
    assert!(stdout.ends_with(printed), "{stdout}");
    assert_eq!((stderr.as_str(), ok), ("", false));
}

#[test]
fn describes_ddr3_and_ddr4_modules() {
    let mut spd = vec![0; 512];
    (spd[2], spd[4], spd[7], spd[8]) = (0x0B, 3, 0b1001, 0b1011);
    (spd[117], spd[118], spd[120], spd[121]) = (0x80, 0xCE, 0x13, 0x42);
    spd[128..146].copy_from_slice(b"M393B1K70DH0-CK0  ");
    let mut machine = Machine {
        images: BTreeMap::from([(0, chassis()), (1, spd.clone())]),
        records: vec![locator(1, 1, b"A")],
        ..Machine::default()
    };
    let (stdout, ..) = machine.run(OLD, 0, &["print"]);
    for line in ["Memory size           : 4096 MB", "Manufacturer          : Samsung", "year 13 week 42"] {
        assert!(stdout.contains(line), "{line} in {stdout}");
    }
    (spd[2], spd[4], spd[12], spd[13]) = (0x0C, 0x85, 0b1001, 0b1011);
    (spd[320], spd[321], spd[323], spd[324]) = (0x80, 0xAD, 0x21, 0x08);
    machine.images.insert(1, spd);
    let (stdout, ..) = machine.run(OLD, 0, &["print"]);
    for line in ["Memory size           : 16384 MB", "2 (4 Bank Groups)", "year 2021 week  8"] {
        assert!(stdout.contains(line), "{line} in {stdout}");
    }
}

#[test]
fn a_memory_module_that_returns_nothing_is_given_up() {
    let machine = Machine {
        images: BTreeMap::from([(0, chassis()), (1, vec![0; 256])]),
        records: vec![locator(1, 1, b"A")],
        most: Some(0),
        ..Machine::default()
    };
    assert!(machine.run(NEW, 0, &[]).2);
    assert!(machine.requests.borrow().len() < 20);
}

/// An image with a sound header.
fn sealed(mut image: Vec<u8>) -> Vec<u8> {
    let sum = image[..7].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    image[7] = sum.wrapping_neg();
    image
}

#[test]
fn a_text_of_the_same_length_is_replaced_in_place() {
    let machine = machine(&sealed(chassis()));
    let (stdout, stderr, ok) = machine.run(OLD, 0, &["edit", "0", "field", "c", "1", "XY"]);
    assert_eq!(stdout, "Updating Field 'ab' with 'XY' ...\n");
    assert_eq!((stderr.as_str(), ok), ("", true));
    let area = b"\x01\x02\x17\x43\x12\xC3\x4B\xC2XY\xC0\xC3x\0y";
    let sum = area.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    assert_eq!(machine.writes(), [(8, [&area[..], &[sum.wrapping_neg()]].concat())]);
}

#[test]
fn a_longer_text_rebuilds_the_image_and_counts_as_failure() {
    let mut image = image([0, 1, 0, 0, 0], b"\x01\x02\0\xC0\xC2ab\xC1\0\0\0\0\0\0\0");
    let sum = image[8..].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    image.push(sum.wrapping_neg());
    let machine = machine(&sealed(image));
    let (stdout, _, ok) = machine.run(OLD, 0, &["edit", "0", "field", "c", "1", "abcd"]);
    assert!(stdout.contains("New Padding Length: 5\n") && stdout.ends_with("Writing new FRU.\nDone.\n"));
    assert!(!ok);
    let (at, bytes) = machine.writes().pop().expect("a write");
    assert_eq!((at, &bytes[..10]), (8, &b"\x01\x02\0\xC0\xC4abcd\xC1"[..]));
    assert_eq!(bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)), 0);
}

#[test]
fn an_edit_that_would_leave_the_image_writes_nothing() {
    let mut image = image([0, 0, 1, 0, 0], b"\x01\x03\0\0\0\0\xCBa long text\xC1");
    image.resize(40, 0);
    let machine = machine(&sealed(image));
    let (stdout, _, ok) = machine.run(NEW, 0, &["edit", "0", "field", "b", "0", "x"]);
    assert!(stdout.contains("Moving Section Product, from 0 to -8\n"), "{stdout}");
    assert!(!ok && machine.writes().is_empty());
}

#[test]
fn writing_passes_over_a_protected_block() {
    let image = sealed(image([0, 1, 3, 0, 0], &[0; 32]));
    let machine = Machine { protected: Some(8), ..machine(&image) };
    let path = std::env::temp_dir().join(format!("loopshim-fru-write-{}", std::process::id()));
    std::fs::write(&path, &image).unwrap();
    let (stdout, _, ok) = machine.run(NEW, 0, &["write", "0", path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!((stdout.as_str(), ok), ("Fru Size         : 40 bytes\nSize to Write    : 40 bytes\n", true));
    let places: Vec<_> = machine.writes().into_iter().map(|(at, bytes)| (at, bytes.len())).collect();
    assert_eq!(places, [(0, 8), (8, 16), (24, 16)]);
}

#[test]
fn the_internal_use_area_ends_where_the_next_starts() {
    let machine = machine(&image([1, 3, 0, 0, 0], b"0123456789abcdefgh"));
    let (stdout, ..) = machine.run(NEW, 0, &["internaluse", "0", "print"]);
    let printed = "Internal Use Area Size  : 16\n\n\
                   00- 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 \n";
    assert_eq!(stdout, printed);
    assert_eq!(machine.run(NEW, 0, &["internaluse", "9", "info"]).1, "Cannot access internal use area\n");
}

fn personalities() -> impl Strategy<Value = Personality> {
    prop_oneof![Just(OLD), Just(NEW)]
}

/// Bytes that look enough like a FRU image to get past its header.
fn images() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop_oneof![any::<u8>(), Just(0), Just(1), Just(2), Just(0xC0), Just(0xC1)];
    let offsets = prop::array::uniform5(0_u8..12);
    (offsets, prop::collection::vec(bytes, 0..600)).prop_map(|(offsets, areas)| image(offsets, &areas))
}

/// PICMG records with counts as large as they get.
fn picmg_images() -> impl Strategy<Value = Vec<u8>> {
    let data = prop::collection::vec(prop_oneof![any::<u8>(), Just(0xFF), Just(1)], 0..250);
    (0_u8..0x30, data).prop_map(|(id, data)| {
        let head = [0xC0, 0x82, data.len() as u8 + 5, 0, 0, 0x5A, 0x31, 0, id, 0];
        image([0, 0, 0, 0, 1], &[&head, data.as_slice()].concat())
    })
}

proptest! {
    #[test]
    fn any_image_prints_something_in_a_bounded_number_of_requests(
        image in prop_oneof![images(), picmg_images(), prop::collection::vec(any::<u8>(), 0..300)],
        personality in personalities(),
        by_words: bool,
        most in prop::option::of(0_usize..40),
        longest in prop::option::of(any::<u8>()),
    ) {
        let size = image.len();
        let machine = Machine { by_words, most, longest, ..machine(&image) };
        machine.run(personality, 2, &["print", "0"]);
        prop_assert!(machine.requests.borrow().len() < 200 + 4 * 255 * 8 + size);
    }

    #[test]
    fn any_module_and_any_locator_print_something(
        spd in prop::collection::vec(any::<u8>(), 0..520),
        kind in 0_u8..16,
        records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4),
        personality in personalities(),
        most in prop::option::of(0_usize..40),
    ) {
        let mut spd = spd;
        if let Some(byte) = spd.get_mut(2) {
            *byte = kind;
        }
        let records = records.into_iter().map(|mut body| {
            body.splice(0..0, [0, 0, 0x51, if body.len() % 2 == 0 { 0x11 } else { 0x12 }, body.len() as u8]);
            body
        });
        let machine = Machine {
            images: BTreeMap::from([(0, spd.clone()), (1, spd)]),
            records: records.chain([locator(1, 1, b"x")]).collect(),
            most,
            ..Machine::default()
        };
        machine.run(personality, 2, &[]);
        prop_assert!(machine.requests.borrow().len() < 5000);
    }

    #[test]
    fn any_image_can_be_edited_without_end_or_panic(
        image in prop_oneof![images(), prop::collection::vec(any::<u8>(), 0..300)],
        personality in personalities(),
        area in "[cbp]",
        index in "[0-9]",
        text in "[a-z]{0,80}",
        by_words: bool,
    ) {
        let image = if image.len() < 8 { image } else { sealed(image) };
        let machine = Machine { by_words, ..machine(&image) };
        machine.run(personality, 2, &["edit", "0", "field", &area, &index, &text]);
        machine.run(personality, 2, &["edit", "0"]);
        machine.run(personality, 2, &["get", "0", "oem", "15000", "3", "0", "x", "0"]);
        machine.run(personality, 2, &["internaluse", "0", "print"]);
        prop_assert!(machine.requests.borrow().len() < 20_000);
    }
}
