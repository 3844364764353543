//! Which events a sensor has and may send.

use crate::ipmitool::sdr_repository::Record;
use crate::ipmitool::text::completion::completion_name;
use crate::ipmitool::text::{Words, words};
use crate::ipmitool::{Reply, Session};
use crate::{log, out};

/// The words around one of the two reports, each of them different.
struct Report {
    /// In debug lines.
    subject: &'static str,
    /// Of the report as a whole.
    title: &'static str,
    asserted: &'static str,
    deasserted: &'static str,
    /// Whether the BMC may say that there is nothing to report yet.
    can_be_unavailable: bool,
    /// Whether deassertions of thresholds show only when there are some in both
    /// bytes, as the original has it for one of the reports.
    needs_both_bytes: bool,
}

const STATUS: Report = Report {
    subject: "status",
    title: "Event Status",
    asserted: "Assertion Events",
    deasserted: "Deassertion Events",
    can_be_unavailable: true,
    needs_both_bytes: true,
};

const ENABLE: Report = Report {
    subject: "enable",
    title: "Event Enable",
    asserted: "Assertions Enabled",
    deasserted: "Deassertions Enabled",
    can_be_unavailable: false,
    needs_both_bytes: false,
};

/// Threshold events by bit.
const THRESHOLD_EVENTS: Words =
    words!["lnc-", "lnc+", "lcr-", "lcr+", "lnr-", "lnr+", "unc-", "unc+", "ucr-", "ucr+", "unr-", "unr+"];

impl Session<'_> {
    /// Prints the events a sensor has seen, then those it may send; as
    /// thresholds or, if `discrete`, as states.
    pub fn print_sensor_events(&mut self, sensor: &Record, discrete: bool) {
        let reply = self.request_event_status(sensor);
        self.print_report(sensor, &STATUS, reply, discrete);
        let reply = self.request_event_enable(sensor);
        self.print_report(sensor, &ENABLE, reply, discrete);
    }

    fn print_report(&mut self, sensor: &Record, report: &Report, reply: Option<Reply>, discrete: bool) {
        let Some(reply) = self.accepted_report(sensor, report, reply) else {
            return;
        };
        if report.can_be_unavailable && reply.at(0) & 0x20 != 0 {
            return out!(self, " {:<21} : Unavailable\n", report.title);
        }
        if reply.at(0) & 0x80 == 0 {
            out!(self, " {:<21} : Event Messages Disabled\n", report.title);
        }
        if discrete {
            self.print_state_events(sensor, report);
        } else {
            self.print_threshold_events(report, &reply);
        }
    }

    fn accepted_report(&mut self, sensor: &Record, report: &Report, reply: Option<Reply>) -> Option<Reply> {
        let (subject, number) = (report.subject, sensor.number());
        let Some(reply) = reply else {
            log!(self, DEBUG, "Error reading event {subject} for sensor #{number:02x}");
            return None;
        };
        if !reply.is_ok() {
            let why = completion_name(reply.completion);
            log!(self, DEBUG, "Error reading event {subject} for sensor #{number:02x}: {why}");
            return None;
        }
        Some(reply)
    }

    /// Reads from the receive buffer as it stands: naming the first states may
    /// have asked the BMC for its manufacturer, and the original then takes
    /// that answer for the second half of this one.
    fn print_state_events(&mut self, sensor: &Record, report: &Report) {
        match self.link.received_len() {
            0 | 1 => {}
            2 => self.print_states(sensor, [self.link.received(1), 0], report.asserted),
            _ => {
                self.print_states(sensor, [self.link.received(1), self.link.received(2)], report.asserted);
            }
        }
        match self.link.received_len() {
            0..=3 => {}
            4 => self.print_states(sensor, [self.link.received(3), 0], report.deasserted),
            _ => {
                self.print_states(sensor, [self.link.received(3), self.link.received(4)], report.deasserted);
            }
        }
    }

    fn print_threshold_events(&mut self, report: &Report, reply: &Reply) {
        let len = reply.len();
        let asserted = [reply.at(1), if len > 2 { reply.at(2) } else { 0 }];
        out!(self, " {:<21} : {}\n", report.asserted, threshold_events(asserted));
        let deasserted = [reply.at(3), if len > 4 { reply.at(4) } else { 0 }];
        let [low, high] = deasserted.map(|byte| byte != 0);
        let shown = match len {
            0..=3 => false,
            4 => low,
            _ if report.needs_both_bytes => low && high,
            _ => low || high,
        };
        if shown {
            out!(self, " {:<21} : {}\n", report.deasserted, threshold_events(deasserted));
        }
    }
}

/// The events' names, each with a blank after it.
fn threshold_events(bits: [u8; 2]) -> String {
    let bits = u16::from_le_bytes(bits);
    let names = THRESHOLD_EVENTS.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 != 0);
    names.flat_map(|(_, name)| [name, " "]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_named_from_the_lowest_bit() {
        assert_eq!(threshold_events([0x81, 0x08]), "lnc- unc+ unr+ ");
        assert_eq!(threshold_events([0, 0xF0]), "");
    }
}
