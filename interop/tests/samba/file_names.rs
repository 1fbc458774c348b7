//! Open files whose names are odd or long, of several users and clients, beside python3-samba and rpcclient.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB, CAROL};
use netsession_interop::holder;
use netsession_interop::impacket::Holder;
use netsession_interop::rpcclient;
use netsession_interop::samba::{Builder, Samba};
use netsession_interop::suite::{Need, Suite};

use crate::files::{ours, python, rows, rows_of_python};

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Python3Samba, Need::Rpcclient, Need::Impacket];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "file_names::of_several_users_and_clients", several_users);
    suite.test(NEEDS, "file_names::streams", streams);
    suite.test(NEEDS, "file_names::pipes_and_printers", pipes_and_printers);
}

/// A name of 255 bytes, which is the limit of a file system, and a path of a thousand characters.
fn names() -> Vec<String> {
    let folders = ["a", "b", "c", "d", "e"].map(|name| name.repeat(195)).join(r"\");
    let mut names: Vec<String> = [
        "Größe 田 🦀.docx",
        "100% %USERNAME% %n %s.xlsx",
        "  two  blanks  .txt",
        "it's; $(not) & `run` [1] {2} #3 ~4 =5 @6 !7 ^8 +9 ,.txt",
        "turned \u{202e}fdp.exe",
        ".hidden",
        "UPPER and lower.TXT",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("x".repeat(255));
    names.push(format!("{}y", "ü".repeat(127)));
    names.push(format!(r"{folders}\report.txt"));
    names
}

fn several_users() -> Result<()> {
    // Every user may write to the files and folders of the others.
    let modes = ["force create mode = 0666", "force directory mode = 0777"];
    let samba = modes.into_iter().fold(Samba::builder(), Builder::global).start()?;
    samba.warm_up()?;
    let (address, folder) = (samba.address(), samba.share("files"));
    let names = names();
    let mut held = [Holder::log_on(address, ALICE, "files")?, Holder::log_on(address, BOB, "files")?];
    for (number, name) in names.iter().enumerate() {
        let holder = &mut held[number % 2];
        let mut path = String::new();
        let mut parts: Vec<&str> = name.split('\\').collect();
        let file = parts.pop().context("no name")?;
        for part in parts {
            path = format!("{path}{part}\\");
            // Every user may write there.
            holder.open_folder(path.trim_end_matches('\\'))?;
        }
        holder.open(&format!("{path}{file}"))?;
    }
    // Two people in one file, a folder, and what smbclient opens.
    held[1].open(&names[0])?;
    held[0].open_folder("Ordner für alle")?;
    let _smbclient = holder::Holder::open(address, CAROL, 2)?;

    let theirs = python(address, "files")?;
    let files = ours("files", address, &[])?;
    ensure!(
        rows(&files, &["id", "path", "user", "locks"]) == rows_of_python(&theirs, 4),
        "{files:?}\n{theirs:?}"
    );
    // The folders on the way to the long path are open, too.
    ensure!(files.len() == names.len() + 5 + 1 + 1 + 2, "{} files: {files:?}", files.len());
    for theirs in &theirs {
        let file = files.iter().find(|file| file["id"] == theirs[0]).context("an id")?;
        let bits = theirs[4].as_u64().context("permissions")?;
        let expected: Vec<_> = ["read", "write", "create", "exec", "delete", "attributes", "permissions"]
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| bits & (1 << bit) != 0)
            .map(|(_, name)| name)
            .collect();
        ensure!(file["access"] == serde_json::json!(expected), "{file} and {bits:#x}");
        ensure!(file["client"] == "127.0.0.1" && file["share"] == "files" && file["level"] == 3, "{file}");
    }
    // For users as they type it, and on the server with its invented drive letter.
    let users: BTreeSet<String> =
        files.iter().filter_map(|file| Some(file["unc"].as_str()?.to_owned())).collect();
    for name in &names {
        let unc = format!(r"\\127.0.0.1\files\{name}");
        ensure!(users.contains(&unc), "no {unc} in {users:?}");
        let on_disk = name.split('\\').fold(folder.clone(), |path, part| path.join(part));
        ensure!(fs::metadata(&on_disk)?.is_file(), "{}", on_disk.display());
    }
    let long = ours("files", address, &["--path", "*.txt", "--columns", "id,unc,user"])?;
    ensure!(long.iter().any(|file| file["unc"].as_str().is_some_and(|unc| unc.len() > 1_000)), "{long:?}");

    let rpcclient = rpcclient::files_command(address, ADMIN).output()?;
    let said = String::from_utf8_lossy(&rpcclient.stdout);
    ensure!(said.lines().count() == files.len(), "{} files and {said}", files.len());
    Ok(())
}

/// A stream of a file is open under the name of the file, a colon and its own.
fn streams() -> Result<()> {
    let samba = Samba::builder().global("vfs objects = streams_depot").start()?;
    samba.warm_up()?;
    let mut alice = Holder::log_on(samba.address(), ALICE, "files")?;
    alice.open("doc.txt")?;
    alice.open("doc.txt:secret")?;
    let theirs = python(samba.address(), "files")?;
    let files = ours("files", samba.address(), &[])?;
    ensure!(
        rows(&files, &["id", "path", "user", "locks"]) == rows_of_python(&theirs, 4),
        "{files:?}\n{theirs:?}"
    );
    let uncs: BTreeSet<_> = files.iter().filter_map(|file| file["unc"].as_str()).collect();
    ensure!(
        uncs == BTreeSet::from([r"\\127.0.0.1\files\doc.txt", r"\\127.0.0.1\files\doc.txt:secret"]),
        "{uncs:?}"
    );
    Ok(())
}

/// Windows lists open pipes and what is being printed. Samba lists what has an entry in its database of share modes, which
/// neither has: no client sees them.
fn pipes_and_printers() -> Result<()> {
    let samba = Samba::builder().printer("paper").start()?;
    samba.warm_up()?;
    let address = samba.address();
    let mut alice = Holder::log_on(address, ALICE, "files")?;
    alice.open("doc.txt")?;
    let mut bob = Holder::log_on(address, BOB, "IPC$")?;
    bob.open("srvsvc")?;
    let mut carol = Holder::log_on(address, CAROL, "paper")?;
    carol.open("job.ps")?;
    // Each of the three is open, and stays so.
    let writes = [alice.write(0)?, bob.write(0)?, carol.write(0)?];
    ensure!(writes == [0; 3], "not open: {writes:x?}");

    let theirs = python(address, "files")?;
    let files = ours("files", address, &[])?;
    ensure!(
        rows(&files, &["id", "path", "user", "locks"]) == rows_of_python(&theirs, 4),
        "{files:?}\n{theirs:?}"
    );
    let rpcclient = rpcclient::files_command(address, ADMIN).output()?;
    let said = String::from_utf8_lossy(&rpcclient.stdout);
    ensure!(said.lines().count() == 1 && said.contains("doc.txt"), "rpcclient: {said}");
    let uncs: Vec<_> = files.iter().map(|file| file["unc"].as_str()).collect();
    ensure!(uncs == [Some(r"\\127.0.0.1\files\doc.txt")], "{uncs:?}");
    let names = ours("shares", address, &[])?;
    let printer = names.iter().find(|share| share["name"] == "paper").context("no printer")?;
    ensure!(printer["type"] == "printer", "{printer}");
    Ok(())
}
