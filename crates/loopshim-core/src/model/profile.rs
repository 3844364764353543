//! The machines that are compiled in.

use ipmi::bmc::{
    Bmc, Channel, ChannelAccess, Chassis, Dcmi, Parameter, Parameters, SystemInfo, User, UserAccess, Users,
};
use ipmi::fru::{BoardInfo, ChassisInfo, ChassisType, Field, Inventory, ManufacturingDate, ProductInfo};
use ipmi::sdr::{
    Body, CompactSensor, DeviceSupport, Entity, EntityId, EventReadingType, FruDeviceLocator, FullSensor,
    IdString, McDeviceLocator, SensorType, SlaveAddress, Threshold, Unit, Units,
};
use ipmi::sensor::{DataFormat, Factors, ReadingFactors};
use ipmi::{Bits, DeviceId, Error, ManufacturerId, Map};
use md5::{Digest, Md5};

use super::installed::{add_compact, add_full, add_record};
use super::{ipv6, pef};
use crate::json;

/// What a model starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// A virtual platform whose serial number comes from the host's name.
    #[default]
    VirtualPlatform,
    /// A virtual compute node.
    VirtualCnode,
    /// A virtual node.
    VirtualNode,
    /// Nothing: a controller that has no sensors, FRUs, channels or users.
    Empty,
}

json::choice!(Profile {
    "virtual-platform" => VirtualPlatform,
    "virtual-cnode" => VirtualCnode,
    "virtual-node" => VirtualNode,
    "empty" => Empty,
});

impl Profile {
    /// The machine, on a host of that name.
    pub(super) fn bmc(self, hostname: &[u8]) -> Box<Bmc> {
        let mut bmc = self.controller(hostname);
        Part::ALL.into_iter().for_each(|part| self.add(part, &mut bmc, hostname));
        bmc
    }

    /// The machine without its parts: what tells it from others, and no more.
    pub(super) fn controller(self, hostname: &[u8]) -> Box<Bmc> {
        let mut bmc = Box::<Bmc>::default();
        match self {
            // A device id of zeros is as long as any.
            Self::Empty => bmc.device_id = vec![0; 11],
            _ => set_up(&mut bmc, guid(identity(hostname))),
        }
        bmc
    }

    /// Adds a part, as it is on a host of that name.
    pub(super) fn add(self, part: Part, bmc: &mut Bmc, hostname: &[u8]) {
        // Nothing here can fail: the tests count what is there.
        let _ = match (self, part) {
            (Self::Empty, _) => Ok(()),
            (_, Part::Settings) => {
                add_settings(bmc, hostname);
                Ok(())
            }
            (Self::VirtualPlatform, Part::Inventories) => {
                let [a, b, c, d, ..] = identity(hostname);
                let serial = format!("LOOPBACK-{a:02x}{b:02x}{c:02x}{d:02x}");
                add_inventories(bmc, "Virtual Platform", &serial)
            }
            (Self::VirtualCnode, Part::Inventories) => add_inventories(bmc, "Virtual CNode", "LOOPBACK-001"),
            (Self::VirtualNode, Part::Inventories) => add_inventories(bmc, "Virtual Node", "LOOPBACK-001"),
            (_, Part::Sensors) => add_sensors(bmc),
        };
    }
}

/// What most commands do without, so that it can be made when it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Chassis, channels, users, system information and DCMI's.
    Settings,
    /// FRU inventories.
    Inventories,
    /// Sensors and their records.
    Sensors,
}

impl Part {
    /// Every part.
    pub(super) const ALL: [Self; 3] = [Self::Settings, Self::Inventories, Self::Sensors];
}

const MANUFACTURER: &str = "VAST Data Loopback";
const PART_NUMBER: &str = "VDL-VM-001";
/// 2024-01-01 00:00 UTC.
const MADE: u32 = 1_704_067_200;
/// American Megatrends: a maker of BMC firmware whose number, unlike those of
/// several board makers, changes nothing in what ipmitool sends or prints
/// (both versions).
const FIRMWARE_MAKER: u32 = 20974;
/// What the commands of [`Bmc`] amount to.
const SUPPORT: DeviceSupport = DeviceSupport(
    DeviceSupport::CHASSIS.0
        | DeviceSupport::FRU_INVENTORY.0
        | DeviceSupport::SEL.0
        | DeviceSupport::SDR_REPOSITORY.0
        | DeviceSupport::SENSOR.0,
);
/// The channel with the LAN.
const LAN: u8 = 1;

/// Makes an empty controller the one of the platform.
fn set_up(bmc: &mut Bmc, guid: [u8; 16]) {
    bmc.device_id = device_id().encode();
    // No error (IPMI 2.0 section 20.4).
    bmc.self_test = [0x55, 0x00];
    (bmc.device_guid, bmc.system_guid) = (Some(guid), Some(guid));
    // Event logging and the message interrupt.
    bmc.global_enables = 0x09;
    bmc.event_receiver = [0x20, 0x00];
    bmc.sessions.possible = 4;
    (bmc.sdr.added, bmc.sdr.erased) = (MADE, MADE);
}

/// What has to differ between hosts is taken from here.
fn identity(hostname: &[u8]) -> [u8; 16] {
    Md5::digest([hostname, b"\n"].concat()).into()
}

/// Adds what can be configured.
fn add_settings(bmc: &mut Bmc, hostname: &[u8]) {
    bmc.system_info = system_info(hostname);
    bmc.chassis = chassis();
    bmc.channels = channels(identity(hostname));
    bmc.users = users();
    bmc.pef = Some(pef::filtering(LAN));
    bmc.dcmi = Some(Dcmi { controller_name: [hostname, b"\0"].concat(), ..Dcmi::default() });
}

fn device_id() -> DeviceId {
    DeviceId {
        device_id: 0x20,
        provides_device_sdrs: false,
        device_revision: Bits::low(1),
        unavailable: false,
        firmware_major: Bits::low(1),
        firmware_minor: 0x00,
        ipmi_version: DeviceId::IPMI_2_0,
        support: SUPPORT,
        manufacturer: ManufacturerId::new(FIRMWARE_MAKER).unwrap_or(ManufacturerId::UNSPECIFIED),
        product_id: 0x0001,
        auxiliary: Some([0; 4]),
    }
}

/// A name-based GUID (RFC 4122 version 3) in IPMI's byte order, which is the
/// reverse of the text's (IPMI 2.0 table 20-10).
fn guid(identity: [u8; 16]) -> [u8; 16] {
    let mut guid = identity;
    guid[7] = guid[7] & 0x3F | 0x80;
    guid[9] = guid[9] & 0x0F | 0x30;
    guid
}

fn system_info(hostname: &[u8]) -> Map<u8, SystemInfo> {
    let texts = [(1, &b"1.00"[..]), (2, hostname), (3, b"Linux"), (4, b"Linux")];
    Map::from(texts.map(|(number, text)| (number, SystemInfo { encoding: 0, text: text.to_vec() })))
}

fn chassis() -> Chassis {
    let boot_options = [0; 5];
    let boot_options = [(0, 1), (1, 1), (2, 1), (3, 1), (4, 2), (5, 5), (6, 5), (7, 4)]
        .map(|(number, len)| (number, &boot_options[..len]));
    Chassis {
        capabilities: [0x00, 0x20, 0x20, 0x20, 0x20, 0x20],
        power_on: true,
        // As it was before power was lost; all three can be set.
        restore_policy: 1,
        supported_policies: 0b111,
        // Powered up by command.
        last_power_event: 0x10,
        front_panel: Some(0x00),
        // Power-up by push button, over no channel.
        restart_cause: [0x03, 0x00],
        boot_options: singles(&boot_options),
        power_on_minutes_per_count: 60,
        ..Chassis::default()
    }
}

fn single(bytes: &[u8]) -> Parameter {
    Parameter::Single(bytes.to_vec())
}

/// Parameters of one value each, by number. From a table: code that makes each
/// of them in its place is several times larger.
pub(super) fn singles(values: &[(u8, &[u8])]) -> Parameters {
    values.iter().map(|(number, value)| (*number, single(value))).collect()
}

fn channels(identity: [u8; 16]) -> Map<u8, Channel> {
    /// IPMI's own protocols (table 6-2).
    const IPMI_FORUM: [u8; 3] = [0xF2, 0x1B, 0x00];
    const SYSTEM_INTERFACE: u8 = 15;
    let lan = Channel {
        // 802.3 LAN, IPMB-1.0 messages, multi-session.
        medium: 0x04,
        protocol: 0x01,
        sessions: 0x80,
        vendor: IPMI_FORUM,
        // Always available; administrator.
        access: Some(ChannelAccess { volatile: [0x02, 0x04], stored: [0x02, 0x04] }),
        authentication: Some([0x94, 0x04, 0x03, 0, 0, 0, 0]),
        // IPMI messages and serial over LAN.
        payloads: Some([0x03, 0, 0, 0, 0, 0, 0, 0]),
        // Suites 3 and 17, as RMCP+ defines them (table 22-19).
        cipher_suites: vec![0xC0, 0x03, 0x01, 0x41, 0x81, 0xC0, 0x11, 0x03, 0x44, 0x81],
        lan: Some(lan_parameters(identity)),
        sol: Some(sol_parameters()),
        ..Channel::default()
    };
    let system_interface = Channel {
        // System interface, KCS.
        medium: 0x0C,
        protocol: 0x05,
        vendor: IPMI_FORUM,
        auxiliary: [0xFF, 0xFF],
        ..Channel::default()
    };
    Map::from([(LAN, lan), (SYSTEM_INTERFACE, system_interface)])
}

/// UDP ports of RMCP (section 13.1).
const RMCP_PORT: [u8; 2] = 623u16.to_le_bytes();
const SECURE_RMCP_PORT: [u8; 2] = 664u16.to_le_bytes();

/// LAN configuration parameters (table 23-4): an interface by DHCP that has no
/// address yet.
fn lan_parameters(identity: [u8; 16]) -> Parameters {
    let mac = [0x52, 0x54, 0x00, identity[0], identity[1], identity[2]];
    let mut community = b"public".to_vec();
    community.resize(18, 0);
    let destination =
        |data: &[u8]| Parameter::Sets((0..=1).map(|selector| (selector, data.to_vec())).collect());
    let mut parameters = singles(&[
        (0, &[0]),
        // MD5 and straight password.
        (1, &[0x14]),
        (2, &[0x14, 0x14, 0x14, 0x14, 0]),
        (3, &[0; 4]),
        (4, &[0x02]),
        (6, &[0; 4]),
        // Time to live, don't fragment, type of service.
        (7, &[0x40, 0x40, 0x10]),
        (8, &RMCP_PORT),
        (9, &SECURE_RMCP_PORT),
        // ARP responses, but no gratuitous ARP every 2 seconds.
        (10, &[0x02]),
        (11, &[0x03]),
        (12, &[0; 4]),
        (13, &[0; 6]),
        (14, &[0; 4]),
        (15, &[0; 6]),
        (17, &[0x01]),
        (20, &[0, 0]),
        (21, &[0]),
        (22, &[2]),
        (23, &[0, 3, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        // Administrators by either suite.
        (24, &[0, 0x44, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    parameters.insert(5, single(&mac));
    parameters.insert(16, single(&community));
    parameters.insert(18, destination(&[0x00, 0x03, 0x03]));
    parameters.insert(19, destination(&[0; 12]));
    parameters.extend(ipv6::parameters(mac));
    parameters
}

/// Serial-over-LAN parameters (table 26-5): enabled, encrypted, for
/// administrators, 115.2 kbps.
fn sol_parameters() -> Parameters {
    singles(&[
        (0, &[0]),
        (1, &[1]),
        (2, &[0x84]),
        (3, &[0x0C, 0x60]),
        (4, &[0x07, 0x32]),
        (5, &[0x0A]),
        (6, &[0x0A]),
        (7, &[LAN]),
        (8, &RMCP_PORT),
    ])
}

fn users() -> Users {
    let administrator = UserAccess { flags: 0x30, privilege: 4 };
    let mut name = [0; 16];
    name[..5].copy_from_slice(b"admin");
    let admin = User { name, enabled: true, access: Map::from([(LAN, administrator)]), ..User::default() };
    Users { max: 15, fixed_names: 1, users: Map::from([(1, User::default()), (2, admin)]) }
}

/// Bytes of the inventory devices.
const FRU_SIZE: u16 = 256;

fn add_inventories(bmc: &mut Bmc, product: &str, serial: &str) -> Result<(), Error> {
    let text = |text: &str| Field::latin1(text);
    let made = ManufacturingDate::from_unix(MADE).unwrap_or_default();
    let platform = Inventory {
        chassis: Some(ChassisInfo {
            chassis_type: ChassisType::RACK_MOUNT,
            part_number: text("VDL-CH-001")?,
            serial_number: text(serial)?,
            ..ChassisInfo::default()
        }),
        board: Some(BoardInfo {
            manufacturing_date: made,
            manufacturer: text(MANUFACTURER)?,
            product_name: text(product)?,
            serial_number: text(serial)?,
            part_number: text(PART_NUMBER)?,
            ..BoardInfo::default()
        }),
        product: Some(ProductInfo {
            manufacturer: text(MANUFACTURER)?,
            product_name: text(product)?,
            part_number: text(PART_NUMBER)?,
            version: text("1.0")?,
            serial_number: text(serial)?,
            ..ProductInfo::default()
        }),
        ..Inventory::default()
    };
    let power_supply = Inventory {
        product: Some(ProductInfo {
            manufacturer: text(MANUFACTURER)?,
            product_name: text("Virtual PSU")?,
            part_number: text("VDL-PS-001")?,
            version: text("1.0")?,
            serial_number: text(&format!("{serial}-PS1"))?,
            ..ProductInfo::default()
        }),
        ..Inventory::default()
    };
    bmc.frus.insert(0, platform.encode_device(FRU_SIZE)?);
    bmc.frus.insert(1, power_supply.encode_device(FRU_SIZE)?);
    Ok(())
}

/// A threshold sensor of the table below.
struct Gauge {
    number: u8,
    name: &'static str,
    entity: (EntityId, u8),
    kind: SensorType,
    unit: (DataFormat, Unit),
    /// M, and the exponent of ten of the result.
    factors: (i16, i8),
    reading: f64,
    thresholds: &'static [(Threshold, f64)],
}

use Threshold::{
    LowerCritical as Lcr, LowerNonCritical as Lnc, LowerNonRecoverable as Lnr, UpperCritical as Ucr,
    UpperNonCritical as Unc, UpperNonRecoverable as Unr,
};

const CELSIUS: (DataFormat, Unit) = (DataFormat::TwosComplement, Unit::DEGREES_C);
const ROTATION: (DataFormat, Unit) = (DataFormat::Unsigned, Unit::RPM);
const VOLTAGE: (DataFormat, Unit) = (DataFormat::Unsigned, Unit::VOLTS);
const POWER: (DataFormat, Unit) = (DataFormat::Unsigned, Unit::WATTS);
const SLOW_FAN: &[(Threshold, f64)] = &[(Lnr, 300.0), (Lcr, 500.0), (Lnc, 700.0)];

#[rustfmt::skip]
const GAUGES: &[Gauge] = &[
    gauge(0x01, "CPU Temp", (EntityId::PROCESSOR, 1), SensorType::TEMPERATURE, CELSIUS, (1, 0), 45.0,
        &[(Unc, 85.0), (Ucr, 90.0), (Unr, 95.0)]),
    gauge(0x02, "System Temp", (EntityId::SYSTEM_BOARD, 1), SensorType::TEMPERATURE, CELSIUS, (1, 0), 32.0,
        &[(Lcr, -5.0), (Lnc, 0.0), (Unc, 65.0), (Ucr, 70.0)]),
    gauge(0x03, "Inlet Temp", (EntityId::AIR_INLET, 1), SensorType::TEMPERATURE, CELSIUS, (1, 0), 24.0,
        &[(Lcr, -5.0), (Lnc, 0.0), (Unc, 42.0), (Ucr, 47.0)]),
    gauge(0x04, "DIMM Temp", (EntityId::MEMORY_MODULE, 1), SensorType::TEMPERATURE, CELSIUS, (1, 0), 38.0,
        &[(Unc, 80.0), (Ucr, 85.0), (Unr, 90.0)]),
    gauge(0x10, "FAN1", (EntityId::FAN, 1), SensorType::FAN, ROTATION, (100, 0), 5600.0, SLOW_FAN),
    gauge(0x11, "FAN2", (EntityId::FAN, 2), SensorType::FAN, ROTATION, (100, 0), 5500.0, SLOW_FAN),
    gauge(0x12, "FAN3", (EntityId::FAN, 3), SensorType::FAN, ROTATION, (100, 0), 5600.0, SLOW_FAN),
    gauge(0x20, "12V", (EntityId::SYSTEM_BOARD, 1), SensorType::VOLTAGE, VOLTAGE, (6, -2), 12.0,
        &[(Lcr, 10.8), (Lnc, 11.16), (Unc, 12.84), (Ucr, 13.2)]),
    gauge(0x21, "5VCC", (EntityId::SYSTEM_BOARD, 1), SensorType::VOLTAGE, VOLTAGE, (25, -3), 5.0,
        &[(Lcr, 4.5), (Lnc, 4.65), (Unc, 5.35), (Ucr, 5.5)]),
    gauge(0x22, "3.3VCC", (EntityId::SYSTEM_BOARD, 1), SensorType::VOLTAGE, VOLTAGE, (16, -3), 3.296,
        &[(Lcr, 2.976), (Lnc, 3.072), (Unc, 3.536), (Ucr, 3.632)]),
    gauge(0x23, "VBAT", (EntityId::SYSTEM_BOARD, 1), SensorType::VOLTAGE, VOLTAGE, (16, -3), 3.04,
        &[(Lcr, 2.496), (Lnc, 2.704)]),
    gauge(0x30, "PS1 Input Power", (EntityId::POWER_SUPPLY, 1), SensorType::OTHER, POWER, (4, 0), 180.0,
        &[(Unc, 760.0), (Ucr, 800.0)]),
];

#[expect(clippy::too_many_arguments, reason = "a row of a table")]
const fn gauge(
    number: u8,
    name: &'static str,
    entity: (EntityId, u8),
    kind: SensorType,
    unit: (DataFormat, Unit),
    factors: (i16, i8),
    reading: f64,
    thresholds: &'static [(Threshold, f64)],
) -> Gauge {
    Gauge { number, name, entity, kind, unit, factors, reading, thresholds }
}

impl Gauge {
    fn record(&self) -> Result<FullSensor, Error> {
        let entity = Entity::new(self.entity.0, self.entity.1);
        let units = Units::of(self.unit.0, self.unit.1);
        let factors = ReadingFactors::exact(Factors::new(self.factors.0, 0, 0, self.factors.1)?);
        let name = IdString::latin1(self.name)?;
        let mut record =
            FullSensor::threshold(self.number, name, entity, self.kind, units).with_factors(factors);
        for (threshold, value) in self.thresholds {
            record = record.with_threshold(*threshold, *value)?;
        }
        record.with_hysteresis(1).with_nominal(self.reading)
    }
}

/// Puts the sensors of a compiled-in machine in place, and their records.
fn add_sensors(bmc: &mut Bmc) -> Result<(), Error> {
    /// Presence, failure, predicted failure, input lost (table 42-3).
    const POWER_SUPPLY_STATES: u16 = 0b1111;
    /// General chassis intrusion.
    const INTRUSION_STATES: u16 = 0b1;
    add_record(bmc, Body::McDeviceLocator(controller_locator()?))?;
    for gauge in GAUGES {
        add_full(bmc, gauge.record()?)?;
    }
    let status = discrete(0x31, "PS1 Status", EntityId::POWER_SUPPLY, SensorType::POWER_SUPPLY);
    add_compact(bmc, status(POWER_SUPPLY_STATES)?)?.states = Some(0b1);
    let intrusion = discrete(0x40, "Chassis Intru", EntityId::SYSTEM_CHASSIS, SensorType::PHYSICAL_SECURITY);
    add_compact(bmc, intrusion(INTRUSION_STATES)?)?;
    let entity = Entity::new(EntityId::POWER_SUPPLY, 1);
    let locator = FruDeviceLocator::logical(1, IdString::latin1("PS1 FRU")?, entity);
    add_record(bmc, Body::FruDeviceLocator(locator))
}

fn discrete(
    number: u8,
    name: &'static str,
    entity: EntityId,
    kind: SensorType,
) -> impl Fn(u16) -> Result<CompactSensor, Error> {
    move |states| {
        let (name, entity) = (IdString::latin1(name)?, Entity::new(entity, 1));
        Ok(CompactSensor::discrete(number, name, entity, kind, EventReadingType::SENSOR_SPECIFIC, states))
    }
}

fn controller_locator() -> Result<McDeviceLocator, Error> {
    Ok(McDeviceLocator {
        slave_address: SlaveAddress::BMC,
        channel: ipmi::Channel::low(0),
        initialization: 0,
        support: SUPPORT,
        entity: Entity::new(EntityId::SYSTEM_MANAGEMENT_MODULE, 1),
        oem: 0,
        id_string: IdString::latin1("BMC")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_is_complete() {
        let bmc = Profile::default().bmc(b"localhost");
        assert_eq!(bmc.frus.len(), 2);
        assert_eq!(bmc.sdr.records.len(), GAUGES.len() + 4);
        assert_eq!(bmc.sensors.len(), GAUGES.len() + 2);
        let all_well =
            |sensor: &ipmi::bmc::Sensor| sensor.thresholds.is_none() || sensor.current_states() == 0;
        assert!(bmc.sensors.values().all(all_well));
    }

    #[test]
    fn readings_are_exact() {
        for gauge in GAUGES {
            let record = gauge.record().unwrap_or_else(|error| panic!("{}: {error:?}", gauge.name));
            let reading = record.conversion().reading(record.nominal_reading.unwrap_or(0));
            assert!((reading - gauge.reading).abs() < 1e-9, "{} reads {reading}", gauge.name);
        }
    }

    #[test]
    fn the_board_is_named_by_the_host() {
        let board = |profile: Profile| {
            let bmc = profile.bmc(b"vast-node-1");
            let inventory = Inventory::decode(&bmc.frus[&0]).unwrap_or_default();
            inventory.board.unwrap_or_default()
        };
        let platform = board(Profile::VirtualPlatform);
        assert_eq!(platform.manufacturing_date.unix(), MADE);
        assert_eq!(platform.manufacturer.bytes(), b"VAST Data Loopback");
        assert_eq!(platform.product_name.bytes(), b"Virtual Platform");
        // printf 'vast-node-1\n' | md5sum
        assert_eq!(platform.serial_number.bytes(), b"LOOPBACK-a552b5b6");
        assert_eq!(board(Profile::VirtualCnode).product_name.bytes(), b"Virtual CNode");
        assert_eq!(board(Profile::VirtualNode).serial_number.bytes(), b"LOOPBACK-001");
    }

    #[test]
    fn hosts_differ_in_what_must_differ() {
        let (one, other) = (Profile::default().bmc(b"one"), Profile::default().bmc(b"other"));
        assert_ne!(one.system_guid, other.system_guid);
        assert_ne!(one.frus[&0], other.frus[&0]);
        assert_ne!(one.channels[&LAN].lan, other.channels[&LAN].lan);
        assert_eq!(one, Profile::default().bmc(b"one"));
    }
}
