use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};

use crate::credentials::Proof;
use crate::error::{Cause, Error, Step};
use crate::kerberos::Source;
use crate::{Credentials, Kerberos, ServerName};

/// A way to log on.
#[derive(Debug)]
pub(super) enum Way {
    Kerberos(Source),
    Ntlm,
}

/// The ways to log on, in the order in which they are tried. The next one is tried
/// only if no token was sent to the server; a refusal by the server or a domain controller is final.
pub(super) fn ways(
    server: &ServerName,
    credentials: &Credentials,
    policy: Kerberos,
) -> Result<VecDeque<Way>, Error> {
    let account = credentials.account();
    let by_name = server.host_without_scope().parse::<IpAddr>().is_err();
    let bare = policy == Kerberos::Required;
    let cache = || Way::Kerberos(Source::Cache { account: account.clone(), bare });
    let mut ways = VecDeque::new();
    match credentials.proof() {
        Proof::Ntlm(_) if policy == Kerberos::Required => {
            return Err(wrong(server, "Kerberos is required, and the credentials are for NTLM alone"));
        }
        Proof::Ntlm(_) => ways.push_back(Way::Ntlm),
        Proof::Password(..) if policy == Kerberos::Off => ways.push_back(Way::Ntlm),
        Proof::Ticket | Proof::Keytab(..) if policy == Kerberos::Off => {
            return Err(wrong(server, "Kerberos is switched off, and there is no password to log on with"));
        }
        Proof::Password(..) if !by_name && policy == Kerberos::Auto => {
            tracing::debug!(%server, "named by its address, and tickets are for names: NTLM");
            ways.push_back(Way::Ntlm);
        }
        _ if !by_name => {
            let error = KerberosError::new(KerberosCause::Address);
            let error = Error::new(Step::Ticket, Cause::Kerberos(error)).with_server(server.to_string());
            return Err(error.with_account(Some(account)));
        }
        Proof::Ticket => ways.push_back(cache()),
        Proof::Keytab(path, cached) => {
            let (path, cached) = (path.clone(), Arc::clone(cached));
            ways.push_back(Way::Kerberos(Source::Keytab { account, path, cached }));
        }
        Proof::Password(password, cached) => {
            let has_realm = account.has_realm();
            if bare || has_realm || !account.domain().is_empty() {
                ways.push_back(cache());
            }
            if has_realm {
                let (password, cached) = (password.clone(), Arc::clone(cached));
                ways.push_back(Way::Kerberos(Source::Password { account, password, cached }));
            }
            if policy == Kerberos::Auto {
                ways.push_back(Way::Ntlm);
            }
        }
    }
    Ok(ways)
}

fn wrong(server: &ServerName, text: &'static str) -> Error {
    Error::invalid(text).with_server(server.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, ErrorKind, Password};

    fn ways_text(server: &str, credentials: Credentials, kerberos: Kerberos) -> Result<String, Error> {
        let ways = ways(&server.parse().unwrap(), &credentials, kerberos)?;
        let words = ways.iter().map(|way| match way {
            Way::Ntlm => "ntlm".to_owned(),
            Way::Kerberos(source) => format!("{source:?}"),
        });
        Ok(words.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn ticket_then_password_then_ntlm() {
        let password = |user: &str| Credentials::password(user.parse().unwrap(), Password::new("hunter2"));
        for (user, kerberos, expected) in [
            ("admin@LAB", Kerberos::Auto, "cache of admin@LAB, password of admin@LAB, ntlm"),
            ("admin@LAB", Kerberos::Required, "cache of admin@LAB, password of admin@LAB"),
            ("admin@LAB", Kerberos::Off, "ntlm"),
            (r"LAB\admin", Kerberos::Auto, r"cache of LAB\admin, ntlm"),
            (r"LAB\admin", Kerberos::Required, r"cache of LAB\admin"),
            // An account of the server itself.
            ("admin", Kerberos::Auto, "ntlm"),
            ("admin", Kerberos::Required, "cache of admin"),
        ] {
            assert_eq!(ways_text("fs1", password(user), kerberos).unwrap(), expected, "{user} {kerberos:?}");
        }
        assert_eq!(
            ways_text(
                "fs1",
                Credentials::ntlm(Account::new("admin@LAB"), Password::new("x")),
                Kerberos::Auto
            )
            .unwrap(),
            "ntlm"
        );
        let ticket = Credentials::ticket_of(Account::new("admin@LAB"));
        assert_eq!(ways_text("fs1", ticket, Kerberos::Auto).unwrap(), "cache of admin@LAB");
        let keytab = Credentials::keytab(Account::new("svc@LAB"), "/k");
        assert_eq!(ways_text("fs1", keytab, Kerberos::Auto).unwrap(), "keytab /k");
    }

    #[test]
    fn an_address_has_no_ticket() {
        let password = || Credentials::password(Account::new("admin@LAB"), Password::new("hunter2"));
        for server in ["10.0.0.5", "[fe80::1%eth0]:4455"] {
            assert_eq!(ways_text(server, password(), Kerberos::Auto).unwrap(), "ntlm");
            for (credentials, kerberos) in [
                (password(), Kerberos::Required),
                (Credentials::ticket_of(Account::new("admin@LAB")), Kerberos::Auto),
            ] {
                let error = ways_text(server, credentials, kerberos).unwrap_err();
                assert_eq!((error.kind(), error.step()), (ErrorKind::Kerberos, Some(Step::Ticket)));
                assert!(
                    error
                        .to_string()
                        .ends_with("tickets are for names, and the server is named by its address")
                );
            }
        }
    }

    #[test]
    fn what_contradicts_itself_is_told_before_the_first_packet() {
        for (credentials, kerberos, text) in [
            (
                Credentials::ntlm(Account::new("admin"), Password::new("x")),
                Kerberos::Required,
                "fs1: Kerberos is required, and the credentials are for NTLM alone",
            ),
            (
                Credentials::keytab(Account::new("svc@LAB"), "/k"),
                Kerberos::Off,
                "fs1: Kerberos is switched off, and there is no password to log on with",
            ),
        ] {
            let error = ways_text("fs1", credentials, kerberos).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidRequest, text));
        }
    }
}
