//! Every view at three sizes.

use super::fixture::{busy, draw, lines, perform, refused_closing, refusing_files, text, waiting};
use crate::commands::top::screen::Screen;
use crate::commands::top::screen::action::Action;
use crate::commands::top::screen::view::{Grouping, View};

const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (140, 40)];

fn snapshot(name: &str, screen: impl Fn() -> Screen) {
    for (width, height) in SIZES {
        let mut screen = screen();
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text(&mut screen, width, height));
    }
}

fn after(actions: &[Action]) -> Screen {
    let mut screen = busy();
    draw(&mut screen, 80, 24);
    perform(&mut screen, actions);
    screen
}

#[test]
fn first_screen() {
    snapshot("first_screen", waiting);
}

#[test]
fn sessions() {
    snapshot("sessions", busy);
}

#[test]
fn files() {
    snapshot("files", || after(&[Action::Show(View::Files)]));
}

#[test]
fn servers() {
    snapshot("servers", || after(&[Action::Show(View::Servers), Action::Bottom]));
}

#[test]
fn changes() {
    snapshot("changes", || after(&[Action::Show(View::Changes)]));
}

#[test]
fn view_by_user_is_as_in_its_snapshots() {
    snapshot("by_user", || after(&[Action::Group(Grouping::User)]));
}

#[test]
fn view_by_client_is_as_in_its_snapshots() {
    snapshot("by_client", || after(&[Action::Group(Grouping::Client)]));
}

#[test]
fn files_of_a_session() {
    snapshot("files_of_a_session", || after(&[Action::Down, Action::Down, Action::Down, Action::Enter]));
}

#[test]
fn filtered() {
    snapshot("filtered", || {
        after(&[Action::StartFilter, Action::Type('a'), Action::Type('l'), Action::Type('i')])
    });
}

#[test]
fn help_is_as_in_its_snapshots() {
    snapshot("help", || after(&[Action::Help]));
}

#[test]
fn question_is_as_in_its_snapshots() {
    snapshot("question", || {
        let mut screen = after(&[Action::Down, Action::Down, Action::Down, Action::Close]);
        assert!(screen.question(
            "fs1: 1 session of LAB\\alice from 10.20.4.17 will be ended, with 12 open files; what is not saved is \
             lost.\nA Samba server ends every session of that connection, also of other users.\n"
                .to_owned()
        ));
        screen
    });
}

#[test]
fn closing_that_failed() {
    snapshot("closing_that_failed", || {
        let mut screen = after(&[Action::Down, Action::Down, Action::Down, Action::Close]);
        screen.closed(refused_closing());
        screen
    });
}

#[test]
fn files_refused() {
    let shown = |actions: &[Action]| {
        let mut screen = refusing_files();
        draw(&mut screen, 80, 24);
        perform(&mut screen, actions);
        screen
    };
    snapshot("files_refused", || shown(&[Action::Show(View::Files)]));
    snapshot("files_refused_of_a_server", || shown(&[Action::Show(View::Servers), Action::Down]));
    snapshot("files_refused_whole", || shown(&[Action::Show(View::Files), Action::Enter]));
}

#[test]
fn server_that_fails() {
    snapshot("server_that_fails", || after(&[Action::Enter]));
}

/// Any size is drawn, and nothing stands in two columns at once.
#[test]
fn every_view_fits_any_size() {
    for view in View::ALL {
        for width in [0, 1, 2, 5, 13, 39, 40, 60, 79, 80, 81, 120, 300] {
            for height in [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 19, 24, 100] {
                let mut screen = after(&[Action::Show(view), Action::StartFilter, Action::Type('1')]);
                let shown = lines(&draw(&mut screen, width, height));
                assert_eq!(shown.len(), usize::from(height));
                assert!(shown.iter().all(|line| !line.contains(['\u{1b}', '\u{202e}'])), "{shown:?}");
                perform(&mut screen, &[Action::KeepFilter, Action::Help]);
                draw(&mut screen, width, height);
                let mut screen = after(&[Action::Show(view), Action::Enter]);
                draw(&mut screen, width, height);
            }
        }
    }
}

#[test]
fn without_colour_there_is_none() {
    use crate::commands::top::screen::Palette;
    use ratatui::style::Color;
    for view in View::ALL {
        let mut screen = after(&[Action::Show(view)]).palette(Palette::new(false));
        let buffer = draw(&mut screen, 80, 24);
        assert!(buffer.content().iter().all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset)));
        let mut screen = screen.palette(Palette::new(true));
        let buffer = draw(&mut screen, 80, 24);
        let is_basic = |colour: Color| !matches!(colour, Color::Rgb(..) | Color::Indexed(_));
        assert!(buffer.content().iter().all(|cell| is_basic(cell.fg) && is_basic(cell.bg)), "16 colours");
    }
}
