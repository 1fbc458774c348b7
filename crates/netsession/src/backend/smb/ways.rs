use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};

use super::Plan;
use crate::Kerberos;
use crate::credentials::Proof;
use crate::error::{Cause, Error, Step};
use crate::kerberos::{Source, realm_of};

/// A way to log on.
#[derive(Debug)]
pub(super) enum Way {
    Kerberos(Source),
    Ntlm,
}

/// The ways to log on, in the order in which they are tried. Before anything has been sent to the server the
/// next one can follow; a refusal by the server or by a domain controller ends the matter.
pub(super) fn ways(plan: &Plan) -> Result<VecDeque<Way>, Error> {
    let (account, policy) = (plan.credentials.account(), plan.kerberos);
    let by_name = plan.server.host_without_scope().parse::<IpAddr>().is_err();
    let bare = policy == Kerberos::Required;
    let cache = || Way::Kerberos(Source::Cache { account: account.clone(), bare });
    let mut ways = VecDeque::new();
    match plan.credentials.proof() {
        Proof::Ntlm(_) if policy == Kerberos::Required => {
            return Err(wrong(plan, "Kerberos is required, and the credentials are for NTLM alone"));
        }
        Proof::Ntlm(_) => ways.push_back(Way::Ntlm),
        Proof::Password(..) if policy == Kerberos::Off => ways.push_back(Way::Ntlm),
        Proof::Ticket | Proof::Keytab(..) if policy == Kerberos::Off => {
            return Err(wrong(plan, "Kerberos is switched off, and there is no password to log on with"));
        }
        Proof::Password(..) if !by_name && policy == Kerberos::Auto => {
            tracing::debug!(server = %plan.server, "named by its address, and tickets are for names: NTLM");
            ways.push_back(Way::Ntlm);
        }
        _ if !by_name => {
            let error = KerberosError::new(KerberosCause::Address);
            return Err(plan.named(Error::new(Step::Ticket, Cause::Kerberos(error))));
        }
        Proof::Ticket => ways.push_back(cache()),
        Proof::Keytab(path, kept) => {
            let (path, kept) = (path.clone(), Arc::clone(kept));
            ways.push_back(Way::Kerberos(Source::Keytab { account, path, kept }));
        }
        Proof::Password(password, kept) => {
            let has_realm = realm_of(&account).is_some();
            if bare || has_realm || !account.domain().is_empty() {
                ways.push_back(cache());
            }
            if has_realm {
                let (password, kept) = (password.clone(), Arc::clone(kept));
                ways.push_back(Way::Kerberos(Source::Password { account, password, kept }));
            }
            if policy == Kerberos::Auto {
                ways.push_back(Way::Ntlm);
            }
        }
    }
    Ok(ways)
}

fn wrong(plan: &Plan, text: &'static str) -> Error {
    Error::invalid(text).at(plan.server.to_string())
}
