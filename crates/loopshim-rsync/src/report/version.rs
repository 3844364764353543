//! What we are and what we can do: `--version`, `-VV`.

use rsync_proto::Version;
use rsync_proto::digest::Checksum;
use rsync_proto::negotiation::{Algorithm as _, Compression};

/// The version of rsync that we are like: the one whose options, messages and
/// output ours are compared with. Scripts and peers that look at the version
/// decide by it what they may ask for, and all of 3.5.0 is there but for what
/// the capabilities deny.
pub const VERSION: &str = "3.5.0";

/// Capabilities, as the original names them, and whether they are there.
const CAPABILITIES: [(&str, Ability); 25] = [
    ("files", Ability::Bits),
    ("inums", Ability::Bits),
    ("timestamps", Ability::Bits),
    ("long ints", Ability::Bits),
    ("socketpairs", Ability::Yes),
    ("symlinks", Ability::Yes),
    ("symtimes", Ability::Yes),
    ("hardlinks", Ability::Yes),
    ("hardlink-specials", Ability::Yes),
    ("hardlink-symlinks", Ability::Yes),
    ("IPv6", Ability::Yes),
    ("atimes", Ability::Yes),
    ("batchfiles", Ability::No),
    ("inplace", Ability::Yes),
    ("append", Ability::Yes),
    ("ACLs", Ability::Yes),
    ("ACL-at", Ability::Yes),
    ("xattrs", Ability::Yes),
    ("secluded-args", Ability::Optional),
    ("iconv", Ability::No),
    ("prealloc", Ability::Yes),
    ("stop-at", Ability::Yes),
    ("crtimes", Ability::No),
    ("daemon", Ability::No),
    ("daemon-client", Ability::Yes),
];
const OPTIMIZATIONS: [(&str, Ability); 4] = [
    ("SIMD-roll", Ability::No),
    ("asm-roll", Ability::No),
    ("openssl-crypto", Ability::No),
    ("asm-MD5", Ability::No),
];

#[derive(Clone, Copy)]
enum Ability {
    /// With 64 bits.
    Bits,
    Yes,
    No,
    Optional,
}

/// Where the original breaks lines.
const WIDTH: usize = 79;

/// What `--version` prints.
pub fn version() -> String {
    let word = |(name, ability): &(&str, Ability)| match ability {
        Ability::Bits => format!("64-bit {name}"),
        Ability::Yes => (*name).to_owned(),
        Ability::No => format!("no {name}"),
        Ability::Optional => format!("optional {name}"),
    };
    let mut text = format!(
        "rsync  version {VERSION}  protocol version {}\n\
         loopshim {}: rsync written anew, without a line of the original.\n",
        Version::NEWEST.number(),
        env!("CARGO_PKG_VERSION"),
    );
    text += &section("Capabilities", CAPABILITIES.iter().map(word));
    text += &section("Optimizations", OPTIMIZATIONS.iter().map(word));
    text += &list("Checksum", checksums());
    text += &list("Compress", compressions());
    text += &list("Daemon auth", AUTHENTICATION.map(str::to_owned).to_vec());
    text + "\nThis rsync comes with no warranty. Its licences are MIT and Apache-2.0.\n"
}

/// What `-VV` prints.
pub fn json() -> String {
    let mut text = format!(
        "{{\n  \"program\": \"rsync\",\n  \"version\": \"{VERSION}\",\n  \"protocol\": \"{}.0\",\n",
        Version::NEWEST.number(),
    );
    text += &format!("  \"loopshim\": \"{}\",\n", env!("CARGO_PKG_VERSION"));
    text += &object("capabilities", &CAPABILITIES);
    text += &object("optimizations", &OPTIMIZATIONS);
    for (name, names) in [("checksum_list", checksums()), ("compress_list", compressions())] {
        text += &array(name, &names);
    }
    text += &array("daemon_auth_list", &AUTHENTICATION.map(str::to_owned));
    text + "  \"license\": \"MIT OR Apache-2.0\",\n  \"caveat\": \"no warranty\"\n}\n"
}

/// Digests that a daemon may ask a password's proof in, best first.
const AUTHENTICATION: [&str; 5] = ["sha512", "sha256", "sha1", "md5", "md4"];

fn checksums() -> Vec<String> {
    let names = Checksum::OURS.iter().chain(&[Checksum::None]);
    names.map(|checksum| checksum.name().to_owned()).collect()
}

fn compressions() -> Vec<String> {
    let names = Compression::OURS.iter().map(|compression| compression.name().to_owned());
    names.chain(["none".to_owned()]).collect()
}

/// Words between commas, in lines that are not too long.
fn section(title: &str, words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    let mut text = format!("{title}:\n");
    let mut line = String::new();
    for (at, word) in words.iter().enumerate() {
        let end = if at + 1 < words.len() { "," } else { "" };
        if !line.is_empty() && line.len() + 1 + word.len() + end.len() >= WIDTH - 4 {
            text += &format!("    {line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
        line += end;
    }
    text + &format!("    {line}\n")
}

fn list(title: &str, names: Vec<String>) -> String {
    format!("{title} list:\n    {}\n", names.join(" "))
}

fn object(title: &str, abilities: &[(&str, Ability)]) -> String {
    let members: Vec<String> = abilities
        .iter()
        .map(|(name, ability)| {
            let name = name.replace(['-', ' '], "_");
            match ability {
                Ability::Bits => format!("    \"{}_bits\": 64", name.trim_end_matches('s')),
                Ability::Yes => format!("    \"{name}\": true"),
                Ability::No => format!("    \"{name}\": false"),
                Ability::Optional => format!("    \"{name}\": \"optional\""),
            }
        })
        .collect();
    format!("  \"{title}\": {{\n{}\n  }},\n", members.join(",\n"))
}

fn array(title: &str, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!("  \"{title}\": [\n    {}\n  ],\n", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_find_what_they_look_for() {
        let text = version();
        assert!(text.starts_with("rsync  version 3.5.0  protocol version 32\n"));
        assert!(text.lines().all(|line| line.len() < WIDTH), "{text}");
        for words in ["hardlink-symlinks, IPv6,", "no batchfiles,", "no iconv,", "no crtimes,", " no daemon,"]
        {
            assert!(text.contains(words), "{words} in {text}");
        }
        for member in [
            "\"ACLs\": true",
            "\"xattrs\": true",
            "\"atimes\": true",
            "\"crtimes\": false",
            "\"file_bits\": 64",
            "\"long_int_bits\": 64",
            "\"secluded_args\": \"optional\"",
        ] {
            assert!(json().contains(member), "{member}");
        }
    }
}
