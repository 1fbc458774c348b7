//! The table of files of the double at every width.

use netsession::blocking::Client;
use netsession::{Credentials, Files, Password};
use netsession_testserver::Server;
use netsession_testserver::scenario::shipped;
use unicode_width::UnicodeWidthStr as _;

use super::{FileRow, row};
use crate::args::ColumnArgs;
use crate::output::{Selection, ServerRows, tables};
use crate::process::Terminal;

const FILES: [(&str, &str); 10] = [
    ("alice", r"D:\projects\alpha\report.xlsx"),
    (
        r"CORPORATION\firstname.lastname",
        r"D:\projects\2026\quarterly figures\Board of Directors\October\report.xlsx",
    ),
    ("bob", r"D:\projects\alpha\"),
    ("bob", r"\PIPE\srvsvc"),
    ("carol", r"C:\Users\carol\Größe und Maße der Möbel im Büro.docx"),
    ("田中", r"D:\営業部\資料\二〇二六年度\見積書の一覧.xlsx"),
    ("samba", "C:/srv/projects/alpha/beta/gamma/delta/epsilon/report.xlsx"),
    ("x", "D:\\projects\\alpha\\beta\\gamma\\delta\\\u{202e}fdp.exe"),
    ("x", "D:\\\u{1b}[2Jx\\report.xlsx"),
    ("stream", r"D:\projects\alpha\beta\gamma\delta\report.xlsx:secret:$DATA"),
];

/// What the double answers for files with these users and paths.
fn listed(files: &[(&str, &str)]) -> [ServerRows<FileRow>; 1] {
    let (address, handle) = Server::start(shipped("windows").unwrap()).unwrap();
    let template = handle.host().files().snapshot()[0].clone();
    let files = files.iter().zip(1..).map(|((user, path), id)| {
        let mut file = template.clone();
        (file.id, file.user, file.path) = (id, Some((*user).into()), Some((*path).into()));
        file
    });
    handle.host().files().replace(files.collect());
    let client = Client::builder(address.to_string())
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!")))
        .connect()
        .unwrap();
    let mut rows = row::rows(client.ask(&Files::new()).unwrap());
    rows.sort();
    [ServerRows { server: "fs1".into(), result: Ok(rows) }]
}

fn shown(width: u16, servers: &[ServerRows<FileRow>], columns: Option<&[&str]>) -> String {
    let columns = columns.map(|columns| columns.iter().map(|key| (*key).to_owned()).collect());
    let selection = Selection::new(&ColumnArgs { columns, ..ColumnArgs::default() }).unwrap();
    String::from_utf8(tables(servers, &selection, Terminal { width: Some(width), colour: false })).unwrap()
}

/// The names of [`FILES`] as they are shown.
const NAMES: [&str; 10] = [
    r"\report.xlsx",
    r"\October\report.xlsx",
    r"\alpha\",
    r"\srvsvc",
    r"\Größe und Maße der Möbel im Büro.docx",
    r"\見積書の一覧.xlsx",
    "/report.xlsx",
    r"\\u{202e}fdp.exe",
    r"\report.xlsx",
    r"\report.xlsx:secret:$DATA",
];

#[test]
fn no_name_of_a_file_is_ever_cut() {
    let servers = listed(&FILES);
    let selections: [Option<&[&str]>; 3] = [None, Some(&["path", "user", "id"]), Some(&["id", "path"])];
    for columns in selections {
        for width in 20..=200 {
            let text = shown(width, &servers, columns);
            // A name that is wider than its column goes on in the next line.
            let squeezed: String = text.split_whitespace().collect();
            for line in text.lines() {
                assert!(line.width() <= usize::from(width), "{width}: {line}");
                assert!(!line.contains(char::is_control), "{width}: {line:?}");
            }
            for name in NAMES {
                // Of one folder alone: the one above it may be cut.
                let name = name.strip_prefix(r"\October").unwrap_or(name);
                let name: String = name.split_whitespace().collect();
                assert!(squeezed.contains(&name), "{columns:?} in {width}: {name} in\n{text}");
            }
        }
    }
}

/// A row is a line, unless it is folded or the name of its file alone has no room.
#[test]
fn paths_lose_their_middle_in_80_columns() {
    let servers = listed(&FILES);
    let text = shown(80, &servers, None);
    let cut = text.lines().filter(|line| line.contains('…')).count();
    assert!(cut >= 3, "{text}");
    let rows = text.lines().take_while(|line| !line.is_empty()).count();
    assert!(rows <= FILES.len() + 2, "{text}");
}

#[test]
fn a_name_of_a_thousand_characters_takes_nothing_from_other_files() {
    let name = format!(r"\{}.xlsx", "x".repeat(1000));
    let servers = listed(&[("alice", r"D:\projects\report.xlsx"), ("bob", &format!(r"D:\projects{name}"))]);
    for width in 20..=200 {
        let text = shown(width, &servers, None);
        let squeezed: String = text.split_whitespace().collect();
        let is_shown =
            squeezed.contains(&format!(r"D:\projects{name}")) || squeezed.contains(&format!("…{name}"));
        assert!(is_shown, "{width}:\n{text}");
        assert!(
            squeezed.contains(r"D:\projects\report.xlsx") || text.contains(r"…\report.xlsx"),
            "{width}:\n{text}"
        );
        assert!(text.lines().all(|line| line.width() <= usize::from(width)), "{width}:\n{text}");
    }
}

/// A thousand characters of folders, or of folders and a name of 60, and one path that fits anywhere.
fn long_paths() -> [ServerRows<FileRow>; 1] {
    let folders = r"\folder of some name".repeat(50);
    listed(&[
        ("alice", r"D:\a.txt"),
        (r"CORPORATION\firstname.lastname", &format!(r"D:{folders}\report.xlsx")),
        ("bob", &format!(r"D:{folders}\{}.xlsx", "name ".repeat(12))),
    ])
}

#[test]
fn a_path_of_a_thousand_characters_takes_few_lines() {
    let servers = long_paths();
    for width in 20..=200 {
        let text = shown(width, &servers, None);
        // Its name alone goes on in the next line, where it does not fit.
        let most = match width {
            ..24 => 26,
            24..40 => 24,
            40..80 => 15,
            _ => 8,
        };
        assert!(text.lines().count() <= most, "{width}: {} lines\n{text}", text.lines().count());
        let squeezed: String = text.split_whitespace().collect();
        assert!(squeezed.contains(r"\report.xlsx"), "{width}:\n{text}");
        assert!(squeezed.contains(&format!(r"\{}.xlsx", "name".repeat(12))), "{width}:\n{text}");
    }
}

#[test]
fn tables_of_long_paths() {
    let servers = long_paths();
    let shown = [80, 60, 40, 24]
        .map(|width| format!("{}\n{}", "-".repeat(width.into()), shown(width, &servers, None)));
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn tables_of_each_width() {
    let servers = listed(&FILES);
    let shown = [40, 60, 80, 120]
        .map(|width| format!("{}\n{}", "-".repeat(width.into()), shown(width, &servers, None)));
    insta::assert_snapshot!(shown.concat());
}
