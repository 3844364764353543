//! Which fixes a command line means.

use crate::cli::Selection;
use crate::fixes::{self, Fix, Label};
use crate::output::Failure;

/// A choice of fixes.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The fixes that are meant.
    pub(crate) fixes: Vec<&'static Fix>,
    /// Whether anything was said about which.
    pub(crate) explicit: bool,
}

impl Chosen {
    /// The fixes that the options name.
    pub(crate) fn of(selection: &Selection) -> Result<Self, Failure> {
        for id in selection.only.iter().chain(&selection.skip) {
            if fixes::find(id).is_none() {
                return Err(unknown("fix", id, fixes::ALL.iter().map(|fix| fix.id)));
            }
        }
        let labels: &[Label] =
            if selection.label.is_empty() { &[Label::Required, Label::Workaround] } else { &selection.label };
        let is_named = |fix: &Fix| selection.only.iter().any(|id| id == fix.id);
        let is_meant = |fix: &&Fix| {
            let by_label = selection.only.is_empty() && labels.contains(&fix.label);
            (is_named(fix) || by_label) && !selection.skip.iter().any(|id| id == fix.id)
        };
        let explicit =
            !(selection.only.is_empty() && selection.label.is_empty() && selection.skip.is_empty());
        Ok(Self { fixes: fixes::ALL.iter().filter(is_meant).collect(), explicit })
    }

    /// Whether a fix is among them.
    pub(crate) fn has(&self, fix: &Fix) -> bool {
        self.fixes.iter().any(|chosen| chosen.id == fix.id)
    }

    /// Refuses dangerous fixes that were not both named and agreed to.
    pub(crate) fn refuse_dangerous(&self, selection: &Selection, yes: bool) -> Result<(), Failure> {
        let is_agreed = |fix: &Fix| yes && selection.only.iter().any(|id| id == fix.id);
        match self.fixes.iter().find(|fix| fix.label == Label::Dangerous && !is_agreed(fix)) {
            Some(fix) => Err(Failure::usage(format!(
                "{} is dangerous ({}): it is applied only by --only {} --yes",
                fix.id, fix.reason, fix.id
            ))),
            None => Ok(()),
        }
    }
}

/// The refusal of a name that nothing has, with the likely one.
pub(crate) fn unknown<'n>(kind: &str, name: &str, names: impl Iterator<Item = &'n str>) -> Failure {
    let names: Vec<&str> = names.collect();
    let closest = names.iter().map(|known| (distance(name, known), known)).min();
    let likely = closest.filter(|(distance, known)| *distance <= known.len() / 3 + 1);
    let hint = likely.map_or_else(
        || format!("known: {}", names.join(", ")),
        |(_, known)| format!("did you mean {known}?"),
    );
    Failure::usage(format!("no {kind} is called {name}; {hint}"))
}

/// How many letters have to be changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (at, wanted) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(*wanted != letter);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(selection: &Selection) -> Vec<&'static str> {
        Chosen::of(selection).expect("a good selection").fixes.iter().map(|fix| fix.id).collect()
    }

    #[test]
    fn by_default_what_is_required_and_what_gets_around_defects_is_meant() {
        let chosen = ids(&Selection::default());
        assert!(chosen.contains(&"limits") && chosen.contains(&"shims"));
        assert!(!chosen.contains(&"huge-pages") && !chosen.contains(&"dracut-virtio"));
        let optional =
            Selection { label: vec![Label::Optional], skip: vec!["orphans".into()], ..Selection::default() };
        assert!(ids(&optional).contains(&"huge-pages") && !ids(&optional).contains(&"orphans"));
    }

    #[test]
    fn what_is_dangerous_wants_a_name_and_a_yes() {
        let named = Selection { only: vec!["dracut-virtio".into()], ..Selection::default() };
        let labelled = Selection { label: vec![Label::Dangerous], ..Selection::default() };
        let refusal = |selection: &Selection, yes| {
            Chosen::of(selection).expect("a good selection").refuse_dangerous(selection, yes).is_err()
        };
        assert!(refusal(&named, false) && refusal(&labelled, true) && !refusal(&named, true));
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_likely_one() {
        let failure = Chosen::of(&Selection { only: vec!["limit".into()], ..Selection::default() });
        assert!(failure.expect_err("no such fix").message.ends_with("did you mean limits?"));
        let failure = Chosen::of(&Selection { skip: vec!["xyzzy".into()], ..Selection::default() });
        assert!(failure.expect_err("no such fix").message.contains("known: packages, "));
    }
}
