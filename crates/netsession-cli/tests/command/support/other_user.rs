use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::skip::skip;

/// Tests that run at the same time must not count against each other's limits.
static USERS: AtomicU32 = AtomicU32::new(0);

/// Copies `netsession`, by another process: a test beside this one could fork while the copy is open to write here, and then
/// it cannot be executed (ETXTBSY).
pub(crate) fn copy_program(to: &Path) {
    let copied = Command::new("/bin/cp").args([Path::new(env!("CARGO_BIN_EXE_netsession")), to]).status();
    assert!(copied.unwrap().success());
}

/// `netsession`, where the tests are root's, as a user who is bound by limits and permissions and has no other process.
pub(crate) struct OtherUser {
    _folder: tempfile::TempDir,
    pub(crate) program: PathBuf,
    /// `None`: the tests are not root's.
    user: Option<u32>,
}

impl OtherUser {
    /// `None` without the program that changes the user.
    pub(crate) fn new() -> Option<Self> {
        if !Path::new("/usr/bin/setpriv").exists() {
            skip("there is no /usr/bin/setpriv (Debian package util-linux)");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("netsession");
        copy_program(&program);
        for path in [folder.path(), &program] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        // Below 65,536, where the users of a container end.
        let user = is_root
            .then(|| 20_000 + (std::process::id() * 4 + USERS.fetch_add(1, Ordering::Relaxed)) % 40_000);
        Some(Self { _folder: folder, program, user })
    }

    /// Whether it is the user of the tests, who may have other processes.
    pub(crate) fn is_this_user(&self) -> bool {
        self.user.is_none()
    }

    /// The program with these arguments, run by `by`, which is a program that runs another one, or nothing.
    pub(crate) fn command(&self, by: &[&str], args: &[&str]) -> Command {
        let user = self.user.map(|user| {
            [
                "/usr/bin/setpriv".into(),
                format!("--reuid={user}"),
                format!("--regid={user}"),
                "--clear-groups".into(),
            ]
        });
        let mut words = user.into_iter().flatten().chain(by.iter().map(|word| (*word).to_owned()));
        let mut command = match words.next() {
            Some(first) => {
                let mut command = Command::new(first);
                command.args(words).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command.args(args).env_clear().env("PATH", "/usr/bin:/bin");
        command
    }
}
