use ratatui::layout::Rect;

use super::super::state::Screen;

/// The parts of the screen, from top to bottom. What is left out has no height.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    pub(super) title: Rect,
    pub(super) tabs: Rect,
    /// Where one is, and the filter.
    pub(super) place: Rect,
    pub(super) header: Rect,
    pub(super) rows: Rect,
    pub(super) detail: Rect,
    pub(super) keys: Rect,
}

impl Lines {
    pub(super) fn new(screen: &Screen, area: Rect) -> Self {
        let from = |least: u16, lines: u16| if area.height >= least { lines } else { 0 };
        let has_place =
            !screen.place.scope.is_all() || screen.is_typing || !screen.place.filter.text().is_empty();
        let detail = from(8, 1).saturating_add(from(20, 1));
        let heights = [
            from(4, 1),
            from(6, 1),
            // A filter stays visible whatever has no room.
            if has_place { from(2, 1) } else { 0 },
            from(3, 1),
        ];
        let below = [detail, from(5, 1)];
        let others: u16 = heights.iter().chain(&below).sum();
        let rows = area.height.saturating_sub(others);
        let mut y = area.y;
        let mut next = |height: u16| {
            let rect = Rect { x: area.x, y, width: area.width, height };
            y = y.saturating_add(height);
            rect
        };
        let [title, tabs, place, header] = heights.map(&mut next);
        let rows = next(rows);
        let [detail, keys] = below.map(next);
        Self { title, tabs, place, header, rows, detail, keys }
    }
}
