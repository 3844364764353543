//! A BMC behind the dummy socket that knows one conversation: it answers the
//! recorded requests, in the recorded order, and remembers the first departure.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread::JoinHandle;

use super::recordings::Exchange;

/// A conversation being replayed on a socket.
pub struct Replay {
    thread: JoinHandle<Result<(), String>>,
}

impl Replay {
    /// Serves `traffic` to the one client that connects to `socket`.
    pub fn serve(socket: &Path, traffic: Vec<Exchange>) -> Self {
        let listener = UnixListener::bind(socket).expect("a socket in a fresh folder");
        Self { thread: std::thread::spawn(move || converse(&listener, &traffic)) }
    }

    /// Waits for the client to leave: `Err` says where it departed from the record.
    pub fn finish(self, socket: &Path) -> Result<(), String> {
        // A client that never connected leaves `accept` waiting: say goodbye for it.
        if let Ok(mut stream) = UnixStream::connect(socket) {
            let _ = stream.write_all(&goodbye());
        }
        self.thread.join().expect("the replaying thread")
    }
}

fn goodbye() -> [u8; 16] {
    let mut header = [0; 16];
    header[0] = 0x3F;
    header[2] = 0xFF;
    header
}

fn converse(listener: &UnixListener, traffic: &[Exchange]) -> Result<(), String> {
    let (mut stream, _) = listener.accept().map_err(|error| error.to_string())?;
    let mut header = [0; 16];
    let mut at = 0;
    while stream.read_exact(&mut header).is_ok() && (header[0], header[2]) != (0x3F, 0xFF) {
        let mut data = vec![0; usize::from(u16::from_le_bytes([header[4], header[5]]))];
        stream.read_exact(&mut data).map_err(|error| error.to_string())?;
        let head = [header[0], header[1], header[2]];
        let Some(expected) = traffic.get(at) else {
            return Err(format!("request {at}: {head:02x?} {data:02x?} after the recorded traffic ended"));
        };
        if (head, &data) != (expected.head, &expected.request) {
            return Err(format!(
                "request {at}: sent {head:02x?} {data:02x?}, recorded {:02x?} {:02x?}",
                expected.head, expected.request
            ));
        }
        answer(&mut stream, expected).map_err(|error| error.to_string())?;
        at += 1;
    }
    match traffic.get(at) {
        None => Ok(()),
        Some(next) => {
            Err(format!("stopped after {at} of {} requests, before {:02x?}", traffic.len(), next.head))
        }
    }
}

fn answer(stream: &mut UnixStream, exchange: &Exchange) -> std::io::Result<()> {
    let [netfn, lun, cmd] = exchange.head;
    let mut message = vec![netfn | 1, cmd, 0, lun, exchange.completion, 0, 0, 0];
    message.extend((exchange.response.len() as i32).to_le_bytes());
    message.resize(24, 0);
    message.extend(&exchange.response);
    stream.write_all(&message)
}
