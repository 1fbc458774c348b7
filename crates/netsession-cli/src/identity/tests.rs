use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use netsession::Password;

use super::identified::Proof;
use super::*;
use crate::model::{account, server};

/// The outside of the program: variables and stdin; the prompt answers `typed`.
struct World {
    variables: HashMap<&'static str, String>,
    stdin: &'static str,
    warnings: RefCell<Vec<String>>,
    prompts: Cell<usize>,
    ticket: Option<&'static str>,
    config: Configuration,
}

fn shown(identity: &Identity) -> String {
    match &identity.proof {
        Proof::Password(password) => format!("{} {}", identity.account, password.expose()),
        Proof::Ticket => format!("{} by ticket", identity.account),
        Proof::Keytab(path) => format!("{} by {}", identity.account, path.display()),
    }
}

impl World {
    fn new(variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self {
            variables,
            stdin: "",
            warnings: RefCell::default(),
            prompts: Cell::default(),
            ticket: None,
            config: Configuration::default(),
        }
    }

    fn with_stdin(self, stdin: &'static str) -> Self {
        Self { stdin, ..self }
    }

    /// There is a ticket of this principal.
    fn with_ticket(self, principal: &'static str) -> Self {
        Self { ticket: Some(principal), ..self }
    }

    fn with_config(self, text: &str) -> Self {
        let (config, faults) = crate::config::parse(text, Path::new("/"));
        assert_eq!(faults, []);
        Self { config, ..self }
    }

    fn identities(&self, options: &LoginArgs, servers: &[&str]) -> Result<Identities> {
        let targets: Vec<_> = servers.iter().map(|server| server::parse(server).unwrap()).collect();
        let mut environment = Environment {
            variable: &|name| self.variables.get(name).map(OsString::from),
            stdin: &mut self.stdin.as_bytes(),
            stdin_has_servers: false,
            prompt: &mut |_| {
                self.prompts.set(self.prompts.get() + 1);
                Ok(Password::new("typed"))
            },
            ticket: &|login| match (self.ticket, login) {
                (None, _) => Err("no cache".into()),
                (Some(principal), Some(login)) if !login.to_string().eq_ignore_ascii_case(principal) => {
                    Err(format!("it is of {principal}"))
                }
                (Some(principal), _) => Ok(account::parse(principal).unwrap()),
            },
            warn: &mut |warning| self.warnings.borrow_mut().push(warning.into()),
            patience: std::time::Duration::from_secs(600),
        };
        identify(options, &targets, &self.config, &mut environment)
    }

    fn identity(&self, options: &LoginArgs) -> Result<Identity> {
        Ok(self.identities(options, &["fs1"])?.identities.remove(0))
    }

    /// Who asks each of the servers.
    fn each(&self, options: &LoginArgs, servers: &[&str]) -> Vec<String> {
        let Identities { identities, of_server } = self.identities(options, servers).unwrap();
        of_server.iter().map(|place| shown(&identities[*place])).collect()
    }

    /// `LOGIN password`, or the error.
    fn asks(&self, options: &LoginArgs) -> String {
        match self.identity(options) {
            Ok(identity) => shown(&identity),
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

    let mut options =
        LoginArgs { login: Some("of-U".into()), auth_file: Some(of_option.clone()), ..LoginArgs::default() };
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

    let auth_file = Some(auth_file);
    let by_file = LoginArgs {
        auth_file: auth_file.clone(),
        password_file: Some(password_file.clone()),
        ..LoginArgs::default()
    };
    assert_eq!(world.asks(&by_file), "admin in-P");
    assert_eq!(
        world.asks(&LoginArgs { auth_file: auth_file.clone(), password_stdin: true, ..LoginArgs::default() }),
        "admin in-stdin"
    );
    assert_eq!(world.asks(&LoginArgs { auth_file: auth_file.clone(), ..LoginArgs::default() }), "admin in-A");

    let without = files.write("b", "username = admin\n");
    let without = LoginArgs { auth_file: Some(without.clone()), ..LoginArgs::default() };
    assert_eq!(world.asks(&without), "admin in-variable");
    assert_eq!(World::new(&[]).asks(&without), "admin typed");
    assert_eq!(World::new(&[(PASSWORD, "")]).asks(&without), "admin typed");
}

#[test]
fn a_file_that_did_not_give_the_login_gives_no_password() {
    let files = Files::new();
    let auth_file = files.write("a", "username = other\npassword = of-other\n");
    let options =
        LoginArgs { login: Some("admin".into()), auth_file: Some(auth_file.clone()), ..LoginArgs::default() };
    let world = World::new(&[]);
    assert_eq!(world.asks(&options), "admin typed");
    assert!(world.warnings.borrow()[0].ends_with("is not read: --login says who asks"));

    let path = auth_file.display().to_string();
    let world = World::new(&[(AUTH_FILE, &path), (LOGIN, "admin")]);
    assert_eq!(world.asks(&LoginArgs::default()), "admin typed");
}

#[test]
fn no_login_is_an_error() {
    insta::assert_snapshot!(
        World::new(&[(PASSWORD, "secret")]).asks(&LoginArgs::default()),
        @"no login: name one with --login or --auth-file, in NETSESSION_LOGIN or NETSESSION_AUTH_FILE, or for the server in the configuration; there is no usable Kerberos ticket (no cache); a server is never asked anonymously"
    );
    let off = LoginArgs { kerberos: Kerberos::Off, ..LoginArgs::default() };
    let refusal = World::new(&[]).with_ticket("admin@LAB").asks(&off);
    assert!(refusal.contains("--kerberos off leaves the Kerberos ticket out"), "{refusal}");
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_repeated() {
    let world = World::new(&[(PASSWORD, "secret")]);
    let options = LoginArgs { login: Some("admin%hunter2".into()), ..LoginArgs::default() };
    let refusal = world.asks(&options);
    assert!(refusal.starts_with("--login has a % in it") && !refusal.contains("hunter2"), "{refusal}");
    let world = World::new(&[(LOGIN, "100%"), (PASSWORD, "secret")]);
    assert_eq!(world.asks(&LoginArgs::default()), "100% secret");
}

#[test]
fn stdin_has_one_reader() {
    let world = World::new(&[]).with_stdin("username = admin\npassword = secret");
    let auth_file = Some(PathBuf::from("-"));
    assert_eq!(
        world.asks(&LoginArgs { auth_file: auth_file.clone(), ..LoginArgs::default() }),
        "admin secret"
    );
    let refusal = "two sources would read stdin: the authentication file and the password";
    assert_eq!(
        world.asks(&LoginArgs { auth_file: auth_file.clone(), password_stdin: true, ..LoginArgs::default() }),
        refusal
    );
    let password_file = Some(PathBuf::from("/dev/stdin"));
    assert_eq!(
        world.asks(&LoginArgs { auth_file: auth_file.clone(), password_file, ..LoginArgs::default() }),
        refusal
    );
    let world = World::new(&[(AUTH_FILE, "-")]).with_stdin("x");
    assert_eq!(world.asks(&LoginArgs { password_stdin: true, ..LoginArgs::default() }), refusal);
}

#[test]
fn an_empty_password_is_no_password() {
    let world = World::new(&[]).with_stdin("\n");
    let options = LoginArgs { login: Some("admin".into()), password_stdin: true, ..LoginArgs::default() };
    assert_eq!(world.asks(&options), "the password from stdin is empty");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = Path::new("/no/such/file");
    let world = World::new(&[]);
    let options = LoginArgs {
        login: Some("admin".into()),
        password_file: Some(missing.into()),
        ..LoginArgs::default()
    };
    assert!(world.asks(&options).starts_with("cannot read /no/such/file: "));
    let options = LoginArgs { auth_file: Some(missing.into()), ..LoginArgs::default() };
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
        assert_eq!(
            world.asks(&LoginArgs { auth_file: Some(path.clone()), ..LoginArgs::default() }),
            "admin secret"
        );
        let warned = world.warnings.borrow();
        assert_eq!(warned.len(), warnings, "{mode:o}: {warned:?}");
        assert!(
            warned.last().unwrap().contains("line 3 is not") && !warned.last().unwrap().contains("hunter2")
        );
    }
}

#[cfg(unix)]
#[test]
fn a_password_file_that_others_can_read_or_write() {
    let files = Files::new();
    let path = files.write("p", "secret\n");
    let options =
        LoginArgs { login: Some("admin".into()), password_file: Some(path.clone()), ..LoginArgs::default() };
    let config = format!(
        "[servers]\nfs1 = {{ credentials = 'lab' }}\n[credentials]\n\
         lab = {{ login = 'admin', password_file = '{}' }}",
        path.display()
    );
    for (mode, warns) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        for (world, options) in
            [(World::new(&[]), &options), (World::new(&[]).with_config(&config), &LoginArgs::default())]
        {
            assert_eq!(world.asks(options), "admin secret");
            let warned = world.warnings.borrow();
            assert_eq!(
                warned.iter().any(|warning| warning.contains("others can read it")),
                warns,
                "{mode:o}"
            );
        }
    }
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let auth_file = LoginArgs { auth_file: Some(path.clone()), ..LoginArgs::default() };
        for (world, options) in [
            (World::new(&[]), &options),
            (World::new(&[]), &auth_file),
            (World::new(&[]).with_config(&config), &LoginArgs::default()),
        ] {
            let refusal = world.asks(options);
            assert!(refusal.contains(&format!("others can write it (mode {mode:o})")), "{mode:o}: {refusal}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_with_a_secret_that_belongs_to_another_user_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return crate::skip::skip("only root can give a file to another user");
    }
    let files = Files::new();
    let (password, auth) =
        (files.write("p", "secret\n"), files.write("a", "username = admin\npassword = secret\n"));
    let config = format!(
        "[servers]\nfs1 = {{ credentials = 'lab' }}\n[credentials]\n\
         lab = {{ login = 'admin', password_file = '{}' }}",
        password.display()
    );
    let by_option = LoginArgs {
        login: Some("admin".into()),
        password_file: Some(password.clone()),
        ..LoginArgs::default()
    };
    let by_auth_file = LoginArgs { auth_file: Some(auth.clone()), ..LoginArgs::default() };
    for (owner, mode, is_trusted) in [(0, 0o600, true), (12_345, 0o600, false), (12_345, 0o400, false)] {
        for path in [&password, &auth] {
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            std::os::unix::fs::chown(path, Some(owner), None).unwrap();
        }
        for (world, options) in [
            (World::new(&[]), &by_option),
            (World::new(&[]), &by_auth_file),
            (World::new(&[]).with_config(&config), &LoginArgs::default()),
        ] {
            let asks = world.asks(options);
            let is_refused = asks.contains("it belongs to another user, who can write it");
            assert!(if is_trusted { asks == "admin secret" } else { is_refused }, "{owner} {mode:o}: {asks}");
        }
    }
}

#[test]
fn secrets_are_not_shown() {
    let world = World::new(&[(LOGIN, "admin"), (PASSWORD, "hunter2")]);
    let identity = world.identity(&LoginArgs::default()).unwrap();
    assert!(!format!("{identity:?}").contains("hunter2"));
}

#[test]
fn every_login_option_and_variable_counts_as_a_login() {
    let source = |options: &LoginArgs, variables: &[(&str, &str)]| {
        let variable =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v));
        login_setting(options, &variable).map(|setting| setting.0)
    };
    let nothing = LoginArgs::default();
    assert_eq!(source(&nothing, &[]), None);
    assert_eq!(source(&nothing, &[(LOGIN, ""), (AUTH_FILE, ""), (PASSWORD, "")]), None);
    for name in [LOGIN, AUTH_FILE, PASSWORD] {
        assert_eq!(source(&nothing, &[(name, "x")]), Some(name));
    }
    let path = Some(PathBuf::from("x"));
    assert_eq!(source(&LoginArgs { login: Some("x".into()), ..LoginArgs::default() }, &[]), Some("--login"));
    assert_eq!(
        source(&LoginArgs { auth_file: path.clone(), ..LoginArgs::default() }, &[]),
        Some("--auth-file")
    );
    assert_eq!(
        source(&LoginArgs { password_file: path.clone(), ..LoginArgs::default() }, &[]),
        Some("--password-file")
    );
    assert_eq!(
        source(&LoginArgs { password_stdin: true, ..LoginArgs::default() }, &[]),
        Some("--password-stdin")
    );
    let keytab = LoginArgs { keytab: path, ..LoginArgs::default() };
    assert_eq!(source(&keytab, &[]), Some("--keytab"));
}

#[test]
fn the_ticket_is_the_last_login_and_needs_no_password() {
    let world = World::new(&[]).with_ticket("admin@LAB");
    let options = LoginArgs::default();
    assert_eq!(world.asks(&options), "admin@LAB by ticket");
    assert_eq!(world.prompts.get(), 0);
    // A password at hand is kept for NTLM, should the ticket not do.
    let with_password = World::new(&[(PASSWORD, "secret")]).with_ticket("admin@LAB");
    assert_eq!(with_password.asks(&options), "admin@LAB secret");
    let named = World::new(&[(LOGIN, "other")]).with_ticket("admin@LAB");
    assert_eq!(named.asks(&options), "other typed");
}

#[test]
fn a_ticket_is_used_for_its_own_login_alone_and_for_names_alone() {
    let world = World::new(&[]).with_ticket("admin@LAB");
    let of = |login| LoginArgs { login: Some(String::from(login)), ..LoginArgs::default() };
    assert_eq!(world.asks(&of("Admin@lab")), "Admin@lab by ticket");
    assert_eq!(world.asks(&of("bob@LAB")), "bob@LAB typed");
    let off = LoginArgs { kerberos: Kerberos::Off, ..of("admin@LAB") };
    assert_eq!(world.asks(&off), "admin@LAB typed");
    // One of the servers is named by its address, so the password is needed once for all.
    assert_eq!(world.each(&of("admin@LAB"), &["fs1", "10.0.0.5"]), ["admin@LAB typed", "admin@LAB typed"]);
    assert_eq!(world.prompts.get(), 3);
    let warned = world.warnings.borrow().join("\n");
    for part in
        ["the ticket of admin@LAB cannot be used", "by its address", "--spn NAME", "spn in the configuration"]
    {
        assert!(warned.contains(part), "{part}: {warned}");
    }
    // Where a ticket is required and a password would get none, there is no prompt.
    let required = LoginArgs { kerberos: Kerberos::Required, ..of(r"LAB\bob") };
    assert_eq!(world.asks(&required), r"LAB\bob by ticket");
}

#[test]
fn required_kerberos_with_a_password_needs_the_realm_or_a_ticket() {
    let options = |login| LoginArgs {
        login: Some(String::from(login)),
        kerberos: Kerberos::Required,
        ..Default::default()
    };
    let world = World::new(&[(PASSWORD, "secret")]);
    for login in [r"LAB\user", "LAB/user", "user"] {
        let refusal = world.asks(&options(login));
        let shown = login.replace('/', r"\");
        let expected =
            format!("name the login USER@REALM (the DNS name of its domain in upper case), not {shown};");
        assert!(refusal.contains(&expected) && !refusal.contains("kinit"), "{refusal}");
    }
    assert_eq!(world.asks(&options("user@LAB.EXAMPLE")), "user@LAB.EXAMPLE secret");
    let with_ticket = World::new(&[(PASSWORD, "secret")]).with_ticket(r"LAB\user");
    assert_eq!(with_ticket.asks(&options(r"LAB\user")), r"LAB\user secret");
}

#[test]
fn slash_names_the_domain_in_every_source_of_a_login() {
    let files = Files::new();
    let password = files.write("p", "secret");
    let auth_file = files.write("a", "username = LAB/admin\npassword = secret\n");
    let option = LoginArgs {
        login: Some("LAB/admin".into()),
        password_file: Some(password.clone()),
        ..Default::default()
    };
    assert_eq!(World::new(&[]).asks(&option), r"LAB\admin secret");
    let option = LoginArgs { auth_file: Some(auth_file), ..Default::default() };
    assert_eq!(World::new(&[]).asks(&option), r"LAB\admin secret");
    let world = World::new(&[(LOGIN, "LAB/admin"), (PASSWORD, "secret")]);
    assert_eq!(world.asks(&LoginArgs::default()), r"LAB\admin secret");
    let config = "[servers]\nfs1 = { credentials = 'lab' }\n[credentials]\nlab = { login = 'LAB/admin' }";
    let world = World::new(&[(PASSWORD, "secret")]).with_config(config);
    assert_eq!(world.asks(&LoginArgs::default()), r"LAB\admin secret");
}

#[test]
fn a_keytab_is_for_a_principal() {
    let files = Files::new();
    let keytab = files.write("k", "");
    let options = |login| LoginArgs {
        login: Some(String::from(login)),
        keytab: Some(keytab.clone()),
        ..LoginArgs::default()
    };
    let world = World::new(&[(PASSWORD, "secret")]);
    assert_eq!(world.asks(&options("svc@LAB")), format!("svc@LAB by {}", keytab.display()));
    assert_eq!(
        world.asks(&options(r"LAB\svc")),
        r"--keytab: the login must be a principal, USER@REALM, not LAB\svc"
    );
    let off = LoginArgs { kerberos: Kerberos::Off, ..options("svc@LAB") };
    assert!(world.asks(&off).starts_with("--keytab is for Kerberos"));
    let missing = LoginArgs { keytab: Some(PathBuf::from("/no/such/file")), ..options("svc@LAB") };
    assert!(world.asks(&missing).starts_with("cannot read /no/such/file: "));
    let folder = LoginArgs { keytab: Some(files.0.path().into()), ..options("svc@LAB") };
    assert!(world.asks(&folder).ends_with(": it is not a regular file"));
}

/// Servers with entries and one without, credentials with every kind of proof.
fn config_of(files: &Files) -> String {
    let password = files.write("p", "in-file\n").display().to_string();
    let auth_file = files.write("a", "username = of-A\npassword = in-A\n").display().to_string();
    format!(
        "[servers]
         file = {{ credentials = 'file' }}
         again = {{ credentials = 'file', address = '10.0.0.9' }}
         env = {{ credentials = 'env' }}
         command = {{ credentials = 'command' }}
         auth = {{ credentials = 'auth' }}
         bare = {{ credentials = 'bare' }}
         plain = {{}}
         [credentials]
         file = {{ login = 'LAB\\file', password_file = '{password}' }}
         env = {{ login = 'env', password_env = 'OF_FS' }}
         command = {{ login = 'command', password_command = ['/bin/echo', 'in-$HOME'] }}
         auth = {{ auth_file = '{auth_file}' }}
         bare = {{ login = 'bare' }}"
    )
}

#[cfg(unix)]
#[test]
fn servers_are_asked_as_their_entries_say() {
    let files = Files::new();
    let world = World::new(&[("OF_FS", "in-env")]).with_config(&config_of(&files)).with_ticket("admin@LAB");
    let servers = ["FILE", "again", "env", "command", "auth", "bare", "plain", "unlisted"];
    let expected = [
        r"LAB\file in-file",
        r"LAB\file in-file",
        "env in-env",
        // No shell has seen it.
        "command in-$HOME",
        "of-A in-A",
        "bare typed",
        "admin@LAB by ticket",
        "admin@LAB by ticket",
    ];
    assert_eq!(world.each(&LoginArgs::default(), &servers), expected);
}

#[test]
fn entries_count_less_than_any_other_login_and_more_than_the_ticket() {
    let files = Files::new();
    let config = config_of(&files);
    let world = World::new(&[(PASSWORD, "secret"), (LOGIN, "of-variable")]).with_config(&config);
    assert_eq!(world.each(&LoginArgs::default(), &["file"]), ["of-variable secret"]);
    let login = LoginArgs { login: Some("of-U".into()), ..LoginArgs::default() };
    assert_eq!(world.each(&login, &["file"]), ["of-U secret"]);
    // The password of an option counts more than that of the entry, which counts more than the variable.
    let option = files.write("o", "in-option");
    let option = LoginArgs { password_file: Some(option.clone()), ..LoginArgs::default() };
    let world = World::new(&[(PASSWORD, "secret")]).with_config(&config);
    assert_eq!(world.each(&option, &["file"]), [r"LAB\file in-option"]);
    assert_eq!(world.each(&LoginArgs::default(), &["file", "bare"]), [r"LAB\file in-file", "bare secret"]);
}

#[cfg(unix)]
#[test]
fn a_failed_password_command_is_reported_without_its_output() {
    let config = "[servers]
        a = { credentials = 'a' }
        b = { credentials = 'b' }
        c = { credentials = 'c' }
        [credentials]
        a = { login = 'x', password_command = ['/bin/sh', '-c', 'echo hunter2; exit 3'] }
        b = { login = 'x', password_command = ['/no/such/program'] }
        c = { login = 'x', password_env = 'NOT_SET' }";
    let world = World::new(&[]).with_config(config);
    let refusal = |server| format!("{:#}", world.identities(&LoginArgs::default(), &[server]).unwrap_err());
    let failed = refusal("a");
    assert!(failed.contains("password_command (/bin/sh) failed: exit status: 3"), "{failed}");
    assert!(!failed.contains("hunter2"), "{failed}");
    assert!(refusal("b").contains("cannot start password_command (/no/such/program)"));
    assert!(refusal("c").contains("the environment variable NOT_SET is not set"));
}
