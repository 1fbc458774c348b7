use netsession_proto::auth::kerberos::KrbErrorCode;
use netsession_proto::erref::NtStatus;

/// Who refused an account, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The server, as the user named it.
    pub(crate) server: String,
    pub(crate) reason: Reason,
}

/// Why an account was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The status that SESSION_SETUP was answered with.
    Status(NtStatus),
    /// What a domain controller (KDC) said.
    Kerberos(KrbErrorCode),
    /// The server logged on a guest instead.
    Guest,
}
