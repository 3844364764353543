//! The Data Center Manageability Interface (DCMI 1.5 section 6): group
//! extension DCh, whose identifier begins requests and answers.

use alloc::vec::Vec;

use super::{Answer, Bmc, Call, Command, SensorKey};
use crate::CompletionCode;
use crate::sdr::{Body, Entity, Record, Unit};

/// DCMI's identifier among group extensions.
pub(crate) const GROUP: u8 = 0xDC;

pub(crate) const COMMANDS: &[Command] = &[
    Command::reading(0x01, 2, 2, capabilities),
    Command::reading(0x02, 4, 4, power),
    Command::reading(0x03, 3, 3, |bmc, _| Ok(dcmi(bmc)?.limit.settings())),
    Command::new(0x04, 15, 15, |bmc, call| dcmi_mut(bmc)?.limit.set(call)),
    Command::new(0x05, 4, 4, |bmc, call| dcmi_mut(bmc)?.limit.activate(call)),
    Command::reading(0x06, 3, 3, |bmc, call| text(&dcmi(bmc)?.asset_tag, call)),
    Command::reading(0x07, 5, 5, sensors),
    Command::new(0x08, 3, 19, |bmc, call| set_text(&mut dcmi_mut(bmc)?.asset_tag, call)),
    Command::reading(0x09, 3, 3, |bmc, call| text(&dcmi(bmc)?.controller_name, call)),
    Command::new(0x0A, 3, 19, |bmc, call| set_text(&mut dcmi_mut(bmc)?.controller_name, call)),
    Command::new(0x0B, 7, 7, set_thermal),
    Command::reading(0x0C, 3, 3, thermal),
    Command::reading(0x10, 5, 5, temperatures),
    Command::new(0x12, 4, 5, set_configuration),
    Command::reading(0x13, 3, 3, configuration),
];

/// Conformance to DCMI 1.5, and the revision of the parameters.
const CONFORMANCE: [u8; 3] = [1, 5, 2];
/// Most bytes of the asset tag and the controller's name.
const TEXT_MAX: usize = 64;
/// Most bytes of a text in one message.
const CHUNK: usize = 16;
/// Most sensors in one answer.
const SENSORS: usize = 8;
const TEMPERATURE: u8 = 0x01;
/// Entities with temperatures, and their standard ids (IPMI 2.0 table 43-13):
/// air inlet, processor, system board.
const ENTITIES: [[u8; 2]; 3] = [[0x40, 0x37], [0x41, 0x03], [0x42, 0x07]];
const POWER_SUPPLY: u8 = 0x0A;
/// Power limit out of range; correction time out of range.
const LIMIT_OUT_OF_RANGE: CompletionCode = CompletionCode(0x84);
/// Parameter not supported.
const UNSUPPORTED: CompletionCode = CompletionCode(0x80);

/// What a controller with DCMI knows beyond IPMI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dcmi {
    /// Power taken, in watts; `None` follows the sensors of power supplies, or
    /// the first in watts.
    pub watts: Option<u16>,
    /// Asset tag, at most 64 bytes.
    pub asset_tag: Vec<u8>,
    /// Management controller identifier string with the NUL after it.
    pub controller_name: Vec<u8>,
    /// The power limit.
    pub limit: PowerLimit,
    /// Per entity of inlet, processor and board: exception actions, limit in
    /// degrees Celsius, exception time in seconds (two bytes).
    pub thermal: [[u8; 4]; 3],
    /// Configuration parameters 2 to 5: discovery, and three intervals in seconds.
    pub configuration: [u16; 4],
}

impl Default for Dcmi {
    fn default() -> Self {
        Self {
            watts: None,
            asset_tag: Vec::new(),
            controller_name: Vec::new(),
            limit: PowerLimit::default(),
            thermal: [[0; 4]; 3],
            // The defaults of table 6-10: option 12, 4, 120 and 64 seconds.
            configuration: [1, 4, 120, 64],
        }
    }
}

/// The power limit and whether it is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PowerLimit {
    /// Whether it is in force.
    pub active: bool,
    /// As Set Power Limit carries them: exception action, limit (two bytes),
    /// correction time (four), two reserved, sampling period (two).
    pub settings: [u8; 11],
}

impl PowerLimit {
    fn settings(&self) -> Vec<u8> {
        // The code of an inactive limit would take its values from the client.
        [&[GROUP, 0, 0], &self.settings[..]].concat()
    }

    fn set(&mut self, call: Call<'_>) -> Answer {
        self.settings.copy_from_slice(&call.data[4..15]);
        Ok([GROUP].into())
    }

    fn activate(&mut self, call: Call<'_>) -> Answer {
        let active = call.byte(1) == 1;
        if active && self.settings[1..3] == [0, 0] {
            return Err(LIMIT_OUT_OF_RANGE);
        }
        self.active = active;
        Ok([GROUP].into())
    }
}

fn dcmi(bmc: &Bmc) -> Result<&Dcmi, CompletionCode> {
    bmc.dcmi.as_ref().ok_or(CompletionCode::INVALID_COMMAND)
}

fn dcmi_mut(bmc: &mut Bmc) -> Result<&mut Dcmi, CompletionCode> {
    bmc.dcmi.as_mut().ok_or(CompletionCode::INVALID_COMMAND)
}

fn capabilities(bmc: &Bmc, call: Call<'_>) -> Answer {
    dcmi(bmc)?;
    let [log_low, log_high] = (bmc.sel.capacity & 0x0FFF).to_le_bytes();
    let lan = bmc.channels.iter().find(|(_, channel)| channel.lan.is_some());
    let has_power = u8::from(watts(bmc).is_some());
    let data: &[u8] = match call.byte(1) {
        // Power management; KCS, and a LAN with its serial-over-LAN and VLANs.
        1 => &[0, has_power, if lan.is_some() { 0x39 } else { 0x01 }],
        // GUID and asset tag; inlet, processor and board.
        2 => &[log_low, log_high, 0x05, 0x07, 60],
        3 => &[0x40, 0],
        4 => &[lan.map_or(0xFF, |(number, _)| *number), 0xFF, 0xFF],
        // Statistics over no further periods.
        5 => &[0],
        _ => return Err(CompletionCode::INVALID_FIELD),
    };
    Ok([&[GROUP], &CONFORMANCE[..], data].concat())
}

/// A sensor's record id, entity and reading.
type Found = (u16, Entity, f64);

/// The sensors of this unit that can be read.
fn readings(bmc: &Bmc, unit: Unit) -> impl Iterator<Item = Found> {
    let records = bmc.sdr.records.iter().filter_map(|bytes| Record::decode(bytes).ok());
    records.filter_map(move |record| match record.body {
        Body::FullSensor(sensor) if sensor.common.units.base == unit => {
            let state = bmc.sensors.get(&SensorKey::of(sensor.common.key))?;
            let value = sensor.conversion().reading(state.raw);
            (!state.unavailable && !state.event_only).then_some((record.id, sensor.common.entity, value))
        }
        _ => None,
    })
}

/// The power taken.
fn watts(bmc: &Bmc) -> Option<u16> {
    if let Some(watts) = dcmi(bmc).ok()?.watts {
        return Some(watts);
    }
    let of_supplies = readings(bmc, Unit::WATTS).filter(|(_, entity, _)| entity.id.0 == POWER_SUPPLY);
    let sum = of_supplies.map(|(.., value)| value).reduce(|sum, value| sum + value);
    let value = sum.or_else(|| readings(bmc, Unit::WATTS).next().map(|(.., value)| value))?;
    // Casting keeps to the range.
    Some((value + 0.5) as u16)
}

fn power(bmc: &Bmc, call: Call<'_>) -> Answer {
    /// Statistics since the start, and over one of the periods offered (none).
    const STATISTICS: u8 = 1;
    if call.byte(1) != STATISTICS {
        return Err(CompletionCode::INVALID_FIELD);
    }
    let watts = watts(bmc).ok_or(CompletionCode::INVALID_COMMAND)?.to_le_bytes();
    let mut data = Vec::from([GROUP]);
    // Current, least, greatest, average: what does not move is all of them.
    data.extend([watts; 4].concat());
    data.extend(bmc.sel.time(call.now()).to_le_bytes());
    data.extend(60_000_u32.to_le_bytes());
    data.push(0x40);
    Ok(data)
}

/// A part of a text, after the length of all of it.
fn text(text: &[u8], call: Call<'_>) -> Answer {
    let (offset, count) = (usize::from(call.byte(1)), usize::from(call.byte(2)));
    if count > CHUNK {
        return Err(CompletionCode::OUT_OF_RANGE);
    }
    let rest = text.get(offset..).ok_or(CompletionCode::OUT_OF_RANGE)?;
    Ok([&[GROUP, text.len() as u8], &rest[..count.min(rest.len())]].concat())
}

/// Writes a part of a text, which then ends it.
fn set_text(text: &mut Vec<u8>, call: Call<'_>) -> Answer {
    let (offset, data) = (usize::from(call.byte(1)), call.rest(3));
    if data.len() != usize::from(call.byte(2)) {
        return Err(CompletionCode::LENGTH_INVALID);
    }
    if offset > text.len() || offset + data.len() > TEXT_MAX {
        return Err(CompletionCode::OUT_OF_RANGE);
    }
    text.truncate(offset);
    text.extend(data);
    Ok([GROUP, text.len() as u8].into())
}

fn entity(id: u8) -> Option<usize> {
    ENTITIES.iter().position(|ids| ids.contains(&id))
}

fn thermal(bmc: &Bmc, call: Call<'_>) -> Answer {
    let place = entity(call.byte(1)).ok_or(CompletionCode::NOT_PRESENT)?;
    Ok([&[GROUP], &dcmi(bmc)?.thermal[place][..]].concat())
}

fn set_thermal(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let place = entity(call.byte(1)).ok_or(CompletionCode::NOT_PRESENT)?;
    dcmi_mut(bmc)?.thermal[place].copy_from_slice(&call.data[3..7]);
    Ok([GROUP].into())
}

fn configuration(bmc: &Bmc, call: Call<'_>) -> Answer {
    let values = dcmi(bmc)?.configuration;
    let value = |index: usize| values.get(index).ok_or(UNSUPPORTED);
    let number = usize::from(call.byte(1));
    let value = value(number.wrapping_sub(2))?.to_le_bytes();
    let len = if number > 3 { 2 } else { 1 };
    Ok([&[GROUP], &CONFORMANCE[..], &value[..len]].concat())
}

fn set_configuration(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let values = &mut dcmi_mut(bmc)?.configuration;
    match call.byte(1) {
        // Activating DHCP takes no value that stays.
        1 => {}
        number @ 2..=5 => values[usize::from(number) - 2] = call.word(3),
        _ => return Err(UNSUPPORTED),
    }
    Ok([GROUP].into())
}

/// The temperature sensors of an entity: record ids, readings, instances.
fn of_entity(bmc: &Bmc, call: Call<'_>) -> Result<Vec<Found>, CompletionCode> {
    dcmi(bmc)?;
    let (ids, instance) = (entity(call.byte(2)).map(|place| ENTITIES[place]), call.byte(3));
    let ids = ids.filter(|_| call.byte(1) == TEMPERATURE).ok_or(CompletionCode::NOT_PRESENT)?;
    let wanted = readings(bmc, Unit::DEGREES_C)
        .filter(|(_, entity, _)| ids.contains(&entity.id.0) && [0, entity.instance].contains(&instance));
    Ok(wanted.collect())
}

fn listed(found: &[Found], call: Call<'_>, row: fn(&Found) -> [u8; 2]) -> Vec<u8> {
    let part = found.get(usize::from(call.byte(4))..).unwrap_or_default();
    let part = &part[..part.len().min(SENSORS)];
    let mut data = Vec::from([GROUP, found.len().min(0x7F) as u8, part.len() as u8]);
    data.extend(part.iter().flat_map(row));
    data
}

fn sensors(bmc: &Bmc, call: Call<'_>) -> Answer {
    Ok(listed(&of_entity(bmc, call)?, call, |(id, ..)| id.to_le_bytes()))
}

fn temperatures(bmc: &Bmc, call: Call<'_>) -> Answer {
    /// A sign and seven bits.
    fn magnitude(value: f64) -> u8 {
        let degrees = (if value < 0.0 { -value } else { value } + 0.5) as u8;
        degrees.min(0x7F) | u8::from(value < 0.0) << 7
    }
    Ok(listed(&of_entity(bmc, call)?, call, |(_, entity, value)| [magnitude(*value), entity.instance]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;
    use crate::bmc::Sensor;
    use crate::sdr::{EntityId, FullSensor, IdString, SensorType, Units};
    use crate::sensor::DataFormat;

    fn with(sensors: &[(u8, u8, Unit, u8)]) -> Bmc {
        let mut bmc = Bmc { dcmi: Some(Dcmi::default()), ..Bmc::default() };
        for (number, (entity, instance, unit, raw)) in (1..).zip(sensors) {
            let units = Units::of(DataFormat::TwosComplement, *unit);
            let name = IdString::latin1([b'T']).expect("a name");
            let entity = Entity::new(EntityId(*entity), *instance);
            let record = FullSensor::threshold(number, name, entity, SensorType(1), units);
            bmc.sensors
                .insert(SensorKey::of(record.common.key), Sensor { raw: *raw, ..Sensor::of_full(&record) });
            let record = Record::new(u16::from(number) + 10, Body::FullSensor(record));
            bmc.sdr.records.push(record.encode().expect("a record"));
        }
        bmc
    }

    fn send(bmc: &mut Bmc, cmd: u8, data: &[u8]) -> Result<Vec<u8>, u8> {
        let response = bmc.answer(&Request::new(0x2C, cmd, [&[GROUP], data].concat()), 0x6000_0000);
        if response.completion.is_ok() { Ok(response.data) } else { Err(response.completion.0) }
    }

    #[test]
    fn power_is_what_the_supplies_take() {
        let mut bmc = with(&[(7, 1, Unit::WATTS, 9), (10, 1, Unit::WATTS, 100), (10, 2, Unit::WATTS, 80)]);
        let reading = send(&mut bmc, 0x02, &[1, 0, 0]).expect("a reading");
        assert_eq!(reading[..9], [GROUP, 180, 0, 180, 0, 180, 0, 180, 0]);
        assert_eq!(reading[9..], [0, 0, 0, 0x60, 0x60, 0xEA, 0, 0, 0x40]);
        assert_eq!(send(&mut bmc, 0x02, &[2, 0x41, 0]), Err(0xCC));
        bmc.dcmi = Some(Dcmi { watts: Some(0x0203), ..Dcmi::default() });
        assert_eq!(send(&mut bmc, 0x02, &[1, 0, 0]).expect("a reading")[1..3], [3, 2]);
        assert_eq!(send(&mut with(&[(7, 1, Unit::WATTS, 9)]), 0x02, &[1, 0, 0]).expect("one")[1], 9);
        assert_eq!(send(&mut with(&[]), 0x02, &[1, 0, 0]), Err(0xC1));
    }

    #[test]
    fn temperatures_are_listed_by_entity_and_in_parts() {
        let many: Vec<(u8, u8, Unit, u8)> = (1..=10).map(|at| (3, at, Unit::DEGREES_C, 40 + at)).collect();
        let mut bmc = with(&[&many[..], &[(0x37, 1, Unit::DEGREES_C, 0xF0)]].concat());
        assert_eq!(send(&mut bmc, 0x07, &[1, 0x41, 0, 8]), Ok([GROUP, 10, 2, 19, 0, 20, 0].into()));
        assert_eq!(send(&mut bmc, 0x10, &[1, 0x41, 2, 0]), Ok([GROUP, 1, 1, 42, 2].into()));
        assert_eq!(send(&mut bmc, 0x10, &[1, 0x40, 0, 0]), Ok([GROUP, 1, 1, 0x90, 1].into()));
        assert_eq!(send(&mut bmc, 0x07, &[1, 0x42, 0, 0]), Ok([GROUP, 0, 0].into()));
        assert_eq!(send(&mut bmc, 0x07, &[1, 0x43, 0, 0]), Err(0xCB));
    }

    #[test]
    fn texts_are_written_and_read_in_parts() {
        let mut bmc = with(&[]);
        let (first, second) = ([&[0, 16][..], &[b'a'; 16]].concat(), [&[16, 2][..], b"bc"].concat());
        assert_eq!(send(&mut bmc, 0x08, &first), Ok([GROUP, 16].into()));
        assert_eq!(send(&mut bmc, 0x08, &second), Ok([GROUP, 18].into()));
        assert_eq!(send(&mut bmc, 0x06, &[0, 0]), Ok([GROUP, 18].into()));
        assert_eq!(send(&mut bmc, 0x06, &[16, 16]), Ok([GROUP, 18, b'b', b'c'].into()));
        assert_eq!(send(&mut bmc, 0x06, &[19, 1]), Err(0xC9));
        assert_eq!(send(&mut bmc, 0x08, &[40, 1, b'x']), Err(0xC9));
        assert_eq!(send(&mut bmc, 0x08, &[0, 2, b'x']), Err(0xC7));
    }

    #[test]
    fn limits_policies_and_parameters_are_kept() {
        let mut bmc = with(&[]);
        assert_eq!(send(&mut bmc, 0x05, &[1, 0, 0]), Err(0x84));
        let limit = [0, 0, 0, 0x11, 0xF4, 1, 0xE8, 3, 0, 0, 0, 0, 60, 0];
        assert_eq!(send(&mut bmc, 0x04, &limit), Ok([GROUP].into()));
        assert_eq!(send(&mut bmc, 0x05, &[1, 0, 0]), Ok([GROUP].into()));
        assert_eq!(send(&mut bmc, 0x03, &[0, 0]).expect("a limit")[1..], [&[0, 0], &limit[3..]].concat());
        assert_eq!(send(&mut bmc, 0x0B, &[0x41, 1, 0xA0, 90, 10, 0]), Ok([GROUP].into()));
        assert_eq!(send(&mut bmc, 0x0C, &[0x41, 1]), Ok([GROUP, 0xA0, 90, 10, 0].into()));
        assert_eq!(send(&mut bmc, 0x12, &[4, 0, 44, 1]), Ok([GROUP].into()));
        assert_eq!(send(&mut bmc, 0x13, &[4, 0]), Ok([GROUP, 1, 5, 2, 44, 1].into()));
        assert_eq!(send(&mut bmc, 0x13, &[6, 0]), Err(0x80));
    }

    #[test]
    fn other_groups_and_controllers_without_it_do_not_know_it() {
        let mut bmc = with(&[]);
        assert_eq!(
            bmc.answer(&Request::new(0x2C, 0x01, [0x00]), 0).completion,
            CompletionCode::INVALID_COMMAND
        );
        bmc.dcmi = None;
        assert_eq!(send(&mut bmc, 0x01, &[1]), Err(0xC1));
    }
}
