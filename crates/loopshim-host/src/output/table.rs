//! Tables for people: columns as wide as they need to be, words wrapped in the
//! last one, colours where wanted.

use std::fmt::Write;

/// What a cell's colour says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Have a look.
    Warning,
    /// Something is wrong.
    Bad,
    /// Of less interest.
    Faint,
}

impl Tone {
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("32"),
            Self::Warning => Some("33"),
            Self::Bad => Some("31"),
            Self::Faint => Some("2"),
        }
    }
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl<Text: Into<String>> From<Text> for Cell {
    fn from(text: Text) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }
}

impl Cell {
    /// A cell in a colour.
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    fn shown(&self, width: usize, colour: bool) -> String {
        let text = format!("{:width$}", self.text);
        match self.tone.code().filter(|_| colour) {
            Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            None => text,
        }
    }
}

/// A table: a head, and rows of as many cells.
#[derive(Debug, Clone, Default)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    cells: Vec<Cell>,
    /// Lines below it, across the columns.
    below: Vec<Cell>,
}

impl Table {
    /// A table without rows.
    pub fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, and lines that belong below it.
    pub fn row(&mut self, cells: Vec<Cell>, below: Vec<Cell>) {
        self.rows.push(Row { cells, below });
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Its text.
    pub fn text(&self, colour: bool) -> String {
        let width = |column: usize| {
            let cells = self
                .rows
                .iter()
                .filter_map(|row| row.cells.get(column))
                .map(|cell| cell.text.chars().count());
            cells.chain(self.head.get(column).map(|name| name.chars().count())).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let head: Vec<Cell> = self.head.iter().map(|&name| Cell::toned(name, Tone::Faint)).collect();
        let mut text = line(&head, &widths, colour);
        for row in &self.rows {
            text += &line(&row.cells, &widths, colour);
            for below in &row.below {
                let _ = writeln!(text, "    {}", below.shown(0, colour));
            }
        }
        text
    }
}

fn line(cells: &[Cell], widths: &[usize], colour: bool) -> String {
    let last = cells.len().saturating_sub(1);
    let cells: Vec<String> = cells
        .iter()
        .enumerate()
        // Nothing is padded at the end of a line.
        .map(|(at, cell)| {
            cell.shown(if at == last { 0 } else { widths.get(at).copied().unwrap_or(0) }, colour)
        })
        .collect();
    format!("{}\n", cells.join("  ").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["ID", "STATE"]);
        table.row(vec!["limits".into(), Cell::toned("ok", Tone::Good)], vec!["a note".into()]);
        table.row(vec!["x".into(), "".into()], Vec::new());
        assert_eq!(table.text(false), "ID      STATE\nlimits  ok\n    a note\nx\n");
        assert!(table.text(true).contains("\u{1b}[32mok\u{1b}[0m"));
    }
}
