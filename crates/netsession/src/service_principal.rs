use std::fmt;
use std::str::FromStr;

/// The service that a Kerberos ticket is for: `cifs/HOST`.
///
/// By default it is made from the name of the server as it is given; DNS has no part in it. Give another one to the
/// builder's `spn` where the server is named by its address, or by a name that the domain does not know.
///
/// | text | service |
/// |---|---|
/// | `fs1.example.com` | `cifs/fs1.example.com`, in the realm that the domain controllers find |
/// | `cifs/fs1.example.com` | the same |
/// | `cifs/fs1.example.com@EXAMPLE.COM` | in this realm |
///
/// ```
/// use netsession::ServicePrincipal;
///
/// let service: ServicePrincipal = "fs1.example.com".parse()?;
/// assert_eq!(service.to_string(), "cifs/fs1.example.com");
/// assert!("10.0.0.5:445".parse::<ServicePrincipal>().is_err());
/// # Ok::<(), netsession::ParseServicePrincipalError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServicePrincipal {
    name: String,
    realm: String,
}

impl ServicePrincipal {
    const CLASS: &str = "cifs";

    /// The file service of a server that is named by this host name.
    ///
    /// In lower case and without the dot of the root, as the system's library would name it: some domain controllers
    /// compare with regard to case.
    pub(crate) fn for_host(host: &str) -> Self {
        let host = host.strip_suffix('.').unwrap_or(host).to_lowercase();
        Self { name: format!("{}/{host}", Self::CLASS), realm: String::new() }
    }

    /// As the library parses it. An empty realm, with its `@`, stands for that of the client and its referrals
    /// (RFC 6806, section 8); without the `@` it would be the default realm of this machine.
    #[cfg_attr(not(all(unix, feature = "kerberos")), allow(dead_code, reason = "a build without Kerberos"))]
    pub(super) fn principal(&self) -> String {
        format!("{}@{}", self.name, self.realm)
    }
}

impl FromStr for ServicePrincipal {
    type Err = ParseServicePrincipalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_sound = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '\\' | ':' | '/' | '@'))
        };
        let (name, realm) = text.split_once('@').unwrap_or((text, ""));
        let (class, host) = name.split_once('/').unwrap_or((Self::CLASS, name));
        if is_sound(class) && is_sound(host) && (realm.is_empty() || is_sound(realm)) {
            Ok(Self { name: format!("{class}/{host}"), realm: realm.to_owned() })
        } else {
            Err(ParseServicePrincipalError(()))
        }
    }
}

impl fmt::Display for ServicePrincipal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.realm.is_empty() { Ok(()) } else { write!(f, "@{}", self.realm) }
    }
}

/// A text that is not a [`ServicePrincipal`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a service: it is HOST, cifs/HOST or cifs/HOST@REALM, without a port")]
pub struct ParseServicePrincipalError(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn realm_is_empty_unless_it_is_named() {
        assert_eq!(ServicePrincipal::for_host("FS1.Lab.Test.").principal(), "cifs/fs1.lab.test@");
        for (text, principal, shown) in [
            ("DC1.lab.test", "cifs/DC1.lab.test@", "cifs/DC1.lab.test"),
            ("cifs/dc1", "cifs/dc1@", "cifs/dc1"),
            ("cifs/dc1@", "cifs/dc1@", "cifs/dc1"),
            ("host/dc1@LAB.TEST", "host/dc1@LAB.TEST", "host/dc1@LAB.TEST"),
        ] {
            let service: ServicePrincipal = text.parse().unwrap();
            assert_eq!((service.principal(), service.to_string()), (principal.into(), shown.into()));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "/", "cifs/", "/dc1", "a/b/c", "dc1:445", "dc 1", "dc1\0", r"LAB\dc1", "dc1@A@B", "@LAB"]
        {
            assert!(text.parse::<ServicePrincipal>().is_err(), "{text:?}");
        }
    }
}
