//! `fru edit ID field`: replacing a text of the chassis, board or product area.

use super::device::{Device, present};
use super::field::Fields;
use super::header::Header;
use super::write;
use crate::ipmitool::{Failed, Outcome, Session};
use crate::out;

/// What to replace: a field of an area, by the letter that names the area and
/// the field's number.
struct Place<'a> {
    area: u8,
    index: u8,
    text: &'a [u8],
}

/// Where a field is: its type/length byte, and the text there.
struct Found {
    at: usize,
    text: Vec<u8>,
}

/// Replaces the text of field `index` (a digit) of `area` (`c`, `b` or `p`) in
/// device `id`. Only a text of the same length counts as success: the original
/// takes a successful rebuild for a failure.
pub(super) fn edit_field(
    session: &mut Session<'_>,
    id: u8,
    area: &[u8],
    index: &[u8],
    text: &[u8],
) -> Outcome {
    let first = |word: &[u8]| word.first().copied().unwrap_or(0);
    let place = Place { area: first(area), index: first(index).wrapping_sub(b'0'), text };
    let (mut device, header) = open(session, id)?;
    let Some(offset) = place.area_offset(&header) else {
        out!(session, "Wrong field type.");
        return Err(Failed);
    };
    let (section, found) = read_section(session, &mut device, &place, offset)?;
    if found.text.is_empty() {
        out!(session, "Field not found !\n");
        return Err(Failed);
    }
    if found.text.len() != text.len() {
        out!(session, "String size are not equal, resizing fru to fit new string\n");
        return rebuild(session, &mut device, header, &place);
    }
    out!(session, "Updating Field '");
    put_both(session, &found.text, "' with '", text);
    out!(session, "' ...\n");
    let mut section = section;
    copy(&mut section, found.at + 1, text);
    seal(&mut section);
    write::write_or_complain(session, &mut device, offset as u16, &section)
}

/// The device and its header. `Err` after printing why not, on standard output
/// here.
fn open(session: &mut Session<'_>, id: u8) -> Result<(Device, Header), Failed> {
    let reply = Device::ask(session, id);
    let device = Device::of_reply(id, &present(session, reply)?);
    if device.size == 0 {
        out!(session, " Invalid FRU size 0");
        return Err(Failed);
    }
    let reply = device.ask_header(session);
    let reply = present(session, reply)?;
    if session.verbose > 1 {
        session.dump("FRU DATA", reply.data());
    }
    let header = Header::of_reply(&reply);
    if header.version() != 1 {
        out!(session, " Unknown FRU header version 0x{:02x}", header.version());
        return Err(Failed);
    }
    Ok((device, header))
}

/// Reads the area with the field, and finds it.
fn read_section(
    session: &mut Session<'_>,
    device: &mut Device,
    place: &Place<'_>,
    offset: u32,
) -> Result<(Vec<u8>, Found), Failed> {
    let mut start = [0; 3];
    // The length is taken from whatever came.
    let _ = device.read(session, offset, &mut start);
    let mut section = vec![0; usize::from(start[1]) * 8];
    device.read(session, offset, &mut section)?;
    let found = place.find(session, &section, 0);
    Ok((section, found))
}

impl Place<'_> {
    /// Offset of the area; `None` for a letter that names none.
    fn area_offset(&self, header: &Header) -> Option<u32> {
        match self.area {
            b'c' => Some(header.chassis()),
            b'b' => Some(header.board()),
            b'p' => Some(header.product()),
            _ => None,
        }
    }

    /// The field in `image`, whose area starts at `offset`.
    fn find(&self, session: &Session<'_>, image: &[u8], offset: usize) -> Found {
        let first = offset + if self.area == b'b' { 6 } else { 3 };
        let mut fields = Fields::new(image, first, session.personality);
        let mut found = Found { at: first, text: Vec::new() };
        for _ in 0..=self.index {
            found = Found { at: fields.position(), text: fields.next_text() };
        }
        found
    }
}

/// The device's image before and after, and the section that changes.
struct Rebuild {
    old: Vec<u8>,
    new: Vec<u8>,
    header: Header,
    /// Offset of the section in both.
    start: usize,
    /// Length of the section, adjusted to the new text.
    len: i64,
    /// Bytes of padding before the section's checksum, adjusted.
    padding: i64,
}

/// Reads the whole image, makes room for the text or takes it away, and writes
/// the image back. A device whose areas are not in the usual order is damaged,
/// as by the original.
fn rebuild(session: &mut Session<'_>, device: &mut Device, header: Header, place: &Place<'_>) -> Outcome {
    out!(session, "Read All FRU area\nFru Size       : {} bytes\n", device.size);
    let mut old = vec![0; device.size.into()];
    let _ = device.read(session, 0, &mut old);
    out!(session, "Copy to new FRU\n");
    let start = place.area_offset(&header).unwrap_or(0) as usize;
    let found = place.find(session, &old, start);
    if found.text.is_empty() {
        out!(session, "Field not found (1)!\n");
        return Err(Failed);
    }
    let len = i64::from(byte(&old, start + 1)) * 8;
    let mut image = Rebuild { new: old.clone(), old, header, start, len, padding: 0 };
    image.measure(session, &found, place.text);
    if !(0..8).contains(&image.padding) {
        image.resize(session, place)?;
    }
    if !(0..8).contains(&image.padding) {
        let padding = image.padding;
        out!(session, "Internal error, padding length {padding} (must be from 0 to 7) ");
        return Err(Failed);
    }
    image.update(session, &found, place.text);
    out!(session, "Writing new FRU.\n");
    write::write_or_complain(session, device, 0, &image.new)?;
    out!(session, "Done.\n");
    Err(Failed)
}

impl Rebuild {
    /// Finds how much padding the section has and will have.
    fn measure(&mut self, session: &mut Session<'_>, found: &Found, text: &[u8]) {
        let end = self.start as i64 + self.len;
        let old = |at: i64| usize::try_from(at).map_or(0, |at| byte(&self.old, at));
        out!(session, "Section Length: {}\n", self.len);
        let padding = (2..self.len).take_while(|back| old(end - back) == 0).count() as i64;
        let change = text.len() as i64 - found.text.len() as i64;
        let at = found.at as i64;
        out!(session, "Padding Length: {padding}\n");
        out!(session, "NumByte Change: {change}\n");
        out!(session, "Start SecChnge: {:x}\n", old(at));
        out!(session, "End SecChnge  : {:x}\n", old(at + text.len() as i64 + 1));
        out!(session, "Start Section : {:x}\n", old(self.start as i64));
        out!(session, "End Sec wo Pad: {:x}\n", old(end - 2 - padding));
        out!(session, "End Section   : {:x}\n", old(end - 1));
        self.padding = padding - change;
        out!(session, "New Padding Length: {}\n", self.padding);
    }

    /// Makes the section smaller or larger by whole eights and moves what
    /// follows. `Err` when that would not fit the image: there the original
    /// dies, before it has written anything.
    fn resize(&mut self, session: &mut Session<'_>, place: &Place<'_>) -> Outcome {
        let eights = if self.padding >= 8 { -(self.padding / 8) } else { 1 - (self.padding + 1) / 8 };
        let [board, product, multi] = [3, 4, 5].map(|at| i64::from(self.header.0[at]));
        let product_len = usize::from(byte(&self.old, product as usize * 8 + 1)) * 8;
        let rest = product as usize * 8 + product_len;
        self.len += eights * 8;
        self.padding += eights * 8;
        out!(session, "change_size_by_8: {eights}\n");
        out!(session, "New Padding Length: {}\n", self.padding);
        out!(session, "change_size_by_8: {eights}\n");
        out!(session, "header.offset.board: {board}\n");
        if place.area == b'c' {
            let len = usize::from(byte(&self.old, board as usize * 8 + 1)) * 8;
            self.shift(session, "Chassis", 3, eights, len);
        }
        if place.area != b'p' {
            self.shift(session, "Product", 4, eights, product_len);
        }
        out!(session, "Change multi offset from {multi} to {}\n", multi + eights);
        self.header.0[5] = (multi + eights) as u8;
        if let Some(len) = self.new.get_mut(self.start + 1) {
            *len = (i64::from(*len) + eights) as u8;
        }
        // Before the header is: where there is no product area, that is its byte.
        let len =
            if place.area == b'p' { usize::from(byte(&self.new, self.start + 1)) * 8 } else { product_len };
        self.replace_header();
        let to = usize::from(self.header.0[4]) * 8 + len;
        out!(session, "Moving Remaining Bytes (Multi-Rec , etc..), from {rest} to {to}\n");
        let count = self.new.len().checked_sub(to).ok_or(Failed)?;
        let bytes: Vec<u8> = (rest..rest + count).map(|at| byte(&self.old, at)).collect();
        copy(&mut self.new, to, &bytes);
        Ok(())
    }

    /// Moves a following section, whose offset is byte `at` of the header, by
    /// `eights`.
    fn shift(&mut self, session: &mut Session<'_>, name: &str, at: usize, eights: i64, len: usize) {
        let from = i64::from(self.header.0[at]);
        let to = from + eights;
        out!(session, "Moving Section {name}, from {} to {}\n", from * 8, to * 8);
        let from = from as usize * 8;
        let bytes: Vec<u8> = (from..from + len).map(|at| byte(&self.old, at)).collect();
        if let Ok(to) = usize::try_from(to * 8) {
            copy(&mut self.new, to, &bytes);
        }
        self.header.0[at] = to as u8;
    }

    fn replace_header(&mut self) {
        seal(&mut self.header.0);
        let header = self.header.0;
        copy(&mut self.new, 0, &header);
    }

    /// Puts the text into the section, pads it and makes its checksum.
    fn update(&mut self, session: &mut Session<'_>, found: &Found, text: &[u8]) {
        out!(session, "Updating Field : '");
        put_both(session, &found.text, "' with '", text);
        let before = byte(&self.old, found.at);
        out!(session, "' ... (Length from '{before}' to '{}')\n", 0xC0 + text.len());
        copy(&mut self.new, found.at, &[(0xC0 + text.len()) as u8]);
        copy(&mut self.new, found.at + 1, text);
        let end = self.start as i64 + self.len;
        let (behind, behind_old) = (found.at + 1 + text.len(), found.at + 1 + found.text.len());
        let remaining = end - 1 - behind as i64;
        out!(session, "Copying remaining of sections: {remaining} \n");
        let remaining = usize::try_from(remaining).unwrap_or(0);
        let bytes: Vec<u8> = (behind_old..behind_old + remaining).map(|at| byte(&self.old, at)).collect();
        copy(&mut self.new, behind, &bytes);
        if let Ok(padding) = usize::try_from(end - 1 - self.padding) {
            copy(&mut self.new, padding, &[0; 8][..self.padding as usize]);
        }
        let last = usize::try_from(end - 1).unwrap_or(0);
        let sum = (self.start..last).fold(0_u8, |sum, at| sum.wrapping_add(byte(&self.new, at)));
        copy(&mut self.new, last, &[sum.wrapping_neg()]);
        out!(session, "Calculate New Checksum: {:x}\n", -i32::from(sum));
    }
}

fn byte(image: &[u8], at: usize) -> u8 {
    image.get(at).copied().unwrap_or(0)
}

/// Copies what fits; the original writes past its buffer's end.
fn copy(image: &mut [u8], at: usize, bytes: &[u8]) {
    for (to, from) in image.iter_mut().skip(at).zip(bytes) {
        *to = *from;
    }
}

/// Makes the last byte a zero checksum of all.
fn seal(bytes: &mut [u8]) {
    if let Some((last, rest)) = bytes.split_last_mut() {
        *last = rest.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)).wrapping_neg();
    }
}

fn put_both(session: &mut Session<'_>, first: &[u8], between: &str, second: &[u8]) {
    session.console.put(first);
    out!(session, "{between}");
    session.console.put(second);
}
