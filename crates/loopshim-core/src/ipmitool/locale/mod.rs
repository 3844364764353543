//! The user's locale, as far as it shows in the output: 1.8.19 calls
//! `setlocale(LC_ALL, "")`, so its dates, times and decimal points follow the
//! environment. The compiled locales installed on the machine are read as glibc
//! 2.36 would read them; any that it would refuse leaves the C locale.

mod archive;
mod environment;
mod find;
mod locale_file;
mod time_words;

pub use environment::Environment;
pub use time_words::{Era, TimeWords, item as time_item};

use find::{Category, Search};

/// The categories of a locale that are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    /// Days, months, and the formats of dates and times.
    pub time: TimeWords,
    /// What stands between units and tenths.
    pub decimal_point: Vec<u8>,
}

impl Locale {
    /// The locale of a program that never calls `setlocale`.
    pub fn c() -> Self {
        Self { time: TimeWords::C, decimal_point: b".".to_vec() }
    }

    /// The locale that the environment names. One category that cannot be had
    /// undoes the others, as in `setlocale(LC_ALL, "")`.
    pub fn of(environment: &Environment) -> Self {
        Self::try_of(environment).unwrap_or_else(Self::c)
    }

    fn try_of(environment: &Environment) -> Option<Self> {
        let search = Search::new(environment);
        let mut locale = Self::c();
        for category in &Category::ALL {
            let name = environment.locale_name(category.variable);
            if matches!(&name[..], b"C" | b"POSIX") {
                continue;
            }
            let file = search.find(category, &name)?;
            match category.variable {
                "LC_TIME" => locale.time = TimeWords::Compiled(file.all()?),
                "LC_NUMERIC" => locale.decimal_point = file.string(0)?,
                _ => {}
            }
        }
        Some(locale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(vars: &[(&str, &str)], root: &std::path::Path) -> Environment {
        Environment::new(root.to_path_buf(), vars.iter().copied().collect())
    }

    fn strings(magic: u32, items: &[&[u8]]) -> Vec<u8> {
        let mut bytes = magic.to_le_bytes().to_vec();
        bytes.extend((items.len() as u32).to_le_bytes());
        let mut offset = 8 + 4 * items.len();
        for item in items {
            bytes.extend((offset as u32).to_le_bytes());
            offset += item.len() + 1;
        }
        for item in items {
            bytes.extend(*item);
            bytes.push(0);
        }
        bytes
    }

    /// A machine with one locale, `xx_YY.utf8`.
    fn machine(name: &str) -> std::path::PathBuf {
        let root = std::env::temp_dir().join(format!("loopshim-locale-{name}-{}", std::process::id()));
        let folder = root.join("usr/lib/locale/xx_YY.utf8");
        std::fs::create_dir_all(folder.join("LC_MESSAGES")).expect("a writable temporary folder");
        for category in &Category::ALL {
            let mut items: Vec<&[u8]> = vec![b","; category.codeset];
            items.push(b"UTF-8");
            if category.variable == "LC_TIME" {
                items[time_item::D_FMT] = b"%d.%m.%Y";
            }
            std::fs::write(folder.join(category.file), strings(category.magic, &items))
                .expect("a locale file");
        }
        root
    }

    #[test]
    fn finds_by_normalised_codeset_and_falls_back_to_c() {
        let root = machine("find");
        let load = |vars: &[(&str, &str)]| Locale::of(&environment(vars, &root));
        let found = load(&[("LANG", "xx_YY.UTF-8")]);
        assert_eq!(found.decimal_point, b",");
        assert_eq!(found.time.item(time_item::D_FMT), b"%d.%m.%Y");
        assert_eq!(load(&[("LC_ALL", "C"), ("LANG", "xx_YY.UTF-8")]), Locale::c());
        assert_eq!(load(&[("LC_TIME", "xx_YY.utf8")]).decimal_point, b".");
        assert_eq!(load(&[("LANG", "xx_YY")]), Locale::c());
        assert_eq!(load(&[("LANG", "../xx_YY.utf8")]), Locale::c());
        std::fs::remove_dir_all(root).expect("our own folder");
    }

    #[test]
    fn one_missing_category_undoes_all() {
        let root = machine("missing");
        let found = Locale::of(&environment(&[("LANG", "xx_YY.UTF-8"), ("LC_CTYPE", "UTF-8")], &root));
        assert_eq!(found, Locale::c());
        std::fs::remove_dir_all(root).expect("our own folder");
    }
}
