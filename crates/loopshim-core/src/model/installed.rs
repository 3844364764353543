//! Putting a described sensor into a controller: its record into the
//! repository, its state beside it.

use ipmi::Error;
use ipmi::bmc::{Bmc, Sensor, SensorKey};
use ipmi::sdr::{Body, CompactSensor, EventOnlySensor, FullSensor, Record};

/// Adds a record, with the id that follows the highest.
pub(super) fn add_record(bmc: &mut Bmc, body: Body) -> Result<(), Error> {
    let ids = bmc.sdr.records.iter().filter_map(|record| record.first_chunk::<2>());
    let highest = ids.map(|id| u16::from_le_bytes(*id)).max().unwrap_or(0);
    // FFFFh means "none" and 0000h "first" in requests.
    let id = highest.checked_add(1).filter(|id| *id != u16::MAX);
    let id = id.ok_or(Error::TooLong { what: "sensor data record repository" })?;
    let record = Record::new(id, body).encode()?;
    bmc.sdr.records.push(record);
    Ok(())
}

/// Adds a sensor with a full record; its reading is the nominal one.
pub(super) fn add_full(bmc: &mut Bmc, record: FullSensor) -> Result<&mut Sensor, Error> {
    let (key, sensor) = (SensorKey::of(record.common.key), Sensor::of_full(&record));
    add_record(bmc, Body::FullSensor(record))?;
    Ok(insert(bmc, key, sensor))
}

/// Adds a discrete sensor with a compact record, in none of its states.
pub(super) fn add_compact(bmc: &mut Bmc, record: CompactSensor) -> Result<&mut Sensor, Error> {
    let (key, sensor) = (SensorKey::of(record.common.key), Sensor::of_compact(&record));
    add_record(bmc, Body::CompactSensor(record))?;
    Ok(insert(bmc, key, sensor))
}

/// Adds a sensor that only makes events.
pub(super) fn add_event_only(bmc: &mut Bmc, record: EventOnlySensor) -> Result<&mut Sensor, Error> {
    let (key, sensor) = (SensorKey::of(record.key), Sensor::of_event_only(&record));
    add_record(bmc, Body::EventOnlySensor(record))?;
    Ok(insert(bmc, key, sensor))
}

fn insert(bmc: &mut Bmc, key: SensorKey, sensor: Sensor) -> &mut Sensor {
    let place = bmc.sensors.get_or_default(key);
    *place = sensor;
    place
}
