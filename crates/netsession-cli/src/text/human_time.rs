//! Times as an administrator reads them: the two largest units.

use std::time::Duration;

/// `45s`, `2h 5m`, `3d 4h`, `1h`.
pub(crate) fn human_time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units =
        [("d", seconds / 86_400), ("h", seconds / 3600 % 24), ("m", seconds / 60 % 60), ("s", seconds % 60)];
    let mut from_largest = units.into_iter().skip_while(|(_, amount)| *amount == 0);
    let Some((unit, amount)) = from_largest.next() else {
        return "0s".into();
    };
    match from_largest.next() {
        Some((next_unit, next)) if next != 0 => format!("{amount}{unit} {next}{next_unit}"),
        _ => format!("{amount}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_largest_units() {
        for (seconds, expected) in [
            (0, "0s"),
            (45, "45s"),
            (60, "1m"),
            (65, "1m 5s"),
            (3600, "1h"),
            (3605, "1h"),
            (7500, "2h 5m"),
            (7559, "2h 5m"),
            (86_400, "1d"),
            (273_600, "3d 4h"),
            (u64::from(u32::MAX), "49710d 6h"),
        ] {
            assert_eq!(human_time(Duration::from_secs(seconds)), expected, "{seconds}");
        }
    }
}
