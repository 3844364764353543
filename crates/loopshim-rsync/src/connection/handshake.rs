//! How two peers begin: versions, abilities, algorithms and the seed.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rsync_proto::compat::{Abilities, Ability};
use rsync_proto::digest::{Checksum, Seed};
use rsync_proto::integers::{read_int, write_int};
use rsync_proto::negotiation::{Algorithm, Compression, read_choice, write_list};
use rsync_proto::{Version, Violation};

use super::link::Link;
use super::session::{Session, Side};
use crate::options::Options;
use crate::{Failure, Status};

/// What may be negotiated, best first.
#[derive(Debug, Clone)]
pub struct Algorithms {
    /// Checksums.
    pub checksums: Vec<Checksum>,
    /// Compressions.
    pub compressions: Vec<Compression>,
}

impl Default for Algorithms {
    fn default() -> Self {
        Self { checksums: Checksum::OURS.to_vec(), compressions: Compression::OURS.to_vec() }
    }
}

impl Algorithms {
    /// What `RSYNC_CHECKSUM_LIST` and `RSYNC_COMPRESS_LIST` leave; what follows
    /// an `&` in them is for servers.
    pub fn of(checksums: Option<&[u8]>, compressions: Option<&[u8]>, side: Side) -> Self {
        Self { checksums: listed(checksums, side), compressions: listed(compressions, side) }
    }
}

fn listed<A: Algorithm>(list: Option<&[u8]>, side: Side) -> Vec<A> {
    let list = list.unwrap_or_default();
    let mut parts = list.splitn(2, |&byte| byte == b'&');
    let (client, server) = (parts.next().unwrap_or_default(), parts.next());
    let part = if side == Side::Server { server.unwrap_or(client) } else { client };
    let named: Vec<A> = part.split(u8::is_ascii_whitespace).filter_map(A::from_name).collect();
    if part.trim_ascii().is_empty() { A::OURS.to_vec() } else { named }
}

/// Agrees with the peer; we send files if `sends`.
///
/// # Errors
/// Where the peer is none, or nothing can be agreed on.
pub fn handshake(
    link: &mut Link,
    options: Arc<Options>,
    side: Side,
    sends: bool,
    algorithms: &Algorithms,
) -> Result<Session, Failure> {
    let version = exchange_versions(link, options.wire.version)?;
    agree(link, options, side, sends, algorithms, version)
}

fn exchange_versions(link: &mut Link, ours: Version) -> Result<Version, Failure> {
    let mut bytes = Vec::new();
    write_int(&mut bytes, ours.number());
    link.outgoing.raw(bytes)?;
    let theirs = read_int(&mut link.incoming)?;
    Version::agreed(ours, theirs).map_err(|violation| match violation {
        Violation::Version(number) if !(0..=40).contains(&number) => Failure::new(
            Status::Protocol,
            "protocol version mismatch -- is your shell clean?\n\
             (see the rsync manpage for an explanation)",
        )
        .bare(),
        other => other.into(),
    })
}

/// What follows the versions; a daemon's client has agreed on them by text.
///
/// # Errors
/// Where nothing can be agreed on.
pub fn agree(
    link: &mut Link,
    options: Arc<Options>,
    side: Side,
    sends: bool,
    algorithms: &Algorithms,
    version: Version,
) -> Result<Session, Failure> {
    let abilities = agree_on_abilities(link, &options, side, sends)?;
    let wire = &options.wire;
    let chosen = wire.checksum.as_ref();
    let asks_checksum = abilities.has(Ability::VARINT_FLAGS) && chosen.is_none();
    let compression = wire.compression;
    let asks_compression =
        abilities.has(Ability::VARINT_FLAGS) && compression.is_some_and(|choice| choice.algorithm.is_none());
    let mut lists = Vec::new();
    if asks_checksum {
        write_list(&mut lists, &algorithms.checksums);
    }
    if asks_compression {
        write_list(&mut lists, &algorithms.compressions);
    }
    link.outgoing.raw(lists)?;
    // What is `auto` beside something chosen is not negotiated.
    let transfer = match chosen.and_then(|choice| choice.transfer) {
        None if asks_checksum => read_choice(&mut link.incoming, &algorithms.checksums, side)?,
        transfer => transfer.unwrap_or(Checksum::Md5),
    };
    let list = match chosen {
        Some(choice) => choice.file.unwrap_or(Checksum::Md5),
        None => transfer,
    };
    let compression = match compression {
        Some(_) if asks_compression => Some(read_choice(&mut link.incoming, &algorithms.compressions, side)?),
        Some(choice) => Some(choice.algorithm.unwrap_or(Compression::Zlib)),
        None => None,
    };
    let value = agree_on_seed(link, wire.seed, side)?;
    link.incoming.restart_counts();
    let seed = Seed { value, is_first: abilities.has(Ability::SEED_FIRST) };
    Ok(Session {
        options,
        side,
        version,
        abilities,
        checksum: transfer,
        list_checksum: list,
        compression,
        seed,
        handover: None,
    })
}

fn agree_on_abilities(
    link: &mut Link,
    options: &Options,
    side: Side,
    sends: bool,
) -> Result<Abilities, Failure> {
    let ours = options.offer(sends);
    if side == Side::Client {
        return Abilities::read(&mut link.incoming, ours);
    }
    let granted = ours.granted(options.role.offered().unwrap_or_default());
    let mut bytes = Vec::new();
    granted.write(&mut bytes);
    link.outgoing.raw(bytes)?;
    Ok(granted)
}

/// The server chooses.
fn agree_on_seed(link: &mut Link, chosen: i32, side: Side) -> Result<i32, Failure> {
    if side == Side::Client {
        return read_int(&mut link.incoming);
    }
    let seed = if chosen == 0 { seed_of_time() } else { chosen };
    let mut bytes = Vec::new();
    write_int(&mut bytes, seed);
    link.outgoing.raw(bytes)?;
    Ok(seed)
}

/// Differs between runs, so that nobody can prepare files whose blocks collide.
fn seed_of_time() -> i32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() as i32 ^ (std::process::id() << 6) as i32 ^ since.subsec_nanos() as i32
}

#[cfg(test)]
mod tests {
    use super::super::pair;
    use super::*;
    use crate::options::{CompressionChoice, Recursion, Role};

    fn options(role: Role) -> Arc<Options> {
        let mut options = Options { role, ..Options::default() };
        options.selection.recursion = Recursion::Recurse;
        options.wire.compression = Some(CompressionChoice::default());
        Arc::new(options)
    }

    #[test]
    fn two_of_us_agree_on_the_best_there_is() {
        let (mut client, mut server) = pair(None);
        let all = Algorithms::default();
        let called = std::thread::spawn(move || {
            let offered = Abilities::ALL;
            let options = options(Role::ServerReceiver { offered });
            handshake(&mut server, options, Side::Server, false, &Algorithms::default()).expect("agreed")
        });
        let ours = handshake(&mut client, options(Role::Client), Side::Client, true, &all).expect("agreed");
        let theirs = called.join().expect("no panic");
        assert_eq!((ours.version, ours.abilities), (Version::V32, Abilities::ALL));
        assert_eq!((ours.checksum, ours.compression), (Checksum::Xxh128, Some(Compression::Zstd)));
        assert_eq!(
            (ours.seed, ours.abilities, ours.checksum),
            (theirs.seed, theirs.abilities, theirs.checksum)
        );
    }

    #[test]
    fn a_greeting_of_a_shell_is_no_peer() {
        let (mut client, server) = pair(None);
        server.outgoing.raw(b"Welcome!".to_vec()).expect("sent");
        let all = Algorithms::default();
        let failure =
            handshake(&mut client, options(Role::Client), Side::Client, true, &all).expect_err("no");
        assert_eq!(failure.status, Status::Protocol);
    }

    #[test]
    fn lists_in_variables_may_differ_by_side() {
        let of = |side| Algorithms::of(Some(b"md5 new & xxh64 md5"), None, side).checksums;
        assert_eq!(of(Side::Client), [Checksum::Md5]);
        assert_eq!(of(Side::Server), [Checksum::Xxh64, Checksum::Md5]);
        assert_eq!(Algorithms::of(Some(b" "), None, Side::Client).checksums, Checksum::OURS);
    }
}
