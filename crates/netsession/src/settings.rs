use std::sync::Arc;
use std::time::Duration;

use netsession_proto::client::{Encryption, Limits};
use netsession_proto::smb2::Dialect;

use crate::logon_guard::Guard;
use crate::memory::ServerMemory;
use crate::resolve::{Resolve, SystemResolver};
use crate::{Backend, Credentials, Kerberos};

/// What both builders collect.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) server: String,
    pub(crate) backend: Backend,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) kerberos: Kerberos,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) encryption: Encryption,
    pub(crate) min_dialect: Dialect,
    pub(crate) max_dialect: Dialect,
    pub(crate) limits: Limits,
    /// The one of this process, unless the caller brings another.
    pub(crate) guard: Arc<Guard>,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) memory: ServerMemory,
}

impl Settings {
    pub(crate) fn new(server: String) -> Self {
        Self {
            server,
            backend: Backend::default(),
            credentials: None,
            kerberos: Kerberos::default(),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            encryption: Encryption::default(),
            min_dialect: Dialect::Smb202,
            max_dialect: Dialect::Smb311,
            limits: Limits::default(),
            guard: Arc::clone(Guard::of_this_process()),
            resolver: Arc::new(SystemResolver),
            memory: ServerMemory::default(),
        }
    }
}

/// The setters of a builder whose field `settings` is [`Settings`]: the same, with the same
/// documentation, for the async and the blocking one.
macro_rules! builder_setters {
    () => {
        /// What asks: this library over the wire, or Windows itself. Default [`Backend::Auto`](crate::Backend::Auto).
        pub fn backend(mut self, backend: $crate::Backend) -> Self {
            self.settings.backend = backend;
            self
        }

        /// Who asks over the wire. There is no default: never anonymous. Where Windows asks, it does so as
        /// whoever is logged on.
        pub fn credentials(mut self, credentials: $crate::Credentials) -> Self {
            self.settings.credentials = Some(credentials);
            self
        }

        /// Whether to log on with Kerberos. Default: where there is a ticket, or a password can get one.
        pub fn kerberos(mut self, kerberos: $crate::Kerberos) -> Self {
            self.settings.kerberos = kerberos;
            self
        }

        /// Keeps this connection out of the [log-on guard](crate::logon_guard): its account is tried whatever
        /// became of it elsewhere, and nobody learns what becomes of it here.
        ///
        /// A wrong password is then tried on every server that is asked, and a few are enough to lock the
        /// account in most domains. For a single account whose password is known to be right where it counts.
        pub fn without_logon_guard(mut self) -> Self {
            self.settings.guard = std::sync::Arc::default();
            self
        }

        /// Puts this connection under a guard of the caller's own, instead of that of the process.
        pub fn logon_guard(mut self, guard: &$crate::logon_guard::LogonGuard) -> Self {
            self.settings.guard = std::sync::Arc::clone(&guard.0);
            self
        }

        /// What servers answered before, and where it is kept what this one answers: the level that it gave, and
        /// whether it refused the compound request. Default: a memory that ends with the client.
        pub fn memory(mut self, memory: &$crate::ServerMemory) -> Self {
            self.settings.memory = memory.clone();
            self
        }

        /// One absolute deadline from `connect()` to the end of the first `list()`, name resolution
        /// included; renewed for each later call. When it passes the caller has its answer, whatever a
        /// resolver is still doing. Default 10 s; zero is refused.
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings.timeout = timeout;
            self
        }

        /// How long the TCP connect may take, over all addresses of the server, and never beyond the
        /// deadline. Default 5 s; zero is refused.
        pub fn connect_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings.connect_timeout = timeout;
            self
        }

        /// Whether the session is to be encrypted. Default: where the server can.
        pub fn encryption(mut self, encryption: $crate::Encryption) -> Self {
            self.settings.encryption = encryption;
            self
        }

        /// The lowest dialect to offer. Default 2.0.2.
        pub fn min_dialect(mut self, dialect: $crate::Dialect) -> Self {
            self.settings.min_dialect = dialect;
            self
        }

        /// The highest dialect to offer. Default 3.1.1.
        pub fn max_dialect(mut self, dialect: $crate::Dialect) -> Self {
            self.settings.max_dialect = dialect;
            self
        }

        /// The most sessions that a listing may have, over all pages. Default 1,000,000.
        pub fn max_entries(mut self, entries: usize) -> Self {
            self.settings.limits.entries = entries;
            self
        }

        /// The most bytes of RPC answer that a listing may take, over all pages. Default 256 MiB.
        pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
            self.settings.limits.answer_bytes = bytes;
            self
        }

        /// The most bytes that one SMB2 frame from the server may have. Default 1 MiB.
        pub fn max_frame_bytes(mut self, bytes: usize) -> Self {
            self.settings.limits.frame_bytes = bytes;
            self
        }

        /// The most pages that a listing may have. Default 10,000.
        pub fn max_pages(mut self, pages: usize) -> Self {
            self.settings.limits.pages = pages;
            self
        }

        #[cfg(test)]
        pub(crate) fn with_settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
            change(&mut self.settings);
            self
        }
    };
}
pub(crate) use builder_setters;

/// The setters of a request for sessions whose field `question` is [`Sessions`](crate::Sessions).
macro_rules! question_setters {
    () => {
        /// How much to ask for. Default [`Level::Auto`](crate::Level::Auto).
        pub fn level(mut self, level: $crate::Level) -> Self {
            self.question = self.question.level(level);
            self
        }

        /// Only the sessions from this computer: see [`Sessions::client`](crate::Sessions::client).
        pub fn client(mut self, client: impl Into<String>) -> Self {
            self.question = self.question.client(client);
            self
        }

        /// Only the sessions of this user: see [`Sessions::user`](crate::Sessions::user).
        pub fn user(mut self, user: impl Into<String>) -> Self {
            self.question = self.question.user(user);
            self
        }
    };
}
pub(crate) use question_setters;
