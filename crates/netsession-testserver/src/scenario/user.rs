use std::collections::BTreeSet;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A user that may log on. The domain that the client names is ignored.
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

/// Reads users with distinct names: of two with the same name, one could never log on.
pub(super) fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<User>, D::Error> {
    let users = Vec::<User>::deserialize(deserializer)?;
    let mut names = BTreeSet::new();
    match users.iter().find(|user| !names.insert(user.name.to_lowercase())) {
        Some(user) => Err(D::Error::custom(format!("there are two users {}", user.name))),
        None => Ok(users),
    }
}
