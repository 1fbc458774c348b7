use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use netsession_proto::smb2::{
    Cipher, Dialect, PreauthHash, SessionKeys, SigningAlgorithm, ValidateNegotiateRequest,
    ValidateNegotiateResponse,
};

use super::faults::Faults;
use super::ntlm::NtlmAcceptor;
use super::outbox::{Outbox, Transmit};
use super::pipe::Pipe;
use super::sequence_window::SequenceWindow;
use crate::host::{Caller, Host};
use crate::scenario::{Scenario, Smb};

/// What a server remembers of one connection (\[MS-SMB2\] 3.3.1.7). The commands work on it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) host: Host,
    pub(super) entropy: Entropy,
    pub(super) start: Start,
    pub(super) now: Instant,
    pub(super) outbox: Outbox,
    pub(super) faults: Faults,
    pub(super) window: SequenceWindow,
    pub(super) negotiated: Option<Negotiated>,
    /// Over NEGOTIATE and its answer: the value that the hash of each session starts from.
    pub(super) preauth: PreauthHash,
    pub(super) sessions: BTreeMap<u64, Session>,
    pub(super) trees: BTreeMap<u32, Tree>,
    /// Open pipes, by the volatile part of their FileId.
    pub(super) pipes: BTreeMap<u64, Pipe>,
    last_id: u32,
}

/// Random bytes for one connection; fixed ones make a conversation repeatable.
#[derive(Debug, Clone)]
pub struct Entropy {
    /// NTLM's ServerChallenge of the first log-on.
    pub server_challenge: [u8; 8],
    /// The salt of the pre-authentication integrity context.
    pub preauth_salt: [u8; 32],
}

/// The time and origin of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The monotonic clock.
    pub now: Instant,
    /// The same moment as a FILETIME, for NEGOTIATE and NTLM.
    pub filetime: u64,
    /// The client's address, for its own entry in the list.
    pub peer: Option<IpAddr>,
}

impl Start {
    /// The server's clock at `now`, as a FILETIME.
    pub(super) fn filetime_at(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.now).as_nanos() / 100;
        self.filetime.saturating_add(u64::try_from(since).unwrap_or(u64::MAX))
    }
}

/// What both sides agreed on. FSCTL_VALIDATE_NEGOTIATE_INFO is compared with it.
#[derive(Debug)]
pub(super) struct Negotiated {
    pub(super) dialect: Dialect,
    pub(super) signing: SigningAlgorithm,
    pub(super) cipher: Option<Cipher>,
    /// The largest READ, WRITE and IOCTL, in bytes.
    pub(super) max_size: u32,
    pub(super) offered: ValidateNegotiateRequest,
    pub(super) chosen: ValidateNegotiateResponse,
}

/// One user's session.
#[derive(Debug)]
pub(super) struct Session {
    /// Over all messages until there are keys.
    pub(super) preauth: PreauthHash,
    /// The log-on, until it is complete.
    pub(super) log_on: Option<NtlmAcceptor>,
    pub(super) keys: Option<SessionKeys>,
    pub(super) caller: Caller,
    pub(super) signing_required: bool,
    /// Unencrypted requests are refused.
    pub(super) encrypt_data: bool,
    /// Logged off: its keys sign the last reply, and no request may use it.
    pub(super) ended: bool,
}

/// A connection to the share `IPC$`.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) session_id: u64,
    /// SMB2_SHAREFLAG_ENCRYPT_DATA: unencrypted requests are refused.
    pub(super) encrypt_data: bool,
}

impl State {
    pub(super) fn new(host: Host, entropy: Entropy, start: Start) -> Self {
        let offset = host.scenario().server.clock_offset_seconds.saturating_mul(10_000_000);
        let start = Start { filetime: start.filetime.saturating_add_signed(offset), ..start };
        Self {
            faults: Faults::new(host.scenario().faults()),
            window: SequenceWindow::new(host.scenario().smb.max_credits),
            host,
            entropy,
            start,
            now: start.now,
            outbox: Outbox::default(),
            negotiated: None,
            preauth: PreauthHash::new(),
            sessions: BTreeMap::new(),
            trees: BTreeMap::new(),
            pipes: BTreeMap::new(),
            last_id: 0,
        }
    }

    pub(super) fn scenario(&self) -> &Scenario {
        self.host.scenario()
    }

    pub(super) fn smb(&self) -> &Smb {
        &self.scenario().smb
    }

    pub(super) fn dialect(&self) -> Option<Dialect> {
        self.negotiated.as_ref().map(|negotiated| negotiated.dialect)
    }

    /// Connection.SupportsMultiCredit: every dialect but 2.0.2 has requests of more than one credit.
    pub(super) fn supports_multi_credit(&self) -> bool {
        self.dialect().is_some_and(|dialect| dialect > Dialect::Smb202)
    }

    /// The session with this number, unless it has been logged off.
    pub(super) fn session(&self, session_id: u64) -> Option<&Session> {
        self.sessions.get(&session_id).filter(|session| !session.ended)
    }

    /// Closes the connection once everything queued has been sent.
    pub(super) fn hang_up(&mut self) {
        self.outbox.push(self.now, Transmit::Close);
        self.outbox.shut();
    }

    /// A number for a session, tree or pipe that this connection has not used.
    pub(super) fn fresh_id(&mut self) -> u32 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }
}
