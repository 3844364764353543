//! The forms in which results are printed.

use serde_json::json;

use super::{Check, Level, Verdict};
use crate::cli::{Format, Phase};
use crate::output::table::{Cell, Table, Tone};

/// A check and what it found.
#[derive(Debug)]
pub struct Row {
    /// The check.
    pub check: &'static Check,
    /// What it found.
    pub verdict: Verdict,
}

/// The results of all checks that were made.
#[derive(Debug)]
pub struct Report {
    /// Before or after the installation.
    pub(crate) phase: Phase,
    /// The results.
    pub rows: Vec<Row>,
    /// The lines of the seed documents' checklist.
    pub(crate) seeds: Vec<String>,
}

impl Report {
    /// How many checks came to a level.
    pub fn count(&self, level: Level) -> usize {
        self.rows.iter().filter(|row| row.verdict.level == level).count()
    }

    fn phase_name(&self) -> &'static str {
        match self.phase {
            Phase::Pre => "pre",
            Phase::Post => "post",
        }
    }

    fn summary(&self) -> String {
        format!(
            "{} good, {} failed, {} warnings, {} not checked",
            self.count(Level::Pass),
            self.count(Level::Fail),
            self.count(Level::Warn),
            self.count(Level::Skip)
        )
    }
}

/// The report in a form.
pub(crate) fn render(report: &Report, format: Format, colour: bool) -> String {
    match format {
        Format::Text => text(report, colour),
        Format::Json => json_text(report),
        Format::Junit => junit(report),
        Format::Tap => tap(report),
        Format::Nagios => nagios(report),
        Format::Seeds => report.seeds.iter().map(|line| format!("{line}\n")).collect(),
    }
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Pass => "pass",
        Level::Warn => "warn",
        Level::Fail => "fail",
        Level::Skip => "skip",
    }
}

fn text(report: &Report, colour: bool) -> String {
    let mut table = Table::new(&["CHECK", "RESULT", "", "FOUND"]);
    for row in &report.rows {
        let tone = match row.verdict.level {
            Level::Pass => Tone::Good,
            Level::Warn => Tone::Warning,
            Level::Fail => Tone::Bad,
            Level::Skip => Tone::Faint,
        };
        let cells = vec![
            row.check.id.into(),
            Cell::toned(word(row.verdict.level), tone),
            row.check.title.into(),
            row.verdict.value.clone().into(),
        ];
        let advice = row.verdict.advice.iter().map(|advice| format!("do: {advice}").into()).collect();
        table.row(cells, advice);
    }
    format!("{}\n{}.\n", table.text(colour), report.summary())
}

fn json_text(report: &Report) -> String {
    let row = |row: &Row| {
        json!({
            "id": row.check.id,
            "title": row.check.title,
            "result": word(row.verdict.level),
            "value": row.verdict.value,
            "advice": row.verdict.advice,
            "source": row.check.source,
        })
    };
    let document = json!({
        "phase": report.phase_name(),
        "pass": report.count(Level::Pass),
        "fail": report.count(Level::Fail),
        "warn": report.count(Level::Warn),
        "skip": report.count(Level::Skip),
        "checks": report.rows.iter().map(row).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

/// Text as it may stand in XML, control characters left out.
fn xml(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            letter if letter.is_control() && letter != '\n' && letter != '\t' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn junit(report: &Report) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"loopshim verify {}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
        report.phase_name(),
        report.rows.len(),
        report.count(Level::Fail),
        report.count(Level::Skip)
    );
    for Row { check, verdict } in &report.rows {
        let (value, advice) = (xml(&verdict.value), xml(verdict.advice.as_deref().unwrap_or_default()));
        text += &format!(
            "  <testcase classname=\"loopshim.{}\" name=\"{}\">",
            report.phase_name(),
            xml(check.id)
        );
        text += &match verdict.level {
            Level::Pass => format!("<system-out>{value}</system-out>"),
            Level::Warn => format!("<system-out>warning: {value}; {advice}</system-out>"),
            Level::Fail => format!("<failure message=\"{value}\">{advice}</failure>"),
            Level::Skip => format!("<skipped message=\"{value}\"/>"),
        };
        text += "</testcase>\n";
    }
    text + "</testsuite>\n"
}

fn tap(report: &Report) -> String {
    // A hash would begin a directive.
    let plain = |text: &str| text.replace(['#', '\n'], " ");
    let mut text = format!("TAP version 13\n1..{}\n", report.rows.len());
    for (at, Row { check, verdict }) in report.rows.iter().enumerate() {
        let ok = if verdict.level == Level::Fail { "not ok" } else { "ok" };
        let directive = if verdict.level == Level::Skip { " # SKIP" } else { "" };
        text += &format!("{ok} {} - {}: {}{directive}\n", at + 1, check.id, plain(&verdict.value));
        // TAP has no warnings: such a row holds, and the comment says what it is.
        let kind = if verdict.level == Level::Warn { "warning: " } else { "" };
        if let Some(advice) = &verdict.advice {
            text += &format!("# {kind}{}\n", plain(advice));
        }
    }
    text
}

/// One line, then one for each finding (Monitoring Plugins Development Guidelines).
fn nagios(report: &Report) -> String {
    // What begins the figures must not be in the text.
    let plain = |text: &str| text.replace('|', "/").replace('\n', " ");
    let state = match (report.count(Level::Fail), report.count(Level::Warn)) {
        (0, 0) => "OK",
        (0, _) => "WARNING",
        _ => "CRITICAL",
    };
    let mut text = format!(
        "LOOPSHIM {state} - {} | failed={};;1 warnings={};1 good={}\n",
        report.summary(),
        report.count(Level::Fail),
        report.count(Level::Warn),
        report.count(Level::Pass)
    );
    for Row { check, verdict } in
        report.rows.iter().filter(|row| matches!(row.verdict.level, Level::Fail | Level::Warn))
    {
        text += &format!("{}: {}: {}\n", word(verdict.level), check.id, plain(&verdict.value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::ALL;

    fn report() -> Report {
        let verdicts = [
            Verdict::pass("4 | # <x>"),
            Verdict::warn("low & \"old\"", "do this"),
            Verdict::fail("none", "do that"),
            Verdict::skip("not here"),
        ];
        let rows = ALL.iter().zip(verdicts).map(|(check, verdict)| Row { check, verdict }).collect();
        Report { phase: Phase::Pre, rows, seeds: vec!["=== Pre-Bootstrap Verification ===".to_owned()] }
    }

    #[test]
    fn every_form_says_the_same() {
        let form = |format| render(&report(), format, false);
        assert!(form(Format::Text).ends_with("1 good, 1 failed, 1 warnings, 1 not checked.\n"));
        assert!(form(Format::Json).contains("\"fail\": 1"));
        let junit = form(Format::Junit);
        assert!(
            junit.contains("tests=\"4\" failures=\"1\" skipped=\"1\"")
                && junit.contains("<failure message=\"none\">do that</failure>")
        );
        assert!(junit.contains("4 | # &lt;x&gt;") && junit.contains("low &amp; &quot;old&quot;"));
        let tap = form(Format::Tap);
        assert!(tap.starts_with("TAP version 13\n1..4\nok 1 - cpus: 4 |   <x>\n"), "{tap}");
        assert!(tap.contains("\nnot ok 3 - ") && tap.contains("# SKIP\n"));
        assert!(tap.contains(": low & \"old\"\n# warning: do this\nnot ok 3"), "{tap}");
        let nagios = form(Format::Nagios);
        assert!(
            nagios.starts_with(
                "LOOPSHIM CRITICAL - 1 good, 1 failed, 1 warnings, 1 not checked | failed=1;;1 "
            ),
            "{nagios}"
        );
        assert_eq!(nagios.lines().count(), 3);
    }
}
