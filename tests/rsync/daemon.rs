//! Daemons that are not there, do not answer, or say what they should not: what
//! is made of them is what the original makes.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::call::write_script;
use super::subject::Subject;
use crate::support::skip::skip;

const BOTH: [Subject; 2] = [Subject::Theirs, Subject::Ours];

fn call(subject: Subject, arguments: &[&str]) -> Output {
    call_with(subject, &[], arguments)
}

fn call_with(subject: Subject, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new("/usr/bin/timeout");
    command.arg("20").arg(subject.program()).args(arguments).env("LC_ALL", "C").stdin(Stdio::null());
    command.envs(variables.iter().copied());
    command.output().expect("a run")
}

/// Status, standard output and standard error.
fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn who_does_not_reach_a_daemon_says_as_what() {
    if !Subject::Theirs.program().exists() {
        return skip("unreachable daemons", "rsync (a package of that name)");
    }
    for arguments in [["rsync://127.0.0.1:1/m/", "."], [".", "rsync://127.0.0.1:1/m/"]] {
        let [theirs, ours] = BOTH.map(|subject| call(subject, &arguments));
        assert_eq!(String::from_utf8_lossy(&ours.stderr), String::from_utf8_lossy(&theirs.stderr));
        assert_eq!(ours.status, theirs.status);
    }
}

/// A daemon that asks one caller for a password.
fn asks_for_password(listener: &TcpListener) {
    use std::io::BufRead as _;
    let (mut caller, _) = listener.accept().expect("a caller");
    caller.write_all(b"@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n").expect("said");
    let mut lines = std::io::BufReader::new(caller.try_clone().expect("the socket")).lines();
    lines.by_ref().take(2).for_each(|line| drop(line.expect("greeting and module")));
    caller.write_all(b"@RSYNCD: AUTHREQD abcdefgh\n").expect("asked");
    assert!(lines.next().is_none_or(|line| line.is_err()), "a password was given");
}

#[test]
fn a_password_that_others_may_read_is_not_given() {
    use std::os::unix::fs::PermissionsExt as _;
    if !Subject::Theirs.program().exists() {
        return skip("password files", "rsync (a package of that name)");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    fs::write(&file, "secret\n").expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("opened to all");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let module = format!("rsync://u@{}/m/", listener.local_addr().expect("an address"));
    for name in ["password", "missing"] {
        let option = format!("--password-file={}", folder.path().join(name).display());
        let [theirs, ours] = BOTH.map(|subject| {
            std::thread::scope(|scope| {
                scope.spawn(|| asks_for_password(&listener));
                call(subject, &[&option, &module, "."])
            })
        });
        assert_eq!(String::from_utf8_lossy(&ours.stderr), String::from_utf8_lossy(&theirs.stderr));
        assert_eq!(ours.status, theirs.status);
    }
}

#[test]
fn names_that_are_none_are_said_to_be_none() {
    if !Subject::Theirs.program().exists() {
        return skip("names of daemons", "rsync (a package of that name)");
    }
    for arguments in [
        &["rsync://300.1.1.1/m/", "."][..],
        &[".", "rsync://[::zz]/m/"],
        &["-6", "rsync://127.0.0.1:1/m/", "."],
        &["-4", ".", "rsync://[::1]:1/m/"],
        &["300.1.1.1::m", "."],
    ] {
        let [theirs, ours] = BOTH.map(|subject| call(subject, arguments));
        assert_eq!(said(&ours), said(&theirs), "{arguments:?}");
    }
}

/// A socket that listens and takes nobody any more, with those it took.
fn full() -> (rustix::fd::OwnedFd, SocketAddr, Vec<TcpStream>) {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};
    let listener = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    bind(&listener, &SocketAddr::from(([127, 0, 0, 1], 0))).expect("an address");
    listen(&listener, 0).expect("a queue");
    let address = SocketAddr::try_from(getsockname(&listener).expect("an address")).expect("of the internet");
    let mut taken = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        taken.push(stream);
    }
    (listener, address, taken)
}

#[test]
fn a_daemon_is_waited_for_as_long_as_is_said() {
    if !Subject::Theirs.program().exists() {
        return skip("waiting for daemons", "rsync (a package of that name)");
    }
    let (_listener, address, _taken) = full();
    let module = format!("rsync://{address}/m/");
    for (limit, arguments) in [(1, [&module[..], "."]), (1, [".", &module]), (-1, [&module, "."])] {
        let option = format!("--contimeout={limit}");
        let [theirs, ours] = BOTH.map(|subject| {
            let began = Instant::now();
            let output = call(subject, &[&[&option[..]], &arguments[..]].concat());
            let least = Duration::from_millis(if limit > 0 { 900 } else { 0 });
            assert!((least..Duration::from_secs(10)).contains(&began.elapsed()), "{subject:?} {arguments:?}");
            output
        });
        assert_eq!(ours.status.code(), Some(35), "{arguments:?}");
        assert_eq!(said(&ours), said(&theirs), "{arguments:?}");
    }
}

/// What a daemon does.
#[derive(Clone, Copy)]
enum Act {
    Say(&'static [u8]),
    Hear,
}

const GREETS: Act = Act::Say(b"@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n");

/// Talks to one caller, and hears it to its end.
fn talk(listener: &TcpListener, acts: &[Act]) {
    let (mut caller, _) = listener.accept().expect("a caller");
    caller.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
    let mut heard = [0; 4096];
    for act in acts {
        match act {
            // A caller that has gone is judged by its words.
            Act::Say(text) => drop(caller.write_all(text)),
            Act::Hear => drop(caller.read(&mut heard)),
        }
    }
    drop(caller.shutdown(Shutdown::Write));
    while caller.read(&mut heard).is_ok_and(|length| length > 0) {}
}

#[test]
fn daemons_that_say_what_they_should_not_are_quoted() {
    use Act::{Hear, Say};
    if !Subject::Theirs.program().exists() {
        return skip("daemons", "rsync (a package of that name)");
    }
    let scripts: &[&[Act]] = &[
        &[],
        &[Say(b"hello")],
        &[Say(b"SSH-2.0-OpenSSH\r\n")],
        &[Say(b"HTTP/1.1 400 Bad \"x\"\x01\r\nmore\n")],
        &[Say(b"@ERROR: no\n")],
        &[Say(b"@RSYNCD: x\n")],
        &[Say(b"@RSYNCD: 31\n")],
        &[Say(b"@RSYNCD: 32.0\n")],
        &[Say(b"@RSYNCD: 29.0\n"), Hear, Say(b"@ERROR: too new\n")],
        &[GREETS],
        &[GREETS, Hear],
        &[GREETS, Hear, Say(b"a message of the day\n")],
        &[GREETS, Hear, Say(b"@ERROR: Unknown module 'm'\n")],
        &[GREETS, Hear, Say(b"@ERROR:\n")],
        &[GREETS, Hear, Say(b"hello\nworld\n@ERROR: max connections (1) reached -- try again later\n")],
        &[GREETS, Hear, Say(b"@ERROR: \x1b[2J\n")],
        &[Say(b"caf\xe9 \xff\n")],
        &[GREETS, Hear, Say(b"caf\xe9 \xc3\xa9\n@ERROR: caf\xe9 \xc3\xa9\n")],
        &[GREETS, Hear, Say(b"@RSYNCD: FOO\n"), Say(b"@RSYNCD: EXIT\n")],
    ];
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let root = format!("rsync://{}/", listener.local_addr().expect("an address"));
    let module = format!("{root}m/");
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().to_str().expect("in UTF-8");
    for (number, script) in scripts.iter().enumerate() {
        for arguments in [&[&module[..], here][..], &[here, &module], &[&root], &["--no-motd", &module, here]]
        {
            let [theirs, ours] = BOTH.map(|subject| {
                std::thread::scope(|scope| {
                    scope.spawn(|| talk(&listener, script));
                    call(subject, arguments)
                })
            });
            assert_eq!(said(&ours), said(&theirs), "script {number}: {arguments:?}");
        }
    }
}

/// Lets a proxy answer one caller, and then a daemon behind it; what was asked.
fn proxied(listener: &TcpListener, answer: &[u8]) -> Vec<u8> {
    let (mut caller, _) = listener.accept().expect("a caller");
    caller.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") && caller.read(&mut byte).is_ok_and(|length| length > 0) {
        request.push(byte[0]);
    }
    // A caller that has gone is judged by its words.
    drop(caller.write_all(answer));
    drop(caller.shutdown(Shutdown::Write));
    while caller.read(&mut byte).is_ok_and(|length| length > 0) {}
    request
}

/// CVE-2026-45232 among them: lines that are too long.
#[test]
fn web_proxies_are_asked_for_daemons() {
    if !Subject::Theirs.program().exists() {
        return skip("proxies", "rsync (a package of that name)");
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    let behind = "@RSYNCD: 31.0\n@ERROR: no\n";
    let long = |count| "x".repeat(count);
    let judge = |proxy: &str, module: &str, answer: &str| {
        let [theirs, ours] = BOTH.map(|subject| {
            std::thread::scope(|scope| {
                let asked = scope.spawn(|| proxied(&listener, answer.as_bytes()));
                let output = call_with(subject, &[("RSYNC_PROXY", proxy)], &[module]);
                (said(&output), asked.join().expect("a request").escape_ascii().to_string())
            })
        });
        assert_eq!(ours, theirs, "{proxy} {module} {:.40}", answer);
    };
    for answer in [
        format!("HTTP/1.0 200 OK\r\nA: b\r\n\r\n{behind}"),
        format!("HTTP/1.1  299\n\n{behind}"),
        format!("HTTP/1.0 {}\r\n\r\n{behind}", "2".repeat(1012)),
        format!("HTTP/1.0 {}\r\n\r\n{behind}", "2".repeat(1013)),
        format!("HTTP/1.0 200\r\nA: {}\r\n\r\n{behind}", long(1500)),
        "HTTP/1.0 403 Forbidden\r\n\r\n".to_owned(),
        "FOO 200\r\n\r\n".to_owned(),
        "HTTP/1.0\r\n\r\n".to_owned(),
        "HTTP/1.0 200 OK\r\nA:".to_owned(),
        String::new(),
    ] {
        judge(&place, "host::m/", &answer);
    }
    let answer = format!("HTTP/1.0 200 OK\r\n\r\n{behind}");
    judge(&format!("u@v:p@{place}"), "rsync://[::1]:99/m/", &answer);
    for proxy in ["h", "u@h:1", "127.0.0.1:x", ":1", "a:b:c"] {
        let variables = [("RSYNC_PROXY", proxy)];
        let [theirs, ours] = BOTH.map(|subject| said(&call_with(subject, &variables, &["host::m/"])));
        assert_eq!(ours, theirs, "{proxy}");
    }
}

/// Calls of a daemon that `shell` starts, which is a folder's own, with what they
/// are about.
const SHELL_CALLS: &[&[&str]] = &[
    &["-a", "host::m", "to/"],
    &["u@host::"],
    &["-r", "rsync://u@host:99/m/from", "to"],
    &["--port=98", "--rsync-path=a b*", "-a", "host::m/from/a", "::m/from/b", "to"],
    &["--contimeout=1", "host::m/from/", "to"],
    &["-vv", "host::m/from/a", "to"],
    &["-vv", "-as", "host::m/from/a b*", "to"],
    &["-aR", "host::m/from/sub/deep", "to"],
    &["-a", "from/", "host::m/to of it*/"],
    &["-a", "from/", "host::-m/none/to"],
    &["host::m/from/none", "to"],
    &["-a", "host::m/from/", "/proc/none/to"],
    &["--", "-host::m", "to"],
    &["::m/from/a"],
    &["host::none/a", "to"],
    &["--files-from=:names", "host::m/from", "to"],
    &["--password-file=names", "host::m/from/a", "to"],
    &["--early-input=names", "host::m/from/a", "to"],
    &["--early-input=none", "host::m/from/a", "to"],
    &["--early-input=long", "host::m/from/a", "to"],
];

#[test]
fn remote_shells_start_daemons() {
    if !Subject::Theirs.program().exists() {
        return skip("daemons by remote shells", "rsync (a package of that name)");
    }
    // The number is what the shell ends with.
    let daemon = |code| {
        let original = Subject::Theirs.program();
        let run = format!("{} --server --daemon --config=settings .", original.display());
        format!("#!/bin/sh\n{{ printf '[%s]' \"$@\"; echo \"$RSYNC_PORT\"; }} >told\n{run}\nexit {code}\n")
    };
    let silent = "#!/bin/sh\nread greeting\nexit 9\n".to_owned();
    let refusing =
        "#!/bin/sh\nread greeting; echo '@RSYNCD: 32.0 md5'; read module\necho \"@ERROR: $module\"; exit 9\n";
    let mut tried: Vec<(String, &str, &[&str])> =
        SHELL_CALLS.iter().map(|arguments| (daemon(0), "./shell", *arguments)).collect();
    tried.extend([
        (daemon(9), "./shell", &["-v", "host::m/from/a", "to"][..]),
        (daemon(9), "./shell", &["-v", "from/a", "host::m/to"]),
        (daemon(9), "./shell", &["-v", "host::m/none", "to"]),
        (daemon(0), "./shell -l v", &["-v", "u@host::m/from/a", "to"]),
        (daemon(0), "./shell 'x", &["host::m/from/a", "to"]),
        (silent, "./shell", &["host::m", "to"]),
        (refusing.to_owned(), "./shell", &["-vv", "from/a", "host::m"]),
    ]);
    for (script, shell, arguments) in tried {
        let [theirs, ours] = BOTH.map(|subject| by_shell(subject, &script, shell, arguments));
        assert_eq!(ours, theirs, "-e {shell:?} {arguments:?} {script}");
    }
}

/// What was said and left, and the words that the shell was called with.
fn by_shell(subject: Subject, script: &str, shell: &str, arguments: &[&str]) -> Vec<String> {
    let parent = tempfile::tempdir().expect("a folder");
    // Paths in messages are as long, and the same.
    let folder = parent.path().join("here");
    fs::create_dir_all(folder.join("from/sub/deep")).expect("folders");
    for name in ["a", "b", "a b*", "sub/deep/c"] {
        fs::write(folder.join("from").join(name), "content").expect("a file");
    }
    fs::write(folder.join("names"), "a\nsub/deep\n").expect("a file");
    fs::write(folder.join("long"), "x".repeat(5121)).expect("a file");
    let here = folder.display();
    let module = |name| format!("[{name}]\npath = {here}\nread only = no\nuid = 0\ngid = 0\n");
    let early = format!("early exec = cat >>{here}/told\n");
    let settings = format!("use chroot = no\n{}{early}{}", module("m"), module("-m"));
    fs::write(folder.join("settings"), settings).expect("settings");
    write_script(&folder.join("shell"), script);
    let mut command = Command::new("/usr/bin/timeout");
    command.arg("20").arg(subject.program()).args(arguments).arg("-e").arg(shell);
    let output =
        command.env("LC_ALL", "C").current_dir(&folder).stdin(Stdio::null()).output().expect("a run");
    let left = super::random::names(&folder, &folder);
    // What a daemon has time to say of its client's end is left to chance.
    let steady = |line: &&str| !line.contains("SIGUSR1") && !line.contains("io.c(1892)");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let told = fs::read_to_string(folder.join("told")).unwrap_or_default();
    let mut all = vec![format!("{:?} {told}", output.status.code())];
    all.extend(String::from_utf8_lossy(&output.stdout).lines().map(without_amounts));
    all.extend(errors.lines().filter(steady).map(str::to_owned));
    all.extend(left);
    let here = parent.path().display().to_string();
    all.into_iter().map(|line| line.replace(&here, "")).collect()
}

/// A line without what the frames of a session decide.
fn without_amounts(line: &str) -> String {
    let is_amount = line.starts_with("sent ") || line.starts_with("total size is ");
    let words = line.split(' ').map(|word| match word.parse::<f64>() {
        Ok(_) if is_amount => "N",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The daemon is the original. CVE-2026-53790: hosts that a shell would take for more.
#[test]
fn programs_reach_daemons() {
    if !Subject::Theirs.program().exists() {
        return skip("programs to daemons", "rsync (a package of that name)");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().to_str().expect("in UTF-8");
    fs::write(folder.path().join("file"), "content").expect("a file");
    let settings = format!("use chroot = no\n[m]\npath = {here}\n");
    fs::write(folder.path().join("settings"), settings).expect("settings");
    let daemon = format!(
        "printf '%%s %%s\n' %H %x >&2; exec {} --config={here}/settings --daemon",
        Subject::Theirs.program().display()
    );
    for (host, command, shell) in [
        ("host", &daemon[..], "/bin/sh"),
        ("[::1]", &daemon, "/bin/sh"),
        ("host", "read greeting; false", "/bin/sh"),
        ("host", "a command", "/bin/echo"),
        ("ho;st", &daemon, "/bin/sh"),
        ("ho$st", &daemon, "/bin/sh"),
        ("", &daemon, "/bin/sh"),
    ] {
        let variables = [("RSYNC_CONNECT_PROG", command), ("RSYNC_SHELL", shell), ("RSYNC_PROXY", "none")];
        let module = format!("{host}::m/file");
        let [theirs, ours] = BOTH.map(|subject| said(&call_with(subject, &variables, &[&module])));
        assert_eq!(ours, theirs, "{host} {command}");
    }
}
