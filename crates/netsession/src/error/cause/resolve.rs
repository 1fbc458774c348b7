use super::LocalError;

/// Why a name has no address. The texts are those of the resolver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ResolveError {
    /// No such name, or no address of that name: EAI_NONAME, EAI_NODATA.
    #[error("{0}")]
    NotFound(String),
    /// No name server answered, or it answered SERVFAIL: EAI_AGAIN.
    #[error("{0}")]
    Temporary(String),
    /// Any other error of the resolver.
    #[error("{0}")]
    Other(String),
    /// The resolver succeeded without an address.
    #[error("the name has no address")]
    NoAddress,
    /// The scope of a link-local address names no interface.
    #[error("this machine has no interface {0}")]
    NoInterface(String),
    /// This machine has no resources left: nothing is known about the name.
    #[error("{0}")]
    Local(LocalError),
}
