use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};

use crate::duration;

const EXAMPLES: &str = "\
Examples:
  netsession list fs1                         the sessions of fs1
  netsession list -U 'LAB\\admin' fs1 fs2      two servers, as LAB\\admin
  netsession list --user alice -f json fs1    where alice is connected, as JSON
  netsession list -A ~/.smb-admin -f csv fs1  log-on from Samba's file, as CSV
  netsession list --servers-from all.txt --jobs 256 -f jsonl
                                              a list of servers, as they answer";

const AFTER: &str = "\
Login and password:
  The login is -U, else the one in -A, else NETSESSION_LOGIN, else the one in
  the file NETSESSION_AUTH_FILE. Its password is --password-file or
  --password-stdin, else the one in the file that gave the login, else
  NETSESSION_PASSWORD, else what is typed at a prompt on the terminal.
  Without any of these logins a server is asked as its entry in the
  configuration says (netsession config show), else as whom the Kerberos
  ticket is of (klist). A ticket of the login needs no password.

Exit codes:
  0    every server answered, also with no session
  1    some server failed
  2    found wrong before anything was sent: arguments, an unreadable file
  130  interrupted";

/// List the sessions of servers: who is connected, from where, how long idle
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{AFTER}"))]
pub(crate) struct ListArgs {
    /// Servers to ask: a name or an address, with a port if it is not 445 [default: localhost]
    ///
    /// `fs1`, `\\fs1`, `fs1:4455`, `10.0.0.5`, `fe80::1%eth0`, `[fe80::1]:445` or `smb://fs1:4455`; `@group` is
    /// every server of a group of the configuration. Sessions belong to the server and not to a share, so a
    /// share path is refused. A server named twice is asked once.
    #[arg(value_name = "SERVER")]
    pub(crate) servers: Vec<String>,

    /// More servers, from a file with one a line; # begins a comment (- is stdin)
    ///
    /// As on the command line: names, addresses and groups of the configuration. No ranges: this asks servers
    /// that you run, it does not look for them.
    #[arg(long, value_name = "FILE")]
    pub(crate) servers_from: Option<PathBuf>,

    /// How much to ask for
    ///
    /// `auto` asks for the most that the server gives to this account: 502, then 1, 10 and 0. A level that
    /// is named is asked for as it is, or answered from one that carries all of its fields.
    #[arg(short, long, value_enum, default_value_t, value_name = "LEVEL")]
    pub(crate) level: Level,

    /// Only the sessions from this computer, a name or an address
    #[arg(long, value_name = "NAME", help_heading = "Which sessions")]
    pub(crate) client: Option<String>,

    /// Only the sessions of this user, USER or DOMAIN\USER
    #[arg(long, value_name = "NAME", help_heading = "Which sessions")]
    pub(crate) user: Option<String>,

    /// How to print them
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Format,

    /// Add the DNS name of each client address
    #[arg(long, help_heading = "Output")]
    pub(crate) resolve: bool,

    /// Tell the protocol steps on stderr
    #[arg(short, long, help_heading = "Output")]
    pub(crate) verbose: bool,

    /// Who asks: [DOMAIN\]USER or USER@REALM
    #[arg(short = 'U', long, value_name = "USER", help_heading = "Who asks")]
    pub(crate) login: Option<String>,

    /// Samba's file with `username = …`, `password = …` and `domain = …` (- is stdin)
    #[arg(short = 'A', long, value_name = "FILE", help_heading = "Who asks")]
    pub(crate) auth_file: Option<PathBuf>,

    /// Read the password from a file; one newline at its end is cut (- is stdin)
    #[arg(long, value_name = "FILE", help_heading = "Who asks", conflicts_with = "password_stdin")]
    pub(crate) password_file: Option<PathBuf>,

    /// Read the password from stdin; one newline at its end is cut
    #[arg(long, help_heading = "Who asks")]
    pub(crate) password_stdin: bool,

    /// Log on as --login with its key in this keytab, for unattended use
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Who asks",
        requires = "login",
        conflicts_with_all = ["auth_file", "password_file", "password_stdin"]
    )]
    pub(crate) keytab: Option<PathBuf>,

    /// Whether to log on with Kerberos
    ///
    /// `auto` takes the ticket of that account in your cache (kinit), if the server is named by a name; else,
    /// for USER@REALM, it gets one with the password; else it logs on with NTLM. `required` never falls back to
    /// NTLM, and `off` is NTLM alone.
    #[arg(short, long, value_enum, default_value_t, value_name = "WHEN", help_heading = "Who asks")]
    pub(crate) kerberos: Kerberos,

    /// Go on with other servers after one has refused the account, at the risk of locking it
    ///
    /// Without it one refusal ends all log-ons of that account in this run. With it a wrong password is tried on
    /// every server, and a few wrong ones lock an account in most domains.
    #[arg(long, help_heading = "Who asks")]
    pub(crate) keep_going: bool,

    /// Whether to encrypt the session; it is signed in any case
    ///
    /// `auto` encrypts where the server can. With `off` a server that demands encryption is an error, and
    /// with `required` one that cannot encrypt.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = "Connection")]
    pub(crate) encrypt: Encrypt,

    /// What asks: the program's own SMB, or Windows itself
    ///
    /// `auto` on Windows is Windows itself, as whoever is logged on; but where a login, a password, --encrypt or
    /// --kerberos says what Windows cannot be told, for a server with a port or with credentials in the
    /// configuration, and on every other system, it is smb.
    #[arg(long, value_enum, default_value_t, value_name = "BACKEND", help_heading = "Connection")]
    pub(crate) backend: Backend,

    /// How long one server may take, from its name to its answer: 500ms, 10s, 1m30s
    ///
    /// The TCP connect has at most 5 s of it.
    #[arg(long, value_parser = duration::parse, default_value = "10s", value_name = "DURATION", help_heading = "Connection")]
    pub(crate) timeout: Duration,

    /// How many servers to ask at the same time
    ///
    /// Of those at one address, by whatever names and ports, never more than 4.
    #[arg(long, value_parser = value_parser!(u16).range(1..), default_value = "16", value_name = "N", help_heading = "Connection")]
    pub(crate) jobs: u16,

    /// How many servers to begin with in a second at most
    #[arg(long, value_name = "N", help_heading = "Connection")]
    pub(crate) rate: Option<NonZeroU32>,
}

/// How much to ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    #[default]
    Auto,
    #[value(name = "0")]
    L0,
    #[value(name = "1")]
    L1,
    #[value(name = "2")]
    L2,
    #[value(name = "10")]
    L10,
    #[value(name = "502")]
    L502,
}

/// How to print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// One array of sessions
    Json,
    /// One session a line, as servers answer; a server that failed is a line, too
    Jsonl,
    /// With a header (RFC 4180), as servers answer
    Csv,
}

/// Whether to log on with a ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kerberos {
    /// With a ticket where there is one or can be got, else with NTLM
    #[default]
    Auto,
    /// With a ticket, or not at all
    Required,
    /// With NTLM alone
    Off,
}

/// Whether to encrypt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encrypt {
    #[default]
    Auto,
    Required,
    Off,
}

/// What asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    #[default]
    Auto,
    /// The program's own SMB client, with a login
    Smb,
    /// Windows, as whoever is logged on
    Windows,
}
