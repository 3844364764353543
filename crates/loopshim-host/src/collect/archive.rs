//! The archive: tar (POSIX.1-1988 ustar), compressed by Zstandard (RFC 8878).

use std::io;

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::{Value, json};
use tar::{Builder, Header};

use super::Entry;
use crate::machine::files::digest;

/// Packs entries and their manifest. All are the owner's alone.
///
/// # Errors
/// When a name does not fit into an archive.
pub fn pack(folder: &str, time: u64, entries: &[Entry], missing: &[String]) -> io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    let manifest = format!("{:#}\n", manifest(time, entries, missing));
    let own = [("manifest.json", manifest.as_bytes())];
    for (name, contents) in
        own.into_iter().chain(entries.iter().map(|entry| (entry.name.as_str(), entry.contents.as_slice())))
    {
        let mut header = Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(time);
        builder.append_data(&mut header, format!("{folder}/{name}"), contents)?;
    }
    let tar = builder.into_inner()?;
    Ok(compress_to_vec(tar.as_slice(), CompressionLevel::Fastest))
}

fn manifest(time: u64, entries: &[Entry], missing: &[String]) -> Value {
    let entry = |entry: &Entry| {
        json!({"name": entry.name, "source": entry.source, "bytes": entry.contents.len(), "sha256": digest(&entry.contents),
            "redacted": entry.redacted, "cut": entry.cut})
    };
    json!({
        "by": format!("loopshim {}", env!("CARGO_PKG_VERSION")),
        "time": time,
        "files": entries.iter().map(entry).collect::<Vec<_>>(),
        "missing": missing,
    })
}
