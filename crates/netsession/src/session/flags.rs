use std::borrow::Cow;

/// How the user of a session was logged on (`user_flags`, \[MS-SRVS\] 2.2.4.12).
///
/// ```
/// use netsession::SessionFlags;
///
/// let flags = SessionFlags::from_bits(0x5);
/// assert!(flags.is_guest());
/// assert_eq!(flags.names().collect::<Vec<_>>(), ["guest", "0x4"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SessionFlags(u32);

impl SessionFlags {
    const GUEST: u32 = 0x1;
    const NO_ENCRYPTION: u32 = 0x2;

    /// The flags with these bits, known or not.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// All bits as the server sent them.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The user was logged on as a guest.
    #[must_use]
    pub const fn is_guest(self) -> bool {
        self.0 & Self::GUEST != 0
    }

    /// The user was logged on without password encryption.
    #[must_use]
    pub const fn no_encryption(self) -> bool {
        self.0 & Self::NO_ENCRYPTION != 0
    }

    /// A name for each bit that is set, lowest first: `guest`, `no_encryption`, and any other bit as a
    /// number such as `0x4`.
    pub fn names(self) -> impl Iterator<Item = Cow<'static, str>> {
        (0..u32::BITS).map(|shift| 1_u32 << shift).filter(move |bit| self.0 & bit != 0).map(|bit| match bit {
            Self::GUEST => "guest".into(),
            Self::NO_ENCRYPTION => "no_encryption".into(),
            other => format!("{other:#x}").into(),
        })
    }
}

#[cfg(feature = "serde")]
impl SessionFlags {
    /// The reverse of [`names`](Self::names).
    pub(crate) fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut bits = 0;
        for name in names {
            bits |= match name {
                "guest" => Self::GUEST,
                "no_encryption" => Self::NO_ENCRYPTION,
                other => {
                    let bit = u32::from_str_radix(other.strip_prefix("0x")?, 16).ok()?;
                    // One name is one bit.
                    Some(bit).filter(|bit| bit.is_power_of_two())?
                }
            };
        }
        Some(Self(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_one_name() {
        let names = |bits| SessionFlags::from_bits(bits).names().collect::<Vec<_>>();
        assert!(names(0).is_empty());
        assert_eq!(names(3), ["guest", "no_encryption"]);
        assert_eq!(names(0x8000_0004), ["0x4", "0x80000000"]);
        assert_eq!(names(u32::MAX).len(), 32);
    }
}
