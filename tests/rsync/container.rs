//! In containers that have nothing: an image of our static program alone, and
//! one with an ssh client, whose host has an sshd, as the monitor's call needs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::snapshot::{self, Scope, Snapshot};
use super::subject::Subject;
use super::tree::{self, Entry};
use crate::support::docker::{self, Files, Image};
use crate::support::{built, skip::skip};

/// Something of each kind that a package's folder may have, and more.
const TREE: &str = "\
f setup.py =import setuptools\\n
f monitor_v2/__init__.py =
f monitor_v2/data.bin size=300000 seed=5
f monitor_v2/run mode=0755 =#!/bin/sh\\n
l monitor_v2/link -> data.bin
d monitor_v2/empty mode=0700 t=-100
";

/// Whether containers can be had; says so if not.
fn can_contain(what: &str) -> bool {
    let is_possible = docker::is_here() && rustix::process::geteuid().is_root();
    if !is_possible {
        skip(what, "root and a running Docker (package docker.io)");
    }
    is_possible
}

/// A folder with the tree in `from`.
fn prepare() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("from");
    fs::create_dir(&root).expect("a folder");
    let entries: Vec<Entry> = TREE.lines().map(Entry::parse).collect();
    tree::build(&root, &entries, (0, 0));
    tree::redate_directories(&root, 0);
    folder
}

fn taken(root: &Path) -> Snapshot {
    snapshot::take(root, Scope { now: i64::MAX, access_times: false })
}

#[track_caller]
fn ok(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{:?}: {errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn assert_arrived(folder: &Path, to: &str) {
    let found = snapshot::differences(&taken(&folder.join("from")), &taken(&folder.join(to)));
    assert!(found.is_empty(), "{to}: {}", found.join("\n  "));
}

/// It copies within the container, and serves a client outside, ours and the
/// original, that has `docker run` for its remote shell.
#[test]
fn an_image_of_our_program_alone_copies_and_serves() {
    if !can_contain("rsync alone in a container") {
        return;
    }
    let files = Files::new();
    files.install("/usr/bin/rsync", &built::folder().join("rsync"));
    let image = Image::of(files.folder(), &["ENV PATH=/usr/bin"]);
    let folder = prepare();
    let volume = format!("{}:/data", folder.path().display());
    let options = ["--network", "none", "--volume", &volume];
    assert!(ok(&image.run(&options, &["rsync", "--version"])).starts_with("rsync  version 3."));
    ok(&image.run(&options, &["rsync", "-a", "/data/from/", "/data/within/"]));
    assert_arrived(folder.path(), "within");
    let shell = format!("docker run --rm --interactive {}", options.join(" "));
    for client in [Subject::Ours, Subject::Theirs] {
        if !client.program().exists() {
            skip("the original in front of a container", "rsync (a package of that name)");
            continue;
        }
        let call = |from: &str, to: &str| {
            let mut command = Command::new(client.program());
            command.args(["-az", "--rsh", &shell, from, to]).current_dir(folder.path());
            command.output().expect("rsync")
        };
        let (pushed, pulled) = (format!("{}-pushed", client.name()), format!("{}-pulled", client.name()));
        ok(&call("from/", &format!("{}:/data/{pushed}/", image.host())));
        assert_arrived(folder.path(), &pushed);
        ok(&call(&format!("{}:/data/from/", image.host()), &format!("{pulled}/")));
        assert_arrived(folder.path(), &pulled);
    }
}

/// What the monitor does: from a container that `docker cp` gave an rsync, over
/// ssh to the host and back.
#[test]
fn a_container_that_is_given_our_program_reaches_its_host_over_ssh() {
    if !can_contain("rsync over ssh from a container") {
        return;
    }
    let Some(host) = Host::start() else {
        return skip("rsync over ssh from a container", "packages openssh-server and openssh-client");
    };
    let image = Image::of(host.client().folder(), &["ENV PATH=/usr/bin"]);
    let folder = prepare();
    let volume = format!("{}:/vast/install/pysrc", folder.path().display());
    let shell = format!(
        "ssh -p {} -i /key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
        host.port
    );
    let beyond = folder.path().display();
    let mut servers = vec![built::folder().join("rsync")];
    if Subject::Theirs.program().exists() {
        servers.push(Subject::Theirs.program());
    } else {
        skip("the original on a container's host", "rsync (a package of that name)");
    }
    for (number, server) in servers.iter().enumerate() {
        let server = format!("--rsync-path={}", server.display());
        let (there, back) = (format!("there{number}"), format!("back{number}"));
        let call = |from: &str, to: &str| {
            let command = ["rsync", "-az", "-e", &shell, &server, from, to];
            let container = image.create(&["--network", "host", "--volume", &volume], &command);
            // As `docker exec` would say it: not there before.
            container.copy_to(&built::folder().join("rsync"), "/usr/bin/rsync");
            container.attach()
        };
        ok(&call("/vast/install/pysrc/from/", &format!("root@localhost:{beyond}/{there}/")));
        assert_arrived(folder.path(), &there);
        ok(&call(&format!("root@localhost:{beyond}/{there}/"), &format!("/vast/install/pysrc/{back}/")));
        assert_arrived(folder.path(), &back);
    }
}

/// An sshd of this machine on a port of its own, for as long as this value lives.
struct Host {
    folder: tempfile::TempDir,
    port: u16,
    server: Child,
}

impl Host {
    /// `None` where there is no sshd or no ssh.
    fn start() -> Option<Self> {
        let sshd = Path::new("/usr/sbin/sshd");
        if !sshd.exists() || !ssh().exists() {
            return None;
        }
        // It insists on this folder of its package's, which its start-up makes.
        fs::create_dir_all("/run/sshd").expect("a folder");
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["host", "key"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(folder.path().join(name))
                .status();
            assert!(made.expect("ssh-keygen").success());
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let at = folder.path().display();
        let text = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {at}/host\nAuthorizedKeysFile {at}/key.pub\n\
             PermitRootLogin yes\nPasswordAuthentication no\nUsePAM no\nStrictModes no\nPidFile none\n"
        );
        fs::write(folder.path().join("config"), text).expect("a file");
        let mut server = Command::new(sshd)
            .args(["-D", "-e", "-f"])
            .arg(folder.path().join("config"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sshd");
        let told = BufReader::new(server.stderr.take().expect("a pipe"));
        let mut lines = told.lines();
        let listens = lines.any(|line| line.is_ok_and(|line| line.contains("Server listening on")));
        assert!(listens, "sshd does not listen");
        // Nobody is to wait for us to read.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { folder, port, server })
    }

    /// What a container needs to call it.
    fn client(&self) -> Files {
        let files = Files::new();
        files.install_with_libraries(&ssh());
        files.write("/etc/passwd", "root:x:0:0:root:/root:/usr/bin/ssh\n");
        files.write("/etc/hosts", "127.0.0.1 localhost\n");
        files.make_directory("/root");
        files.make_directory("/vast/install/pysrc");
        files.write("/key", fs::read(self.folder.path().join("key")).expect("a key"));
        files.permit("/key", 0o600);
        files
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to stop.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn ssh() -> PathBuf {
    PathBuf::from("/usr/bin/ssh")
}
