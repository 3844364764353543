//! From a locale's name to its files, as glibc 2.36 searches: the archive, then
//! the folders, from the whole name to ever less of it.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::locale_file::LocaleFile;
use super::{Environment, archive};

const FOLDER: &str = "/usr/lib/locale";
const ALIASES: &str = "/usr/share/locale/locale.alias";

/// A category of a locale, as its files have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Category {
    /// Place in the archive's records.
    pub(super) number: u8,
    /// Environment variable.
    pub(super) variable: &'static str,
    /// File within a locale's folder.
    pub(super) file: &'static str,
    /// First word of the file.
    pub(super) magic: u32,
    /// Number of the value that names the codeset.
    pub(super) codeset: usize,
}

impl Category {
    /// All categories, last first: the order of glibc's search.
    pub(super) const ALL: [Self; 12] = [
        Self::new(12, "LC_IDENTIFICATION", 15),
        Self::new(11, "LC_MEASUREMENT", 1),
        Self::new(10, "LC_TELEPHONE", 4),
        Self::new(9, "LC_ADDRESS", 12),
        Self::new(8, "LC_NAME", 6),
        Self::new(7, "LC_PAPER", 2),
        Self { file: "LC_MESSAGES/SYS_LC_MESSAGES", ..Self::new(5, "LC_MESSAGES", 4) },
        Self::new(4, "LC_MONETARY", 45),
        Self { magic: 0x2005_1014 ^ 3, ..Self::new(3, "LC_COLLATE", 18) },
        Self::new(2, "LC_TIME", 110),
        Self::new(1, "LC_NUMERIC", 5),
        Self { magic: 0x2009_0720, ..Self::new(0, "LC_CTYPE", 14) },
    ];

    const fn new(number: u8, variable: &'static str, codeset: usize) -> Self {
        Self { number, variable, file: variable, magic: 0x2003_1115 ^ number as u32, codeset }
    }
}

/// Where locales are looked for.
pub(super) struct Search<'e> {
    environment: &'e Environment,
    /// `LOCPATH`'s folders, which also switch the archive off.
    path: Vec<Vec<u8>>,
}

impl<'e> Search<'e> {
    pub(super) fn new(environment: &'e Environment) -> Self {
        let path = environment.var("LOCPATH").unwrap_or_default();
        let folders = path.split(|&byte| byte == b':').filter(|part| !part.is_empty());
        Self { environment, path: folders.map(<[u8]>::to_vec).collect() }
    }

    /// The file of `category` for the locale `name`, neither `C` nor `POSIX`.
    pub(super) fn find(&self, category: &Category, name: &[u8]) -> Option<LocaleFile> {
        if !is_valid(name) {
            return None;
        }
        if self.path.is_empty() {
            let archive = self.environment.path(&Path::new(FOLDER).join("locale-archive"));
            let found = archive::find(&archive, &with_normalised_codeset(name), category);
            if found.is_some() {
                return found;
            }
        }
        let alias = self.alias(name);
        let name = alias.as_deref().unwrap_or(name);
        if self.path.is_empty() && alias.is_some() {
            let archive = self.environment.path(&Path::new(FOLDER).join("locale-archive"));
            let found = archive::find(&archive, &with_normalised_codeset(name), category);
            if found.is_some() {
                return found;
            }
        }
        self.find_in_folders(category, &NameParts::of(name))
    }

    fn find_in_folders(&self, category: &Category, name: &NameParts<'_>) -> Option<LocaleFile> {
        let folders: Vec<&[u8]> = self.path.iter().map(Vec::as_slice).chain([FOLDER.as_bytes()]).collect();
        let candidates = name.candidates();
        let file = candidates.iter().find_map(|candidate| {
            folders.iter().find_map(|folder| {
                let path = [folder, b"/".as_slice(), candidate].concat();
                self.open(Path::new(OsStr::from_bytes(&path)), category)
            })
        })?;
        // A name that asks for a codeset is refused one in another.
        let same = match name.codeset {
            Some(wanted) => is_same_codeset(wanted, &file.string(category.codeset)?),
            None => true,
        };
        same.then_some(file)
    }

    fn open(&self, folder: &Path, category: &Category) -> Option<LocaleFile> {
        let path: PathBuf = self.environment.path(&folder.join(category.file));
        let file = File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        metadata.is_file().then(|| LocaleFile::new(file, 0, metadata.len(), category))?
    }

    /// What `locale.alias` has for `name`, compared without case.
    fn alias(&self, name: &[u8]) -> Option<Vec<u8>> {
        let text = std::fs::read(self.environment.path(Path::new(ALIASES))).ok()?;
        text.split(|&byte| byte == b'\n').find_map(|line| {
            let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            let alias =
                words.next().filter(|word| !word.starts_with(b"#") && word.eq_ignore_ascii_case(name))?;
            words.next().map(|value| (alias, value.to_vec()).1)
        })
    }
}

/// `language[_territory][.codeset][@modifier]`.
#[derive(Debug, PartialEq, Eq)]
struct NameParts<'n> {
    language: &'n [u8],
    territory: Option<&'n [u8]>,
    codeset: Option<&'n [u8]>,
    modifier: Option<&'n [u8]>,
}

impl<'n> NameParts<'n> {
    fn of(name: &'n [u8]) -> Self {
        let (language, mut rest) = split_at_any(name, b"_.@");
        if language.is_empty() {
            return Self { language: name, territory: None, codeset: None, modifier: None };
        }
        let mut part = |mark: u8, ends: &[u8]| {
            let (part, after) = split_at_any(rest.strip_prefix(&[mark])?, ends);
            rest = after;
            Some(part)
        };
        let (territory, codeset, modifier) = (part(b'_', b".@"), part(b'.', b"@"), part(b'@', b""));
        Self { language, territory, codeset, modifier }
    }

    /// Folder names to try, best first: the modifier is dropped last, before it
    /// the territory, before it the codeset, which is tried as written first.
    fn candidates(&self) -> Vec<Vec<u8>> {
        let given = |part: Option<&'n [u8]>| part.filter(|part| !part.is_empty());
        let normalised = given(self.codeset).map(normalise_codeset);
        let normalised = normalised.filter(|codeset| Some(codeset.as_slice()) != self.codeset);
        let codesets = [given(self.codeset).map(<[u8]>::to_vec), normalised].into_iter().flatten().map(Some);
        let codesets: Vec<Option<Vec<u8>>> = codesets.chain([None]).collect();
        let or_none = |part: Option<&'n [u8]>| given(part).map(Some).into_iter().chain([None]);
        let mut names = Vec::new();
        for modifier in or_none(self.modifier) {
            for territory in or_none(self.territory) {
                for codeset in &codesets {
                    let mut name = self.language.to_vec();
                    for (mark, part) in [(b'_', territory), (b'.', codeset.as_deref()), (b'@', modifier)] {
                        if let Some(part) = part {
                            name.push(mark);
                            name.extend(part);
                        }
                    }
                    names.push(name);
                }
            }
        }
        names
    }
}

fn split_at_any<'n>(name: &'n [u8], marks: &[u8]) -> (&'n [u8], &'n [u8]) {
    name.split_at(name.iter().position(|byte| marks.contains(byte)).unwrap_or(name.len()))
}

/// Whether glibc lets a name near the file system.
fn is_valid(name: &[u8]) -> bool {
    let climbs = name.split(|&byte| byte == b'/').any(|part| part == b"..");
    name.len() <= 255 && !climbs && (name.starts_with(b"/") || !name.contains(&b'/'))
}

/// Letters and digits in lower case; a bare number is an ISO standard's.
fn normalise_codeset(codeset: &[u8]) -> Vec<u8> {
    let kept: Vec<u8> =
        codeset.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    match kept.iter().all(u8::is_ascii_digit) {
        true => [b"iso".as_slice(), &kept].concat(),
        false => kept,
    }
}

fn with_normalised_codeset(name: &[u8]) -> Vec<u8> {
    let Some(dot) = name.iter().position(|&byte| byte == b'.') else {
        return name.to_vec();
    };
    let (codeset, modifier) = split_at_any(&name[dot + 1..], b"@");
    match codeset.is_empty() {
        true => name.to_vec(),
        false => [&name[..=dot], &normalise_codeset(codeset), modifier].concat(),
    }
}

/// Whether two codeset names mean the same; beyond punctuation only the usual
/// Latin nicknames are known.
fn is_same_codeset(wanted: &[u8], found: &[u8]) -> bool {
    let canonical = |codeset: &[u8]| {
        let codeset: Vec<u8> = codeset.iter().filter(|byte| byte.is_ascii_alphanumeric()).copied().collect();
        match codeset.to_ascii_lowercase().as_slice() {
            b"latin1" | b"l1" => b"iso88591".to_vec(),
            b"latin2" | b"l2" => b"iso88592".to_vec(),
            b"latin9" => b"iso885915".to_vec(),
            other => other.to_vec(),
        }
    };
    canonical(wanted) == canonical(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_apart() {
        let name = NameParts::of(b"sr_RS.UTF-8@latin");
        assert_eq!((name.language, name.territory), (b"sr".as_slice(), Some(b"RS".as_slice())));
        assert_eq!((name.codeset, name.modifier), (Some(b"UTF-8".as_slice()), Some(b"latin".as_slice())));
        assert_eq!(NameParts::of(b".utf8").language, b".utf8");
        assert_eq!(NameParts::of(b"de_.").candidates(), [b"de"]);
    }

    #[test]
    fn tries_ever_shorter_names() {
        let names = NameParts::of(b"de_DE.UTF-8").candidates();
        let names: Vec<String> =
            names.into_iter().map(|name| String::from_utf8(name).expect("ASCII")).collect();
        assert_eq!(names, ["de_DE.UTF-8", "de_DE.utf8", "de_DE", "de.UTF-8", "de.utf8", "de"]);
    }

    #[test]
    fn normalises_codesets() {
        assert_eq!(normalise_codeset(b"UTF-8"), b"utf8");
        assert_eq!(normalise_codeset(b"8859-1"), b"iso88591");
        assert_eq!(with_normalised_codeset(b"sr_RS.UTF-8@latin"), b"sr_RS.utf8@latin");
        assert!(is_same_codeset(b"latin1", b"ISO-8859-1"));
        assert!(!is_same_codeset(b"utf8", b"ISO-8859-1"));
    }

    #[test]
    fn refuses_to_climb() {
        assert!(is_valid(b"/opt/locale/de") && is_valid(b"de_DE"));
        assert!(!is_valid(b"..") && !is_valid(b"/a/../b") && !is_valid(b"a/b") && !is_valid(b"x/.."));
    }
}
