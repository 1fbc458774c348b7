//! The steps of the guide, run one after the other against a private Samba: a document that shows what is not printed
//! fails here.

mod coming_from;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ALICE, BOB};
use netsession_interop::guide::{self, Stage, Step};
use netsession_interop::holder::Holder;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::{faulty, netsession, perl};

/// The first step of the guide.
const SMB_ADMIN: &str = "```ini ~/.smb-admin\nusername = admin\npassword = Adm1n-Passw0rd\n```\n\
                         ```console\n$ chmod 600 ~/.smb-admin\n```\n";

/// The steps that show everybody, where the session of the step before may still be listed: its process on the server may have
/// had no processor since.
const SHOW_EVERYBODY: [&str; 3] = [
    "$ netsession list -f csv fs1 ",
    "$ netsession list --columns user,opens --sort -opens --no-header fs1\n",
    "$ perl -MWin32::Net::Session ",
];
/// Repeats such a step until it shows one session of the administrator, or sixty times.
const ONE_ADMIN: &str = r#"one_admin() {
    for try in $(seq 60); do
        said=$("$@"); code=$?
        if [ "$(echo "$said" | grep -c admin)" = 1 ]; then break; fi
        sleep 1
    done
    echo "$said"
    return $code
}
"#;

fn main() {
    let mut suite = Suite::new();
    let of_guide = [Need::Samba, Need::Program, Need::Perl, Need::SystemdAnalyze];
    suite.test(&of_guide, "guide", || document("guide.md", "", 44));
    // It goes on where the guide has begun.
    suite.test(&[Need::Samba, Need::Program, Need::Perl], "sessions", || {
        document("sessions.md", SMB_ADMIN, 4)
    });
    coming_from::add(&mut suite);
    suite.test(&[Need::Program], "wrong_document_is_rejected", wrong);
    suite.test(&[Need::Program], "shapes", shapes);
    suite.run(|| ());
}

/// Two servers: `fs1`, where alice has two files open, one of them `report.xlsx`, and bob one, and `fs2`, which does not answer.
fn document(name: &str, before: &str, steps: usize) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut text = format!("{before}{text}");
    for step in SHOW_EVERYBODY {
        ensure!(text.contains(step) || name != "guide.md", "{step:?} is no step any more");
        text = text.replace(step, &step.replacen("$ ", "$ one_admin ", 1));
    }
    let samba = Samba::builder().start()?;
    let alice = Holder::open_named(samba.address(), ALICE, &["report.xlsx", "alice.txt"])?;
    let _held = [alice, Holder::open(samba.address(), BOB, 1)?];
    let folder = tempfile::tempdir()?;
    let (home, programs) = (folder.path().join("home"), folder.path().join("bin"));
    fs::create_dir(&home)?;
    fs::create_dir(&programs)?;
    symlink(netsession::binary()?.canonicalize()?, programs.join("netsession"))?;
    let functions = folder.path().join("functions");
    fs::write(&functions, ONE_ADMIN)?;
    let stage = Stage {
        home: &home,
        programs: &programs,
        environment: vec![
            ("PERL5LIB", perl::distribution().join("lib").canonicalize()?.display().to_string()),
            // A user who is logged on has it, and units of a user are checked with it.
            ("XDG_RUNTIME_DIR", folder.path().display().to_string()),
            // What bash reads before a script.
            ("BASH_ENV", functions.display().to_string()),
        ],
        servers: vec![
            // Without the port, which is no part of a path.
            (r"\\fs1\files", format!(r"\\{}\files", samba.address().ip())),
            ("fs1", samba.address().to_string()),
            ("fs2", faulty::refusing().to_string()),
            ("10.0.0.5", "127.0.0.1".to_owned()),
        ],
    };
    let run = guide::check(&text, &stage)?;
    ensure!(run >= steps, "only {run} steps are left");
    Ok(())
}

fn wrong() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let stage = Stage { home: folder.path(), programs: folder.path(), environment: vec![], servers: vec![] };
    let right = "```console\n$ echo a  b; false\na b\n$ echo $?\n1\n```\n";
    ensure!(guide::check(right, &stage)? == 2);
    for document in [
        "",
        "```console\n$ echo a\nb\n```\n",
        "```console\n$ echo a\n```\n",
        "```console\n$ true\na\n```\n",
        "```console\n$ echo $?\n1\n```\n",
        "```sh\n$ echo a\n```\n",
        "```console\na\n```\n",
    ] {
        ensure!(guide::check(document, &stage).is_err(), "not noticed: {document}");
    }
    let file = "```ini ~/x\na = b\n```\n```console\n$ cat \\\n> x\na = b\n```\n";
    ensure!(guide::check(file, &stage)? == 1);
    Ok(())
}

fn shapes() -> Result<()> {
    let differs = |shown: &str, printed: &str| {
        let step =
            Step { line: 1, command: String::new(), output: shown.lines().map(str::to_owned).collect() };
        guide::difference(&step, &printed.lines().map(str::to_owned).collect::<Vec<_>>()).is_some()
    };
    for (shown, printed) in [
        ("10.0.0.5  alice  2h 5m", "127.0.0.1    alice       1s"),
        ("a\n…\nz", "a\nb\nc\nz"),
        (
            r#"{"server":"a","client":"10.0.0.5","idle_seconds":3}"#,
            r#"{"server":"a","client":"::1","idle_seconds":0}"#,
        ),
        ("fs1,1,10.0.0.5,alice,2,7500,0,,,,", "fs1,1,127.0.0.1,alice,2,1,0,,,,"),
        ("Time=3", "Time=77"),
    ] {
        ensure!(!differs(shown, printed), "{shown} and {printed}");
    }
    for (shown, printed) in [
        ("10.0.0.5 alice", "10.0.0.5 bob"),
        ("2 open files", "3 open files"),
        ("a\n…\nz", "a\nb"),
        (r#"{"opens":2,"idle_seconds":3}"#, r#"{"opens":3,"idle_seconds":3}"#),
        ("fs1,1,10.0.0.5,alice,2,7500,0,,,,", "fs1,1,10.0.0.5,alice,3,7500,0,,,,"),
        ("", "a"),
    ] {
        ensure!(differs(shown, printed), "{shown} and {printed}");
    }
    Ok(())
}
