//! Colours and attributes: the 16 colours that every terminal has, in its own scheme, or none.

use ratatui::style::{Color, Modifier, Style};

/// `NO_COLOR` leaves bold, dim and reversed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Palette {
    is_coloured: bool,
}

impl Palette {
    pub(crate) const fn new(is_coloured: bool) -> Self {
        Self { is_coloured }
    }

    pub(super) fn title(self) -> Style {
        self.coloured(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    pub(super) fn header(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Of the column that `s` sorts by.
    pub(super) fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED))
    }

    pub(super) fn active(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(super) fn new_row(self) -> Style {
        self.coloured(Color::Green).add_modifier(Modifier::BOLD)
    }

    /// Fades, as does what is not up to date.
    pub(super) fn gone(self) -> Style {
        self.dim()
    }

    pub(super) fn own(self) -> Style {
        self.coloured(Color::Cyan)
    }

    pub(super) fn failed(self) -> Style {
        self.coloured(Color::Red)
    }

    pub(super) fn bars(self) -> Style {
        self.coloured(Color::Yellow)
    }

    pub(super) fn key(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// What must not be overlooked: paused, a filter, a message.
    pub(super) fn notice(self) -> Style {
        self.coloured(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    fn coloured(self, colour: Color) -> Style {
        if self.is_coloured { Style::new().fg(colour) } else { Style::new() }
    }
}
