use crate::logon_guard::{LogonGuard, Secret};
use crate::{Account, Credentials};

impl LogonGuard {
    /// Whether a server has refused these credentials: they are not tried again, or not at that server.
    ///
    /// Other than [`is_blocked`](Self::is_blocked) it tells the secrets of an account apart.
    #[must_use]
    pub fn has_block(&self, credentials: &Credentials) -> bool {
        self.0.has_block(&credentials.account(), &credentials.secret())
    }

    /// Takes the credentials in use from `before` to `after`, as when a program loads its configuration again.
    ///
    /// An account and secret that was not in use before may log on again. What is known of all others stays, and so do
    /// their blocks: to load the same wrong password again sends no log-on.
    pub fn change_credentials<'a>(
        &self,
        before: impl IntoIterator<Item = &'a Credentials>,
        after: impl IntoIterator<Item = &'a Credentials>,
    ) {
        self.0.change_credentials(before.into_iter().map(parts), after.into_iter().map(parts));
    }
}

fn parts(credentials: &Credentials) -> (Account, Secret) {
    (credentials.account(), credentials.secret())
}
