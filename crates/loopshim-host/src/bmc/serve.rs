//! `loopshim bmc serve`: the modelled BMC behind the original's test socket,
//! so that the real ipmitool can be run against it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use ipmi::{Bmc, Request, Response};
use loopshim_core::World;
use loopshim_core::ipmitool::Reply;
use loopshim_core::ipmitool::transport::dummy::{GOODBYE, REQUEST_HEADER, RESPONSE_HEADER};
use loopshim_core::life::Life;
use loopshim_core::memory::{Memory, Store};
use loopshim_core::model::Model;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::bmc::socket::Socket;
use crate::bmc::{Serve, hex, load, say};

/// Most connections at a time; further ones are closed at once.
const CONNECTIONS: usize = 128;
/// Most data bytes in a request: what fits the original's buffers.
const DATA: usize = Reply::CAPACITY;

/// Serves until interrupted.
pub(crate) fn serve(world: &World, arguments: &Serve) -> Result<(), String> {
    let Model { mut bmc, life, .. } = load(world, arguments.model.as_deref())?;
    let store = arguments.state.as_ref().map(|folder| {
        let file = arguments.model.clone().or_else(|| std::env::var_os("LOOPSHIM_BMC").map(Into::into));
        Store::of(&bmc, file.as_deref(), folder.clone())
    });
    if arguments.fresh_each {
        // Each connection is one process of a client that may run many.
        bmc.keep_reservation();
    }
    let trace = arguments.trace.as_deref().map(open_trace).transpose()?;
    let socket = Socket::listen(&arguments.dummy)?;
    let stopped = stop_on_signals(&arguments.dummy)?;
    let server = Arc::new(Server {
        state: match arguments.fresh_each {
            true => State::FreshEach(bmc, life),
            false => State::Shared(Mutex::new(Memory::new(bmc, life, store))),
        },
        trace: trace.map(Mutex::new),
        connections: AtomicUsize::new(0),
    });
    say(&format!("serving on {}", arguments.dummy.display()));
    server.accept(&socket.listener, &stopped);
    Ok(())
}

fn open_trace(path: &Path) -> Result<File, String> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// A flag that SIGINT and SIGTERM set; they also wake the accepting thread, by
/// connecting to it.
fn stop_on_signals(socket: &Path) -> Result<Arc<AtomicBool>, String> {
    let stopped = Arc::new(AtomicBool::new(false));
    let mut signals =
        Signals::new([SIGINT, SIGTERM]).map_err(|error| format!("cannot catch signals: {error}"))?;
    let (flag, socket) = (Arc::clone(&stopped), socket.to_owned());
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            flag.store(true, Ordering::Relaxed);
            let _ = UnixStream::connect(socket);
        }
    });
    Ok(stopped)
}

/// What every connection sees.
struct Server {
    state: State,
    trace: Option<Mutex<File>>,
    connections: AtomicUsize,
}

/// Whose state a connection changes.
enum State {
    Shared(Mutex<Memory>),
    FreshEach(Box<Bmc>, Life),
}

impl Server {
    fn accept(self: &Arc<Self>, listener: &UnixListener, stopped: &AtomicBool) {
        for stream in listener.incoming() {
            if stopped.load(Ordering::Relaxed) {
                return;
            }
            match stream {
                Ok(stream) if self.connections.fetch_add(1, Ordering::Relaxed) < CONNECTIONS => {
                    let server = Arc::clone(self);
                    thread::spawn(move || {
                        if let Err(error) = server.converse(stream) {
                            say(&format!("connection closed: {error}"));
                        }
                        server.connections.fetch_sub(1, Ordering::Relaxed);
                    });
                }
                Ok(_) => {
                    self.connections.fetch_sub(1, Ordering::Relaxed);
                }
                Err(error) => say(&format!("cannot accept a connection: {error}")),
            }
        }
    }

    /// Answers one client until it leaves.
    fn converse(&self, mut stream: UnixStream) -> io::Result<()> {
        let mut own = match &self.state {
            State::FreshEach(bmc, life) => Some(Memory::new(bmc.clone(), life.clone(), None)),
            State::Shared(_) => None,
        };
        while let Some(request) = receive(&mut stream)? {
            let response = self.answer(own.as_mut(), &request);
            self.note(&request, &response)?;
            send(&mut stream, &request, &response)?;
        }
        Ok(())
    }

    fn answer(&self, own: Option<&mut Memory>, request: &Request) -> Response {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        match (own, &self.state) {
            (Some(own), _) => own.answer(request, &|| now),
            (None, State::Shared(memory)) => {
                // A thread that panicked has at worst left a request half done.
                let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
                memory.refresh();
                let response = memory.answer(request, &|| now);
                memory.complaint().iter().for_each(|complaint| say(complaint));
                response
            }
            (None, State::FreshEach(bmc, _)) => bmc.clone().answer(request, now),
        }
    }

    fn note(&self, request: &Request, response: &Response) -> io::Result<()> {
        let Some(trace) = &self.trace else { return Ok(()) };
        let Request { netfn, lun, cmd, data } = request;
        let (data, answer) = (hex(data), hex(&response.data));
        let row = serde_json::json!([netfn, lun, cmd, data, response.completion.0, answer]);
        let mut file = trace.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{row}\n").as_bytes())
    }
}

/// The next request; `None` when the client says goodbye or hangs up.
fn receive(stream: &mut impl Read) -> io::Result<Option<Request>> {
    let mut header = [0; REQUEST_HEADER];
    match stream.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        result => result?,
    }
    let [netfn, lun, cmd, _, low, high, ..] = header;
    if (netfn, cmd) == GOODBYE {
        return Ok(None);
    }
    let len = usize::from(u16::from_le_bytes([low, high]));
    if len > DATA {
        let problem = format!("a request of {len} bytes, of which {DATA} are possible");
        return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
    }
    let mut data = vec![0; len];
    stream.read_exact(&mut data)?;
    Ok(Some(Request { netfn, lun, cmd, data }))
}

fn send(stream: &mut impl Write, request: &Request, response: &Response) -> io::Result<()> {
    let data = &response.data[..response.data.len().min(DATA)];
    let mut message = Vec::with_capacity(RESPONSE_HEADER + data.len());
    // A response's network function is the request's plus one; sequence zero.
    message.extend([request.netfn | 1, request.cmd, 0, request.lun, response.completion.0, 0, 0, 0]);
    message.extend((data.len() as i32).to_le_bytes());
    message.resize(RESPONSE_HEADER, 0);
    message.extend(data);
    stream.write_all(&message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(state: State) -> Arc<Server> {
        Arc::new(Server { state, trace: None, connections: AtomicUsize::new(0) })
    }

    fn machine() -> Bmc {
        Bmc { device_id: vec![0x20; 11], ..Bmc::default() }
    }

    /// Sends Set BMC Global Enables, then asks for them, each on a connection of
    /// its own.
    fn enables_after_setting(server: &Arc<Server>) -> Vec<u8> {
        let ask = |netfn: u8, cmd: u8, data: &[u8]| {
            let (mut client, peer) = UnixStream::pair().expect("a pair of sockets");
            let thread = {
                let server = Arc::clone(server);
                thread::spawn(move || server.converse(peer))
            };
            let mut message = vec![netfn, 0, cmd, 0, data.len() as u8];
            message.resize(REQUEST_HEADER, 0);
            message.extend(data);
            client.write_all(&message).expect("a request");
            let mut header = [0; RESPONSE_HEADER];
            client.read_exact(&mut header).expect("a response");
            assert_eq!((header[0], header[1], header[4]), (netfn | 1, cmd, 0));
            let mut answer = vec![0; usize::from(header[8])];
            client.read_exact(&mut answer).expect("its data");
            drop(client);
            thread.join().expect("the thread").expect("a goodbye");
            answer
        };
        ask(0x06, 0x2E, &[0x0B]);
        ask(0x06, 0x2F, &[])
    }

    #[test]
    fn connections_share_a_state_unless_each_has_its_own() {
        assert_eq!(
            enables_after_setting(&server(State::Shared(Mutex::new(Memory::new(
                machine(),
                Life::default(),
                None
            ))))),
            [0x0B]
        );
        assert_eq!(
            enables_after_setting(&server(State::FreshEach(machine().into(), Life::default()))),
            [0x00]
        );
    }

    #[test]
    fn a_request_beyond_the_protocol_ends_the_connection() {
        let mut header = [0; REQUEST_HEADER];
        header[4..6].copy_from_slice(&1025u16.to_le_bytes());
        assert!(receive(&mut &header[..]).is_err_and(|error| error.to_string().contains("1025 bytes")));
        (header[0], header[2]) = GOODBYE;
        assert_eq!(receive(&mut &header[..]).ok(), Some(None));
        assert_eq!(receive(&mut &header[..5]).ok(), Some(None));
    }
}
