use netsession_proto::auth::kerberos::{KerberosCause, KerberosError, KrbErrorCode};

use super::answer::is_passing;
use super::verdict::{Blames, Verdict};
use crate::error::ErrorKind;
use crate::error::code::Code;

/// There is no ticket, or a domain controller refused the account.
pub(super) fn failed(error: &KerberosError) -> Verdict {
    let advice = advice(error);
    if error.refuses_the_account() {
        return Verdict::lasting(ErrorKind::LogOnRefused, Blames::Account, advice);
    }
    let (blames, is_retryable) = match &error.cause {
        // The request may have reached a KDC, which may have counted it as a wrong password.
        KerberosCause::KdcUnreachable | KerberosCause::TimedOut => (Blames::Unknown, true),
        KerberosCause::Protocol(code) => (blames(*code), is_passing(Code::Kerberos(*code))),
        KerberosCause::NoLibrary
        | KerberosCause::NoTicket
        | KerberosCause::OtherPrincipal(_)
        | KerberosCause::Expired
        | KerberosCause::UnknownRealm
        | KerberosCause::NoKey
        | KerberosCause::Address
        | KerberosCause::BadName
        | KerberosCause::NotMutual
        | KerberosCause::NotTaken
        | KerberosCause::Other => (Blames::None, false),
    };
    Verdict { is_retryable, ..Verdict::lasting(ErrorKind::Kerberos, blames, advice) }
}

/// The party that an error of a domain controller counts against which is no refusal of the account.
fn blames(code: KrbErrorCode) -> Blames {
    // RFC 4120 reserves more codes than have names.
    if code.name().is_none() { Blames::Unknown } else { Blames::None }
}

fn advice(error: &KerberosError) -> &'static str {
    match &error.cause {
        KerberosCause::Protocol(code) => protocol_advice(*code),
        KerberosCause::NoLibrary => {
            "Install it (Debian: libgssapi-krb5-2, Red Hat: krb5-libs), or log on with a password, by NTLM."
        }
        KerberosCause::NoTicket => {
            "Get a ticket first (kinit USER@REALM), or give a password to a login that is named USER@REALM: it gets a ticket \
             itself. klist shows the tickets, and KRB5CCNAME names the cache."
        }
        KerberosCause::OtherPrincipal(_) => {
            "Get a ticket of this account (kinit USER@REALM), or leave the login out and use the account of the ticket. \
             An account is compared as user@REALM, or as DOMAIN\\user with the first part of the realm."
        }
        KerberosCause::Expired => EXPIRED,
        KerberosCause::KdcUnreachable | KerberosCause::TimedOut => {
            "The domain controllers are off, or a firewall blocks them: Kerberos is TCP and UDP port 88. See \
             that those in krb5.conf or in DNS (_kerberos._tcp.REALM) are right. NTLM is not tried by itself, because \
             an attacker in between could block them for that: choose it with -k off (in a program: Kerberos::Off)."
        }
        KerberosCause::UnknownRealm => {
            "The realm is misspelt, or neither krb5.conf nor DNS (_kerberos._tcp.REALM) says where its domain \
             controllers are. It is the DNS name of the domain in upper case, not its short name."
        }
        KerberosCause::NoKey => {
            "See that the keytab exists, that this user may read it, and that klist -k shows the account in it, \
             spelt the same, upper and lower case included."
        }
        KerberosCause::Address => {
            "A domain controller issues tickets for cifs/NAME and knows no addresses, so that an address could not \
             prove which server answers: name the server by its DNS name, or name its service with --spn NAME or with \
             spn = in the configuration, or log on with a password, by NTLM (-k off)."
        }
        KerberosCause::BadName => {
            "An account is user@REALM, and a server is named by its full DNS name: correct what was given."
        }
        KerberosCause::NotMutual => {
            "What answers does not have the key of the server: nothing of its answer was used. Look for something in \
             between."
        }
        KerberosCause::NotTaken => {
            "The server is no member of a domain, or accepts NTLM only: log on with a password, by NTLM (-k off)."
        }
        KerberosCause::Other => OTHER,
    }
}

/// What to do about an error of a domain controller or of the server. Its codes are open: RFC 4120 reserves more.
fn protocol_advice(code: KrbErrorCode) -> &'static str {
    match code {
        KrbErrorCode::SKEW | KrbErrorCode::TKT_NYV => {
            "Kerberos allows clocks to differ by five minutes: set the clock of this machine right (timedatectl, \
             chronyc tracking), then that of the server and of the domain controller."
        }
        KrbErrorCode::C_PRINCIPAL_UNKNOWN => {
            "The account is misspelt, or it is in another domain: it is USER@REALM with the DNS name of its domain. A \
             name that only NTLM knows is tried with -k off."
        }
        KrbErrorCode::S_PRINCIPAL_UNKNOWN => {
            "Name the server as the domain does, usually by its full DNS name: no account has cifs/NAME or host/NAME, \
             and DNS is not asked for another name. For an alias or a CNAME give the server's own name with --spn NAME \
             or spn = in the configuration, or register it (Windows: setspn -S, Samba: samba-tool spn add); -k off is \
             NTLM."
        }
        KrbErrorCode::WRONG_REALM => "Name the account with the realm that it belongs to.",
        KrbErrorCode::CLIENT_REVOKED => {
            "Enable, unlock or extend the account in the domain, or use another one."
        }
        KrbErrorCode::NAME_EXP => "The account has expired: extend it, or use another one.",
        KrbErrorCode::KEY_EXPIRED => {
            "The password has expired or must be changed: change it with kpasswd or on a workstation, then try again."
        }
        KrbErrorCode::PREAUTH_FAILED | KrbErrorCode::BAD_INTEGRITY => {
            "The password is wrong, or the keytab has an old key. So that the account is not locked, it is not tried \
             again."
        }
        KrbErrorCode::POLICY => {
            "A restriction of the account forbids it: its log-on hours, the workstations it is restricted to, \
             or a policy of the domain."
        }
        KrbErrorCode::ETYPE_NOSUPP => {
            "This machine, the domain and the server have no encryption type in common: allow AES for the account of \
             the server, and look at permitted_enctypes in krb5.conf."
        }
        KrbErrorCode::TKT_EXPIRED | KrbErrorCode::TGT_REVOKED => EXPIRED,
        KrbErrorCode::SVC_UNAVAILABLE => {
            "The domain controller has no resources at the moment: try again in a moment."
        }
        KrbErrorCode::MODIFIED
        | KrbErrorCode::BADKEYVER
        | KrbErrorCode::NOKEY
        | KrbErrorCode::NOT_US
        | KrbErrorCode::PRINCIPAL_NOT_UNIQUE => {
            "The name leads to another server than the one that the ticket is for, or the server's membership in the \
             domain is broken: look at DNS, at duplicate names (setspn -X), and join it again."
        }
        _ => OTHER,
    }
}

const EXPIRED: &str = "Get a new one: kinit, or kinit -R while it can be renewed.";

const OTHER: &str = "Try kinit and kvno cifs/SERVER, which use the same library: KRB5_TRACE=/dev/stderr in front of \
                     either shows each of its steps.";
