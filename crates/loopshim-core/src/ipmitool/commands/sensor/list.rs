//! `sensor list`.

use super::{Style, is_sensor, print_sensor};
use crate::ipmitool::sdr_repository::Walk;
use crate::ipmitool::{Failed, Outcome, Session};
use crate::log;

/// Prints every sensor. Sensors without a reading are no failure.
pub(super) fn run(session: &mut Session<'_>) -> Outcome {
    log!(session, DEBUG, "Querying SDR for sensor list");
    let Some(mut walk) = Walk::start(session, false) else {
        log!(session, ERR, "Unable to open SDR for reading");
        return Err(Failed);
    };
    let style = Style::of(session);
    while let Some(header) = walk.next_header(session) {
        match walk.record(session, &header) {
            None => log!(session, DEBUG, "rec == NULL"),
            Some(mut record) if is_sensor(&record) => {
                let _ = print_sensor(session, &mut record, style);
            }
            Some(_) => {}
        }
    }
    Ok(())
}
