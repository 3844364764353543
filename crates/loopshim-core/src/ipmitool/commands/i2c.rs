//! `i2c` and `spd`: transfers on the BMC's I²C buses (IPMI 2.0 section 22.11).

use super::fru::print_spd;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::{Arg, Failed, Outcome, Reply, Session, help, number};
use crate::{log, out};

/// Most bytes read or written at once.
const MOST_BYTES: usize = 64;

impl Session<'_> {
    /// Writes to and reads from a device on an I²C bus (`bus`: channel, number
    /// and kind as in the request). `Err` after logging why it failed.
    pub fn master_write_read(&mut self, bus: u8, addr: u8, write: &[u8], read: u8) -> Result<Reply, Failed> {
        for (count, what) in [(usize::from(read), "read"), (write.len(), "write")] {
            if count > MOST_BYTES {
                log!(self, ERR, "Master Write-Read: Too many bytes ({count}) to {what}");
                return Err(Failed);
            }
        }
        if !write.is_empty() {
            log!(self, DEBUG, "Writing {} bytes to i2cdev {addr:02X}h", write.len());
        }
        if read > 0 {
            log!(self, DEBUG, "Reading {read} bytes from i2cdev {addr:02X}h");
        }
        let data = [&[bus, addr, read], write].concat();
        let Some(reply) = self.send(0x06, 0x52, &data) else {
            log!(self, ERR, "I2C Master Write-Read command failed");
            return Err(Failed);
        };
        if !reply.is_ok() {
            log!(self, ERR, "I2C Master Write-Read command failed: {}", failure(reply.completion));
            return Err(Failed);
        }
        Ok(reply)
    }
}

fn failure(completion: u8) -> std::borrow::Cow<'static, str> {
    match completion {
        0x81 => "Lost Arbitration".into(),
        0x82 => "Bus Error".into(),
        0x83 => "NAK on Write".into(),
        0x84 => "Truncated Read".into(),
        code => completion_name(code),
    }
}

/// The byte that names a private bus.
pub fn private_bus(channel: u8, bus: u8) -> u8 {
    ((channel & 0x0F) << 4) | ((bus & 7) << 1) | 1
}

const UNABLE: &str = "Unable to perform I2C Master Write-Read";

/// Size of the memory that `spd` reads.
const SPD_SIZE: usize = 512;

/// Runs `ipmitool spd BUS ADDRESS [CHANNEL [MAXREAD]]`.
pub fn spd(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let (bus, address, rest) = match args {
        [bus, address, rest @ ..] if !session.personality.is_verb(bus, "help") => (bus, address, rest),
        _ => {
            log!(session, NOTICE, "usage: spd <i2cbus> <i2caddr> [channel] [maxread]");
            return Ok(());
        }
    };
    let bus = byte(session, bus, "i2cbus")?;
    let address = byte(session, address, "i2caddr")?;
    let channel = rest.first().map_or(Ok(0), |word| byte(session, word, "channel"))?;
    let size = rest.get(1).map_or(Ok(MOST_BYTES as u8), |word| byte(session, word, "maxread"))?;
    let mut data = Vec::new();
    while data.len() < SPD_SIZE {
        let offset = data.len() as u8;
        let reply = session.master_write_read(private_bus(channel, bus), address, &[offset], size);
        let Ok(reply) = reply else {
            log!(session, ERR, "{UNABLE}");
            return Err(Failed);
        };
        data.extend((0..usize::from(size)).map(|index| reply.at(index)));
        if size == 0 {
            // The original asks again for ever.
            break;
        }
    }
    print_spd(session, &data);
    Ok(())
}

/// Runs `ipmitool i2c [bus=N [chan=N]] ADDRESS COUNT [DATA…]`.
pub fn run(session: &mut Session<'_>, args: &[Arg]) -> Outcome {
    let (bus, words) = bus_of(session, args);
    let asks_help = args.first().is_some_and(|word| session.personality.is_verb(word, "help"));
    let (address, count, words) = match words {
        [address, count, words @ ..] if !asks_help => (address, count, words),
        _ => {
            session.help(help::i2c::I2C);
            return Ok(());
        }
    };
    if words.len() > MOST_BYTES {
        log!(session, ERR, "Raw command input limit ({MOST_BYTES} bytes) exceeded");
        return Err(Failed);
    }
    let address = byte(session, address, "i2caddr")?;
    let count = byte(session, count, "read size")?;
    if address == 0 {
        log!(session, ERR, "Invalid I2C address 0");
        session.help(help::i2c::I2C);
        return Err(Failed);
    }
    let data =
        words.iter().map(|word| byte(session, word, "parameter")).collect::<Result<Vec<u8>, Failed>>()?;
    transfer(session, (bus, address), &data, count)
}

/// The bus that the first words name, and the words after them.
fn bus_of<'a>(session: &Session<'_>, args: &'a [Arg]) -> (u8, &'a [Arg]) {
    let Some(name) = args.first().and_then(|word| word.strip_prefix(b"bus=")).filter(|_| args.len() > 2)
    else {
        return (0, args);
    };
    let bus = match leading_number(name) {
        Some(number) if !session.personality.is_verb(name, "public") => (number as u8 & 7) << 1 | 1,
        _ => 0,
    };
    match args[1].strip_prefix(b"chan=") {
        Some(channel) if args.len() > 3 => {
            (bus | (leading_number(channel).unwrap_or(0) as u8) << 4, &args[2..])
        }
        _ => (bus, &args[1..]),
    }
}

/// C's `%u`: the number `text` starts with, if it does.
fn leading_number(text: &[u8]) -> Option<u32> {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let value = digits
        .get(..end)
        .filter(|digits| !digits.is_empty())?
        .iter()
        .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    Some(value.map_or(u32::MAX, |value| if negative { value.wrapping_neg() as u32 } else { value as u32 }))
}

fn transfer(session: &mut Session<'_>, (bus, address): (u8, u8), data: &[u8], count: u8) -> Outcome {
    let written = data.len();
    log!(session, INFO, "RAW I2C REQ (i2caddr={address:x} readbytes={count} writebytes={written})");
    session.dump("WRITE DATA", data);
    let Ok(reply) = session.master_write_read(bus, address, data, count) else {
        log!(session, ERR, "{UNABLE}");
        return Err(Failed);
    };
    if written > 0 && (session.verbose != 0 || count == 0) {
        out!(session, "Wrote {written} bytes to I2C device {address:02X}h\n");
    }
    if count == 0 {
        return Ok(());
    }
    if session.verbose != 0 || written == 0 {
        out!(session, "Read {} bytes from I2C device {address:02X}h\n", reply.len());
    }
    if reply.len() < usize::from(count) {
        return Err(Failed);
    }
    print_bytes(session, reply.data());
    Ok(())
}

/// Bytes in hexadecimal; a few of them in binary as well.
fn print_bytes(session: &mut Session<'_>, data: &[u8]) {
    for (index, byte) in data.iter().enumerate() {
        let before = if index > 0 && index % 16 == 0 { "\n" } else { "" };
        out!(session, "{before} {byte:02x}");
    }
    out!(session, "\n");
    if data.len() <= 4 {
        for byte in data {
            out!(session, "{byte:08b} ");
        }
        out!(session, "\n");
    }
}

fn byte(session: &mut Session<'_>, word: &[u8], label: &str) -> Result<u8, Failed> {
    number::to_u8(word).map_err(|_| session.complain(&format!("Given {label} \""), word, "\" is invalid."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_number_is_read_as_scanf_does() {
        assert_eq!(leading_number(b"12x"), Some(12));
        assert_eq!(leading_number(b" -1"), Some(u32::MAX));
        assert_eq!(leading_number(b"x"), None);
        assert_eq!(leading_number(b"0x10"), Some(0));
        assert_eq!(leading_number(b"99999999999999999999999"), Some(u32::MAX));
    }

    #[test]
    fn a_private_bus_has_bit_0() {
        assert_eq!(private_bus(0xA5, 3), 0x57);
    }
}
