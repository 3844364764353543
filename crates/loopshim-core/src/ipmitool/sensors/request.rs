//! Requests about one sensor (IPMI 2.0 section 35), sent to the controller it
//! is on.

use crate::ipmitool::printf::hex;
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::{Reply, Session};
use crate::log;

const SENSOR_EVENT: u8 = 0x04;

impl Session<'_> {
    /// Get Sensor Reading.
    pub fn request_reading(&mut self, sensor: &Record) -> Option<Reply> {
        if self.bridges_to(sensor) {
            let link = &self.link;
            let [my, target, channel] =
                [link.my_addr, link.target_addr, link.target_channel].map(|byte| hex(byte.into()));
            let (owner, owner_channel) = (hex(sensor.owner().into()), hex(sensor.channel().into()));
            log!(
                self,
                DEBUG,
                "Bridge to Sensor Intf my/{my} tgt/{target}:{channel} Sdr tgt/{owner}:{owner_channel}\n"
            );
        }
        self.ask_sensor(sensor, 0x2D, &[sensor.number()])
    }

    /// Get Sensor Thresholds.
    pub fn request_thresholds(&mut self, sensor: &Record) -> Option<Reply> {
        self.ask_sensor(sensor, 0x27, &[sensor.number()])
    }

    /// Get Sensor Hysteresis.
    pub fn request_hysteresis(&mut self, sensor: &Record) -> Option<Reply> {
        self.ask_sensor(sensor, 0x25, &[sensor.number(), 0xFF])
    }

    /// Set Sensor Thresholds of the one in `mask`; `values` are in the order of
    /// the mask's bits.
    pub fn set_threshold(&mut self, sensor: &Record, mask: u8, values: [u8; 6]) -> Option<Reply> {
        let mut data = vec![sensor.number(), mask];
        data.extend(values);
        self.ask_sensor(sensor, 0x26, &data)
    }

    /// Get Sensor Event Status.
    pub fn request_event_status(&mut self, sensor: &Record) -> Option<Reply> {
        self.ask_sensor(sensor, 0x2B, &[sensor.number()])
    }

    /// Get Sensor Event Enable.
    pub fn request_event_enable(&mut self, sensor: &Record) -> Option<Reply> {
        self.ask_sensor(sensor, 0x29, &[sensor.number()])
    }

    /// Get Sensor Reading Factors for the reading `raw`. The original asks the
    /// BMC for them, whoever owns the sensor.
    pub fn request_factors(&mut self, sensor: &Record, raw: u8) -> Option<Reply> {
        self.send_lun(SENSOR_EVENT, sensor.lun(), 0x23, &[sensor.number(), raw])
    }

    fn ask_sensor(&mut self, sensor: &Record, cmd: u8, data: &[u8]) -> Option<Reply> {
        let before = (self.link.target_addr, self.link.target_channel);
        if self.bridges_to(sensor) {
            (self.link.target_addr, self.link.target_channel) = (sensor.owner(), sensor.channel());
        }
        let reply = self.send_lun(SENSOR_EVENT, sensor.lun(), cmd, data);
        (self.link.target_addr, self.link.target_channel) = before;
        reply
    }

    /// Whether the sensor is on another controller than the one addressed.
    fn bridges_to(&self, sensor: &Record) -> bool {
        let (owner, channel) = (sensor.owner(), sensor.channel());
        let link = &self.link;
        let on_ipmb = channel == 0 && link.target_ipmb_addr != 0 && link.target_ipmb_addr == owner;
        let addressed = owner == link.target_addr && channel == link.target_channel;
        !on_ipmb && !addressed
    }
}
