//! Where the original's own runs differ from each other, only that is let pass:
//! what all of them show must be ours too.

use super::side::Shown;

/// Whether `ours` has whatever `theirs` shows in all its runs.
pub(super) fn agrees(ours: &Shown, theirs: &Shown, again: &[Shown]) -> bool {
    let lines = |text: fn(&Shown) -> &Vec<u8>| {
        let lines = |shown| text(shown).split_inclusive(|byte| *byte == b'\n').collect::<Vec<_>>();
        is_in_all(&lines(ours), &lines(theirs), &again.iter().map(lines).collect::<Vec<_>>())
    };
    let requests: Vec<_> = again.iter().map(|shown| &shown.requests[..]).collect();
    let one_of = |is_same: fn(&Shown, &Shown) -> bool| {
        is_same(ours, theirs) || again.iter().any(|other| !is_same(other, theirs))
    };
    lines(|shown| &shown.stdout)
        && lines(|shown| &shown.stderr)
        && is_in_all(&ours.requests, &theirs.requests, &requests)
        && one_of(|one, other| one.status == other.status)
        && one_of(|one, other| one.files == other.files)
}

/// Whether `ours` is the same in all places where `theirs` and all of `again`
/// are; where their lengths differ, up to the first place where they are not.
fn is_in_all<T, L>(ours: &[T], theirs: &[T], again: &[L]) -> bool
where
    T: PartialEq,
    L: AsRef<[T]>,
{
    let is_steady = |at: usize| again.iter().all(|other| other.as_ref().get(at) == theirs.get(at));
    let same_length = again.iter().all(|other| other.as_ref().len() == theirs.len());
    let is_ours = |at: usize| ours.get(at) == theirs.get(at);
    if same_length {
        return ours.len() == theirs.len() && (0..theirs.len()).all(|at| !is_steady(at) || is_ours(at));
    }
    (0..theirs.len()).take_while(|at| is_steady(*at)).all(is_ours)
}

#[test]
fn only_what_wavers_is_let_pass() {
    let again = [["a", "c", "d"], ["a", "b", "d"]];
    assert!(is_in_all(&["a", "x", "d"], &["a", "b", "d"], &again));
    assert!(!is_in_all(&["a", "b", "x"], &["a", "b", "d"], &again));
    assert!(!is_in_all(&["a", "b"], &["a", "b", "d"], &again));
    let again = [vec!["a", "b"], vec!["a"]];
    assert!(is_in_all(&["a", "x", "y"], &["a", "b"], &again));
    assert!(!is_in_all(&["x", "b"], &["a", "b"], &again));
}
