use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A password. Wiped from memory when the last clone is dropped, and hidden by `Debug`.
///
/// Made on purpose only: no text becomes a password by conversion, so that arguments in the wrong order do not
/// compile.
///
/// ```
/// use netsession::Password;
///
/// let password = Password::new("Passw0rd!");
/// assert_eq!(format!("{password:?}"), "Password(hidden)");
/// assert_eq!(password.expose(), "Passw0rd!");
/// ```
// Clones share one text: a fleet does not copy a secret for each server.
#[derive(Clone)]
pub struct Password(Arc<Zeroizing<String>>);

impl Password {
    /// The password `text`. A `String` is taken over without a copy; of a `&str` the caller wipes the original.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// The text itself. Each copy of it is the caller's to wipe.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}
