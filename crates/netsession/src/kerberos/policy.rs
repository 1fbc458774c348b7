/// Whether to log on with Kerberos.
///
/// With a ticket only a server that is named by its name can be asked: tickets are for names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kerberos {
    /// With a ticket where there is one of the account; else, for `user@REALM`, with one that the password
    /// gets; else with NTLM.
    #[default]
    Auto,
    /// With a ticket, or not at all.
    Required,
    /// With NTLM alone.
    Off,
}
