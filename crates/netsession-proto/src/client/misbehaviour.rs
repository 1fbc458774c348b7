use thiserror::Error;

/// A well-formed message that the protocol does not allow where it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Misbehaviour {
    /// It spoke SMB2 before, or somebody else did in its place.
    #[error("an SMB1 message after the negotiation of SMB2")]
    Smb1AfterNegotiation,
    /// A NetBIOS negative session response where SMB2 is spoken already.
    #[error("a NetBIOS refusal after the negotiation of SMB2")]
    SessionRefusedAfterNegotiation,
    /// Waiting for more would take forever.
    #[error("no credits, so that no further request can be sent")]
    NoCredits,
    /// A success other than STATUS_SUCCESS where none is defined.
    #[error("an unexpected status")]
    MeaninglessStatus,
    /// A message without the RESPONSE flag.
    #[error("a request where a reply was due")]
    RequestInsteadOfReply,
    /// A MessageId that no open request has.
    #[error("a reply to no request")]
    UnknownMessageId,
    /// The command of a reply is not that of its request.
    #[error("a reply with another command than its request")]
    OtherCommand,
    /// \[MS-SMB2\] 3.2.5.2 allows each kind of context once.
    #[error("a negotiate context twice")]
    RepeatedNegotiateContext,
    /// SMB 3.1.1 requires it.
    #[error("SMB 3.1.1 without the preauthentication context")]
    NoPreauthContext,
    /// The encryption context must name exactly one cipher.
    #[error("not exactly one cipher")]
    CipherCount,
    /// The signing context must name exactly one algorithm.
    #[error("more or less than one signing algorithm")]
    SigningCount,
    /// The SessionId changed between two SESSION_SETUP answers.
    #[error("another session in the middle of the log-on")]
    OtherSession,
    /// More SESSION_SETUP answers than any mechanism needs.
    #[error("a log-on without end")]
    EndlessLogOn,
    /// The server accepted before the mechanism had a key.
    #[error("a log-on that ends without a session key")]
    NoSessionKey,
    /// SMB2_SESSION_FLAG_ENCRYPT_DATA without a cipher in common.
    #[error("encryption demanded where none was agreed on")]
    EncryptionNotAgreed,
    /// Neither bind_ack, bind_nak nor fault.
    #[error("an RPC message that answers no bind")]
    NotABindAnswer,
    /// Neither response nor fault.
    #[error("an RPC message that answers no call")]
    NotACallAnswer,
    /// The call_id is not that of the call.
    #[error("an answer to another RPC call")]
    OtherCall,
    /// bind_ack accepts a syntax that was not offered.
    #[error("a transfer syntax that was not offered")]
    OtherTransferSyntax,
    /// One presentation context was offered.
    #[error("more or less than one answer to a bind")]
    BindResultCount,
    /// One READ after another would bring nothing, without end.
    #[error("a read that brings nothing")]
    EmptyRead,
    /// The last fragment was followed by more.
    #[error("bytes after the end of an RPC answer")]
    BytesAfterAnswer,
    /// PFC_FIRST_FRAG on a later fragment, or not on the first.
    #[error("a first fragment that is not first, or the reverse")]
    FirstFragment,
    /// A fragment that is not the last and carries nothing.
    #[error("an empty fragment")]
    EmptyFragment,
    /// By alloc_hint, a fragment is missing or came twice.
    #[error("fragments of an RPC answer that do not follow each other")]
    FragmentGap,
    /// READs were sent for what alloc_hint announced, and the answer ended before.
    #[error("fewer fragments than were announced")]
    FewerFragments,
    /// ERROR_MORE_DATA with no entry: the next page would be the same.
    #[error("a page without an entry, and more to come")]
    EmptyPage,
    /// The resume handle did not move.
    #[error("a page that does not move on")]
    PageWithoutProgress,
    /// netapi32 counted entries and gave no buffer.
    #[error("entries without a buffer")]
    EntriesWithoutBuffer,
    /// netapi32 said success and gave no structure.
    #[error("a success without a structure")]
    SuccessWithoutStructure,
}

/// A signature or an authentication tag that is wrong or missing where one must be, or a negotiation that was
/// changed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Tampering {
    /// A TRANSFORM_HEADER without keys.
    #[error("an encrypted reply where no encryption was agreed on")]
    UnexpectedEncryption,
    /// The SessionId of the TRANSFORM_HEADER is not that of this session.
    #[error("a reply that is encrypted for another session")]
    EncryptedForOtherSession,
    /// The authentication tag does not fit.
    #[error("an encrypted reply that was changed on the way")]
    EncryptionTag,
    /// The session is signed.
    #[error("a reply with a wrong or missing signature")]
    Signature,
    /// The session is encrypted.
    #[error("a reply that is not encrypted")]
    NotEncrypted,
    /// \[MS-SMB2\] 3.2.5.3.1: a successful last SESSION_SETUP is signed.
    #[error("the last answer of the log-on has a wrong or missing signature")]
    LogOnSignature,
    /// VALIDATE_NEGOTIATE_INFO repeats something else than NEGOTIATE said.
    #[error("what was negotiated has been changed on the way")]
    NegotiationChanged,
    /// STATUS_ACCESS_DENIED to VALIDATE_NEGOTIATE_INFO.
    #[error("the server did not confirm what was negotiated")]
    NegotiationNotConfirmed,
}

/// A dialect or algorithm that was not offered, or none in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unsupported {
    /// STATUS_NOT_SUPPORTED to NEGOTIATE.
    #[error("none of the dialects that are offered")]
    Dialects,
    /// The server chose a dialect by itself.
    #[error("a dialect that was not offered")]
    Dialect,
    /// SHA-512 alone is offered.
    #[error("a pre-authentication hash that was not offered")]
    PreauthHash,
    /// The server chose a cipher by itself.
    #[error("a cipher that was not offered")]
    Cipher,
    /// The server chose a signing algorithm by itself.
    #[error("a signing algorithm that was not offered")]
    Signing,
    /// Samba's answer to NetrConnectionEnum.
    #[error("the server invents its connections")]
    MadeUpConnections,
}
