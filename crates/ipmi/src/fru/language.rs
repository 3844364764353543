/// Language code of an area (FRU 1.0 r1.3 section 15, "Language Codes").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language(pub u8);

impl Language {
    /// 25, English; code 0 means the same.
    pub const ENGLISH: Self = Self(25);

    /// Whether text is 8-bit ASCII + Latin-1 rather than UTF-16.
    pub const fn is_english(self) -> bool {
        matches!(self.0, 0 | 25)
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::ENGLISH
    }
}
