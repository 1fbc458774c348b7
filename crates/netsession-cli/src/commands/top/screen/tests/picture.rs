//! The picture for the README, made from the cells of the screen.

use std::fmt::Write as _;
use std::path::Path;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::fixture::{busy, draw, perform};
use crate::commands::top::screen::action::Action;
use crate::text::{escaped, fit};

/// Pixels of a cell.
const CELL: (usize, usize) = (8, 17);
const MARGIN: usize = 12;
const BACKGROUND: &str = "#1b1f27";
const TEXT: &str = "#d5d9e0";

/// Written again with `INSTA_UPDATE=always`, like the other snapshots.
#[test]
fn picture_of_the_readme_is_the_screen() {
    let mut screen = busy();
    draw(&mut screen, 96, 22);
    perform(&mut screen, &[Action::Down, Action::Down, Action::Down, Action::Down]);
    let picture = svg(&draw(&mut screen, 96, 22));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/top.svg");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&path, &picture).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == picture,
        "docs/top.svg is not what is drawn: INSTA_UPDATE=always cargo test -p netsession-cli picture"
    );
}

/// A rectangle for each background, and a text for each run of cells with one style.
fn svg(buffer: &Buffer) -> String {
    let (width, height) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (x_size, y_size) = CELL;
    let (w, h) = (width * x_size + 2 * MARGIN, height * y_size + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"13\">\n\
         <title>netsession top: sessions of four servers</title>\n\
         <rect width=\"{w}\" height=\"{h}\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let first = &buffer[(x, y)];
            let (mut text, mut end) = (String::new(), x);
            while end < buffer.area.width && style(&buffer[(end, y)]) == style(first) {
                let symbol = buffer[(end, y)].symbol();
                text.push_str(symbol);
                end += u16::try_from(fit::width(symbol).max(1)).unwrap();
            }
            run(&mut svg, (x, y), end - x, &text, first);
            x = end;
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn run(svg: &mut String, (x, y): (u16, u16), cells: u16, text: &str, cell: &Cell) {
    let (fore, back, modifier) = style(cell);
    let (left, top) = (MARGIN + usize::from(x) * CELL.0, MARGIN + usize::from(y) * CELL.1);
    let width = usize::from(cells) * CELL.0;
    if back != BACKGROUND {
        let height = CELL.1;
        writeln!(
            svg,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{back}\"/>"
        )
        .unwrap();
    }
    // Each part stands at its own column: fonts differ in the width of what is between.
    let mut column = 0;
    for part in text.split_inclusive("  ") {
        let blanks = fit::width(part) - fit::width(part.trim_start());
        let shown = part.trim();
        if !shown.is_empty() {
            put(svg, left + (column + blanks) * CELL.0, top, shown, fore, modifier);
        }
        column += fit::width(part);
    }
}

fn put(svg: &mut String, left: usize, top: usize, shown: &str, fore: &str, modifier: Modifier) {
    let length = fit::width(shown) * CELL.0;
    let mut attributes = String::new();
    if modifier.contains(Modifier::BOLD) {
        attributes.push_str(" font-weight=\"bold\"");
    }
    if modifier.contains(Modifier::DIM) {
        attributes.push_str(" opacity=\"0.6\"");
    }
    let baseline = top + 13;
    let shown = escaped(shown).replace('&', "&amp;").replace('<', "&lt;").replace(' ', "\u{a0}");
    writeln!(
        svg,
        "<text x=\"{left}\" y=\"{baseline}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" \
         fill=\"{fore}\"{attributes}>{shown}</text>"
    )
    .unwrap();
}

/// Foreground, background, and what else the text has.
fn style(cell: &Cell) -> (&'static str, &'static str, Modifier) {
    let fore = match cell.fg {
        Color::Red => "#ff7b72",
        Color::Green => "#7ee787",
        Color::Yellow => "#e3b341",
        Color::Cyan => "#76d9e6",
        Color::Reset => TEXT,
        other => panic!("{other} has no colour in the picture"),
    };
    if cell.modifier.contains(Modifier::REVERSED) {
        return (BACKGROUND, fore, cell.modifier);
    }
    (fore, BACKGROUND, cell.modifier)
}
