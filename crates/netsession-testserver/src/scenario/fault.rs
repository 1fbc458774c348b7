use serde::Deserialize;

/// A fault at one step.
///
/// ```toml
/// [[fault]]
/// step = "create"
/// when = "compound"
/// kind = { status = 0xC000000D }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Fault {
    /// The reply that it affects.
    pub step: Step,
    /// All requests, or those in compounds.
    pub when: When,
    /// Replies without the fault before it begins.
    pub skip: u32,
    /// Replies with the fault after those; `None`: all.
    pub times: Option<u32>,
    /// The effect.
    pub kind: FaultKind,
}

impl Fault {
    /// This fault, at every reply of this step.
    #[must_use]
    pub const fn new(step: Step, kind: FaultKind) -> Self {
        Self { step, when: When::Always, skip: 0, times: None, kind }
    }

    /// The same, only where the request came in a compound.
    #[must_use]
    pub fn in_compounds(self) -> Self {
        Self { when: When::Compound, ..self }
    }

    /// The same, after `skip` replies without it.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// The same, at `times` replies.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }
}

/// A reply, named after its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Step {
    /// NEGOTIATE.
    Negotiate,
    /// SESSION_SETUP that continues.
    Challenge,
    /// The last SESSION_SETUP.
    LogOn,
    /// TREE_CONNECT.
    TreeConnect,
    /// CREATE.
    Create,
    /// An IOCTL or WRITE that carries an RPC bind.
    Bind,
    /// FSCTL_VALIDATE_NEGOTIATE_INFO.
    Validate,
    /// An IOCTL or WRITE that carries an RPC request, whichever call it is.
    Enumerate,
    /// READ.
    Read,
    /// Anything else.
    Other,
}

impl Step {
    /// The steps with keys.
    const AFTER_LOG_ON: [Self; 7] = [
        Self::TreeConnect,
        Self::Create,
        Self::Bind,
        Self::Validate,
        Self::Enumerate,
        Self::Read,
        Self::Other,
    ];

    /// The name in a file.
    const fn name(self) -> &'static str {
        match self {
            Self::Negotiate => "negotiate",
            Self::Challenge => "challenge",
            Self::LogOn => "log-on",
            Self::TreeConnect => "tree-connect",
            Self::Create => "create",
            Self::Bind => "bind",
            Self::Validate => "validate",
            Self::Enumerate => "enumerate",
            Self::Read => "read",
            Self::Other => "other",
        }
    }
}

/// The requests that a fault affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// All.
    #[default]
    Always,
    /// Those in compounds.
    Compound,
}

/// The effect of a fault.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FaultKind {
    // The frame, after it has been signed or encrypted.
    /// This reply and all later ones are not sent.
    Stall,
    /// The connection is closed instead.
    Close,
    /// The connection is reset instead.
    Reset,
    /// This text is sent instead.
    Garbage(String),
    /// This many bytes of the frame are sent, then the connection is closed.
    CutOff(usize),
    /// One byte at a time, this many milliseconds apart.
    ByteByByte(u64),
    /// This bit of the frame, counted from its first byte after the length, is flipped.
    FlipBit(usize),
    /// The length before the frame is this one.
    FrameLength(u32),
    /// A NetBIOS keep-alive comes before the frame and behind it.
    KeepAlive,
    /// Instead of the frame NetBIOS keep-alives are sent again and again, this many milliseconds apart; 0: as fast as
    /// the client reads.
    KeepAlivesWithoutEnd(u64),
    /// A NetBIOS negative session response with this error code is sent instead, as Samba does to a host that
    /// `hosts deny` names, and the connection is closed.
    SessionRefused(u8),
    /// The frame is one error of 73 bytes whose NextCommand is 80, as ksmbd of Linux 6.1 answers a compound.
    NextCommandPastEnd,

    // The message, before it is signed or encrypted.
    /// The frame is sent again and again, this many milliseconds apart; 0: as fast as the client reads.
    UnsolicitedWithoutEnd(u64),
    /// Instead of the reply STATUS_PENDING is sent again and again, this many milliseconds apart; 0: as fast as
    /// the client reads.
    InterimWithoutEnd(u64),
    /// The request is carried out, and the reply has this error status.
    Status(u32),
    /// The MessageId is that of no request.
    WrongMessageId,
    /// NextCommand of the last reply of a frame is its own size.
    NextCommandOwnSize,
    /// The reply grants no credits.
    NoCredits,
    /// STATUS_PENDING comes first, protected like the reply, and brings the credits.
    Interim,
    /// STATUS_PENDING comes first, unprotected.
    BareInterim,
    /// The reply is neither signed nor encrypted.
    Unprotected,
    /// The reply is signed where encryption is required.
    SignedOnly,
    /// The session is a guest session.
    Guest,
    /// The session is anonymous.
    NullSession,

    // The RPC answer.
    /// The bind is refused with a bind_nak.
    BindNak,
    /// The bind is answered with a provider rejection.
    BindRejection,
    /// The bind is accepted with NDR64, whatever was offered.
    OtherTransferSyntax,
    /// The bind or the call is answered with this RPC fault.
    RpcFault(u32),
    /// Every alloc_hint is this one.
    AllocHint(u32),
    /// Every alloc_hint differs by this much.
    AllocHintOff(i64),
    /// The answer has the number of the next call, as if it were that of another pipe.
    OtherCall,
    /// All fragments but the first come in reverse order. Shows only in an answer of three fragments or more.
    FragmentsReversed,
    /// The second fragment is left out, where there is one.
    FragmentMissing,
    /// The second fragment comes again and again, without end, where a third one would follow it.
    FragmentLoop,
    /// ERROR_MORE_DATA with entries, and the resume handle of the request.
    PageWithoutProgress,
    /// ERROR_MORE_DATA without an entry.
    PageWithoutEntry,
    /// ERROR_MORE_DATA without end, with a handle that moves on and the same entries again.
    PagesWithoutEnd,
    /// EntriesRead and the array's size are this one.
    Count(u32),
    /// The name in the first entry has an unpaired surrogate.
    Surrogate,
    /// What a call is to close is gone right before, as if another program had been faster.
    AlreadyGone,
}

/// The layer that a fault affects. Each layer asks for its own faults, so that a fault counts every reply once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The RPC answer.
    Rpc,
    /// The message, before it is protected.
    Message,
    /// The frame, after that.
    Frame,
}

impl FaultKind {
    /// The layer that it affects.
    #[must_use]
    pub const fn layer(&self) -> Layer {
        match self {
            Self::Stall
            | Self::Close
            | Self::Reset
            | Self::Garbage(_)
            | Self::CutOff(_)
            | Self::ByteByByte(_)
            | Self::FlipBit(_)
            | Self::FrameLength(_)
            | Self::KeepAlive
            | Self::KeepAlivesWithoutEnd(_)
            | Self::SessionRefused(_)
            | Self::NextCommandPastEnd => Layer::Frame,

            Self::Status(_)
            | Self::UnsolicitedWithoutEnd(_)
            | Self::InterimWithoutEnd(_)
            | Self::WrongMessageId
            | Self::NextCommandOwnSize
            | Self::NoCredits
            | Self::Interim
            | Self::BareInterim
            | Self::Unprotected
            | Self::SignedOnly
            | Self::Guest
            | Self::NullSession => Layer::Message,
            Self::BindNak
            | Self::BindRejection
            | Self::OtherTransferSyntax
            | Self::RpcFault(_)
            | Self::AllocHint(_)
            | Self::AllocHintOff(_)
            | Self::OtherCall
            | Self::FragmentsReversed
            | Self::FragmentMissing
            | Self::FragmentLoop
            | Self::PageWithoutProgress
            | Self::PageWithoutEntry
            | Self::PagesWithoutEnd
            | Self::Count(_)
            | Self::Surrogate
            | Self::AlreadyGone => Layer::Rpc,
        }
    }

    /// The steps at which it has an effect; `None`: all.
    const fn belongs_to(&self) -> Option<&'static [Step]> {
        match self {
            Self::SessionRefused(_) => Some(&[Step::Negotiate]),
            Self::Guest | Self::NullSession => Some(&[Step::LogOn]),
            Self::BindNak | Self::BindRejection | Self::OtherTransferSyntax => Some(&[Step::Bind]),
            Self::RpcFault(_) => Some(&[Step::Bind, Step::Enumerate]),
            // Before the log-on nothing is encrypted.
            Self::SignedOnly => Some(&Step::AFTER_LOG_ON),
            _ => match self.layer() {
                Layer::Rpc => Some(&[Step::Enumerate]),
                Layer::Message | Layer::Frame => None,
            },
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    step: Step,
    #[serde(default)]
    when: When,
    #[serde(default)]
    skip: u32,
    times: Option<u32>,
    kind: FaultKind,
}

impl TryFrom<Unchecked> for Fault {
    type Error = String;

    fn try_from(fault: Unchecked) -> Result<Self, String> {
        let Unchecked { step, when, skip, times, kind } = fault;
        if let Some(steps) = kind.belongs_to().filter(|steps| !steps.contains(&step)) {
            let names: Vec<_> = steps.iter().map(|step| step.name()).collect();
            return Err(format!("this kind of fault is possible at: {}", names.join(", ")));
        }
        if kind == FaultKind::Unprotected && matches!(step, Step::Negotiate | Step::Challenge) {
            return Err(format!("nothing is protected yet at the step {}", step.name()));
        }
        if when == When::Compound && matches!(step, Step::Negotiate | Step::Challenge | Step::LogOn) {
            return Err(format!("the step {} is never in a compound", step.name()));
        }
        if times == Some(0) {
            return Err("times is 0: this fault never strikes".to_owned());
        }
        Ok(Self { step, when, skip, times, kind })
    }
}
