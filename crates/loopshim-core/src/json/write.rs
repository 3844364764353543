//! Writing a line of JSON.

use std::fmt::Write;

/// One object on a line, in the making.
pub(crate) struct Line(String);

impl Line {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self(String::new())
    }

    /// What has been written.
    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The object's text, without an end of line.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.push('}');
        self.0.into_bytes()
    }

    /// Starts a member; its value comes next.
    pub(crate) fn member(&mut self, name: &str) -> &mut Self {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.text(name);
        self.0.push(':');
        self
    }

    /// A string.
    pub(crate) fn text(&mut self, text: &str) {
        self.0.push('"');
        for letter in text.chars() {
            match letter {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                '\0'..' ' => self.plain(format_args!("\\u{:04x}", letter as u32)),
                _ => self.0.push(letter),
            }
        }
        self.0.push('"');
    }

    /// Text that is JSON already, such as a number.
    pub(crate) fn plain(&mut self, text: std::fmt::Arguments<'_>) {
        // A string takes everything.
        let _ = self.0.write_fmt(text);
    }

    /// A value by `write`, or null.
    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.0.push_str("null"),
        }
    }

    /// An array, each element by `write`.
    pub(crate) fn array<T>(&mut self, elements: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.0.push('[');
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            write(self, element);
        }
        self.0.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_follow_one_another() {
        let mut line = Line::new();
        line.member("a").plain(format_args!("{}", 1));
        line.member("b").optional(None::<u8>, |line, number| line.plain(format_args!("{number}")));
        line.member("c").array(&["x", "y"], |line, text| line.text(text));
        assert_eq!(line.finish(), br#"{"a":1,"b":null,"c":["x","y"]}"#);
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in any::<String>()) {
            let mut line = Line::new();
            line.member(&text).text(&text);
            let value: serde_json::Value = serde_json::from_slice(&line.finish()).expect("JSON");
            prop_assert_eq!(value, serde_json::json!({ text.clone(): text }));
        }
    }
}
