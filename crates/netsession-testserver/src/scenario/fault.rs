use serde::Deserialize;

/// Something that the server does wrong, at one step.
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
    /// At which reply.
    pub step: Step,
    /// Whether only to a compound.
    pub when: When,
    /// How many such replies are left alone first.
    pub skip: u32,
    /// How many are spoilt then; all where nothing is said.
    pub times: Option<u32>,
    /// What goes wrong.
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

    /// The same, after so many replies without it.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// The same, at so many replies.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }
}

/// A reply, by what it is the reply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Step {
    /// NEGOTIATE.
    Negotiate,
    /// SESSION_SETUP that is to go on.
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
    /// An IOCTL or WRITE that carries an RPC request.
    Enumerate,
    /// READ.
    Read,
    /// Anything else.
    Other,
}

/// To which requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// To every one.
    #[default]
    Always,
    /// To those that came in a compound.
    Compound,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FaultKind {
    // The frame, after it has been signed or encrypted.
    /// Neither this reply nor any later one is ever sent.
    Stall,
    /// The connection is closed instead.
    Close,
    /// The connection is reset instead.
    Reset,
    /// This text is sent instead.
    Garbage(String),
    /// So many bytes of the frame are sent, then the connection is closed.
    CutOff(usize),
    /// One byte at a time, with so many milliseconds in between.
    ByteByByte(u64),
    /// This bit of the frame, counted from its first byte after the length, is flipped.
    FlipBit(usize),
    /// The length before the frame is this one.
    FrameLength(u32),

    // The message, before it is signed or encrypted.
    /// The frame is sent, and the same again and again, with so many milliseconds in between.
    UnsolicitedWithoutEnd(u64),
    /// Instead of the reply STATUS_PENDING is sent again and again, with so many milliseconds in between.
    InterimWithoutEnd(u64),
    /// It fails with this status, although the request has been carried out.
    Status(u32),
    /// Its MessageId is nobody's.
    WrongMessageId,
    /// It grants no credits.
    NoCredits,
    /// STATUS_PENDING comes first, protected like the reply, and brings the credits.
    Interim,
    /// STATUS_PENDING comes first, unprotected.
    BareInterim,
    /// It is sent without signature and without encryption.
    Unprotected,
    /// It is signed where it had to be encrypted.
    SignedOnly,
    /// The session is a guest's.
    Guest,
    /// The session is nobody's.
    NullSession,

    // The RPC answer.
    /// The bind is refused with a bind_nak.
    BindNak,
    /// The bind is answered with a provider rejection.
    BindRejection,
    /// The call is answered with this RPC fault.
    RpcFault(u32),
    /// Every alloc_hint is this one.
    AllocHint(u32),
    /// Every alloc_hint is off by so much.
    AllocHintOff(i64),
    /// All fragments but the first come in reverse order.
    FragmentsReversed,
    /// The second fragment is left out.
    FragmentMissing,
    /// The second fragment comes again and again, without end.
    FragmentLoop,
    /// ERROR_MORE_DATA, with sessions, and a resume handle that is the one of the question.
    PageWithoutProgress,
    /// ERROR_MORE_DATA without a session.
    PageWithoutEntry,
    /// ERROR_MORE_DATA whatever happens, with a handle that moves on and the same sessions again.
    PagesWithoutEnd,
    /// EntriesRead and the array's size are this one.
    Count(u32),
    /// The first client has an unpaired surrogate in its name.
    Surrogate,
}

/// Where a fault strikes. Each layer asks for its own, so that a fault counts every reply once.
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
    /// Where it strikes.
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
            | Self::FrameLength(_) => Layer::Frame,

            Self::Status(_)
            | Self::UnsolicitedWithoutEnd(_)
            | Self::InterimWithoutEnd(_)
            | Self::WrongMessageId
            | Self::NoCredits
            | Self::Interim
            | Self::BareInterim
            | Self::Unprotected
            | Self::SignedOnly
            | Self::Guest
            | Self::NullSession => Layer::Message,
            Self::BindNak
            | Self::BindRejection
            | Self::RpcFault(_)
            | Self::AllocHint(_)
            | Self::AllocHintOff(_)
            | Self::FragmentsReversed
            | Self::FragmentMissing
            | Self::FragmentLoop
            | Self::PageWithoutProgress
            | Self::PageWithoutEntry
            | Self::PagesWithoutEnd
            | Self::Count(_)
            | Self::Surrogate => Layer::Rpc,
        }
    }

    /// The only step at which it means something, if there is only one.
    const fn belongs_to(&self) -> Option<Step> {
        match self {
            Self::Guest | Self::NullSession => Some(Step::LogOn),
            Self::BindNak | Self::BindRejection => Some(Step::Bind),
            _ => match self.layer() {
                Layer::Rpc => Some(Step::Enumerate),
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
        match kind.belongs_to() {
            Some(only) if only != step => {
                Err(format!("this kind of fault is possible at the step {only:?} only"))
            }
            _ => Ok(Self { step, when, skip, times, kind }),
        }
    }
}
