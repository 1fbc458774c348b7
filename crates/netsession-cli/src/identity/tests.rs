use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;

use secrecy::ExposeSecret as _;

use super::*;

/// Who asks in a world with these variables and this stdin; the prompt answers `typed`.
struct World {
    variables: HashMap<&'static str, String>,
    stdin: &'static str,
    warnings: RefCell<Vec<String>>,
}

impl World {
    fn new(variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { variables, stdin: "", warnings: RefCell::default() }
    }

    fn with_stdin(self, stdin: &'static str) -> Self {
        Self { stdin, ..self }
    }

    fn identity(&self, options: &Options<'_>) -> Result<Identity> {
        let mut outside = Outside {
            variable: &|name| self.variables.get(name).map(OsString::from),
            stdin: &mut self.stdin.as_bytes(),
            prompt: &mut |_| Ok("typed".into()),
            warn: &mut |warning| self.warnings.borrow_mut().push(warning.into()),
        };
        who_asks(options, &mut outside)
    }

    /// `LOGIN password`, or the error.
    fn asks(&self, options: &Options<'_>) -> String {
        match self.identity(options) {
            Ok(identity) => format!("{} {}", identity.login, identity.password.expose_secret()),
            Err(error) => format!("{error:#}"),
        }
    }
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }
}

#[test]
fn logins_in_the_order_of_their_rank() {
    let files = Files::new();
    let of_option = files.write("a", "username = of-A\npassword = in-A\n");
    let of_variable =
        files.write("b", "username = of-file-variable\npassword = in-file-variable\n").display().to_string();
    let all = World::new(&[(LOGIN, "of-variable"), (AUTH_FILE, &of_variable), (PASSWORD, "secret")]);

    let mut options = Options { login: Some("of-U"), auth_file: Some(&of_option), ..Options::default() };
    assert_eq!(all.asks(&options), "of-U secret");
    options.login = None;
    assert_eq!(all.asks(&options), "of-A in-A");
    options.auth_file = None;
    assert_eq!(all.asks(&options), "of-variable secret");
    let file_only = World::new(&[(AUTH_FILE, &of_variable), (PASSWORD, "secret"), (LOGIN, "")]);
    assert_eq!(file_only.asks(&options), "of-file-variable in-file-variable");
}

#[test]
fn passwords_in_the_order_of_their_rank() {
    let files = Files::new();
    let auth_file = files.write("a", "username = admin\npassword = in-A\n");
    let password_file = files.write("p", "in-P\n");
    let world = World::new(&[(PASSWORD, "in-variable")]).with_stdin("in-stdin\r\n");

    let auth_file = Some(auth_file.as_path());
    let by_file = Options { auth_file, password_file: Some(&password_file), ..Options::default() };
    assert_eq!(world.asks(&by_file), "admin in-P");
    assert_eq!(
        world.asks(&Options { auth_file, password_stdin: true, ..Options::default() }),
        "admin in-stdin"
    );
    assert_eq!(world.asks(&Options { auth_file, ..Options::default() }), "admin in-A");

    let without = files.write("b", "username = admin\n");
    let without = Options { auth_file: Some(&without), ..Options::default() };
    assert_eq!(world.asks(&without), "admin in-variable");
    assert_eq!(World::new(&[]).asks(&without), "admin typed");
    assert_eq!(World::new(&[(PASSWORD, "")]).asks(&without), "admin typed");
}

#[test]
fn a_file_that_did_not_give_the_login_gives_no_password() {
    let files = Files::new();
    let auth_file = files.write("a", "username = other\npassword = of-other\n");
    let options = Options { login: Some("admin"), auth_file: Some(&auth_file), ..Options::default() };
    let world = World::new(&[]);
    assert_eq!(world.asks(&options), "admin typed");
    assert!(world.warnings.borrow()[0].ends_with("is not read: --login says who asks"));

    let path = auth_file.display().to_string();
    let world = World::new(&[(AUTH_FILE, &path), (LOGIN, "admin")]);
    assert_eq!(world.asks(&Options::default()), "admin typed");
}

#[test]
fn nobody_is_an_error() {
    insta::assert_snapshot!(
        World::new(&[(PASSWORD, "secret")]).asks(&Options::default()),
        @"nobody to ask as: name a login with --login or --auth-file, or in NETSESSION_LOGIN or NETSESSION_AUTH_FILE; a server is never asked anonymously"
    );
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_repeated() {
    let world = World::new(&[(PASSWORD, "secret")]);
    let options = Options { login: Some("admin%hunter2"), ..Options::default() };
    let refusal = world.asks(&options);
    assert!(refusal.starts_with("--login has a % in it") && !refusal.contains("hunter2"), "{refusal}");
    let world = World::new(&[(LOGIN, "100%"), (PASSWORD, "secret")]);
    assert_eq!(world.asks(&Options::default()), "100% secret");
}

#[test]
fn stdin_has_one_reader() {
    let world = World::new(&[]).with_stdin("username = admin\npassword = secret");
    let auth_file = Some(Path::new("-"));
    assert_eq!(world.asks(&Options { auth_file, ..Options::default() }), "admin secret");
    let refusal = "two sources would read stdin: the authentication file and the password";
    assert_eq!(world.asks(&Options { auth_file, password_stdin: true, ..Options::default() }), refusal);
    let password_file = Some(Path::new("/dev/stdin"));
    assert_eq!(world.asks(&Options { auth_file, password_file, ..Options::default() }), refusal);
    let world = World::new(&[(AUTH_FILE, "-")]).with_stdin("x");
    assert_eq!(world.asks(&Options { password_stdin: true, ..Options::default() }), refusal);
}

#[test]
fn an_empty_password_is_no_password() {
    let world = World::new(&[]).with_stdin("\n");
    let options = Options { login: Some("admin"), password_stdin: true, ..Options::default() };
    assert_eq!(world.asks(&options), "the password from stdin is empty");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = Path::new("/no/such/file");
    let world = World::new(&[]);
    let options = Options { login: Some("admin"), password_file: Some(missing), ..Options::default() };
    assert!(world.asks(&options).starts_with("cannot read /no/such/file: "));
    let options = Options { auth_file: Some(missing), ..Options::default() };
    assert!(world.asks(&options).starts_with("cannot read /no/such/file: "));
}

#[cfg(unix)]
#[test]
fn others_can_read_the_file() {
    let files = Files::new();
    let path = files.write("a", "username = admin\npassword = secret\nhunter2\n");
    for (mode, warnings) in [(0o600, 1), (0o640, 2), (0o604, 2)] {
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let world = World::new(&[]);
        assert_eq!(world.asks(&Options { auth_file: Some(&path), ..Options::default() }), "admin secret");
        let told = world.warnings.borrow();
        assert_eq!(told.len(), warnings, "{mode:o}: {told:?}");
        assert!(told.last().unwrap().contains("line 3 is not") && !told.last().unwrap().contains("hunter2"));
    }
}

#[test]
fn secrets_are_not_shown() {
    let world = World::new(&[(LOGIN, "admin"), (PASSWORD, "hunter2")]);
    let identity = world.identity(&Options::default()).unwrap();
    assert!(!format!("{identity:?}").contains("hunter2"));
}

#[test]
fn anything_about_who_asks_is_a_source() {
    let source = |options: &Options<'_>, variables: &[(&str, &str)]| {
        let variable =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v));
        source(options, &variable).map(|source| source.0)
    };
    let nothing = Options::default();
    assert_eq!(source(&nothing, &[]), None);
    assert_eq!(source(&nothing, &[(LOGIN, ""), (AUTH_FILE, ""), (PASSWORD, "")]), None);
    for name in [LOGIN, AUTH_FILE, PASSWORD] {
        assert_eq!(source(&nothing, &[(name, "x")]), Some(name));
    }
    let path = Some(Path::new("x"));
    assert_eq!(source(&Options { login: Some("x"), ..Options::default() }, &[]), Some("--login"));
    assert_eq!(source(&Options { auth_file: path, ..Options::default() }, &[]), Some("--auth-file"));
    assert_eq!(source(&Options { password_file: path, ..Options::default() }, &[]), Some("--password-file"));
    assert_eq!(
        source(&Options { password_stdin: true, ..Options::default() }, &[]),
        Some("--password-stdin")
    );
}
