//! Where symbolic links lead, by their text alone.

/// Whether a link called `name` (relative to the transfer's root) leaves the
/// tree: an absolute or empty target, one that climbs above the root, or one
/// that climbs after anything else, which may depend on what lies there.
pub fn leaves_tree(name: &[u8], target: &[u8]) -> bool {
    if target.is_empty() || target.starts_with(b"/") {
        return true;
    }
    let components = |path: &[u8]| -> Vec<Vec<u8>> {
        path.split(|&byte| byte == b'/').filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
    };
    let target = components(target);
    let climbs = target.iter().take_while(|part| *part == b"..").count();
    let climbs_later = target[climbs..].iter().any(|part| part == b"..");
    let depth = components(name).iter().filter(|part| *part != b".").count().saturating_sub(1);
    climbs_later || climbs > depth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_stays_is_safe() {
        for (name, target) in [
            ("l", "a"),
            ("d/l", "../a"),
            ("d/e/l", "../../x/y"),
            ("l", "./a"),
            ("d/l", ".."),
            ("d/l", "a..b"),
            ("d/l", ".././a"),
            ("d/l", "..//a"),
        ] {
            assert!(!leaves_tree(name.as_bytes(), target.as_bytes()), "{name} {target}");
        }
        for (name, target) in [
            ("l", "/a"),
            ("l", ""),
            ("l", ".."),
            ("d/l", "../../a"),
            ("d/l", "a/../../b"),
            ("d/l", "a/.."),
            ("d/l", "./../a"),
        ] {
            assert!(leaves_tree(name.as_bytes(), target.as_bytes()), "{name} {target}");
        }
    }
}
