//! What a run leaves for the next about a large `bmc.json` it has read whole:
//! the next one answers the same, and still refuses a file that became bad.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use ipmi::Request;
use loopshim_core::ipmitool::transport::model::Controller as _;
use loopshim_core::model::{Model, OnDemand, PATH};
use loopshim_core::{Variables, World};

const SENSORS: u8 = 200;

/// A world with that machine in its file, long after the file was written.
struct Place(tempfile::TempDir);

impl Place {
    fn with(text: &str) -> Self {
        let place = Self(tempfile::tempdir().expect("a folder"));
        for folder in ["etc/loopshim", "var/lib"] {
            fs::create_dir_all(place.0.path().join(folder)).expect("a folder");
        }
        fs::write(place.file(), text).expect("a file");
        place
    }

    fn file(&self) -> PathBuf {
        self.0.path().join(PATH.trim_start_matches('/'))
    }

    fn world(&self) -> World {
        let clock = || SystemTime::now() + Duration::from_secs(3600);
        World {
            vars: Variables::default(),
            root: self.0.path().to_owned(),
            clock,
            ..World::of_this_process()
        }
    }

    /// The notes in the state's folder.
    fn notes(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.0.path().join("var/lib/loopshim")) else { return Vec::new() };
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "checked")).collect()
    }

    fn load(&self) -> Result<OnDemand, String> {
        OnDemand::load(&self.world()).map(|(machine, _)| machine).map_err(|error| error.to_string())
    }
}

fn sensors() -> String {
    (1..=SENSORS).fold(String::new(), |mut text, number| {
        let comma = if number == 1 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}\n  {{ \"name\": \"Temp {number}\", \"number\": {number}, \"type\": \"Temperature\", \
             \"unit\": \"degrees C\", \"reading\": {}, \"thresholds\": {{ \"upper_critical\": 85 }} }}",
            40 + number % 20
        );
        text
    })
}

fn machine_file() -> String {
    format!(
        "{{ \"sensors\": [{}\n],\n\"frus\": [{{ \"id\": 0, \"board\": {{ \"manufacturer\": \"Noted\" }} }}] }}",
        sensors()
    )
}

/// Requests of a network function: every command, with the data that most take.
fn requests(netfn: u8) -> impl Iterator<Item = Request> {
    let data = [&[][..], &[1], &[0, 0, 0, 0, 0, 0xFF]];
    (0..=0xFF).flat_map(move |cmd| data.map(|data| Request::new(netfn, cmd, data)))
}

#[test]
fn answers_are_those_of_the_file_read_whole() {
    let place = Place::with(&machine_file());
    place.load().expect("a good file");
    assert_eq!(place.notes().len(), 1);
    for netfn in (0x00..0x40).step_by(2) {
        let mut noted = place.load().expect("a good file");
        let mut whole = Model::from_file(&place.file(), &place.world().hostname()).expect("a good file").bmc;
        whole.keep_reservation();
        for request in requests(netfn) {
            assert_eq!(noted.answer(&request, &|| 7), whole.answer(&request, 7), "{request:02x?}");
        }
    }
}

#[test]
fn a_file_that_became_bad_is_refused_whatever_is_asked() {
    let place = Place::with(&machine_file());
    place.load().expect("a good file");
    let bad = machine_file().replacen("\"reading\": 41", "\"reading\": 4l", 1);
    assert_eq!(bad.len(), machine_file().len());
    fs::write(place.file(), bad).expect("a file");
    let refusal = place.load().err().expect("a refusal");
    assert!(refusal.contains("line 2, column") && refusal.contains("field sensors[0].reading"), "{refusal}");
}

#[test]
fn a_note_is_made_only_of_what_it_can_vouch_for() {
    let small = Place::with("{ \"sensors\": [] }");
    small.load().expect("a good file");
    assert!(small.notes().is_empty());
    let changing = Place::with(&machine_file());
    let world = World { clock: SystemTime::now, ..changing.world() };
    assert!(OnDemand::load(&world).is_ok());
    assert!(changing.notes().is_empty(), "the file may still be changed within the same second");
    let others = Place::with(&machine_file().replacen(
        "\"id\": 0, ",
        "\"id\": 1, \"file\": \"image\" }, { \"id\": 0, ",
        1,
    ));
    fs::write(others.file().with_file_name("image"), [0; 8]).expect("an image");
    others.load().expect("a good file");
    assert!(others.notes().is_empty());
}

#[test]
fn a_note_cut_short_is_no_note() {
    let place = Place::with(&machine_file());
    place.load().expect("a good file");
    let note = place.notes().remove(0);
    let whole = fs::read_to_string(&note).expect("the note");
    for length in 0..whole.len() {
        fs::write(&note, &whole[..length]).expect("a note");
        let mut machine = place.load().expect("a good file");
        // Get SDR Repository Info: as many records as there are.
        let answer = machine.answer(&Request::new(0x0A, 0x20, []), &|| 7);
        assert_eq!(answer.data.get(1), Some(&(SENSORS + 2)), "{length} of {}", whole.len());
    }
}
