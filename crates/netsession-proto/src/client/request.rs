use crate::srvs::Level;

/// One question to a server: who is connected?
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// How much to ask for.
    pub level: WantedLevel,
    /// Only the sessions from this computer: a name or an IP address, with or without `\\` and brackets.
    pub client: Option<String>,
    /// Only the sessions of this user: `user` or `DOMAIN\user`.
    pub user: Option<String>,
}

/// Which level to ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WantedLevel {
    /// The most that the server gives to this caller: 502, then 1, 10 and 0.
    #[default]
    Auto,
    /// As `Auto`, beginning with a level that this server has given before. Where it no longer does, the
    /// whole way down follows.
    AutoFrom(Level),
    /// This level, or another one that carries all of its fields.
    Named(Level),
}
