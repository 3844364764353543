//! `/etc/loopshim/config.json`: how the shims behave on this host. (What the
//! modelled BMC contains is `bmc.json`'s business.)
//!
//! Every key may be left out; an absent file costs one failed open. A bad file
//! stops every shim with one line and status 1 instead of being passed over:
//! it may hold `"device": "model"`, and a command meant for the model must not
//! reach a real BMC because of a misspelt key.
//!
//! ```json
//! {
//!   "record": true,
//!   "recorder": { "output_bytes": 65536, "file_bytes": 8388608, "files": 4 },
//!   "ipmitool": { "device": "model" }
//! }
//! ```

pub mod host;

use crate::World;
use crate::json::{self, Fault, Reader, Slot};
use crate::json_file::{self, Error};

/// Where the file is.
pub const PATH: &str = "/etc/loopshim/config.json";

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Whether invocations are recorded.
    pub record: bool,
    /// How much is recorded.
    pub recorder: Recorder,
    /// What concerns `ipmitool` alone.
    pub ipmitool: Ipmitool,
    /// What concerns the host tool alone: [`host::Host`] reads it.
    pub host: host::Ignored,
}

json::object!(Config { ; record, recorder, ipmitool, host });

impl Config {
    /// This world's configuration; the defaults where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read or is not as documented.
    pub fn load(world: &World) -> Result<Self, Error> {
        json_file::load(&world.path(PATH)).map(Option::unwrap_or_default)
    }
}

/// Bounds of the recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder {
    /// Most bytes kept of each of standard output, standard error and the
    /// arguments: 0 to 16 MiB, default 64 KiB.
    pub output_bytes: Bounded<0, { 16 << 20 }, { 64 << 10 }>,
    /// Size at which `calls.jsonl` is set aside: 4 KiB to 1 GiB, default 8 MiB.
    pub file_bytes: Bounded<{ 4 << 10 }, { 1 << 30 }, { 8 << 20 }>,
    /// Number of files kept, the current one included: 1 to 100, default 4.
    pub files: Bounded<1, 100, 4>,
}

json::object!(Recorder { ; output_bytes, file_bytes, files });

/// Settings of `ipmitool`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ipmitool {
    /// Who answers where a real BMC's device exists.
    pub device: Device,
}

json::object!(Ipmitool { ; device });

/// Who answers on a host that has a BMC device and the original tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Device {
    /// The original tool answers everything (the default): the hardware is real.
    #[default]
    Original,
    /// The model answers what it can; the original answers the commands the
    /// shim does not have.
    Unmodelled,
    /// The model answers; the device is never touched.
    Model,
}

json::choice!(Device { "original" => Original, "unmodelled" => Unmodelled, "model" => Model });

/// A whole number from `MIN` to `MAX`, `DEFAULT` where none is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounded<const MIN: u64, const MAX: u64, const DEFAULT: u64>(u64);

impl<const MIN: u64, const MAX: u64, const DEFAULT: u64> Bounded<MIN, MAX, DEFAULT> {
    /// `number`, if it is within bounds.
    pub const fn new(number: u64) -> Option<Self> {
        if MIN <= number && number <= MAX { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl<const MIN: u64, const MAX: u64, const DEFAULT: u64> Default for Bounded<MIN, MAX, DEFAULT> {
    fn default() -> Self {
        const { assert!(MIN <= DEFAULT && DEFAULT <= MAX) };
        Self(DEFAULT)
    }
}

impl<const MIN: u64, const MAX: u64, const DEFAULT: u64> Slot for Bounded<MIN, MAX, DEFAULT> {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        const { assert!(MAX <= i64::MAX as u64) };
        self.0 = reader.integer(MIN as i64, MAX as i64)? as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn parse(text: &str) -> Result<Config, String> {
        json_file::parse(Path::new(PATH), text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_key_may_be_left_out() {
        let config = parse("{}");
        assert_eq!(config, Ok(Config::default()));
        let config = config.unwrap_or_default();
        assert!(!config.record);
        assert_eq!(config.ipmitool.device, Device::Original);
        assert_eq!(config.recorder.output_bytes.get(), 65536);
        assert_eq!(config.recorder.files.get(), 4);
    }

    #[test]
    fn what_is_given_is_taken() {
        let config = parse(r#"{"record": true, "recorder": {"files": 2}, "ipmitool": {"device": "model"}}"#);
        let config = config.unwrap_or_default();
        assert!(config.record);
        assert_eq!(config.recorder.files.get(), 2);
        assert_eq!(config.ipmitool.device, Device::Model);
    }

    #[test]
    fn refusals_name_the_place_the_field_and_what_is_allowed() {
        let cases = [
            (
                "{\n \"recrod\": true}",
                "line 2, column 9, field recrod: unknown field `recrod`, expected one of `record`, `recorder`, \
                 `ipmitool`, `host`; did you mean `record`?",
            ),
            (
                r#"{"record": "yes"}"#,
                "line 1, column 16, field record: invalid type: string \"yes\", expected a boolean",
            ),
            (
                r#"{"recorder": {"files": 0}}"#,
                "line 1, column 24, field recorder.files: invalid value: integer `0`, expected a whole number from 1 \
                 to 100",
            ),
            (
                r#"{"recorder": {"files": -1}}"#,
                "field recorder.files: invalid value: integer `-1`, expected a whole number from 1 to 100",
            ),
            (
                r#"{"ipmitool": {"device": "modle"}}"#,
                "field ipmitool.device: unknown variant `modle`, expected one of `original`, `unmodelled`, `model`; \
                 did you mean `model`?",
            ),
        ];
        for (text, expected) in cases {
            let refusal = parse(text).map_or_else(|text| text, |config| format!("{config:?}"));
            assert!(refusal.starts_with("/etc/loopshim/config.json: line "), "{refusal}");
            assert!(refusal.ends_with(expected), "{refusal}");
        }
    }
}
