//! Properties of every codec: values survive encoding and decoding, and any
//! bytes decode to an error or a value that survives them too.

mod bmc;
mod device_id;
mod fru;
mod sdr;
mod sel;
mod sensor;
