use serde::Deserialize;

/// Somebody who may log on. The domain that the client names is not looked at.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name, without domain.
    pub name: String,
    /// The password, in plain text: these are no real accounts.
    pub password: String,
    /// Whether the user is in the Administrators or Server Operators.
    #[serde(default)]
    pub administrator: bool,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("administrator", &self.administrator)
            .finish_non_exhaustive()
    }
}
