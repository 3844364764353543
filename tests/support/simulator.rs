//! OpenIPMI's `ipmi_sim` on a port of its own, with a configuration that
//! `loopshim bmc export` wrote.

use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running simulator, for as long as this value lives.
pub struct Simulator {
    child: Child,
    port: u16,
}

impl Simulator {
    /// Starts one from the files in `folder`; `None` when it is not installed.
    pub fn start(folder: &Path, port: u16) -> Option<Self> {
        let child = Command::new("ipmi_sim")
            .arg("-n")
            .arg("-c")
            .arg(folder.join("lan.conf"))
            .arg("-f")
            .arg(folder.join("bmc.emu"))
            .arg("-s")
            .arg(folder.join("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        let simulator = Self { child, port };
        simulator.await_port();
        Some(simulator)
    }

    /// Waits until the kernel lists the port: trying it would take it away.
    fn await_port(&self) {
        let listed = format!(":{:04X} ", self.port);
        let listens =
            || std::fs::read_to_string("/proc/net/udp").is_ok_and(|sockets| sockets.contains(&listed));
        let deadline = Instant::now() + Duration::from_secs(10);
        while !listens() {
            assert!(Instant::now() < deadline, "ipmi_sim does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What leads ipmitool to it.
    pub fn arguments(&self) -> Vec<String> {
        let port = self.port.to_string();
        let words =
            ["-I", "lanplus", "-C", "3", "-H", "127.0.0.1", "-p", &port, "-U", "loopshim", "-P", "loopshim"];
        words.map(str::to_owned).to_vec()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A UDP port that is free.
pub fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("its address").port()
}
