use serde::Deserialize;

/// What the server's CHALLENGE carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Ntlm {
    /// Keys are exchanged (NTLMSSP_NEGOTIATE_KEY_EXCH). Some NetApp and Windows 10 1903 do not.
    pub key_exchange: bool,
    /// There is target info. Old Fritz!Box and some old NAS have none.
    pub target_info: bool,
}

impl Default for Ntlm {
    fn default() -> Self {
        Self { key_exchange: true, target_info: true }
    }
}
