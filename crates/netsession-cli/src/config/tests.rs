#[cfg(unix)]
use std::fs;

use super::*;
use crate::model::{PasswordSource, server};

fn faults(text: &str) -> Vec<String> {
    let (_, faults) = parse(text, Path::new("/etc/x"));
    faults.iter().map(|fault| fault.line_in(Path::new("config.toml"))).collect()
}

#[test]
fn every_fault_has_its_line_and_reason() {
    let text = r#"colour = "blue"
[servers.fs1]
adress = "10.0.0.5"
credentials = "lab"
[servers.'\\fs1\share']
address = 7
[servers."fs 2"]
address = "fs2:http"
credentials = "gone"
[groups]
all = ["fs1", "@none", "smb://fs1/share", 7]
a = ["@b"]
b = ["@a"]
c = "fs1"
[credentials.lab]
login = 'LAB\'
[credentials.two]
login = "x"
password_file = "a"
password_env = "B"
[credentials.secret]
login = "x"
password = "hunter2"
[credentials.nobody]
password_command = "pass show x"
[credentials.key]
login = 'LAB\svc'
keytab = "k"
[credentials.both]
login = "x"
auth_file = ""
[credentials.samba]
login = 'LAB\admin%hunter2'
[credentials.none]
login = "x"
password_command = []
[exporter]
listen = "0.0.0.0:9945"
timeout = "10m"
min_interval = 10
concurrency = 0
user_labels = "many"
idle_limits = "1h"
connected_limits = ["1h", "never", 7]
files = "yes"
shares = ["", "Other", "D$", '\\fs1\home', 7]
[[exporter.patterns]]
match = "fs.*"
credentials = "gone"
[[exporter.patterns]]
pattern = "fs*"
"#;
    let said = faults(text).join("\n");
    assert!(!said.contains("hunter2"), "{said}");
    insta::assert_snapshot!(said);
}

#[test]
#[cfg(feature = "exporter")]
fn pattern_that_no_server_matches_is_a_fault() {
    for pattern in ["*%lo", "10.1.*.*:55*", "10.1.*.300*", "fs*..example.com"] {
        let text = format!(
            "[[exporter.patterns]]\nmatch = '{pattern}'\ncredentials = 'lab'\n[credentials.lab]\nlogin = 'x'\n"
        );
        let said = faults(&text);
        assert!(said.iter().any(|one| one.starts_with(&format!("config.toml:2: {pattern}: "))), "{said:?}");
    }
}

#[test]
fn a_server_is_found_by_every_spelling_of_its_name() {
    let (config, found) = parse("[servers.'\\\\FS1:445']\naddress = '10.0.0.5'", Path::new("/"));
    assert_eq!(found, []);
    let address = |name: &str| config.address_of(&server::parse(name).unwrap()).to_string();
    assert_eq!(
        [address("fs1"), address("smb://Fs1"), address("fs1:4455")],
        ["10.0.0.5", "10.0.0.5", "fs1:4455"]
    );
    let twice = faults("[servers.FS1]\n[servers.'fs1:445']\n");
    assert_eq!(twice, ["config.toml:2: the server fs1:445 is named twice"]);
    let twice = faults("[servers.'::1']\n[servers.'[0:0::1]:445']\n");
    assert_eq!(twice, ["config.toml:2: the server [0:0::1]:445 is named twice"]);
    let (config, found) = parse("[servers.'FE80:0::1%Eth0']\naddress = 'fs1'", Path::new("/"));
    assert_eq!(found, []);
    for (name, address) in
        [("fe80::1%Eth0", "fs1"), ("[fe80:0::1%Eth0]:445", "fs1"), ("fe80::1%eth0", "fe80::1%eth0")]
    {
        assert_eq!(config.address_of(&server::parse(name).unwrap()).to_string(), address);
    }
}

#[test]
fn broken_syntax_is_a_fault_with_its_line() {
    let said = faults("[servers.fs1]\ncredentials = \n[groups\n");
    assert!(said.iter().any(|fault| fault.starts_with("config.toml:2: ")), "{said:?}");
    assert!(said.iter().any(|fault| fault.starts_with("config.toml:3: ")), "{said:?}");
}

#[test]
fn a_correct_file_has_no_fault() {
    let text = r#"
        [servers.FS1]
        address = "fs1.example.com:4455"
        credentials = "lab"
        [groups]
        all = ["fs1", "@rest"]
        rest = ["10.0.0.5"]
        [credentials.lab]
        login = 'LAB\admin'
        password_command = ["pass", "show", "lab"]
        [credentials.key]
        login = "svc@LAB"
        keytab = "svc.keytab"
        [exporter]
        timeout = "1m"
        connected_limits = ["720h"]
        client_labels = 0
        patterns = [{ match = "10.1.*.*:4455", credentials = "lab" }]
    "#;
    let (config, faults) = parse(text, Path::new("/etc/x"));
    assert_eq!(faults, []);
    let fs1 = server::parse("fs1").unwrap();
    assert_eq!(config.address_of(&fs1).to_string(), "fs1.example.com:4455");
    assert_eq!(config.credentials_of(&fs1).unwrap().name, "lab");
    assert_eq!(config.exporter.timeout, Some(std::time::Duration::from_secs(60)));
    assert_eq!(config.exporter.patterns[0].credentials, "lab");
    let shown: Vec<_> = config.members("all").unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["fs1", "10.0.0.5"]);
    assert!(
        matches!(&config.credentials["key"].password, PasswordSource::Keytab(path) if path == Path::new("/etc/x/svc.keytab"))
    );
}

#[cfg(feature = "exporter")]
#[test]
fn patterns_that_match_no_server_are_faults() {
    for pattern in ["10.1.*.*:55*", "10.1.*.300", "fs*.5", "10.1.*.*.", "fs.*.", "fs.*.:4455"] {
        let text = format!(
            "[credentials]\nlab = {{ login = 'LAB/admin' }}\n[[exporter.patterns]]\nmatch = '{pattern}'\n\
             credentials = 'lab'\n"
        );
        let said = faults(&text);
        assert!(said.len() == 1 && said[0].starts_with(&format!("config.toml:4: {pattern}: ")), "{said:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_that_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, "").unwrap();
    let chmod = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for (file, of_folder, refusal) in [
        (0o600, 0o700, None),
        (0o644, 0o755, None),
        (0o620, 0o700, Some("others can write it (mode 620)")),
        (0o602, 0o700, Some("others can write it (mode 602)")),
        (0o600, 0o770, Some("others can write in this folder")),
        (0o600, 0o1777, None),
    ] {
        chmod(&path, file);
        chmod(folder.path(), of_folder);
        match (text_of(&path), refusal) {
            (Ok(text), None) => assert_eq!(text.as_deref(), Some("")),
            (Err(error), Some(refusal)) => assert!(format!("{error:#}").contains(refusal), "{error:#}"),
            (other, _) => panic!("{file:o} {of_folder:o}: {other:?}"),
        }
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_of_another_user_is_refused() {
    use std::os::unix::fs::{MetadataExt as _, chown};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, "").unwrap();
    // Only root can give a file away.
    if path.metadata().unwrap().uid() == 0 && Path::new("/proc/self").exists() {
        chown(&path, Some(12_345), None).unwrap();
        assert!(text_of(&path).unwrap_err().to_string().contains("it belongs to another user"));
        chown(&path, Some(0), None).unwrap();
        chown(folder.path(), Some(12_345), None).unwrap();
        assert!(text_of(&path).unwrap_err().to_string().contains("others can write in this folder"));
    }
    // By a link the owner and the mode of what it leads to count, and it must be a file.
    for other in ["/dev/null", "/"] {
        let link = folder.path().join(other.replace('/', "-"));
        std::os::unix::fs::symlink(other, &link).unwrap();
        assert!(text_of(&link).unwrap_err().to_string().ends_with("it is not a regular file"), "{other}");
    }
}

#[cfg(unix)]
#[test]
fn every_folder_of_the_real_path_is_checked() {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    let chmod = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let root = tempfile::tempdir().unwrap();
    // A link in a folder of the user leads to where others can write, two folders above the file.
    let (open, mine) = (root.path().join("open"), root.path().join("mine"));
    fs::create_dir_all(open.join("a/b")).unwrap();
    fs::create_dir(&mine).unwrap();
    fs::write(open.join("a/b/config.toml"), "").unwrap();
    chmod(&open.join("a/b/config.toml"), 0o600);
    symlink(open.join("a/b"), mine.join("link")).unwrap();
    symlink(open.join("a/b/config.toml"), mine.join("config.toml")).unwrap();
    let paths = [open.join("a/b/config.toml"), mine.join("link/config.toml"), mine.join("config.toml")];
    let refusals = || paths.each_ref().map(|path| text_of(path).err().map(|error| error.to_string()));
    assert_eq!(refusals(), [None, None, None]);
    chmod(&open, 0o777);
    for refusal in refusals() {
        assert!(
            refusal.as_ref().is_some_and(|text| text.contains("open: others can write in this folder")),
            "{refusal:?}"
        );
    }
    // In a sticky folder others cannot replace what is not theirs.
    chmod(&open, 0o1777);
    assert_eq!(refusals(), [None, None, None]);
    // Only root can give a folder away.
    if rustix::process::geteuid().is_root() {
        chmod(&open, 0o755);
        chown(&open, Some(12_345), None).unwrap();
        for refusal in refusals() {
            assert!(
                refusal.as_ref().is_some_and(|text| text.contains("it belongs to another user")),
                "{refusal:?}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_no_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("/usr/bin/mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    // Opening it would wait for a writer.
    for path in [pipe.as_path(), folder.path()] {
        assert!(text_of(path).unwrap_err().to_string().ends_with("it is not a regular file"), "{path:?}");
    }
}

#[test]
fn no_file_is_no_configuration() {
    assert_eq!(text_of(Path::new("/no/such/config.toml")).unwrap(), None);
}

#[test]
fn history_is_a_file_with_its_limits() {
    let (config, found) =
        parse("[exporter]\nhistory = 'var/history'\nhistory_retain = '30d'\n", Path::new("/x"));
    assert_eq!(found, []);
    let history = config.exporter.history;
    assert_eq!(history.path.as_deref(), Some(Path::new("/x/var/history")));
    assert_eq!(history.retain, Some(std::time::Duration::from_secs(30 * 86_400)));
    let text = "[exporter]\nhistory = ''\nhistory_interval = '2d'\nhistory_retain = 'long'\nhistory_max_size = '9k'\n";
    assert_eq!(
        faults(text),
        [
            "config.toml:2: history is empty",
            "config.toml:3: history_interval: must not be above 24h",
            "config.toml:4: history_retain: use 90d, 2w, 12h or 30m",
            "config.toml:5: history_max_size: must be at least 1MiB",
        ]
    );
    let alone = faults("[exporter]\nhistory_interval = '15s'\nhistory_max_size = '1GiB'\n");
    assert_eq!(
        alone,
        [
            "config.toml:2: history_interval needs history, the file",
            "config.toml:3: history_max_size needs history, the file"
        ]
    );
}

/// Users copy it.
#[cfg(feature = "exporter")]
#[test]
fn the_configuration_of_the_documentation_has_no_fault() {
    let page = include_str!("../../../../docs/exporter.md");
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 3);
    let (recorded, faults) = parse(blocks[2], Path::new("/etc/netsession"));
    assert_eq!((faults, recorded.exporter.history.path.is_some()), (vec![], true));
    let (required, faults) = parse(blocks[1], Path::new("/etc/netsession"));
    assert_eq!((faults, required.servers.len()), (vec![], 2));
    let (config, faults) = parse(blocks[0], Path::new("/etc/netsession"));
    assert_eq!((faults, config.servers.len(), config.exporter.patterns.len()), (vec![], 2, 1));
}

/// Each key in the table is one that the configuration takes, and each has a row, or a paragraph of its own.
#[cfg(feature = "exporter")]
#[test]
fn the_keys_of_the_exporter_are_documented() {
    let page = include_str!("../../../../docs/exporter.md");
    let section = page.split_once("\n## The table [exporter]\n").unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let mut documented: Vec<_> =
        section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    // Under "Set it up" and "What it requires".
    documented.extend(["patterns", "kerberos", "encryption", "min_dialect"]);
    documented.sort_unstable();
    let mut known = super::exporter::KEYS;
    known.sort_unstable();
    assert_eq!(documented, known);
}
