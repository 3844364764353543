//! Manufacturer names by IANA enterprise number. 1.8.18 carries a table, 1.8.19
//! reads the registry installed on the machine.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::{Names, name_of, names};

/// Where manufacturer names come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manufacturers {
    /// 1.8.18's own table.
    BuiltIn,
    /// The IANA registry in this file, looked through at each question: only
    /// few commands ask, and only once.
    Registry(PathBuf),
    /// There is no registry.
    NoRegistry,
}

/// Why a registry cannot be used.
#[derive(Debug)]
pub enum RegistryError {
    /// It is not there.
    Open(io::Error),
    /// It names nobody.
    Empty,
}

impl Manufacturers {
    /// The first of `candidates` that can be opened.
    pub fn from_registry(candidates: &[PathBuf]) -> Result<Self, RegistryError> {
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for path in candidates {
            match File::open(path) {
                Ok(file) if first_entry(&file, |_, _| true).is_none() => return Err(RegistryError::Empty),
                Ok(_) => return Ok(Self::Registry(path.clone())),
                Err(error) => failure = error,
            }
        }
        Err(RegistryError::Open(failure))
    }

    /// The whole table of 1.8.19: its own first entries, the registry's, and its
    /// own last.
    pub fn table(&self) -> Vec<(u32, Vec<u8>)> {
        let mut table = vec![(0, b"Unknown".to_vec()), (RESERVED, b"Unspecified".to_vec())];
        let Self::Registry(path) = self else { return table };
        if let Ok(file) = File::open(path) {
            let _ = first_entry(file, |number, name| {
                table.push((number, name.to_vec()));
                false
            });
        }
        table.push((DEBUG, DEBUG_NAME.to_vec()));
        table
    }

    /// The name of an enterprise number.
    pub fn name(&self, id: u32) -> Cow<'static, [u8]> {
        match self {
            // The table is asked for the low 16 bits only.
            Self::BuiltIn => bytes(name_of(id as u16, BUILT_IN)),
            Self::Registry(_) if id == 0 => Cow::Borrowed(b"Unknown"),
            _ if id == RESERVED => Cow::Borrowed(b"Unspecified"),
            Self::Registry(path) => registered(path, id).unwrap_or_else(|| unlisted(id)),
            // Without a registry the original loses its entry for zero.
            Self::NoRegistry => unlisted(id),
        }
    }
}

/// "Reserved" in IPMI 2.0 table 20-2.
const RESERVED: u32 = 0x0F_FFFF;
/// The original's own number for itself.
const DEBUG: u32 = 0xFF_FFFE;
const DEBUG_NAME: &[u8] = b"A Debug Assisting Company, Ltd.";

fn unlisted(id: u32) -> Cow<'static, [u8]> {
    if id == DEBUG {
        return Cow::Borrowed(DEBUG_NAME);
    }
    Cow::Owned(format!("Unknown (0x{id:02X})").into_bytes())
}

fn bytes(text: Cow<'static, str>) -> Cow<'static, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn registered(path: &Path, id: u32) -> Option<Cow<'static, [u8]>> {
    first_entry(File::open(path).ok()?, |number, _| number == id).map(Cow::Owned)
}

/// The name of the first entry that passes. An entry is a line that
/// starts with a digit and a line indented by two blanks.
fn first_entry(file: impl Read, mut wanted: impl FnMut(u32, &[u8]) -> bool) -> Option<Vec<u8>> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut line = Vec::new();
    loop {
        read_line(&mut reader, &mut line)?;
        let Some(number) = leading_number(&line) else { continue };
        read_line(&mut reader, &mut line)?;
        let Some(name) = line.strip_prefix(b"  ").filter(|name| !name.starts_with(b" ")) else { continue };
        let end = name.iter().position(|byte| matches!(byte, 0 | b'\n')).unwrap_or(name.len());
        if wanted(number, &name[..end]) {
            return Some(name[..end].to_vec());
        }
    }
}

fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> Option<()> {
    line.clear();
    matches!(reader.read_until(b'\n', line), Ok(1..)).then_some(())
}

fn leading_number(line: &[u8]) -> Option<u32> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit());
    let number =
        digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    line.first()?.is_ascii_digit().then_some(number as u32)
}

/// 1.8.18's table.
const BUILT_IN: Names = names![
    (0, "Unknown"),
    (11, "Hewlett-Packard"),
    (42, "Sun Microsystems"),
    (343, "Intel Corporation"),
    (2168, "LMC"),
    (4337, "RadiSys Corporation"),
    (6653, "Tyan Computer Corporation"),
    (9237, "Newisys"),
    (10876, "Supermicro"),
    (11129, "Google"),
    (15000, "Kontron"),
    (94, "Nokia"),
    (12634, "PICMG"),
    (10437, "Peppercon AG"),
    (674, "DELL Inc"),
    (119, "NEC"),
    (5593, "Magnum Technologies"),
    (10368, "Fujitsu Siemens"),
    (373, "Tatung"),
    (20974, "AMI"),
    (13742, "Raritan"),
    (10418, "Avocent"),
    (11102, "OSA"),
    (186, "Toshiba"),
    (116, "Hitachi"),
    (399, "Hitachi"),
    (28458, "Nokia Solutions and Networks"),
    (107, "Bull Company"),
    (16394, "Pigeon Point Systems"),
    (4413, "Broadcom Corporation"),
    (193, "Ericsson AB"),
    (7244, "Quanta"),
    (33196, "VITA"),
    (10297, "Advantech"),
    (2, "IBM"),
    (4769, "IBM Corporation"),
    (20301, "IBM eServer X"),
    (24339, "ADLINK Technology Inc."),
];

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "Decimal\n| Organization\n\n0\n  Reserved\n    IANA\n7\n   odd\n8\n  Eight Inc.\n    Someone\n9 x\n  Nine\n";

    fn registry(contents: &str, name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("loopshim-{name}-{}", std::process::id()));
        std::fs::write(&path, contents).expect("the temporary directory takes files");
        path
    }

    #[test]
    fn the_table_sees_sixteen_bits() {
        assert_eq!(&*Manufacturers::BuiltIn.name(10876), b"Supermicro");
        assert_eq!(&*Manufacturers::BuiltIn.name(0x1_0000 + 674), b"DELL Inc");
        assert_eq!(&*Manufacturers::BuiltIn.name(0xFFFF), b"Unknown (0xFFFF)");
    }

    #[test]
    fn the_registry_is_read_by_pairs_of_lines() {
        let path = registry(REGISTRY, "registry");
        let names = Manufacturers::from_registry(&[path.with_extension("none"), path.clone()]);
        let names = names.expect("one candidate exists");
        assert_eq!(&*names.name(0), b"Unknown");
        assert_eq!(&*names.name(7), b"Unknown (0x07)");
        assert_eq!(&*names.name(8), b"Eight Inc.");
        assert_eq!(&*names.name(9), b"Nine");
        assert_eq!(&*names.name(RESERVED), b"Unspecified");
        assert_eq!(&*names.name(DEBUG), b"A Debug Assisting Company, Ltd.");
        let numbers: Vec<u32> = names.table().into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [0, RESERVED, 0, 8, 9, DEBUG]);
        std::fs::remove_file(path).expect("it was written above");
    }

    #[test]
    fn a_registry_can_be_missing_or_empty() {
        let path = registry("no entries\n", "empty");
        assert!(matches!(
            Manufacturers::from_registry(std::slice::from_ref(&path)),
            Err(RegistryError::Empty)
        ));
        std::fs::remove_file(&path).expect("it was written above");
        assert!(matches!(Manufacturers::from_registry(&[path]), Err(RegistryError::Open(_))));
        assert_eq!(&*Manufacturers::NoRegistry.name(0), b"Unknown (0x00)");
    }
}
