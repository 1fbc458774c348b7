//! How long a frame of `netsession top` takes: 10,000 sessions on 100 servers.
//!
//! `cargo bench -p netsession-benches --bench top_frame`
//!
//! The program is no library: its screen, which needs neither terminal nor network, is included by its path.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may panic, and prints")]
#![expect(dead_code, unused_imports, unexpected_cfgs, reason = "parts of the program that no frame needs")]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use criterion::{BatchSize, Criterion, criterion_group};
use netsession::{Level, Session};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use screen::{Screen, SessionItem, Update};

#[path = "../../crates/netsession-cli/src/commands/top/screen/mod.rs"]
mod screen;
#[path = "../../crates/netsession-cli/src/text/mod.rs"]
mod text;

const SERVERS: usize = 100;
const SESSIONS: u32 = 100;

/// Frames that are looked at one by one.
const FRAMES: u32 = 300;
const BOUND: Duration = Duration::from_millis(16);

const AREA: Rect = Rect { x: 0, y: 0, width: 140, height: 40 };

/// What every server has answered, with times and open files of this turn.
fn update(index: usize, turn: u32) -> Update {
    let session = |number: u32| {
        let idle = Duration::from_secs(u64::from((number * 37 + turn) % 5000));
        let session = Session::builder(format!("10.{index}.{}.{}", number / 10, number % 250 + 1))
            .user(format!("CORP\\user{}", number * 7 % 6000 + u32::try_from(index).unwrap()))
            .opens((number + turn) % 40)
            .connected(Duration::from_secs(86_400))
            .idle(idle);
        SessionItem {
            id: number.into(),
            session: Arc::new(session.build()),
            start: SystemTime::now().checked_sub(Duration::from_secs(u64::from(number) * 60)),
            is_own: false,
        }
    };
    Update {
        index,
        time: SystemTime::now(),
        took: Duration::from_millis(5),
        level: Some(Level::L502),
        failure: None,
        is_last: false,
        sessions: (0..SESSIONS).map(session).collect(),
        files: None,
        files_failure: None,
        events: Vec::new(),
    }
}

fn screen() -> Screen {
    let names = (0..SERVERS).map(|number| format!("fs{number}.corp.example"));
    let mut screen = Screen::new(names, Duration::from_secs(2), SystemTime::now());
    (0..SERVERS).for_each(|index| screen.apply(update(index, 0)));
    draw(&mut screen);
    screen
}

fn draw(screen: &mut Screen) -> Buffer {
    screen.tick(SystemTime::now());
    let mut buffer = Buffer::empty(AREA);
    screen.render(AREA, &mut buffer);
    buffer
}

fn press(screen: &mut Screen, code: KeyCode) {
    let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let action = screen::action(&event, screen.mode(), screen.may_close());
    action.and_then(|action| screen.perform(action));
}

/// Names, and the keys that lead to them.
const VIEWS: [(&str, &str); 6] = [
    ("by client", ""),
    ("by user", "→s"),
    ("by idle", "→→→→s"),
    ("grouped by user", "u"),
    ("servers", "3"),
    ("filtered", "/user12\n"),
];

fn screen_after(keys: &str) -> Screen {
    let mut screen = screen();
    for key in keys.chars() {
        let code = match key {
            '→' => KeyCode::Right,
            '\n' => KeyCode::Enter,
            key => KeyCode::Char(key),
        };
        press(&mut screen, code);
        draw(&mut screen);
    }
    screen
}

/// Single frames: the bound is for each, not for their mean.
fn longest_frames() {
    for (name, keys) in VIEWS {
        let mut screen = screen_after(keys);
        let mut times: Vec<Duration> = (1..=FRAMES)
            .map(|turn| {
                let update = update(usize::try_from(turn).unwrap() % SERVERS, turn);
                let begun = Instant::now();
                screen.apply(update);
                draw(&mut screen);
                begun.elapsed()
            })
            .collect();
        times.sort_unstable();
        let place = |percent: usize| times.get((times.len() - 1) * percent / 100).copied().unwrap();
        let (median, most, longest) = (place(50), place(99), place(100));
        let is_held = if most <= BOUND { "held" } else { "NOT HELD" };
        println!(
            "a frame after an answer, {name}: median {median:.1?}, 99 % {most:.1?}, longest of {FRAMES} {longest:.1?}; \
             bound {BOUND:?} for 99 %: {is_held}"
        );
    }
}

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("top/10000 sessions");
    for (name, keys) in VIEWS {
        let mut screen = screen_after(keys);
        let mut turn = 0;
        // A server has answered since the last frame: all rows are found and sorted again.
        group.bench_function(format!("frame after an answer, {name}"), |bencher| {
            bencher.iter_batched(
                || {
                    turn += 1;
                    update(usize::try_from(turn).unwrap() % SERVERS, turn)
                },
                |update| {
                    screen.apply(update);
                    draw(&mut screen)
                },
                BatchSize::SmallInput,
            );
        });
    }
    let mut screen = screen();
    group.bench_function("frame after a key", |bencher| {
        bencher.iter(|| {
            press(&mut screen, KeyCode::PageDown);
            draw(&mut screen)
        });
    });
    group.finish();
}

criterion_group!(benches, frames);

fn main() {
    // `cargo test --benches` asks every benchmark to do nothing much.
    if std::env::args().any(|argument| argument == "--bench") {
        longest_frames();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
