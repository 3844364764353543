//! `sdr type` and `sdr entity`: the records about one kind of thing.

use super::{Style, log_about, print_cached};
use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::text::entities::ENTITY_IDS;
use crate::ipmitool::text::sensor_types::{LAST_SENSOR_TYPE, SENSOR_TYPES};
use crate::ipmitool::{Arg, Failed, Outcome, Personality, Session, number};
use crate::out;

/// Entity instance that stands for all instances.
const ANY_INSTANCE: u8 = 0x7F;

/// `sdr type [TYPE]`: a name, or a number written with `0x`.
pub(super) fn run_type(session: &mut Session<'_>, word: Option<&Arg>, style: Style) -> Outcome {
    let Some(word) = word.filter(|word| !wants_list(session, word)) else {
        print_sensor_types(session);
        return Ok(());
    };
    let sensor_type = if word.starts_with(b"0x") {
        let Ok(code) = number::to_u8(word) else {
            log_about(session, b"Given type of sensor \"", word, b"\" is either invalid or out of range.");
            return Err(Failed);
        };
        code
    } else if let Some(code) = sensor_type_named(session.personality, word) {
        code
    } else {
        log_about(session, b"Sensor Type \"", word, b"\" not found.");
        print_sensor_types(session);
        return Ok(());
    };
    print_all(session, |record| record.sensor_type() == Some(sensor_type), style)
}

/// `sdr entity [ID[.INSTANCE]|NAME]`.
pub(super) fn run_entity(session: &mut Session<'_>, word: Option<&Arg>, style: Style) -> Outcome {
    let Some(word) = word.filter(|word| !wants_list(session, word)) else {
        print_entity_ids(session);
        return Ok(());
    };
    let Some((id, instance)) = numbered_entity(word).or_else(|| entity_named(word)) else {
        log_about(session, b"Invalid entity: ", word, b"");
        return Err(Failed);
    };
    let matches = |record: &Record| {
        record.entity().is_some_and(|(its_id, its_instance)| {
            its_id == id && (instance == ANY_INSTANCE || its_instance == instance)
        })
    };
    print_all(session, matches, style)
}

/// Prints the records that match once all have been read. A repository that
/// cannot be opened is no failure here.
fn print_all(session: &mut Session<'_>, matches: impl Fn(&Record) -> bool, style: Style) -> Outcome {
    for number in session.find_all_sdrs(matches).unwrap_or_default() {
        print_cached(session, number, style);
    }
    Ok(())
}

fn wants_list(session: &Session<'_>, word: &[u8]) -> bool {
    ["help", "list"].iter().any(|verb| session.personality.is_word_in_any_case(word, verb))
}

/// The original's search leaves out the first and the last type.
fn sensor_type_named(personality: Personality, word: &[u8]) -> Option<u8> {
    let slip = personality.sensor_type_search_slips();
    // 1.8.18 means to take the length of the type looked at, but takes that of
    // the type whose number is the word's length.
    let other = SENSOR_TYPES.get(word.len()).map_or(0, str::len);
    let is_start_enough = slip && other <= word.len();
    let names = SENSOR_TYPES.iter().zip(0..LAST_SENSOR_TYPE).skip(1);
    names
        .into_iter()
        .find(|(name, _)| {
            let name = if is_start_enough { name.get(..word.len()).unwrap_or(name) } else { name };
            name.as_bytes().eq_ignore_ascii_case(word)
        })
        .map(|(_, code)| code)
}

/// Of several entities of a name the last one counts.
fn entity_named(word: &[u8]) -> Option<(u8, u8)> {
    let found = ENTITY_IDS.iter().filter(|(_, name)| name.as_bytes().eq_ignore_ascii_case(word)).last();
    found.map(|(id, _)| (id as u8, ANY_INSTANCE))
}

/// `ID.INSTANCE` or `ID`, whatever follows, as `sscanf` reads `%u.%u`: the
/// fields keep the low bits.
fn numbered_entity(word: &[u8]) -> Option<(u8, u8)> {
    let (id, rest) = scan_unsigned(word)?;
    let instance = rest.strip_prefix(b".").and_then(scan_unsigned);
    Some((id as u8, instance.map_or(ANY_INSTANCE, |(instance, _)| instance as u8 & 0x7F)))
}

/// `%u`: blanks, a sign, decimal digits; too large a number is the largest.
fn scan_unsigned(text: &[u8]) -> Option<(u64, &[u8])> {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if digits.is_empty() {
        return None;
    }
    let value = digits
        .iter()
        .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    let value = value.map_or(u64::MAX, |value| if negative { value.wrapping_neg() } else { value });
    Some((value, rest))
}

fn print_sensor_types(session: &mut Session<'_>) {
    out!(session, "Sensor Types:\n");
    let mut rows = SENSOR_TYPES.iter().zip(0..).skip(1);
    while let (Some((left, left_code)), Some((right, right_code))) = (rows.next(), rows.next()) {
        out!(session, "\t{left:<25} (0x{left_code:02x})   {right:<25} (0x{right_code:02x})\n");
    }
}

fn print_entity_ids(session: &mut Session<'_>) {
    out!(session, "\nEntity IDs:\n\n");
    let mut ids = ENTITY_IDS.iter();
    while let Some((id, name)) = ids.next() {
        out!(session, "  {id:4}  {name:<32}");
        if let Some((id, name)) = ids.next() {
            out!(session, "    {id:4}  {name:<32}");
        }
        out!(session, "\n");
    }
    out!(session, "\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Personality = Personality::V1_8_18El8;
    const NEW: Personality = Personality::V1_8_19Deb12;

    #[test]
    fn entities_by_number() {
        assert_eq!(numbered_entity(b"3.1"), Some((3, 1)));
        assert_eq!(numbered_entity(b"3"), Some((3, ANY_INSTANCE)));
        assert_eq!(numbered_entity(b" 259.129x"), Some((3, 1)));
        assert_eq!(numbered_entity(b"3.x"), Some((3, ANY_INSTANCE)));
        assert_eq!(numbered_entity(b"-1"), Some((255, ANY_INSTANCE)));
        assert_eq!(numbered_entity(b"Fan"), None);
    }

    #[test]
    fn the_last_entity_of_a_name_counts() {
        assert_eq!(entity_named(b"processor"), Some((0x41, ANY_INSTANCE)));
        assert_eq!(entity_named(b"Fan"), None);
    }

    #[test]
    fn sensor_types_by_name() {
        assert_eq!(sensor_type_named(NEW, b"temperature"), Some(1));
        assert_eq!(sensor_type_named(NEW, b"Version Change"), Some(0x2B));
        assert_eq!(sensor_type_named(NEW, b"FRU State"), None);
        assert_eq!(sensor_type_named(NEW, b"reserved"), None);
    }

    #[test]
    fn the_old_search_slips_on_four_letters() {
        assert_eq!(sensor_type_named(NEW, b"temp"), None);
        assert_eq!(sensor_type_named(OLD, b"temp"), Some(1));
        assert_eq!(sensor_type_named(OLD, b"tempe"), None);
        assert_eq!(sensor_type_named(OLD, b"power suppl"), Some(8));
        assert_eq!(sensor_type_named(OLD, b""), None);
    }
}
