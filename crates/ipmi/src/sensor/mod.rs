//! From raw sensor bytes to values and back (IPMI 2.0 sections 36.3 and 36.4).
//!
//! A record says how a reading converts: a [`DataFormat`], the [`Factors`]
//! M, B and their exponents, and a [`Linearization`]; together a [`Conversion`].

mod conversion;
mod double_double;
mod factors;
mod linearization;
mod math;

pub use conversion::{Conversion, DataFormat};
pub use factors::{Direction, Factors, ReadingFactors};
pub use linearization::Linearization;
