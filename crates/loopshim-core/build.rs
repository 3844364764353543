//! Packs the longer texts of `ipmitool`: 70 KB that few runs print would be a
//! tenth of the program.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error, fs};

use miniz_oxide::deflate::compress_to_vec;

type Outcome = Result<(), Box<dyn error::Error>>;

fn main() -> Outcome {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let ipmitool = Path::new("src/ipmitool");
    for list in ["text/products.txt", "commands/fru/jep106.txt"] {
        let path = ipmitool.join(list);
        pack(&out, &path, &fs::read(&path)?)?;
    }
    pack_help(&out, &ipmitool.join("help"))
}

/// Packs a text as `NAME.deflate`, beside its constructor `NAME.packed.rs`.
fn pack(out: &Path, source: &Path, text: &[u8]) -> Outcome {
    println!("cargo::rerun-if-changed={}", source.display());
    let packed = out.join(source.file_stem().ok_or("a name")?).with_extension("deflate");
    fs::write(&packed, compress_to_vec(text, 10))?;
    let value = format!("Packed::new(include_bytes!({packed:?}), {})", text.len());
    Ok(fs::write(packed.with_extension("packed.rs"), value)?)
}

/// Packs all help as one text, and writes a module with a constant per section
/// for each file.
fn pack_help(out: &Path, folder: &Path) -> Outcome {
    let mut files =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    files.sort();
    let (mut all, mut modules) = (String::new(), String::new());
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let command = file.file_stem().and_then(|stem| stem.to_str()).ok_or("a name")?;
        writeln!(modules, "/// Of `{command}`.\npub mod {command} {{\n    use super::Help;")?;
        for section in fs::read_to_string(file)?.split("=== ").skip(1) {
            let (name, text) = section.split_once('\n').ok_or("a section without text")?;
            let start = all.len();
            all.push_str(text);
            let (name, about) = name.split_once(": ").unwrap_or((name, "What the original says about it."));
            writeln!(
                modules,
                "    /// {about}\n    pub const {name}: Help = Help::new({start}, {});",
                all.len()
            )?;
        }
        modules.push_str("}\n");
    }
    fs::write(out.join("help.rs"), modules)?;
    pack(out, folder, all.as_bytes())
}
