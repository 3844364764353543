//! System info parameters (IPMI 2.0 section 22.14a): texts in blocks of 16
//! bytes, the first of which begins with encoding and length.

use alloc::vec::Vec;

use super::{Answer, Bmc, Call, parameters};
use crate::CompletionCode;

/// Parameter revision.
const REVISION: u8 = 0x11;
/// The parameter that guards concurrent writers.
const SET_IN_PROGRESS: u8 = 0;
const BLOCK: usize = 16;

/// The text of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemInfo {
    /// 0 ASCII and Latin-1, 1 UTF-8, 2 Unicode.
    pub encoding: u8,
    /// The text's bytes, at most 255.
    pub text: Vec<u8>,
}

impl SystemInfo {
    fn block(&self, selector: u8) -> Answer {
        let length = u8::try_from(self.text.len()).unwrap_or(u8::MAX);
        let all = [&[self.encoding, length], &self.text[..]].concat();
        let start = usize::from(selector) * BLOCK;
        let rest = all.get(start..).filter(|rest| !rest.is_empty() || start == 0);
        let mut block: Vec<u8> =
            rest.ok_or(CompletionCode::OUT_OF_RANGE)?.iter().copied().take(BLOCK).collect();
        block.resize(BLOCK, 0);
        Ok(block)
    }

    fn set_block(&mut self, selector: u8, data: &[u8]) {
        let start = usize::from(selector) * BLOCK;
        match (selector, data) {
            (0, [encoding, length, text @ ..]) => {
                self.encoding = *encoding;
                self.text.clear();
                self.text.resize(usize::from(*length), 0);
                overwrite(&mut self.text, 0, text);
            }
            _ => overwrite(&mut self.text, start.saturating_sub(2), data),
        }
    }
}

/// Copies what of `data` falls inside `text` from `start` on.
fn overwrite(text: &mut [u8], start: usize, data: &[u8]) {
    let place = text.get_mut(start..).unwrap_or_default();
    let len = place.len().min(data.len());
    place[..len].copy_from_slice(&data[..len]);
}

pub(crate) fn get(bmc: &Bmc, call: Call<'_>) -> Answer {
    let (parameter, selector) = (call.byte(1), call.byte(2));
    if call.byte(0) & 0x80 != 0 {
        return Ok([REVISION].into());
    }
    let info = bmc.system_info.get(&parameter).ok_or(parameters::UNSUPPORTED)?;
    Ok([&[REVISION, selector], &info.block(selector)?[..]].concat())
}

pub(crate) fn set(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    match call.byte(0) {
        SET_IN_PROGRESS => {}
        parameter => {
            let info = bmc.system_info.get_mut(&parameter).ok_or(parameters::UNSUPPORTED)?;
            info.set_block(call.byte(1), call.rest(2));
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn texts_are_written_and_read_in_blocks() {
        let mut bmc = Bmc::default();
        bmc.system_info.insert(2, SystemInfo::default());
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x06, cmd, data), 0);
        let first = [&[2, 0, 0, 16][..], b"fourteen bytes"].concat();
        assert!(send(0x58, &first).completion.is_ok());
        assert!(send(0x58, &[&[2, 1][..], b"++", &[0; 14]].concat()).completion.is_ok());
        assert_eq!(send(0x59, &[0, 2, 0, 0]).data, [&[0x11, 0, 0, 16], &b"fourteen bytes"[..]].concat());
        assert_eq!(send(0x59, &[0, 2, 1, 0]).data[..4], [0x11, 1, b'+', b'+']);
        assert_eq!(send(0x59, &[0, 2, 2, 0]).completion, CompletionCode::OUT_OF_RANGE);
        assert_eq!(send(0x59, &[0, 3, 0, 0]).completion, parameters::UNSUPPORTED);
    }
}
