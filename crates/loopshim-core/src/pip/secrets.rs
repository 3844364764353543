//! Secrets in pip's arguments: addresses with a user's password in them.

/// The secrets in `args`: each address with credentials, to its end.
pub fn find(args: &[Vec<u8>]) -> Vec<Vec<u8>> {
    args.iter().filter_map(|arg| address(arg)).collect()
}

fn address(arg: &[u8]) -> Option<Vec<u8>> {
    let at = arg.windows(3).position(|window| window == b"://")?;
    let host = arg[at + 3..].split(|&byte| byte == b'/').next()?;
    host.contains(&b'@').then(|| {
        let start = arg[..at].iter().rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'+');
        arg[start.map_or(0, |before| before + 1)..].to_vec()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_credentials_are_found_and_others_let_be() {
        let args = ["install", "--index-url=https://u:p@host/simple", "https://host/a@b", "git+ssh://me@h/x"];
        let found = find(&args.map(|arg| arg.as_bytes().to_vec()));
        assert_eq!(found, [b"https://u:p@host/simple".to_vec(), b"git+ssh://me@h/x".to_vec()]);
    }
}
