use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use netsession_proto::auth::ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
use netsession_proto::auth::{AuthError, Authenticator};
use netsession_proto::client;

use super::entropy::no_randomness;
use crate::error::{Cause, Error, Step};
use crate::{Credentials, Password, ServerName};

/// A fresh mechanism for one exchange of tokens.
pub(super) fn authenticator(
    credentials: &Credentials,
    server: &ServerName,
) -> Result<Box<dyn Authenticator>, Error> {
    let account = credentials.account();
    let identity = NtlmIdentity {
        domain: account.domain().to_owned(),
        user: account.user().to_owned(),
        password: credentials.as_password().map(Password::expose).unwrap_or_default().to_owned().into(),
        workstation: workstation().to_owned(),
    };
    let mut entropy = NtlmEntropy { client_challenge: [0; 8], exported_session_key: [0; 16] };
    getrandom::fill(&mut entropy.client_challenge)
        .and_then(|()| getrandom::fill(&mut entropy.exported_session_key))
        .map_err(no_randomness)?;
    let ntlm = NtlmAuthenticator::new(identity, server.host_without_scope(), entropy, file_time());
    Ok(Box::new(ntlm.map_err(refused)?))
}

fn refused(error: AuthError) -> Error {
    let cause = client::Cause::Authentication(error);
    Error::new(Step::LogOn, Cause::Conversation(cause))
}

/// Now, in hundreds of nanoseconds since 1601. A clock before 1970 counts as 1970.
fn file_time() -> u64 {
    const SECONDS_TO_1970: u64 = 11_644_473_600;
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since_1970.as_secs().saturating_add(SECONDS_TO_1970);
    seconds.saturating_mul(10_000_000).saturating_add(u64::from(since_1970.subsec_nanos() / 100))
}

/// The short name of this computer, for the server's logs and for accounts that may log on from some
/// computers only; empty where it cannot be told.
fn workstation() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = if cfg!(windows) {
            std::env::var("COMPUTERNAME").ok()
        } else {
            std::fs::read_to_string("/proc/sys/kernel/hostname")
                .ok()
                .or_else(|| std::env::var("HOSTNAME").ok())
        };
        let name = name.unwrap_or_default();
        name.trim().split('.').next().unwrap_or_default().chars().take(63).collect::<String>().to_uppercase()
    })
}
