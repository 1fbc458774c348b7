use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The account that asks, and what proves it.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Login")]
pub(crate) struct LoginArgs {
    /// Account to log on as: [DOMAIN\]USER, DOMAIN/USER or USER@REALM
    #[arg(short = 'U', long, value_name = "USER")]
    pub(crate) login: Option<String>,

    /// Read the login from Samba's file with `username = …`, `password = …` and `domain = …` (- is stdin)
    #[arg(short = 'A', long, value_name = "FILE")]
    pub(crate) auth_file: Option<PathBuf>,

    /// Read the password from a file; one newline at its end is cut (- is stdin)
    #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
    pub(crate) password_file: Option<PathBuf>,

    /// Read the password from stdin; one newline at its end is cut
    #[arg(long)]
    pub(crate) password_stdin: bool,

    /// Log on as --login with its key in this keytab, for unattended use
    #[arg(
        long,
        value_name = "FILE",
        requires = "login",
        conflicts_with_all = ["auth_file", "password_file", "password_stdin"]
    )]
    pub(crate) keytab: Option<PathBuf>,

    /// When to log on with Kerberos
    ///
    /// `auto` uses the ticket of that account in your cache (kinit) if the server is named by a name; otherwise,
    /// for USER@REALM, it gets one with the password; otherwise it logs on with NTLM. `required` never falls back
    /// to NTLM, and `off` is NTLM alone.
    #[arg(short, long, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) kerberos: Kerberos,

    /// Continue with other servers after one has refused the account, at the risk of locking it
    ///
    /// By default one refusal ends all log-ons of that account in this run. With this option a wrong password is
    /// tried on every server, and a few wrong ones lock an account in most domains.
    #[arg(long)]
    pub(crate) keep_going: bool,
}

/// Whether to log on with a ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kerberos {
    /// With a ticket if there is one or one can be got, otherwise with NTLM
    #[default]
    Auto,
    /// With a ticket, or not at all
    Required,
    /// With NTLM alone
    Off,
}

impl From<Kerberos> for netsession::Kerberos {
    fn from(kerberos: Kerberos) -> Self {
        match kerberos {
            Kerberos::Auto => Self::Auto,
            Kerberos::Required => Self::Required,
            Kerberos::Off => Self::Off,
        }
    }
}
