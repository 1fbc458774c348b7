//! Which key is which action.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};

use super::action::Action;
use super::view::{Grouping, View};

/// What keys are for at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Rows,
    /// A filter is typed.
    Filter,
    /// The list of keys is shown.
    Help,
    /// It is asked whether to close something.
    Question,
    /// A server lists again, or closes.
    Closing,
    /// What went wrong is to be read.
    Notice,
}

/// Every key, as `?` lists them. `x` is left out where nothing may be closed.
pub(super) const KEYS: [(&str, &str); 21] = [
    ("1 2 3 4, Tab", "sessions, files, servers, changes"),
    ("Up Down, k j", "one row"),
    ("PgUp PgDn", "one page"),
    ("Home End, g G", "first row (and stay there), last row"),
    ("Enter", "files of a session, sessions of a server, a user or a computer"),
    ("Esc, Backspace", "back: filter, group, view"),
    ("/", "filter by user, client, path or server; Enter keeps it, Esc clears it"),
    ("Left Right, h l", "choose a column"),
    ("s", "sort by it; again reverses. Or click on a header"),
    ("u", "group by user, or not"),
    ("c", "group by client, or not"),
    ("o", "hide your own sessions, or show them"),
    ("Space", "pause, or go on"),
    ("+", "longer interval"),
    ("-", "shorter interval"),
    ("r", "refresh now"),
    ("x", "close the file or end the session, after a question"),
    ("Ctrl-L", "draw the screen again"),
    ("Ctrl-Z", "suspend; fg comes back"),
    ("?", "these keys; Esc or ? again leaves them"),
    ("q, Ctrl-C", "quit"),
];

/// The action of what the terminal reports; none for what means nothing here.
pub(crate) fn action(event: &Event, mode: Mode, may_close: bool) -> Option<Action> {
    match event {
        // Windows reports the release, too.
        Event::Key(key) if key.kind != KeyEventKind::Release => of_key(*key, mode, may_close),
        Event::Mouse(mouse) if mode == Mode::Rows => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Action::Click(mouse.column, mouse.row)),
            MouseEventKind::ScrollUp => Some(Action::WheelUp),
            MouseEventKind::ScrollDown => Some(Action::WheelDown),
            _ => None,
        },
        _ => None,
    }
}

fn of_key(key: KeyEvent, mode: Mode, may_close: bool) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) && !key.modifiers.contains(KeyModifiers::ALT) {
        return match key.code {
            KeyCode::Char('c') => Some(Action::Interrupt),
            KeyCode::Char('z') => Some(Action::Suspend),
            KeyCode::Char('l') => Some(Action::Redraw),
            KeyCode::Char('u') if mode == Mode::Filter => Some(Action::EraseAll),
            _ => None,
        };
    }
    match mode {
        Mode::Rows => rows(key.code, may_close),
        Mode::Filter => filter(key.code),
        Mode::Help => help(key.code),
        Mode::Question => Some(Action::Answer(matches!(key.code, KeyCode::Char('y' | 'Y')))),
        Mode::Closing => (key.code == KeyCode::Esc).then_some(Action::Answer(false)),
        Mode::Notice => Some(notice(key.code)),
    }
}

fn rows(code: KeyCode, may_close: bool) -> Option<Action> {
    Some(match code {
        KeyCode::Char('q') => Action::Quit,
        KeyCode::Char('?') | KeyCode::F(1) => Action::Help,
        KeyCode::Char('1') => Action::Show(View::Sessions),
        KeyCode::Char('2') => Action::Show(View::Files),
        KeyCode::Char('3') => Action::Show(View::Servers),
        KeyCode::Char('4') => Action::Show(View::Changes),
        KeyCode::Tab => Action::NextView,
        KeyCode::BackTab => Action::PreviousView,
        KeyCode::Up | KeyCode::Char('k') => Action::Up,
        KeyCode::Down | KeyCode::Char('j') => Action::Down,
        KeyCode::PageUp => Action::PageUp,
        KeyCode::PageDown => Action::PageDown,
        KeyCode::Home | KeyCode::Char('g') => Action::Top,
        KeyCode::End | KeyCode::Char('G') => Action::Bottom,
        KeyCode::Left | KeyCode::Char('h') => Action::ColumnLeft,
        KeyCode::Right | KeyCode::Char('l') => Action::ColumnRight,
        KeyCode::Enter => Action::Enter,
        KeyCode::Esc | KeyCode::Backspace => Action::Back,
        KeyCode::Char('/') => Action::StartFilter,
        KeyCode::Char('s') => Action::Sort,
        KeyCode::Char('u') => Action::Group(Grouping::User),
        KeyCode::Char('c') => Action::Group(Grouping::Client),
        KeyCode::Char('o') => Action::HideOwn,
        KeyCode::Char(' ') => Action::Pause,
        // Without Shift, too.
        KeyCode::Char('+' | '=') => Action::Slower,
        KeyCode::Char('-' | '_') => Action::Faster,
        KeyCode::Char('r') => Action::Refresh,
        KeyCode::Char('x') if may_close => Action::Close,
        _ => return None,
    })
}

fn filter(code: KeyCode) -> Option<Action> {
    Some(match code {
        KeyCode::Char(c) => Action::Type(c),
        KeyCode::Backspace => Action::Erase,
        KeyCode::Enter => Action::KeepFilter,
        KeyCode::Esc => Action::Back,
        KeyCode::Up => Action::Up,
        KeyCode::Down => Action::Down,
        KeyCode::PageUp => Action::PageUp,
        KeyCode::PageDown => Action::PageDown,
        _ => return None,
    })
}

fn help(code: KeyCode) -> Option<Action> {
    Some(match code {
        KeyCode::Up | KeyCode::Char('k') => Action::Up,
        KeyCode::Down | KeyCode::Char('j') => Action::Down,
        KeyCode::PageUp => Action::PageUp,
        KeyCode::PageDown | KeyCode::Char(' ') => Action::PageDown,
        KeyCode::Char('q') => Action::Quit,
        KeyCode::Char('?') | KeyCode::Esc | KeyCode::Backspace | KeyCode::Enter | KeyCode::F(1) => {
            Action::Help
        }
        _ => return None,
    })
}

fn notice(code: KeyCode) -> Action {
    match code {
        KeyCode::Up | KeyCode::Char('k') => Action::Up,
        KeyCode::Down | KeyCode::Char('j') => Action::Down,
        KeyCode::PageUp => Action::PageUp,
        KeyCode::PageDown | KeyCode::Char(' ') => Action::PageDown,
        _ => Action::Dismiss,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode, modifiers: KeyModifiers, mode: Mode, may_close: bool) -> Option<Action> {
        action(&Event::Key(KeyEvent::new(code, modifiers)), mode, may_close)
    }

    #[test]
    fn read_only_has_no_key_to_close() {
        let x = |may_close| pressed(KeyCode::Char('x'), KeyModifiers::NONE, Mode::Rows, may_close);
        assert_eq!((x(true), x(false)), (Some(Action::Close), None));
    }

    #[test]
    fn only_yes_is_yes() {
        for code in [KeyCode::Enter, KeyCode::Esc, KeyCode::Char('n'), KeyCode::Char(' '), KeyCode::Char('x')]
        {
            let answer = pressed(code, KeyModifiers::NONE, Mode::Question, true);
            assert_eq!(answer, Some(Action::Answer(false)), "{code:?}");
        }
        let yes = pressed(KeyCode::Char('y'), KeyModifiers::NONE, Mode::Question, true);
        assert_eq!(yes, Some(Action::Answer(true)));
        let early = pressed(KeyCode::Char('y'), KeyModifiers::NONE, Mode::Closing, true);
        assert_eq!(early, None, "before the question is seen");
    }

    #[test]
    fn letters_are_text_while_a_filter_is_typed() {
        for c in ['q', 'x', ' ', '1', '/'] {
            assert_eq!(
                pressed(KeyCode::Char(c), KeyModifiers::NONE, Mode::Filter, true),
                Some(Action::Type(c))
            );
        }
        for mode in [Mode::Rows, Mode::Filter, Mode::Help, Mode::Question, Mode::Closing, Mode::Notice] {
            assert_eq!(
                pressed(KeyCode::Char('c'), KeyModifiers::CONTROL, mode, true),
                Some(Action::Interrupt)
            );
        }
        // As some keyboards have @ and \.
        let alt_gr = KeyModifiers::CONTROL | KeyModifiers::ALT;
        assert_eq!(pressed(KeyCode::Char('\\'), alt_gr, Mode::Filter, true), Some(Action::Type('\\')));
    }

    /// Each key that does something is in the list that `?` shows.
    #[test]
    fn every_key_is_listed() {
        let listed: String = KEYS.iter().map(|(keys, _)| format!(" {keys} ").replace(',', " ")).collect();
        for c in (' '..='~').filter(|c| rows(KeyCode::Char(*c), true).is_some()) {
            let name = match c {
                ' ' => "Space".to_owned(),
                '=' => "+".to_owned(),
                '_' => "-".to_owned(),
                other => other.to_string(),
            };
            assert!(listed.contains(&format!(" {name} ")), "{c:?}");
        }
    }
}
