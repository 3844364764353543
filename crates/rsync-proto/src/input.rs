//! Where bytes of a peer come from.

use crate::Violation;

/// A stream of bytes in order. A connection implements it by waiting for its
/// peer; a slice by what is left of it.
pub trait Input {
    /// What ends the conversation: a [`Violation`], or what the stream itself
    /// can meet.
    type Error: From<Violation>;

    /// Fills `bytes` with the next bytes.
    ///
    /// # Errors
    /// When the stream ends before, or whatever else it meets.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error>;

    /// The next `N` bytes.
    ///
    /// # Errors
    /// As [`Input::fill`].
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Self::Error> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// The next byte.
    ///
    /// # Errors
    /// As [`Input::fill`].
    fn byte(&mut self) -> Result<u8, Self::Error> {
        self.array().map(|[byte]| byte)
    }

    /// The next `length` bytes, which the caller has checked against a bound.
    ///
    /// # Errors
    /// As [`Input::fill`].
    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, Self::Error> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl<I: Input + ?Sized> Input for &mut I {
    type Error = I::Error;

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        (**self).fill(bytes)
    }
}

/// What reading a slice can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SliceError {
    /// It ended.
    End,
    /// Its bytes are not allowed.
    Violation(Violation),
}

impl From<Violation> for SliceError {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

/// A slice gives its bytes and keeps the rest.
impl Input for &[u8] {
    type Error = SliceError;

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SliceError> {
        let (taken, rest) = self.split_at_checked(bytes.len()).ok_or(SliceError::End)?;
        bytes.copy_from_slice(taken);
        *self = rest;
        Ok(())
    }
}
