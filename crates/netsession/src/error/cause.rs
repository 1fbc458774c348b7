use std::borrow::Cow;
use std::net::SocketAddr;

use netsession_proto::auth::kerberos::KerberosError;
use netsession_proto::client;
use netsession_proto::erref::Win32Error;

use crate::logon_guard::Refusal;

/// Why, in full.
#[derive(Debug, Clone)]
pub(crate) enum Cause {
    /// The request cannot be sent, in words.
    InvalidRequest(Cow<'static, str>),
    /// What the resolver said.
    Resolve(String),
    /// No address of the server took the connection.
    Connect(Vec<Attempt>),
    /// The deadline passed before there was a connection; the addresses that were tried, if any.
    TimedOut(Vec<Attempt>),
    /// The account was refused before.
    Blocked(Refusal),
    /// The client is used after an error that ended its connection.
    ClientClosed,
    /// This machine cannot: what it cannot, and why.
    Local(String),
    /// What the system's own call ended with, before the server answered it.
    #[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "made by the Windows backend"))]
    System(Win32Error),
    /// No ticket was to be had, in the end.
    Kerberos(KerberosError),
    /// What the conversation ended with.
    Conversation(client::Cause),
}

/// One address that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) address: SocketAddr,
    /// What became of it, in words; `None` when there was no answer yet.
    pub(crate) error: Option<String>,
}
