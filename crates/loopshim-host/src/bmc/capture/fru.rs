//! Reading FRU images.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::source::{Source, Target};
use crate::bmc::hex;

const STORAGE: u8 = 0x0A;

/// Device ids probed beyond those that records name: many boards have devices
/// that no record names.
const PROBED: std::ops::RangeInclusive<u8> = 0..=0x3F;
/// Ids in a row without any answer that end the probing.
const SILENT: usize = 3;

/// Reads all FRU images, as `bmc.json` has them.
pub(super) fn frus(source: &mut Source, records: &[Vec<u8>]) -> Vec<Value> {
    let mut found = Vec::new();
    let mut taken = BTreeSet::new();
    let mut silent = 0;
    let located: Vec<(Target, u8)> = records.iter().filter_map(|record| located(record)).collect();
    let probed = PROBED.map(|id| (Target::BMC, id));
    for (target, id) in located.into_iter().chain(probed) {
        if silent >= SILENT || !taken.insert((target, id)) {
            continue;
        }
        source.progress(&format!("FRU {id}"));
        let Some(info) = source.ask_at(target, STORAGE, 0x10, &[id]) else {
            silent += 1;
            continue;
        };
        silent = 0;
        let [low, high, access, ..] = info.data[..] else { continue };
        let size = u16::from_le_bytes([low, high]);
        if found.iter().any(|fru: &Value| fru["id"] == id) {
            source.note(&format!("FRU {id} of {target:?}: the model has one such id only"));
            continue;
        }
        let image = image(source, target, id, size, access & 1 != 0);
        let mut fru = json!({"id": id, "hex": hex(&image)});
        if usize::from(size) > image.len() {
            source.note(&format!("FRU {id}: {} of {size} bytes could be read", image.len()));
            fru["size"] = json!(size);
        }
        found.push(fru);
    }
    found
}

/// Where a FRU locator's device is to be asked for.
fn located(record: &[u8]) -> Option<(Target, u8)> {
    const FRU_LOCATOR: u8 = 0x11;
    const LOGICAL: u8 = 0x80;
    const BMC: u8 = 0x20;
    let [_, _, _, FRU_LOCATOR, _, controller, id, flags, channel, ..] = record[..] else { return None };
    let is_bmc = controller == BMC;
    let target = Target { satellite: (!is_bmc).then_some((channel >> 4, controller)), lun: flags >> 3 & 3 };
    (flags & LOGICAL != 0).then_some((target, id))
}

fn image(source: &mut Source, target: Target, id: u8, size: u16, by_words: bool) -> Vec<u8> {
    const PORTIONS: [u8; 4] = [32, 16, 8, 2];
    let unit = if by_words { 2 } else { 1 };
    let mut image: Vec<u8> = Vec::new();
    let mut portions = PORTIONS.into_iter();
    let Some(mut portion) = portions.next() else { return image };
    while image.len() < usize::from(size) {
        let [low, high] = u16::try_from(image.len() / unit).unwrap_or(u16::MAX).to_le_bytes();
        let left = usize::from(size) - image.len();
        let count = usize::from(portion).min(left).div_ceil(unit) as u8;
        let answer = source.ask_anew(target, STORAGE, 0x11, &[id, low, high, count]);
        match answer.as_ref().map(|answer| (answer.completion.0, &answer.data[..])) {
            Some((0, [returned, data @ ..])) if *returned > 0 && !data.is_empty() => {
                image.extend(data.iter().take(usize::from(*returned) * unit));
            }
            Some((0, _)) | None => break,
            Some(_) => match portions.next() {
                Some(smaller) => portion = smaller,
                None => break,
            },
        }
    }
    image.truncate(size.into());
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_located() {
        let mut record = vec![1, 0, 0x51, 0x11, 15, 0x20, 3, 0x80, 0, 0, 0x10, 0, 7, 1, 0, 0xC0];
        assert_eq!(located(&record), Some((Target::BMC, 3)));
        record[5] = 0x82;
        record[8] = 0x70;
        assert_eq!(located(&record), Some((Target { satellite: Some((7, 0x82)), lun: 0 }, 3)));
        record[7] = 0;
        assert_eq!(located(&record), None);
    }
}
