//! Line differences of two texts, as `diff -u` shows them.

/// Lines of context around a change.
const CONTEXT: usize = 3;
/// Largest number of lines compared; of larger texts only that they differ is said.
const LINES_MAX: usize = 2000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    Keep,
    Remove,
    Add,
}

/// The difference from `old` to `new`; empty when there is none. `None` stands
/// for a file that is not there.
pub fn unified(path: &str, old: Option<&[u8]>, new: Option<&[u8]>) -> String {
    if old == new {
        return String::new();
    }
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let (old_text, new_text) = (text(old), text(new));
    let (before, after): (Vec<&str>, Vec<&str>) = (old_text.lines().collect(), new_text.lines().collect());
    let label = |side: Option<&[u8]>| if side.is_some() { path.to_owned() } else { "/dev/null".to_owned() };
    let mut shown = format!("--- {}\n+++ {}\n", label(old), label(new));
    if before.len().max(after.len()) > LINES_MAX {
        shown += "(they differ; too long to show)\n";
        return shown;
    }
    let edits = edits(&before, &after);
    if edits.iter().all(|(edit, _)| *edit == Edit::Keep) {
        shown += "(they differ at the end of a line only)\n";
        return shown;
    }
    let is_near = |at: usize| {
        let near = edits.iter().take(at + CONTEXT + 1).skip(at.saturating_sub(CONTEXT));
        near.into_iter().any(|(edit, _)| *edit != Edit::Keep)
    };
    let (mut old_line, mut new_line, mut open) = (1, 1, false);
    for (at, (edit, line)) in edits.iter().enumerate() {
        let near = is_near(at);
        if near && !open {
            shown += &format!("@@ -{old_line} +{new_line} @@\n");
        }
        open = near;
        let sign = match edit {
            Edit::Keep => ' ',
            Edit::Remove => '-',
            Edit::Add => '+',
        };
        if near {
            shown += &format!("{sign}{line}\n");
        }
        old_line += usize::from(*edit != Edit::Add);
        new_line += usize::from(*edit != Edit::Remove);
    }
    shown
}

/// A shortest way from one to the other, by their longest common subsequence.
fn edits<'t>(before: &[&'t str], after: &[&'t str]) -> Vec<(Edit, &'t str)> {
    let width = after.len() + 1;
    let mut common = vec![0u32; (before.len() + 1) * width];
    for old in (0..before.len()).rev() {
        for new in (0..after.len()).rev() {
            common[old * width + new] = if before[old] == after[new] {
                common[(old + 1) * width + new + 1] + 1
            } else {
                common[(old + 1) * width + new].max(common[old * width + new + 1])
            };
        }
    }
    let (mut old, mut new, mut edits) = (0, 0, Vec::new());
    while old < before.len() || new < after.len() {
        let both = old < before.len() && new < after.len();
        if both && before[old] == after[new] {
            edits.push((Edit::Keep, before[old]));
            (old, new) = (old + 1, new + 1);
        } else if new == after.len()
            || (both && common[(old + 1) * width + new] >= common[old * width + new + 1])
        {
            edits.push((Edit::Remove, before[old]));
            old += 1;
        } else {
            edits.push((Edit::Add, after[new]));
            new += 1;
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_and_what_is_near_is_shown() {
        let old: String = (1..=20).map(|line| format!("{line}\n")).collect();
        let new = old.replace("\n10\n", "\nten\n");
        let shown = unified("/etc/x", Some(old.as_bytes()), Some(new.as_bytes()));
        assert_eq!(shown, "--- /etc/x\n+++ /etc/x\n@@ -7 +7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n");
        assert_eq!(unified("/etc/x", Some(b"a"), Some(b"a")), "");
    }

    #[test]
    fn a_file_that_comes_or_goes_differs_from_none() {
        assert_eq!(unified("/f", None, Some(b"a\n")), "--- /dev/null\n+++ /f\n@@ -1 +1 @@\n+a\n");
        assert_eq!(unified("/f", Some(b"a\n"), None), "--- /f\n+++ /dev/null\n@@ -1 +1 @@\n-a\n");
        assert!(unified("/f", Some(b"a"), Some(b"a\n")).contains("end of a line"));
    }
}
