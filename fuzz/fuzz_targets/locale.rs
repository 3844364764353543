//! Compiled locales: as files of their own, or as one archive; then times and
//! decimal points in them, and times read back.
#![no_main]


use libfuzzer_sys::fuzz_target;
use loopshim_core::Variables;
use loopshim_core::ipmitool::Personality;
use loopshim_core::ipmitool::locale::Environment;
use loopshim_core::ipmitool::time::{OldClock, Times};
use loopshim_fuzz::{folder, now, put};

fuzz_target!(|bytes: &[u8]| {
    let [how, split, rest @ ..] = bytes else { return };
    let (text, rest) = rest.split_at(usize::from(*split).min(rest.len()));
    match how % 3 {
        0 => {
            // Sound headers around any strings, so that they are looked at.
            put("usr/lib/locale/xx_YY.utf8/LC_TIME", &compiled(rest));
            put("usr/lib/locale/locale-archive", b"");
        }
        1 => put("usr/lib/locale/xx_YY.utf8/LC_TIME", rest),
        _ => put("usr/lib/locale/locale-archive", rest),
    }
    let name = if how % 3 == 2 { "aa_BB.utf8" } else { "xx_YY.utf8" };
    let vars = [("TZ", "UTC"), ("LC_TIME", name)].map(|(name, value)| (name.into(), value.into()));
    let vars = Variables::Given(vars.into());
    let mut times = Times::new(Personality::V1_8_19Deb12, Environment::new(folder().to_owned(), vars.clone()));
    for moment in [0, 86_400, 0x65E7_2545, 0xF000_0000] {
        assert!(times.numeric(moment, OldClock::Utc).len() <= 80);
        assert!(times.sentence(moment, OldClock::Utc).len() <= 80);
        assert!(times.date(moment).len() <= 80 && times.time(moment).len() <= 80);
    }
    times.sel_clock(text, now());
});

/// A file of the category with these strings, parted at their zeros.
fn compiled(bytes: &[u8]) -> Vec<u8> {
    /// The category's magic number (glibc's `_NL_CURRENT`), how many values it
    /// has, and which of them names the codeset.
    const HEADER: [u32; 2] = [0x2003_1115 ^ 2, 111];
    const CODESET: u32 = 110;
    let [_, count] = HEADER;
    let mut file: Vec<u8> = HEADER.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut texts = bytes.split(|byte| *byte == 0);
    let start = 8 + 4 * count as usize;
    let mut body = Vec::new();
    for index in 0..count {
        file.extend(((start + body.len()) as u32).to_le_bytes());
        body.extend(if index == CODESET { b"UTF-8" } else { texts.next().unwrap_or_default() });
        body.push(0);
    }
    file.extend(body);
    file
}
