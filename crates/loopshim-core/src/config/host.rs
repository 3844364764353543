//! What the host tool is to bring about and to expect of this machine: the
//! member `host` of `config.json`. The stand-ins pass over it; `loopshim` reads
//! all of the file.

use std::path::{Path, PathBuf};

use super::{Bounded, Ipmitool, Recorder};
use crate::json::{self, Fault, Reader, Slot};
use crate::json_file::{self, Error};

/// The host tool's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The user whom the software logs in as; default `centos`.
    pub user: String,
    /// The Python packages whose left-overs are looked for; default
    /// `monitor-v2` and `monitor_bundle`.
    pub packages: Vec<String>,
    /// How old the newest file of a left-over folder must be for nobody to need
    /// it: 0 to 525600 minutes, default 60.
    pub orphan_minutes: Bounded<0, 525_600, 60>,
    /// The limits that login sessions are to have at least.
    pub limits: Limits,
    /// What the machine is to have.
    pub sizes: Sizes,
    /// What Docker is to have.
    pub docker: Docker,
    /// The management service, if it is to be asked.
    pub vms: Option<Vms>,
}

json::object!(Host { ; user or user(), packages or packages(), orphan_minutes, limits, sizes, docker, vms });

fn user() -> String {
    "centos".to_owned()
}

fn packages() -> Vec<String> {
    vec!["monitor-v2".to_owned(), "monitor_bundle".to_owned()]
}

/// Limits of login sessions (`limits.conf(5)`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Open files of a process: 1024 to 1073741816, default 1048576.
    pub nofile: Bounded<1024, 1_073_741_816, 1_048_576>,
    /// Processes of a user: 1024 to 4194304, default 65535.
    pub nproc: Bounded<1024, 4_194_304, 65_535>,
}

json::object!(Limits { ; nofile, nproc });

/// What the machine is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// Cores of the hypervisor's processor; virtual ones should not be more.
    /// Not known from within, so only checked when given.
    pub physical_cores: Option<u32>,
    /// Memory below which the cluster fails, in GB (10⁹ bytes); default 117.
    pub memory_gb_min: Bounded<1, 65_536, 117>,
    /// Memory that is recommended, in GB; default 128.
    pub memory_gb: Bounded<1, 65_536, 128>,
    /// Disk below which the cluster fails, in GB; default 500.
    pub disk_gb_min: Bounded<1, 1_000_000, 500>,
    /// Disk that is recommended, in GB; default 1000.
    pub disk_gb: Bounded<1, 1_000_000, 1000>,
}

json::object!(Sizes { ; physical_cores, memory_gb_min, memory_gb, disk_gb_min, disk_gb });

/// What Docker is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Docker {
    /// The image, as `REPOSITORY:TAG`; `*` stands for any letters. Default
    /// `vastdata.registry.local:5000/dev/orion:*`.
    pub image: String,
    /// The containers, by their exact names; default the four of a loopback cluster.
    pub containers: Vec<String>,
}

json::object!(Docker { ; image or image(), containers or containers() });

fn image() -> String {
    "vastdata.registry.local:5000/dev/orion:*".to_owned()
}

fn containers() -> Vec<String> {
    [4100, 4200, 4300, 4400].map(|port| format!("vast_platform_11.0.0.1-{port}")).to_vec()
}

/// The management service's interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vms {
    /// Its address, such as `https://192.0.2.9`.
    pub url: String,
    /// The file, for root alone (0600), with `USER:PASSWORD` or an API token.
    pub credentials: PathBuf,
    /// Whether its certificate is to be verified; default true.
    pub verify_tls: bool,
}

json::object!(Vms { url, credentials; verify_tls or true });

/// The whole file, as the host tool reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Whole {
    record: bool,
    recorder: Recorder,
    ipmitool: Ipmitool,
    host: Host,
}

json::object!(Whole { ; record, recorder, ipmitool, host });

impl Host {
    /// The settings in the file at `path`; the defaults where there is none.
    ///
    /// # Errors
    /// When the file, any part of it, is not as documented.
    pub fn load(path: &Path) -> Result<Self, Error> {
        json_file::load::<Whole>(path).map(|whole| whole.unwrap_or_default().host)
    }

    /// The settings in `text`, the contents of `path`.
    ///
    /// # Errors
    /// As [`Host::load`].
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self, Error> {
        json_file::parse::<Whole>(path, text).map(|whole| whole.host)
    }
}

/// A member whose value is of no concern here, but must be JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ignored;

impl Slot for Ignored {
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        match reader.peek() {
            Some(b'{') => reader.members("an object", &mut |reader, _| {
                reader.colon()?;
                self.fill(reader)
            })?,
            Some(b'[') => reader.array("an array", &mut |reader| self.fill(reader))?,
            Some(b'"') => drop(reader.string("a string")?),
            Some(b't' | b'f') => drop(reader.boolean()?),
            Some(b'n') => drop(reader.null()?),
            _ => drop(reader.float()?),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::config::PATH;

    fn parse(text: &str) -> Result<Host, String> {
        Host::parse(Path::new(PATH), text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_left_out_is_as_the_documents_have_it() {
        let host = parse("{}").expect("the defaults");
        assert_eq!(host, Host::default());
        assert_eq!((host.user.as_str(), host.limits.nofile.get()), ("centos", 1_048_576));
        assert_eq!(host.docker.containers[3], "vast_platform_11.0.0.1-4400");
        let host = parse(
            r#"{"record": true, "host": {"limits": {"nproc": 70000}, "vms": {"url": "https://v", "credentials": "/c"}}}"#,
        );
        let host = host.expect("good settings");
        assert_eq!((host.limits.nproc.get(), host.limits.nofile.get()), (70000, 1_048_576));
        assert!(host.vms.is_some_and(|vms| vms.verify_tls));
    }

    /// The schema for editors allows what is read, and nothing else.
    #[test]
    fn the_schema_has_the_bounds_and_the_defaults() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../../docs/config.schema.json")).expect("JSON");
        let mut count = 0;
        check_members(&schema, &|text| text, &mut count);
        assert!(count >= 15, "only {count} settings have a default in the schema");
    }

    /// Checks the members of an object; `around` puts one into a whole file.
    fn check_members(schema: &serde_json::Value, around: &dyn Fn(String) -> String, count: &mut usize) {
        assert_eq!(schema["additionalProperties"], false);
        assert!(parse(&around(r#"{"no-such-member": 1}"#.to_owned())).is_err());
        for (name, member) in schema["properties"].as_object().expect("members") {
            let around = |value: String| around(format!("{{\"{name}\": {value}}}"));
            if member.get("properties").is_some() && member.get("required").is_none() {
                check_members(member, &around, count);
                continue;
            }
            if let Some(default) = member.get("default") {
                *count += 1;
                assert_eq!(parse(&around(default.to_string())), Ok(Host::default()), "{name}");
            }
            for (bound, step) in [("minimum", -1), ("maximum", 1)] {
                let Some(bound) = member.get(bound).and_then(serde_json::Value::as_i64) else { continue };
                assert!(parse(&around(bound.to_string())).is_ok(), "{name}: {bound}");
                assert!(parse(&around((bound + step).to_string())).is_err(), "{name}: beyond {bound}");
            }
        }
    }

    #[test]
    fn a_misspelt_setting_stops_the_host_tool_and_not_the_stand_ins() {
        let text = r#"{"host": {"limits": {"nofiles": [1, {"a": null, "b": [true, "x", -1.5e3]}]}}}"#;
        let refusal = parse(text).expect_err("a misspelt name");
        assert!(refusal.ends_with("did you mean `nofile`?"), "{refusal}");
        let config: Result<Config, _> = json_file::parse(Path::new(PATH), text.as_bytes());
        assert_eq!(config.map_err(|error| error.to_string()), Ok(Config::default()));
        let config: Result<Config, _> = json_file::parse(Path::new(PATH), br#"{"host": {"a" 1}}"#);
        assert!(config.is_err());
    }
}
