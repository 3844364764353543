//! What CVS would ignore (rsync(1), "--cvs-exclude").

use rsync_proto::filter::{Effect, Parsed, Prefix, Reading, Rule, parse, split};

use super::scope::Anchored;

/// The list that is built in.
const NAMES: &[u8] = b"RCS SCCS CVS CVS.adm RCSLOG cvslog.* tags TAGS .make.state .nse_depinfo \
    *~ #* .#* ,* _$* *$ *.old *.bak *.BAK *.orig *.rej .del-* *.a *.olb *.o *.obj *.so *.exe \
    *.Z *.elc *.ln core .svn/ .git/ .hg/ .bzr/";

/// What the list, `~/.cvsignore` and `CVSIGNORE` come to, for the sides that
/// `rule` is for.
pub(super) fn rules(rule: &Rule) -> Vec<Anchored> {
    let mut rules = Vec::new();
    // They keep nothing from being deleted with the directory it is in.
    add(NAMES, &Rule { is_perishable: true, ..rule.clone() }, false, &mut rules);
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
    if let Some(file) = home.and_then(|home| std::fs::read(home.join(".cvsignore")).ok()) {
        add(&file, rule, true, &mut rules);
    }
    if let Some(list) = std::env::var_os("CVSIGNORE") {
        add(list.as_encoded_bytes(), rule, false, &mut rules);
    }
    rules
}

fn add(text: &[u8], of: &Rule, is_from_file: bool, rules: &mut Vec<Anchored>) {
    let reading = Reading {
        prefix: Prefix::None(Effect::Exclude),
        may_clear: true,
        splits_words: true,
        sides: Some(of.sides),
        is_perishable: of.is_perishable,
        ..Reading::default()
    };
    for (_, word) in split(text, &reading) {
        match parse(word, &reading) {
            Ok(Parsed::Clear) => rules.clear(),
            Ok(Parsed::Rule(rule)) => rules.push(Anchored::at_root(rule, is_from_file)),
            _ => {}
        }
    }
}
