//! `RECORD`: which files a distribution brought, and what was in them (PEP 376,
//! PEP 627): lines of CSV, a path, `sha256=` and a digest, and a size.

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, absolute or below `site-packages`.
    pub path: Vec<u8>,
    /// Its SHA-256 digest, in unpadded base64 with `-` and `_`; absent for files
    /// that may change (bytecode) or that name another algorithm.
    pub sha256: Option<Vec<u8>>,
}

/// Reads a `RECORD`. `None` when it cannot be one: empty, or with NUL bytes in
/// it, as a power cut leaves.
pub fn parse(text: &[u8]) -> Option<Vec<Entry>> {
    if text.contains(&0) {
        return None;
    }
    let mut entries = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (fields, after) = row(rest);
        rest = after;
        let mut fields = fields.into_iter();
        match fields.next() {
            Some(path) if !path.is_empty() => {
                let digest = fields.next().unwrap_or_default();
                entries.push(Entry { path, sha256: digest.strip_prefix(b"sha256=").map(<[u8]>::to_vec) });
            }
            _ => {}
        }
    }
    (!entries.is_empty()).then_some(entries)
}

/// The fields of the first row of CSV text, and the text after it.
fn row(text: &[u8]) -> (Vec<Vec<u8>>, &[u8]) {
    let mut fields = vec![Vec::new()];
    let mut quoted = false;
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        let field = fields.last_mut().unwrap_or_else(|| unreachable!("there is always a field"));
        match byte {
            b'"' if quoted && text.get(at) == Some(&b'"') => {
                field.push(b'"');
                at += 1;
            }
            b'"' => quoted = !quoted,
            b',' if !quoted => fields.push(Vec::new()),
            b'\r' if !quoted && text.get(at) == Some(&b'\n') => {}
            b'\n' if !quoted => break,
            _ => field.push(byte),
        }
    }
    (fields, &text[at..])
}

/// The digest of a file as `RECORD` has it.
pub fn encoded(digest: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = Vec::with_capacity(digest.len().div_ceil(3) * 4);
    for group in digest.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let sextet = |position: usize| ALPHABET[(bits >> (18 - 6 * position)) as usize & 0x3F];
        text.extend((0..=group.len()).map(sextet));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_with_their_quotes() {
        let text =
            b"a/b.py,sha256=AbC-_,12\r\n\"x,\"\"y\"\"\",,\na.pyc,,\nz,md5=abc,1\n../../bin/m,sha256=q,3";
        let entries = parse(text).expect("rows");
        let seen: Vec<_> = entries
            .iter()
            .map(|entry| {
                let digest = entry.sha256.as_deref().map(String::from_utf8_lossy);
                (String::from_utf8_lossy(&entry.path).into_owned(), digest.unwrap_or_default().into_owned())
            })
            .collect();
        let expected = [("a/b.py", "AbC-_"), ("x,\"y\"", ""), ("a.pyc", ""), ("z", ""), ("../../bin/m", "q")];
        assert_eq!(seen, expected.map(|(path, digest)| (path.to_owned(), digest.to_owned())));
    }

    #[test]
    fn what_a_power_cut_leaves_is_no_record() {
        assert_eq!(parse(b""), None);
        assert_eq!(parse(b"\n\n"), None);
        assert_eq!(parse(b"a,,\n\0\0\0"), None);
    }

    #[test]
    fn a_quote_that_never_ends_ends_with_the_text() {
        assert_eq!(parse(b"\"abc\nd,e").map(|entries| entries.len()), Some(1));
    }

    #[test]
    fn digests_are_url_safe_and_unpadded() {
        assert_eq!(encoded(b"\xfb\xff\xfe"), b"-__-");
        assert_eq!(encoded(b"fo"), b"Zm8");
        assert_eq!(encoded(b""), b"");
    }
}
