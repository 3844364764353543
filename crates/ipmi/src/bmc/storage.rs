//! Storage commands (network function 0Ah, IPMI 2.0 sections 31, 33 and 34).

use super::{Command, fru_inventory as fru, sdr_repository as sdr, sel};

pub(crate) const COMMANDS: &[Command] = &[
    Command::reading(0x10, 1, 1, fru::area_info),
    Command::reading(0x11, 4, 4, fru::read),
    Command::new(0x12, 4, super::ANY_LENGTH, fru::write),
    Command::reading(0x20, 0, 0, |bmc, _| Ok(bmc.sdr.info())),
    Command::reading(0x21, 0, 0, |bmc, _| Ok(bmc.sdr.allocation())),
    Command::passing(0x22, 0, 0, |bmc, _| Ok(sdr::reserve(bmc))),
    Command::reading(0x23, 6, 6, |bmc, call| bmc.sdr.get(call)),
    Command::reading(0x28, 0, 0, |bmc, call| Ok(bmc.sel.time(call.now()).to_le_bytes().into())),
    Command::reading(0x40, 0, 0, |bmc, _| Ok(bmc.sel.info())),
    Command::reading(0x41, 0, 0, |bmc, _| Ok(bmc.sel.allocation())),
    Command::passing(0x42, 0, 0, |bmc, _| Ok(sel::reserve(bmc))),
    Command::reading(0x43, 6, 6, |bmc, call| bmc.sel.get(call)),
    Command::new(0x44, 16, 16, sel::add),
    Command::new(0x46, 4, 4, |bmc, call| bmc.sel.delete(call)),
    Command::new(0x47, 6, 6, |bmc, call| bmc.sel.clear(call)),
    Command::reading(0x48, 0, 0, |bmc, call| Ok(bmc.sel.time(call.now()).to_le_bytes().into())),
    Command::new(0x49, 4, 4, |bmc, call| bmc.sel.set_time(call)),
    Command::reading(0x5C, 0, 0, |bmc, _| Ok(bmc.sel.utc_offset.to_le_bytes().into())),
    Command::new(0x5D, 2, 2, |bmc, call| bmc.sel.set_utc_offset(call)),
];
