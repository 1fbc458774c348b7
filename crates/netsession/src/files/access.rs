use std::borrow::Cow;

/// How a file is open (`fi3_permissions`, \[MS-SRVS\] 2.2.4.7).
///
/// ```
/// use netsession::FileAccess;
///
/// let access = FileAccess::from_bits(0x83);
/// assert!(access.writes());
/// assert_eq!(access.names().collect::<Vec<_>>(), ["read", "write", "0x80"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FileAccess(u32);

impl FileAccess {
    /// The names of the bits, the lowest first.
    const NAMES: [&'static str; 7] =
        ["read", "write", "create", "exec", "delete", "attributes", "permissions"];
    const WRITE: u32 = 0x2;

    /// The access with these bits, known or not.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// All bits as the server sent them.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether the file is open for writing.
    #[must_use]
    pub const fn writes(self) -> bool {
        self.0 & Self::WRITE != 0
    }

    /// A name for each bit that is set, lowest first: `read`, `write`, `create`, `exec`, `delete`, `attributes`,
    /// `permissions`, and any other bit as a number such as `0x80`.
    pub fn names(self) -> impl Iterator<Item = Cow<'static, str>> {
        let names = Self::NAMES.into_iter().map(Some).chain(std::iter::repeat(None));
        (0..u32::BITS).map(|shift| 1_u32 << shift).zip(names).filter(move |(bit, _)| self.0 & bit != 0).map(
            |(bit, name)| match name {
                Some(name) => name.into(),
                None => format!("{bit:#x}").into(),
            },
        )
    }
}
