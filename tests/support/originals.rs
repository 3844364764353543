//! The original tools, where `tests/run` put them.

use std::path::PathBuf;

/// The versions we stand in for, as personalities are named.
pub const PERSONALITIES: [&str; 2] = ["1.8.18-el8", "1.8.19-deb12"];

/// The original of a personality: a wrapper in `LOOPSHIM_ORIGINALS`.
pub fn find(personality: &str) -> Option<PathBuf> {
    let version = personality.split('-').next().expect("a version");
    let path = PathBuf::from(std::env::var_os("LOOPSHIM_ORIGINALS")?).join(format!("ipmitool-{version}"));
    path.exists().then_some(path)
}

/// `stderr` without the blocks `>>> IPMI req … >>>` and `<<< IPMI rsp … <<<`.
pub fn without_socket_traces(stderr: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut block: Option<&[u8]> = None;
    for line in stderr.split_inclusive(|&byte| byte == b'\n') {
        match block {
            Some(end) if line == end => block = None,
            Some(_) => {}
            None if line == b">>> IPMI req\n" => block = Some(b">>>\n"),
            None if line == b"<<< IPMI rsp\n" => block = Some(b"<<<\n"),
            None => kept.extend_from_slice(line),
        }
    }
    kept
}
