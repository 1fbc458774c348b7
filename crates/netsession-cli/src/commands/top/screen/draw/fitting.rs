//! Which columns have room, and how wide they are.

use super::super::column::{Column, Kind};

/// Blanks between two columns.
pub(super) const GAP: usize = 2;

/// Columns with the widths that they want, made as wide as the screen at most: those that matter least leave while the
/// others cannot be cut to fit, then texts are cut, the one first that has the most to spare.
pub(super) fn fit(mut columns: Vec<(Column, usize)>, room: usize) -> Vec<(Column, usize)> {
    while total(&columns, least) > room {
        let rank = columns.iter().map(|(column, _)| column.leaves()).max().unwrap_or_default();
        let last = columns.iter().rposition(|(column, _)| column.leaves() == rank && rank > 0);
        let Some(last) = last else { break };
        columns.remove(last);
    }
    let mut excess = total(&columns, |(_, width)| *width).saturating_sub(room);
    while excess > 0 {
        let spare = |column: &(Column, usize)| column.1.saturating_sub(least(column));
        let widest = columns.iter_mut().filter(|column| spare(column) > 0).max_by_key(|column| spare(column));
        let Some((_, width)) = widest else { break };
        *width = width.saturating_sub(1);
        excess = excess.saturating_sub(1);
    }
    columns
}

/// The width that a column can be cut to.
fn least((column, wanted): &(Column, usize)) -> usize {
    match column.kind() {
        Kind::Text | Kind::Path => (*wanted).min(column.least().max(column.header().len())),
        Kind::Number | Kind::Whole => *wanted,
    }
}

fn total(columns: &[(Column, usize)], width: impl Fn(&(Column, usize)) -> usize) -> usize {
    let gaps = columns.len().saturating_sub(1).saturating_mul(GAP);
    columns.iter().map(width).fold(gaps, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_leave_and_texts_are_cut() {
        let all = vec![
            (Column::Server, 20),
            (Column::Id, 4),
            (Column::User, 12),
            (Column::Access, 10),
            (Column::Locks, 5),
            (Column::Path, 60),
        ];
        for (room, expected) in [
            (200, "20 4 12 10 5 60"),
            (90, "20 4 12 10 5 29"),
            (60, "7 4 10 7 5 17"),
            (44, "7 10 5 16"),
            (30, "11 17"),
            (1, "9 16"),
        ] {
            let fitted = fit(all.clone(), room);
            let widths: Vec<_> = fitted.iter().map(|(_, width)| width.to_string()).collect();
            let used = total(&fitted, |(_, width)| *width);
            assert!(used <= room || room == 1, "{room}: {used}");
            assert_eq!(widths.join(" "), expected, "{room}");
        }
    }
}
