use std::collections::VecDeque;
use std::sync::Arc;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError, KrbErrorCode};

use crate::credentials::Proof;
use crate::error::{Cause, Error, InvalidRequest, Step};
use crate::kerberos::{Source, TicketError};
use crate::{Credentials, Kerberos, ServerName, ServicePrincipal};

/// A way to log on.
#[derive(Debug)]
pub(super) enum Way {
    Kerberos(Source),
    Ntlm(Ntlm),
}

/// Why NTLM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ntlm {
    /// It is chosen, or all that such a login has.
    Chosen,
    /// The login is a principal of Kerberos, `user@REALM`: reported with a warning.
    InsteadOfKerberos,
}

/// The ways to log on, in the order in which they are tried: see [`follows`].
pub(super) fn ways(
    server: &ServerName,
    credentials: &Credentials,
    policy: Kerberos,
    service: Option<&ServicePrincipal>,
) -> Result<VecDeque<Way>, Error> {
    let account = credentials.account();
    let by_name = service.is_some() || !server.is_address();
    let bare = policy == Kerberos::Required;
    let cache = || Way::Kerberos(Source::Cache { account: account.clone(), bare });
    let has_realm = account.has_realm();
    let mut ways = VecDeque::new();
    match credentials.proof() {
        Proof::Ntlm(_) if policy == Kerberos::Required => {
            return Err(wrong(server, InvalidRequest::NtlmAlone));
        }
        Proof::Ntlm(_) => ways.push_back(Way::Ntlm(Ntlm::Chosen)),
        Proof::Password(..) if policy == Kerberos::Off => ways.push_back(Way::Ntlm(Ntlm::Chosen)),
        Proof::Ticket | Proof::Keytab(..) if policy == Kerberos::Off => {
            return Err(wrong(server, InvalidRequest::KerberosAlone));
        }
        Proof::Password(..) if !by_name && policy == Kerberos::Auto => {
            let why = if has_realm { Ntlm::InsteadOfKerberos } else { Ntlm::Chosen };
            ways.push_back(Way::Ntlm(why));
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
            if bare || has_realm || !account.domain().is_empty() {
                ways.push_back(cache());
            }
            if has_realm {
                let (password, cached) = (password.clone(), Arc::clone(cached));
                ways.push_back(Way::Kerberos(Source::Password { account, password, cached }));
            }
            if policy == Kerberos::Auto {
                let why = if has_realm { Ntlm::InsteadOfKerberos } else { Ntlm::Chosen };
                ways.push_back(Way::Ntlm(why));
            }
        }
    }
    Ok(ways)
}

/// Whether `next` may be tried after Kerberos has failed.
///
/// Somebody in between can block the domain controllers, forge their errors and rewrite what the server offers: none of
/// that may lead to NTLM, which such an attacker can relay.
pub(super) fn follows(next: &Way, failed: &TicketError) -> bool {
    let TicketError { error, had_ticket } = failed;
    match next {
        // The ticket is of no use any more, and the password gets another one.
        Way::Kerberos(_) => {
            !had_ticket
                || error.cause == KerberosCause::Expired
                || error.code() == Some(KrbErrorCode::TGT_REVOKED)
        }
        // What the user's cache lacks is found out on this machine.
        Way::Ntlm(Ntlm::Chosen) => !had_ticket,
        // This machine knows no domain controller that could be asked.
        Way::Ntlm(Ntlm::InsteadOfKerberos) => {
            !had_ticket && matches!(error.cause, KerberosCause::UnknownRealm | KerberosCause::NoLibrary)
        }
    }
}

fn wrong(server: &ServerName, request: InvalidRequest) -> Error {
    Error::invalid(request).with_server(server.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, ErrorKind, Password};

    fn ways_text(server: &str, credentials: Credentials, kerberos: Kerberos) -> Result<String, Error> {
        let ways = ways(&server.parse().unwrap(), &credentials, kerberos, None)?;
        let words = ways.iter().map(|way| match way {
            Way::Ntlm(Ntlm::Chosen) => "ntlm".to_owned(),
            Way::Ntlm(Ntlm::InsteadOfKerberos) => "ntlm with a warning".to_owned(),
            Way::Kerberos(source) => format!("{source:?}"),
        });
        Ok(words.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn ticket_comes_before_password_and_ntlm() {
        let password = |user: &str| Credentials::password(user.parse().unwrap(), Password::new("hunter2"));
        for (user, kerberos, expected) in [
            ("admin@LAB", Kerberos::Auto, "cache of admin@LAB, password of admin@LAB, ntlm with a warning"),
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
            assert_eq!(ways_text(server, password(), Kerberos::Auto).unwrap(), "ntlm with a warning");
            let local = Credentials::password(r"LAB\admin".parse().unwrap(), Password::new("hunter2"));
            assert_eq!(ways_text(server, local, Kerberos::Auto).unwrap(), "ntlm");
            let service = "dc1.lab.test".parse().unwrap();
            let by_service =
                ways(&server.parse().unwrap(), &password(), Kerberos::Required, Some(&service)).unwrap();
            assert_eq!(by_service.len(), 2, "{by_service:?}");
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

    #[test]
    fn nothing_that_somebody_in_between_can_cause_leads_to_ntlm() {
        let source = || Source::Cache { account: Account::new("admin@LAB"), bare: false };
        let ways = [Way::Kerberos(source()), Way::Ntlm(Ntlm::Chosen), Way::Ntlm(Ntlm::InsteadOfKerberos)];
        let code = |code| KerberosCause::Protocol(code);
        for (cause, had_ticket, expected) in [
            // On this machine.
            (KerberosCause::NoTicket, false, [true, true, false]),
            (KerberosCause::OtherPrincipal("bob@LAB".into()), false, [true, true, false]),
            (KerberosCause::Expired, false, [true, true, false]),
            (KerberosCause::NoLibrary, false, [true, true, true]),
            (KerberosCause::UnknownRealm, false, [true, true, true]),
            (KerberosCause::Other, false, [true, true, false]),
            // From the network.
            (KerberosCause::KdcUnreachable, false, [true, true, false]),
            (code(KrbErrorCode::C_PRINCIPAL_UNKNOWN), false, [true, true, false]),
            (KerberosCause::KdcUnreachable, true, [false, false, false]),
            (KerberosCause::UnknownRealm, true, [false, false, false]),
            (KerberosCause::Other, true, [false, false, false]),
            (code(KrbErrorCode::S_PRINCIPAL_UNKNOWN), true, [false, false, false]),
            (code(KrbErrorCode::SKEW), true, [false, false, false]),
            (code(KrbErrorCode::TGT_REVOKED), true, [true, false, false]),
            (KerberosCause::Expired, true, [true, false, false]),
        ] {
            let failed = TicketError { error: KerberosError::new(cause.clone()), had_ticket };
            assert_eq!(ways.each_ref().map(|way| follows(way, &failed)), expected, "{cause:?} {had_ticket}");
        }
    }
}
