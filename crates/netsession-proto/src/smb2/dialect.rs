use std::fmt;

/// A dialect of SMB2 (\[MS-SMB2\] 2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// SMB 2.0.2: Windows Vista SP1, Server 2008.
    Smb202,
    /// SMB 2.1: Windows 7, Server 2008 R2.
    Smb210,
    /// SMB 3.0: Windows 8, Server 2012.
    Smb300,
    /// SMB 3.0.2: Windows 8.1, Server 2012 R2.
    Smb302,
    /// SMB 3.1.1: Windows 10, Server 2016 and later.
    Smb311,
}

impl Dialect {
    /// All dialects, lowest first.
    pub const ALL: &'static [Self] = &[Self::Smb202, Self::Smb210, Self::Smb300, Self::Smb302, Self::Smb311];
    /// The lowest one.
    pub const LOWEST: Self = Self::Smb202;
    /// The highest one.
    pub const HIGHEST: Self = Self::Smb311;

    /// The number that stands on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Smb202 => 0x0202,
            Self::Smb210 => 0x0210,
            Self::Smb300 => 0x0300,
            Self::Smb302 => 0x0302,
            Self::Smb311 => 0x0311,
        }
    }

    /// Its name, as in `3.1.1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smb202 => "2.0.2",
            Self::Smb210 => "2.1",
            Self::Smb300 => "3.0",
            Self::Smb302 => "3.0.2",
            Self::Smb311 => "3.1.1",
        }
    }

    /// The dialect with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|dialect| dialect.number() == number)
    }

    /// Whether this is 3.0 or later, where keys are derived and encryption exists.
    #[must_use]
    pub fn is_smb3(self) -> bool {
        self >= Self::Smb300
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
