use netsession_proto::smb2::{Cipher, Dialect, SigningAlgorithm};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The SMB2 layer of a server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Smb {
    /// The dialects that it supports.
    #[serde(deserialize_with = "not_empty")]
    pub dialects: Vec<DialectNumber>,
    /// Its ciphers, the preferred one first. 3.0 and 3.0.2 have AES-128-CCM only.
    pub ciphers: Vec<CipherName>,
    /// Its signing algorithms on 3.1.1, the preferred one first. Empty: an older server, which leaves out
    /// the context and signs with AES-CMAC.
    pub signing: Vec<SigningName>,
    /// Encryption.
    pub encryption: Encryption,
    /// Every session must be signed.
    pub signing_required: bool,
    /// The number and order of the frames that answer a compound.
    pub compound_replies: CompoundReplies,
    /// FSCTL_VALIDATE_NEGOTIATE_INFO is supported. Servers from before 3.0 do not support it.
    pub validates_negotiation: bool,
    /// Maximum credits of a client at one time: at least 1.
    #[serde(deserialize_with = "credits")]
    pub max_credits: u16,
}

impl Default for Smb {
    fn default() -> Self {
        Self {
            dialects: vec![
                DialectNumber::Smb202,
                DialectNumber::Smb210,
                DialectNumber::Smb300,
                DialectNumber::Smb302,
                DialectNumber::Smb311,
            ],
            ciphers: vec![
                CipherName::Aes128Gcm,
                CipherName::Aes128Ccm,
                CipherName::Aes256Gcm,
                CipherName::Aes256Ccm,
            ],
            signing: vec![SigningName::AesGmac, SigningName::AesCmac, SigningName::HmacSha256],
            encryption: Encryption::default(),
            signing_required: false,
            compound_replies: CompoundReplies::default(),
            validates_negotiation: true,
            max_credits: 512,
        }
    }
}

impl Smb {
    /// Reads the table, and refuses settings that exclude every client.
    pub(super) fn checked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let smb = Self::deserialize(deserializer)?;
        if matches!(smb.encryption, Encryption::Required | Encryption::Share) && !smb.can_encrypt() {
            return Err(D::Error::custom(
                "encryption is required, and no dialect here has one of the ciphers",
            ));
        }
        Ok(smb)
    }

    fn can_encrypt(&self) -> bool {
        self.dialects.iter().any(|dialect| match dialect {
            DialectNumber::Smb202 | DialectNumber::Smb210 => false,
            DialectNumber::Smb300 | DialectNumber::Smb302 => self.ciphers.contains(&CipherName::Aes128Ccm),
            DialectNumber::Smb311 => !self.ciphers.is_empty(),
        })
    }
}

/// Reads a list that must not be empty; the error names its line.
fn not_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() { Err(D::Error::custom("the list is empty")) } else { Ok(list) }
}

fn credits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    match u16::deserialize(deserializer)? {
        0 => Err(D::Error::custom(
            "without a credit no client can send a request; no-credits is a kind of fault",
        )),
        credits => Ok(credits),
    }
}

/// A dialect, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum DialectNumber {
    /// SMB 2.0.2.
    #[serde(rename = "2.0.2")]
    Smb202,
    /// SMB 2.1.
    #[serde(rename = "2.1")]
    Smb210,
    /// SMB 3.0.
    #[serde(rename = "3.0")]
    Smb300,
    /// SMB 3.0.2.
    #[serde(rename = "3.0.2")]
    Smb302,
    /// SMB 3.1.1.
    #[serde(rename = "3.1.1")]
    Smb311,
}

impl From<DialectNumber> for Dialect {
    fn from(number: DialectNumber) -> Self {
        match number {
            DialectNumber::Smb202 => Self::Smb202,
            DialectNumber::Smb210 => Self::Smb210,
            DialectNumber::Smb300 => Self::Smb300,
            DialectNumber::Smb302 => Self::Smb302,
            DialectNumber::Smb311 => Self::Smb311,
        }
    }
}

/// A cipher, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum CipherName {
    /// `aes-128-ccm`, the one of SMB 3.0 and 3.0.2.
    #[serde(rename = "aes-128-ccm")]
    Aes128Ccm,
    /// `aes-128-gcm`.
    #[serde(rename = "aes-128-gcm")]
    Aes128Gcm,
    /// `aes-256-ccm`.
    #[serde(rename = "aes-256-ccm")]
    Aes256Ccm,
    /// `aes-256-gcm`.
    #[serde(rename = "aes-256-gcm")]
    Aes256Gcm,
}

impl From<CipherName> for Cipher {
    fn from(name: CipherName) -> Self {
        match name {
            CipherName::Aes128Ccm => Self::Aes128Ccm,
            CipherName::Aes128Gcm => Self::Aes128Gcm,
            CipherName::Aes256Ccm => Self::Aes256Ccm,
            CipherName::Aes256Gcm => Self::Aes256Gcm,
        }
    }
}

/// A signing algorithm, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SigningName {
    /// `hmac-sha256`, the one of SMB 2.
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    /// `aes-cmac`, the one of SMB 3.0 and 3.0.2.
    AesCmac,
    /// `aes-gmac`, on SMB 3.1.1 alone.
    AesGmac,
}

impl From<SigningName> for SigningAlgorithm {
    fn from(name: SigningName) -> Self {
        match name {
            SigningName::HmacSha256 => Self::HmacSha256,
            SigningName::AesCmac => Self::AesCmac,
            SigningName::AesGmac => Self::AesGmac,
        }
    }
}

/// The encryption of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encryption {
    /// Not supported.
    Off,
    /// With clients that can encrypt.
    #[default]
    Offered,
    /// Every session is encrypted, and clients that cannot encrypt are refused.
    Required,
    /// The share `IPC$` is encrypted (SMB2_SHAREFLAG_ENCRYPT_DATA): a log-on succeeds without encryption,
    /// and what follows TREE_CONNECT does not.
    Share,
}

/// The frames that answer a compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompoundReplies {
    /// In one frame.
    #[default]
    Joined,
    /// Each reply in a frame of its own.
    Separate,
    /// As `Separate`, the last reply first.
    Reversed,
    /// The first reply alone, the others in one frame, as Samba answers a signed compound.
    FirstAlone,
}
