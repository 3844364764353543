//! README's table of fixes is made of the fixes themselves.

use std::fmt::Write;

use loopshim_host::fixes;

const README: &str = include_str!("../../README.md");

fn table() -> String {
    let mut table = String::from("| fix | label | what it does | why |\n|---|---|---|---|\n");
    for fix in fixes::ALL {
        writeln!(table, "| `{}` | {} | {} | {} |", fix.id, fix.label, fix.title, fix.reason).expect("text");
    }
    table
}

#[test]
fn the_table_of_fixes_is_the_fixes() {
    let table = table();
    assert!(README.contains(&table), "README's table of fixes should be:\n{table}");
}
