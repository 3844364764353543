//! Lines of a shelf manager's log as events (`sel interpret … pps`):
//!
//! `0x001F: Event: at Mar 27 06:41:10 2007;from:(0x9a,0,7); sensor:(0xc3,119);
//! event:0x6f(asserted): 0xA3 0x00 0x88`, in one line; of hot swap events the
//! bytes are given as `… FRU 5 M2->M3, Cause=0x1`.

use super::record::Record;

/// Sensor type of hot swaps.
const HOT_SWAP: u8 = 0xF0;

/// Why a line is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing like an event, where the original crashes.
    Form,
    /// A number that does not fit a C `long`, and what it was to be.
    Number(&'static str),
}

/// Puts what a line says into a record; what it does not say stays. `false`
/// when the event data is in no known form.
pub(super) fn read(line: &[u8], record: &mut Record) -> Result<bool, Fault> {
    let mut line = Line(line);
    let bytes = &mut record.0;
    bytes[2] = 0x02;
    let id = line.number(16, "Record ID")? as u16;
    bytes[..2].copy_from_slice(&id.to_le_bytes());
    // The controller itself; event message format of IPMI 2.0.
    bytes[7..10].copy_from_slice(&[0x20, 0x00, 0x04]);
    // Time and originator are passed over.
    line.skip(b';')?.skip(b';')?.skip(b'(')?;
    bytes[10] = line.number(16, "Sensor Type")? as u8;
    bytes[11] = line.skip(b',')?.number(10, "Sensor Number")? as u8;
    let event_type = line.skip(b':')?.number(16, "Event Type")? as u8 & 0x7F;
    let is_assertion = line.skip(b'(')?.0.first() == Some(&b'a');
    bytes[12] = event_type | if is_assertion { 0 } else { 0x80 };
    line.skip(b' ')?;
    if bytes[10] == HOT_SWAP {
        let digit = line.0.iter().position(u8::is_ascii_digit).ok_or(Fault::Form)?;
        line.0 = &line.0[digit..];
        bytes[15] = line.number(10, "Event Data#2")? as u8;
        bytes[14] = line.skip(b'M')?.number(10, "Event Data#1")? as u8;
        bytes[13] = 0xA0 | line.skip(b'M')?.number(10, "Event Data#0")? as u8;
        bytes[14] |= (line.skip(b'=')?.number(16, "Event Data#1")? << 4) as u8;
    } else if line.0.first() == Some(&b'0') {
        bytes[13] = line.number(16, "Event Data#0")? as u8;
        bytes[14] = line.skip(b' ')?.number(16, "Event Data#1")? as u8;
        bytes[15] = line.skip(b' ')?.number(16, "Event Data#2")? as u8;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// The rest of a line.
struct Line<'l>(&'l [u8]);

impl Line<'_> {
    /// Goes on after the next `byte`.
    fn skip(&mut self, byte: u8) -> Result<&mut Self, Fault> {
        let at = self.0.iter().position(|&found| found == byte).ok_or(Fault::Form)?;
        self.0 = &self.0[at + 1..];
        Ok(self)
    }

    /// The number here as `strtol` has it: zero without digits.
    fn number(&self, radix: u32, what: &'static str) -> Result<i64, Fault> {
        let text = self.0.trim_ascii_start();
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let digits = match text {
            [b'0', b'x' | b'X', rest @ ..] if radix == 16 => rest,
            _ => text,
        };
        let mut value: i64 = 0;
        for digit in digits.iter().map_while(|&byte| char::from(byte).to_digit(radix)) {
            value = value
                .checked_mul(radix.into())
                .and_then(|value| value.checked_add(digit.into()))
                .ok_or(Fault::Number(what))?;
        }
        Ok(if negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "0x001F: Event: at Mar 27 06:41:10 2007;from:(0x9a,0,7); sensor:";

    fn event(rest: &str) -> Result<(bool, [u8; 16]), Fault> {
        let mut record = Record([0xEE; 16]);
        record.0[3..7].fill(0);
        read(format!("{START}{rest}").as_bytes(), &mut record).map(|known| (known, record.0))
    }

    #[test]
    fn bytes_are_read_in_either_form() {
        let start = [0x1F, 0, 2, 0, 0, 0, 0, 0x20, 0, 4];
        let (known, record) = event("(0xc3,119); event:0x6f(asserted): 0xA3 0x00 0x88\n").unwrap();
        assert_eq!(
            (known, &record[..10], &record[10..]),
            (true, &start[..], &[0xC3, 119, 0x6F, 0xA3, 0, 0x88][..])
        );
        let hot_swap = "(0xf0,0); event:0x6f(deasserted): HotSwap: FRU 5 M2->M3, Cause=0x1\n";
        assert_eq!(event(hot_swap).unwrap().1[10..], [0xF0, 0, 0xEF, 0xA3, 0x12, 5]);
        let (known, record) = event("(0x02,3); event:0x1(asserted): xx\n").unwrap();
        assert_eq!((known, &record[10..]), (false, &[2, 3, 1, 0xEE, 0xEE, 0xEE][..]));
    }

    #[test]
    fn what_is_no_event_is_told() {
        assert_eq!(event("(0x02,3)\n"), Err(Fault::Form));
        assert_eq!(event("(0xf0,0); event:0x6f(asserted): none\n"), Err(Fault::Form));
        let large = "(0x11112222333344445,3); event:0x1(asserted): 0x1 0x2 0x3\n";
        assert_eq!(event(large), Err(Fault::Number("Sensor Type")));
        assert_eq!(event("(0x02,3); event:0x1(asserted): 0x1\n"), Err(Fault::Form));
    }
}
