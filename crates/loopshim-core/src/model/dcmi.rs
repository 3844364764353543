//! Data center manageability: what a model says of it.

use ipmi::bmc;

use super::Problem;
use super::device::replace;
use crate::json;

/// Longest text, in bytes; of the controller's name the NUL after it is one.
const TEXT_MAX: usize = 64;

/// What is given; with any of it the controller has DCMI.
#[derive(Debug)]
pub(super) struct Dcmi {
    enabled: bool,
    watts: Option<u16>,
    asset_tag: Option<String>,
    controller_name: Option<String>,
}

json::object!(Dcmi { ; enabled or true, watts, asset_tag, controller_name });

impl Dcmi {
    pub(super) fn apply(self, dcmi: &mut Option<bmc::Dcmi>) -> Result<(), Problem> {
        if !self.enabled {
            *dcmi = None;
            return Ok(());
        }
        let dcmi = dcmi.get_or_insert_default();
        replace(&mut dcmi.watts, self.watts.map(Some));
        replace(&mut dcmi.asset_tag, self.asset_tag.map(String::into_bytes));
        replace(&mut dcmi.controller_name, self.controller_name.map(|name| (name + "\0").into_bytes()));
        if dcmi.asset_tag.len() > TEXT_MAX || dcmi.controller_name.len() > TEXT_MAX {
            return Err(Problem::new(
                "dcmi",
                "a text is longer than 64 bytes, a NUL after the name included",
            ));
        }
        Ok(())
    }
}
