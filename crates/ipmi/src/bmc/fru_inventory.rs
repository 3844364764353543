//! FRU inventory device commands (IPMI 2.0 section 34). Images are accessed by
//! bytes.

use alloc::vec::Vec;

use super::{Answer, Bmc, Call};
use crate::CompletionCode;

fn image(bmc: &Bmc, id: u8) -> Result<&Vec<u8>, CompletionCode> {
    bmc.frus.get(&id).ok_or(CompletionCode::NOT_PRESENT)
}

pub(crate) fn area_info(bmc: &Bmc, call: Call<'_>) -> Answer {
    let size = u16::try_from(image(bmc, call.byte(0))?.len()).unwrap_or(u16::MAX);
    Ok([&size.to_le_bytes()[..], &[0]].concat())
}

/// Reads up to as many bytes as asked for; the end of the image ends them.
pub(crate) fn read(bmc: &Bmc, call: Call<'_>) -> Answer {
    let image = image(bmc, call.byte(0))?;
    let tail = image.get(usize::from(call.word(1))..).unwrap_or_default();
    if tail.is_empty() {
        return Err(CompletionCode::OUT_OF_RANGE);
    }
    let count = call.byte(3).min(u8::try_from(tail.len()).unwrap_or(u8::MAX));
    Ok([&[count], &tail[..usize::from(count)]].concat())
}

pub(crate) fn write(bmc: &mut Bmc, call: Call<'_>) -> Answer {
    let image = bmc.frus.get_mut(&call.byte(0)).ok_or(CompletionCode::NOT_PRESENT)?;
    let (start, data) = (usize::from(call.word(1)), call.rest(3));
    let place = image.get_mut(start..start + data.len()).ok_or(CompletionCode::OUT_OF_RANGE)?;
    place.copy_from_slice(data);
    Ok([u8::try_from(data.len()).unwrap_or(u8::MAX)].into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn reads_end_with_the_image_and_writes_stay_inside() {
        let mut bmc = Bmc::default();
        bmc.frus.insert(0, (0..16).collect());
        let mut send = |cmd, data: &[u8]| bmc.answer(&Request::new(0x0A, cmd, data), 0);
        assert_eq!(send(0x10, &[0]).data, [16, 0, 0]);
        assert_eq!(send(0x11, &[0, 14, 0, 32]).data, [2, 14, 15]);
        assert_eq!(send(0x11, &[0, 16, 0, 1]).completion, CompletionCode::OUT_OF_RANGE);
        assert_eq!(send(0x12, &[0, 14, 0, 0xAA, 0xBB]).data, [2]);
        assert_eq!(send(0x12, &[0, 15, 0, 0, 0]).completion, CompletionCode::OUT_OF_RANGE);
        assert_eq!(send(0x11, &[0, 13, 0, 3]).data, [3, 13, 0xAA, 0xBB]);
        assert_eq!(send(0x10, &[1]).completion, CompletionCode::NOT_PRESENT);
    }
}
