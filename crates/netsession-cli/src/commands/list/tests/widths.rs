//! The table at every width.

use netsession::{Level, SessionBuilder, SessionFlags};
use unicode_width::UnicodeWidthStr;

use super::{answered, denied, few, info, rows};
use crate::args::ColumnArgs;
use crate::commands::list::SessionRow;
use crate::output::{Row as _, Selection, ServerRows, tables};
use crate::process::Terminal;
use crate::text::escaped;

fn ipv4() -> Vec<SessionBuilder> {
    vec![
        info("10.0.0.9", "admin", 1, 2, 0),
        info("192.168.100.200", r"LAB\alice", 3, 7500, 45),
        info("10.0.0.5", r"LAB\bob", 120, 273_600, 90_000).flags(SessionFlags::from_bits(1)),
    ]
}

fn ipv6() -> Vec<SessionBuilder> {
    vec![
        info("[2001:db8:77:5:1234:5678:9abc:def0]", r"LAB\bob", 120, 273_600, 90_000),
        info("[2001:db8:77:5::1]", r"LAB\alice", 3, 7500, 45),
        info("[fe80::1%eth0]", "admin", 1, 2, 0),
        info("10.0.0.5", r"LAB\carol", 0, 60, 12),
    ]
}

fn short_ipv6() -> Vec<SessionBuilder> {
    vec![
        info("[2001:db8:77:5::1234]", r"LAB\bob", 120, 273_600, 90_000),
        info("[2001:db8:77:5::2:17]", r"LAB\alice", 3, 7500, 45),
    ]
}

fn long_users() -> Vec<SessionBuilder> {
    vec![
        info("10.0.0.5", r"CORPORATION\firstname.middlename.lastname", 3, 7500, 45),
        info("10.0.0.6", r"CORPORATION\x", u32::MAX, u32::MAX, 44),
    ]
}

/// A user with a name that is longer than any address, beside others.
fn very_long_user() -> Vec<SessionBuilder> {
    let mut sessions = ipv4();
    sessions.push(info("10.0.0.7", &"long.".repeat(12), 1, 2, 3));
    sessions
}

fn wide() -> Vec<SessionBuilder> {
    vec![
        info("田中のパソコン-01", r"営業部\田中太郎", 5, 3600, 58),
        info("ws-e\u{301}ve", "e\u{301}ve", 5, 3600, 57),
        info("10.0.0.5", "김철수", 5, 3600, 56),
    ]
}

/// A client that gives itself a name, and others that are not to suffer from it.
fn hostile() -> Vec<SessionBuilder> {
    let mut sessions = ipv4();
    sessions.push(info(&"long-".repeat(20), "\u{1b}[31m\u{202e}", 1, 2, 3));
    sessions
}

fn one(level: Level, sessions: Vec<SessionBuilder>) -> Vec<ServerRows<SessionRow>> {
    vec![answered("fs1", level, sessions)]
}

fn listings() -> Vec<(&'static str, Vec<ServerRows<SessionRow>>)> {
    let guid = r"\Device\NetBT_Tcpip_{2EE3A1C5-3B0B-4D2B-9F55-8D0D6E6C8C4E}";
    let with_transport = ipv6().into_iter().map(|session| session.transport(guid)).collect();
    let mut resolved = rows(Level::L502, ipv4(), Some(1));
    for row in &mut resolved.rows {
        row.set_client_name("workstation-17.corp.example.com".into());
    }
    let long_server = "fileserver-17.department.subsidiary.example.com:4455";
    let several = vec![
        answered(long_server, Level::L502, few()),
        denied("fs3"),
        answered("fs4", Level::L1, vec![]),
        answered("fs5", Level::L10, wide()),
    ];
    vec![
        ("level 0", one(Level::L0, ipv6())),
        ("IPv4", one(Level::L1, ipv4())),
        ("IPv6", one(Level::L1, ipv6())),
        ("short IPv6", one(Level::L502, short_ipv6())),
        ("IPv6 at level 10", one(Level::L10, ipv6())),
        ("IPv6 at level 502", one(Level::L502, with_transport)),
        ("long users", one(Level::L502, long_users())),
        ("wide characters", one(Level::L502, wide())),
        ("hostile", one(Level::L502, hostile())),
        ("resolved", vec![ServerRows { server: "fs1".into(), result: Ok(resolved) }]),
        ("several servers", several),
        (
            "several of each kind",
            vec![
                answered("fs1", Level::L502, ipv6()),
                answered("fs2", Level::L502, long_users()),
                answered("fs3", Level::L1, hostile()),
                answered("fs4", Level::L502, very_long_user()),
                answered("fs5", Level::L0, ipv6()),
            ],
        ),
        ("failures alone", vec![denied("fs1"), denied("fs2")]),
    ]
}

fn shown(width: Option<u16>, servers: &[ServerRows<SessionRow>]) -> String {
    let terminal = Terminal { width, colour: false };
    String::from_utf8(tables(servers, &Selection::default(), terminal)).unwrap()
}

/// The tables of a listing, each with its server: all of those that `servers` shows, in their order.
fn parts(width: Option<u16>, servers: &[ServerRows<SessionRow>]) -> Vec<(&ServerRows<SessionRow>, String)> {
    let whole = shown(width, servers);
    let mut rest = whole.as_str();
    let answered = servers.iter().filter(|server| server.result.is_ok());
    answered
        .map(|server| {
            let part = shown(width, std::slice::from_ref(server));
            // Beside others a server has its table as it has it alone.
            let start =
                rest.find(&part).unwrap_or_else(|| panic!("{} in {width:?}:\n{whole}", server.server));
            rest = &rest[start + part.len()..];
            (server, part)
        })
        .collect()
}

/// The names of the columns.
fn headers(table: &str) -> Vec<&str> {
    table.lines().next().unwrap().split_whitespace().collect()
}

fn rows_of(server: &ServerRows<SessionRow>) -> &[SessionRow] {
    &server.result.as_ref().unwrap().rows
}

/// Whether some client or user is longer than any address: it takes no columns from others.
fn has_long_names(server: &ServerRows<SessionRow>) -> bool {
    let names = rows_of(server).iter().flat_map(|row| [Some(row.session.client()), row.session.user()]);
    names.flatten().any(|name| escaped(name).width() > 45)
}

/// The table without a limit, with these columns of the header alone.
fn natural(headers: &[&str], server: &ServerRows<SessionRow>) -> usize {
    let key =
        |header: &&str| SessionRow::COLUMNS.iter().find(|column| column.header() == *header).unwrap().key();
    let columns = headers.iter().map(|header| key(header).to_owned()).collect();
    let args = ColumnArgs { columns: Some(columns), ..ColumnArgs::default() };
    let text = tables(std::slice::from_ref(server), &Selection::new(&args).unwrap(), Terminal::default());
    let text = String::from_utf8(text).unwrap();
    let rows = text.lines().filter(|line| !line.ends_with(')'));
    let mark = if rows_of(server).iter().any(SessionRow::is_marked) { 2 } else { 0 };
    rows.map(UnicodeWidthStr::width).max().unwrap_or_default() + mark
}

#[test]
fn nothing_overflows() {
    for (name, servers) in listings() {
        for width in 8..=200 {
            let text = shown(Some(width), &servers);
            for line in text.lines() {
                assert!(line.width() <= usize::from(width), "{name} in {width}: {line}");
                assert!(
                    !line.contains(char::is_control) && !line.ends_with(' '),
                    "{name} in {width}: {line:?}"
                );
            }
        }
    }
}

#[test]
fn no_client_is_ever_cut() {
    for (name, servers) in listings() {
        for width in 20..=200 {
            let text = shown(Some(width), &servers);
            // A client that is wider than the terminal goes on in the next line.
            let squeezed: String = text.split_whitespace().collect();
            for row in
                servers.iter().filter_map(|server| server.result.as_ref().ok()).flat_map(|rows| &rows.rows)
            {
                let client = row.session.client();
                let found = if client.width() <= usize::from(width) - 2 { &text } else { &squeezed };
                assert!(found.contains(client), "{name} in {width}: {client} in\n{text}");
            }
        }
    }
}

#[test]
fn nothing_is_cut_that_would_fit() {
    for (name, servers) in listings() {
        for width in 20..=200 {
            for ((server, text), (_, whole)) in parts(Some(width), &servers).iter().zip(parts(None, &servers))
            {
                if rows_of(server).is_empty() {
                    continue;
                }
                let widest = whole.lines().map(UnicodeWidthStr::width).max().unwrap_or_default();
                let is_wide_enough = usize::from(width) >= widest;
                assert_eq!(*text == whole, is_wide_enough, "{name} in {width}:\n{text}");
                if text.contains('…') {
                    let needed = natural(&headers(text), server);
                    assert!(needed > width.into(), "{name} in {width}: {needed} columns would do\n{text}");
                    // The room that there is, is used, but for a column that half of a wide character would take.
                    let used = text.lines().map(UnicodeWidthStr::width).max().unwrap();
                    assert!(used + 1 >= width.into(), "{name} in {width}: only {used} are used\n{text}");
                }
            }
        }
    }
}

#[test]
fn columns_that_say_less_leave_before_anything_is_cut() {
    for (name, servers) in listings() {
        for width in 20..=200 {
            for ((server, text), (_, whole)) in parts(Some(width), &servers).iter().zip(parts(None, &servers))
            {
                if rows_of(server).is_empty() {
                    continue;
                }
                let (all, header) = (headers(&whole), text.lines().next().unwrap());
                let is_folded = !["CLIENT", "USER", "IDLE"]
                    .iter()
                    .filter(|name| all.contains(name))
                    .all(|name| header.contains(name));
                assert!(width < 40 || !is_folded, "{name} in {width}: folded\n{text}");
                assert!(!(is_folded && text.contains('…')), "{name} in {width}: cut and folded\n{text}");
                if is_folded {
                    continue;
                }
                let has = |names: &[&str]| names.iter().any(|name| header.contains(name));
                let lacks = |name: &&str| all.contains(name) && !header.contains(name);
                let has_extra = has(&["FLAGS", "TYPE", "TRANSPORT"]);
                let lacks_minor = ["OPENS", "CONNECTED"].iter().any(lacks);
                assert!(!(has_extra && lacks_minor), "{name} in {width}:\n{text}");
                let cuts = text.lines().any(|line| line.contains("… ") || (line.contains('…') && !has_extra));
                assert!(!(has_extra && cuts), "{name} in {width}:\n{text}");
                // No name is cut while the open files or the time of connection stand.
                let has_minor = has(&["OPENS", "CONNECTED"]);
                assert!(!(has_minor && cuts) || has_long_names(server), "{name} in {width}:\n{text}");
            }
        }
    }
}

/// The user, and how long it has been idle, are always there.
#[test]
fn main_columns_stay() {
    for (name, servers) in listings() {
        for width in 20..=200 {
            for ((_, text), (_, whole)) in parts(Some(width), &servers).iter().zip(parts(None, &servers)) {
                for column in ["CLIENT", "USER", "IDLE"].iter().filter(|column| whole.contains(*column)) {
                    assert!(text.contains(column), "{name} in {width}:\n{text}");
                }
            }
        }
    }
}

#[test]
fn tables_of_each_width() {
    for (name, servers) in listings() {
        if !["IPv6 at level 502", "hostile", "resolved", "wide characters", "long users"].contains(&name) {
            continue;
        }
        let shown = [20, 39, 40, 50, 60, 80, 120]
            .map(|width| format!("{}\n{}", "-".repeat(width.into()), shown(Some(width), &servers)));
        insta::assert_snapshot!(format!("widths_{}", name.replace(' ', "_")), shown.concat());
    }
}

/// Columns that were asked for never leave: they are cut, and below that folded.
#[test]
fn selected_columns_stay() {
    let columns = ["server", "client", "user", "opens", "connected", "idle", "transport"];
    let args = ColumnArgs { columns: Some(columns.map(str::to_owned).into()), ..ColumnArgs::default() };
    let selection = Selection::new(&args).unwrap();
    for (name, servers) in listings() {
        for width in 20..=200 {
            let text = tables(&servers, &selection, Terminal { width: Some(width), colour: false });
            let text = String::from_utf8(text).unwrap();
            for line in text.lines() {
                assert!(line.width() <= usize::from(width), "{name} in {width}: {line}");
            }
            let whole = String::from_utf8(tables(&servers, &selection, Terminal::default())).unwrap();
            let needed = whole.lines().map(UnicodeWidthStr::width).max().unwrap_or_default();
            assert_eq!(text == whole, needed <= width.into(), "{name} in {width}:\n{text}");
            for header in ["SERVER", "CLIENT", "USER", "OPENS", "CONNECTED", "IDLE", "TRANSPORT"] {
                assert!(text.is_empty() || text.contains(header), "{name} in {width}:\n{text}");
            }
        }
    }
}
