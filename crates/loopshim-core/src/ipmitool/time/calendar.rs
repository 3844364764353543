//! The proleptic Gregorian calendar: seconds since 1970 to dates and back.

const DAY: i64 = 86_400;

/// A moment as a calendar and a clock show it (C's `struct tm`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Year, astronomical.
    pub year: i64,
    /// Month, 0–11.
    pub month: u8,
    /// Day of the month, 1–31.
    pub day: u8,
    /// Hour, 0–23.
    pub hour: u8,
    /// Minute, 0–59.
    pub minute: u8,
    /// Second, 0–59; more during a leap second.
    pub second: u8,
    /// Day of the week, 0 is Sunday.
    pub weekday: u8,
    /// Day of the year, 0–365.
    pub year_day: u16,
}

impl Moment {
    /// What a clock at zero offset shows `seconds` after 1970-01-01T00:00:00.
    pub fn from_seconds(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY);
        let clock = seconds.rem_euclid(DAY);
        let (year, month, day) = civil(days);
        Self {
            year,
            month,
            day,
            hour: (clock / 3600) as u8,
            minute: (clock / 60 % 60) as u8,
            second: (clock % 60) as u8,
            weekday: (days + 4).rem_euclid(7) as u8,
            year_day: (days - days_to(year, 0, 1)) as u16,
        }
    }

    /// Seconds from 1970-01-01T00:00:00 to this date and time at zero offset.
    pub fn to_seconds(self) -> i64 {
        days_to(self.year, self.month, self.day) * DAY
            + i64::from(self.hour) * 3600
            + i64::from(self.minute) * 60
            + i64::from(self.second)
    }

    /// Year and week number of ISO 8601.
    pub fn iso_week(self) -> (i64, u16) {
        let weekday = i64::from((self.weekday + 6) % 7);
        // The Thursday of the week decides which year the week belongs to.
        let thursday = days_to(self.year, self.month, self.day) - weekday + 3;
        let (year, ..) = civil(thursday);
        (year, ((thursday - days_to(year, 0, 1)) / 7 + 1) as u16)
    }

    /// Number of the week in the year, weeks beginning on `first` (0 is Sunday).
    pub fn week(self, first: u8) -> u16 {
        (self.year_day + 7 - u16::from((self.weekday + 7 - first) % 7)) / 7
    }
}

/// Whether February has 29 days.
pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from 1970-01-01 to a date; `month` 0–11, `day` from 1.
pub(super) fn days_to(year: i64, month: u8, day: u8) -> i64 {
    // Years begin in March here, so that the leap day comes last.
    let march = (i64::from(month) + 10) % 12;
    let year = year - i64::from(month < 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * march + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march + 2) / 5 + 1;
    let month = (march + 2) % 12;
    (year + era * 400 + i64::from(month < 2), month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        let moment = Moment::from_seconds(1_709_647_749);
        assert_eq!((moment.year, moment.month, moment.day), (2024, 2, 5));
        assert_eq!((moment.hour, moment.minute, moment.second), (14, 9, 9));
        assert_eq!((moment.weekday, moment.year_day), (2, 64));
        assert_eq!(Moment::from_seconds(-1).year, 1969);
        assert_eq!(Moment::from_seconds(0).weekday, 4);
    }

    #[test]
    fn every_day_of_eight_centuries_comes_back() {
        for day in -146_097..146_097 {
            let moment = Moment::from_seconds(day * DAY);
            assert_eq!(moment.to_seconds(), day * DAY);
            assert!(moment.year_day < 365 + u16::from(is_leap(moment.year)));
        }
    }

    #[test]
    fn iso_weeks_cross_years() {
        let week = |year, month, day| Moment::from_seconds(days_to(year, month, day) * DAY).iso_week();
        assert_eq!(week(2021, 0, 3), (2020, 53));
        assert_eq!(week(2024, 11, 30), (2025, 1));
        assert_eq!(week(2024, 2, 5), (2024, 10));
    }
}
