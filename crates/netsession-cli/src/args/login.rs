use std::path::PathBuf;

use clap::Args;
use netsession::{Kerberos, ServicePrincipal};

use super::one_of::one_of;

/// The account that asks, and what proves it.
#[derive(Debug, Clone, Default, Args)]
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
    /// `auto` uses the ticket of that account in your cache (kinit) if the server is named by a name, and then never
    /// NTLM; otherwise, for USER@REALM, it gets one with the password, and uses NTLM, with a warning, only where no
    /// domain controller of the realm is known here or the server is named by its address; otherwise it logs on with
    /// NTLM. `required` never uses NTLM, and `off` is NTLM alone. What the configuration has for a server counts where
    /// this is `auto`.
    #[arg(
        short,
        long,
        value_parser = one_of(Kerberos::ALL, Kerberos::as_str, meaning),
        default_value = Kerberos::default().as_str(),
        value_name = "WHEN"
    )]
    pub(crate) kerberos: Kerberos,

    /// Service that the Kerberos ticket is for, if not the name of the server: HOST or cifs/HOST
    ///
    /// For one server that is named by its address, or by an alias that its domain does not know: DNS is not asked for
    /// the name behind it. For several servers each has its `spn` in the configuration.
    #[arg(long, value_name = "HOST")]
    pub(crate) spn: Option<ServicePrincipal>,

    /// Continue with other servers after one has refused the account, at the risk of locking it
    ///
    /// By default one refusal ends all log-ons of that account with that password in this run, and three end all of an
    /// account of a domain. With this option a wrong password is tried on every server, and a few wrong ones lock an
    /// account in most domains.
    #[arg(long)]
    pub(crate) keep_going: bool,
}

impl LoginArgs {
    /// What the option says, else the configuration: `auto` says nothing.
    pub(crate) fn kerberos_or(&self, configured: Option<Kerberos>) -> Kerberos {
        match self.kerberos {
            Kerberos::Auto => configured.unwrap_or_default(),
            said => said,
        }
    }
}

fn meaning(kerberos: Kerberos) -> Option<&'static str> {
    match kerberos {
        Kerberos::Auto => Some("With a ticket if there is one or one can be got, otherwise with NTLM"),
        Kerberos::Required => Some("With a ticket, or not at all"),
        Kerberos::Off => Some("With NTLM alone"),
        _ => None,
    }
}
