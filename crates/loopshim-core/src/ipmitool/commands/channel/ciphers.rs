//! `channel getciphers`: cipher suites (IPMI 2.0 section 22.15).

use std::borrow::Cow;

use super::{PRESENT, usage};
use crate::ipmitool::text::channels::{AUTHENTICATION, CONFIDENTIALITY, INTEGRITY};
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::name_of;
use crate::ipmitool::{Arg, Failed, Outcome, Session};
use crate::{log, out};

const GET: (u8, u8) = (0x06, 0x54);

/// Suites in the order of their ids, with all algorithms.
const BY_SUITE: u8 = 0x80;
/// Index of the last list there can be.
const LAST_LIST: u8 = 0x3F;
/// Length of a response that is followed by another.
const FULL: usize = 17;
/// First bytes of a standard and of a maker's record.
const STANDARD: u8 = 0xC0;
const OEM: u8 = 0xC1;

/// A cipher suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Suite {
    id: u8,
    maker: u32,
    authentication: u8,
    integrity: u8,
    confidentiality: u8,
}

pub(super) fn run(session: &mut Session<'_>, rest: &[Arg]) -> Outcome {
    let personality = session.personality;
    let ([payload] | [payload, _]) = rest else { return usage(session) };
    let is_ipmi = personality.is_verb(payload, "ipmi");
    if !is_ipmi && !personality.is_verb(payload, "sol") {
        return usage(session);
    }
    let channel = match rest {
        [_, channel] => session.channel_argument(channel)?,
        _ => PRESENT,
    };
    let records = fetch(session, channel, u8::from(!is_ipmi))?;
    if personality.reads_cipher_suites_first() {
        let suites = read_all(session, &records);
        title(session);
        suites.iter().for_each(|suite| print(session, suite));
        Ok(())
    } else {
        title(session);
        read_and_print(session, &records)
    }
}

fn title(session: &mut Session<'_>) {
    if !session.csv {
        out!(session, "ID   IANA    Auth Alg        Integrity Alg   Confidentiality Alg\n");
    }
}

fn fetch(session: &mut Session<'_>, channel: u8, payload: u8) -> Result<Vec<u8>, Failed> {
    let personality = session.personality;
    let mut records = Vec::new();
    for index in 0..=LAST_LIST {
        let Some(reply) = session.send(GET.0, GET.1, &[channel, payload, BY_SUITE | index]) else {
            log!(session, ERR, "Unable to Get Channel Cipher Suites");
            return Err(Failed);
        };
        let odd = personality.reads_cipher_suites_first() && !(1..=FULL).contains(&reply.len());
        if !reply.is_ok() || odd {
            let words = completion_name(reply.completion);
            log!(session, ERR, "Get Channel Cipher Suites failed: {words}");
            return Err(Failed);
        }
        records.extend(reply.data().iter().skip(1));
        if reply.len() != FULL {
            break;
        }
    }
    Ok(records)
}

fn print(session: &mut Session<'_>, suite: &Suite) {
    let maker = if suite.maker == 0 { "N/A".to_owned() } else { format!("{:06x}", suite.maker) };
    let [authentication, integrity, confidentiality] = names(suite);
    let id = suite.id;
    if session.csv {
        out!(session, "{id},{maker},{authentication},{integrity},{confidentiality}\n");
    } else {
        out!(session, "{id:<4} {maker:<7} {authentication:<15} {integrity:<15} {confidentiality:<15}\n");
    }
}

/// The algorithms in words. The original has one buffer for codes without a
/// name, so that all of them look like the first.
fn names(suite: &Suite) -> [Cow<'static, str>; 3] {
    let mut names = [
        name_of(suite.authentication.into(), AUTHENTICATION),
        name_of(suite.integrity.into(), INTEGRITY),
        name_of(suite.confidentiality.into(), CONFIDENTIALITY),
    ];
    let unknown = names.iter().find(|name| matches!(name, Cow::Owned(_))).cloned();
    if let Some(unknown) = unknown {
        names
            .iter_mut()
            .filter(|name| matches!(name, Cow::Owned(_)))
            .for_each(|name| *name = unknown.clone());
    }
    names
}

/// As many suites as 1.8.19 has room for: by a slip, the size of one.
const ROOM: usize = 12;

/// The records as 1.8.19 reads them: three algorithms each, in order.
fn read_all(session: &mut Session<'_>, records: &[u8]) -> Vec<Suite> {
    let mut suites = Vec::new();
    let mut rest = records;
    while !rest.is_empty() && suites.len() < ROOM {
        let (suite, after) = match *rest {
            [STANDARD, id, a, i, c, ref after @ ..] => (algorithms(id, 0, [a, i, c]), after),
            [OEM, id, m0, m1, m2, a, i, c, ref after @ ..] => {
                (algorithms(id, u32::from_le_bytes([m0, m1, m2, 0]), [a, i, c]), after)
            }
            [first, ..] => {
                if matches!(first, STANDARD | OEM) {
                    log!(session, INFO, "Incomplete data record in cipher suite data");
                } else {
                    log!(session, INFO, "Bad start of record byte in cipher suite data (value {first:x})");
                }
                let offset = records.len() - rest.len();
                log!(session, INFO, "Failed to parse cipher suite data at offset {offset}");
                break;
            }
            [] => break,
        };
        suites.push(suite);
        rest = after;
    }
    suites
}

fn algorithms(id: u8, maker: u32, bytes: [u8; 3]) -> Suite {
    let [authentication, integrity, confidentiality] = bytes.map(|byte| byte & 0x3F);
    Suite { id, maker, authentication, integrity, confidentiality }
}

/// The records as 1.8.18 reads them: any number of algorithms, told apart by
/// their upper bits; the byte before a maker's record is passed over.
fn read_and_print(session: &mut Session<'_>, records: &[u8]) -> Outcome {
    let at = |index: usize| records.get(index).copied().unwrap_or(0);
    let mut offset = 0;
    while offset < records.len() {
        let is_standard = at(offset) == STANDARD;
        offset += 1;
        if !is_standard {
            let is_oem = at(offset) == OEM;
            offset += 1;
            if !is_oem {
                log!(session, ERR, "Bad start of record byte in cipher suite data");
                return Err(Failed);
            }
        }
        if records.len() < offset + 4 {
            log!(session, ERR, "Incomplete data record in cipher suite data");
            return Err(Failed);
        }
        let mut suite = Suite { id: at(offset), ..Suite::default() };
        offset += 1;
        if !is_standard {
            suite.maker = u32::from_le_bytes([at(offset), at(offset + 1), at(offset + 2), 0]);
            offset += 3;
        }
        while offset < records.len() && at(offset) & 0xC0 != 0xC0 {
            let algorithm = at(offset) & 0x3F;
            match at(offset) >> 6 {
                0 => suite.authentication = algorithm,
                1 => suite.integrity = algorithm,
                _ => suite.confidentiality = algorithm,
            }
            offset += 1;
        }
        print(session, &suite);
    }
    Ok(())
}
