//! The original's UNIX-socket test interface (`-I dummy`), found by observing
//! 1.8.18 and 1.8.19: a 16-byte request header and a 24-byte response header,
//! little-endian, each followed by its data.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use ipmi::Request;

use super::{Addressing, Transport};
use crate::ipmitool::{Console, Failed, Level, Reply};

/// Size of the header before a request's data.
pub const REQUEST_HEADER: usize = 16;
/// Size of the header before a response's data.
pub const RESPONSE_HEADER: usize = 24;
/// Network function and command by which the client says goodbye.
pub const GOODBYE: (u8, u8) = (0x3F, 0xFF);

/// A connection to a modelled BMC behind a UNIX socket.
pub struct Dummy {
    path: Option<PathBuf>,
    stream: Option<UnixStream>,
}

impl Dummy {
    /// A transport to the socket at `path` (without one, to 1.8.19's default),
    /// not yet connected.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, stream: None }
    }
}

/// Where 1.8.19 looks without `IPMI_DUMMY_SOCK`.
const DEFAULT_SOCKET: &str = "/tmp/.ipmi_dummy";

impl Transport for Dummy {
    fn name(&self) -> &'static str {
        "dummy"
    }

    fn open(&mut self, console: &mut Console<'_>, _my_addr: u8) -> Result<(), Failed> {
        if self.path.is_none() {
            let default = DEFAULT_SOCKET;
            console.log(Level::DEBUG, format_args!("No IPMI_DUMMY_SOCK set. Using {default}"));
        }
        let path = self.path.get_or_insert_with(|| PathBuf::from(DEFAULT_SOCKET));
        match UnixStream::connect(path) {
            Ok(stream) => {
                self.stream = Some(stream);
                Ok(())
            }
            Err(error) => {
                console.print_err(format_args!("dummy failed on connect(): : {}\n", errno_text(&error)));
                Err(Failed)
            }
        }
    }

    fn exchange(
        &mut self,
        console: &mut Console<'_>,
        verbose: i32,
        _addressing: Addressing,
        request: &Request,
        buffer: &mut [u8; Reply::CAPACITY],
    ) -> Option<(u8, usize)> {
        if verbose > 0 {
            console.log(Level::NOTICE, format_args!(">>> IPMI req"));
            console.log(Level::NOTICE, format_args!("msg.data_len: {}", request.data.len()));
            console.log(Level::NOTICE, format_args!("msg.netfn: {:x}", request.netfn));
            console.log(Level::NOTICE, format_args!("msg.cmd: {:x}", request.cmd));
            // Only the FRU-bridging code sets a target command; it is zero here.
            console.log(Level::NOTICE, format_args!("msg.target_cmd: 0"));
            console.log(Level::NOTICE, format_args!("msg.lun: {:x}", request.lun));
            console.log(Level::NOTICE, format_args!(">>>"));
        }
        let stream = self.stream.as_mut()?;
        let answer = send(stream, request).and_then(|()| receive(stream, buffer));
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                console.print_err(format_args!("dummy failed on read(): : {}\n", errno_text(&error)));
                return None;
            }
        };
        if verbose > 0 {
            console.log(Level::NOTICE, format_args!("<<< IPMI rsp"));
            console.log(Level::NOTICE, format_args!("ccode: {:x}", answer.completion));
            console.log(Level::NOTICE, format_args!("data_len: {}", answer.len));
            console.log(Level::NOTICE, format_args!("msg.netfn: {:x}", answer.netfn));
            console.log(Level::NOTICE, format_args!("msg.cmd: {:x}", answer.cmd));
            console.log(Level::NOTICE, format_args!("msg.seq: {:x}", answer.seq));
            console.log(Level::NOTICE, format_args!("msg.lun: {:x}", answer.lun));
            console.log(Level::NOTICE, format_args!("<<<"));
        }
        Some((answer.completion, answer.len))
    }

    fn close(&mut self, _console: &mut Console<'_>) {
        if let Some(mut stream) = self.stream.take() {
            let mut header = [0; REQUEST_HEADER];
            (header[0], header[2]) = GOODBYE;
            // The server may be gone already; there is nobody left to tell.
            let _ = stream.write_all(&header);
        }
    }
}

struct Answer {
    netfn: u8,
    cmd: u8,
    seq: u8,
    lun: u8,
    completion: u8,
    len: usize,
}

fn send(stream: &mut UnixStream, request: &Request) -> io::Result<()> {
    let mut message = Vec::with_capacity(REQUEST_HEADER + request.data.len());
    message.extend([request.netfn, request.lun, request.cmd, 0]);
    message.extend((request.data.len() as u16).to_le_bytes());
    message.resize(REQUEST_HEADER, 0);
    message.extend(&request.data);
    stream.write_all(&message)
}

fn receive(stream: &mut UnixStream, buffer: &mut [u8; Reply::CAPACITY]) -> io::Result<Answer> {
    let mut header = [0; RESPONSE_HEADER];
    stream.read_exact(&mut header)?;
    let len = i32::from_le_bytes([header[8], header[9], header[10], header[11]]);
    let len = usize::try_from(len).unwrap_or(0);
    if len > buffer.len() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "response longer than an IPMI message can be",
        ));
    }
    stream.read_exact(&mut buffer[..len])?;
    Ok(Answer {
        netfn: header[0],
        cmd: header[1],
        seq: header[2],
        lun: header[3],
        completion: header[4],
        len,
    })
}

/// The C library's words for an error, without Rust's "(os error N)".
pub(crate) fn errno_text(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
