//! A BMC of this process behind the dummy socket.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use ipmi::{Request, Response};

/// Serves `socket` for as long as this process lives, to one client after the
/// other; each meets the BMC that `connect` makes for it.
pub fn serve<B: FnMut(&Request) -> Response>(socket: &Path, connect: impl Fn() -> B + Send + 'static) {
    let listener = UnixListener::bind(socket).expect("a socket in a fresh folder");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that leaves early is no matter of ours.
            let _ = stream.and_then(|stream| converse(stream, connect()));
        }
    });
}

fn converse(mut stream: UnixStream, mut bmc: impl FnMut(&Request) -> Response) -> std::io::Result<()> {
    let mut header = [0; 16];
    loop {
        stream.read_exact(&mut header)?;
        let [netfn, lun, cmd, ..] = header;
        if (netfn, cmd) == (0x3F, 0xFF) {
            return Ok(());
        }
        let mut data = vec![0; usize::from(u16::from_le_bytes([header[4], header[5]]))];
        stream.read_exact(&mut data)?;
        let response = bmc(&Request { netfn, lun, cmd, data });
        let mut message = vec![netfn | 1, cmd, 0, lun, response.completion.0, 0, 0, 0];
        message.extend((response.data.len() as i32).to_le_bytes());
        message.resize(24, 0);
        message.extend(response.data);
        stream.write_all(&message)?;
    }
}
