use std::sync::Arc;
use std::time::Duration;

use netsession_proto::client::Limits;

use crate::error::{Error, InvalidRequest};
use crate::logon_guard::Guard;
use crate::memory_budget::MemoryBudget;
use crate::resolve::{Resolve, SystemResolver};
use crate::server_memory::ServerMemory;
use crate::server_name::Server;
use crate::{Backend, ConnectionSettings, Credentials, ParseServerNameError, ServerName};

/// The settings of a connection, as a builder collects them.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// A bad name is kept until there is a `Result` to return it in.
    server: Result<Server, ParseServerNameError>,
    pub(crate) backend: Backend,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) connection: ConnectionSettings,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) limits: Limits,
    /// The guard of this process, unless the caller sets another one.
    pub(crate) guard: Arc<Guard>,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) memory: ServerMemory,
    /// The budget of this process, unless the caller sets another one.
    pub(crate) budget: MemoryBudget,
}

impl Settings {
    pub(crate) fn new(server: impl TryInto<ServerName, Error: Into<ParseServerNameError>>) -> Self {
        Self::for_server(server.try_into().map(Server::Named).map_err(Into::into))
    }

    pub(crate) fn this_machine() -> Self {
        Self::for_server(Ok(Server::ThisMachine))
    }

    fn for_server(server: Result<Server, ParseServerNameError>) -> Self {
        Self {
            server,
            backend: Backend::default(),
            credentials: None,
            connection: ConnectionSettings::default(),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            limits: Limits::default(),
            guard: Arc::clone(Guard::of_this_process()),
            resolver: Arc::new(SystemResolver),
            memory: ServerMemory::default(),
            budget: MemoryBudget::of_this_process().clone(),
        }
    }

    /// The server to ask.
    #[cfg_attr(not(windows), expect(dead_code, reason = "only the Windows backend can ask this machine"))]
    pub(crate) fn server(&self) -> Result<&Server, Error> {
        self.server.as_ref().map_err(|error| error.clone().into())
    }

    /// The name of the server to ask over the wire.
    pub(crate) fn server_name(&self) -> Result<&ServerName, Error> {
        let server = self.server.as_ref().map_err(Clone::clone)?;
        server.name().ok_or_else(|| self.invalid(InvalidRequest::ThisMachine))
    }

    /// The server as it is shown; as given, where it cannot be parsed.
    pub(crate) fn shown_server(&self) -> String {
        match &self.server {
            Ok(server) => server.to_string(),
            Err(bad) => bad.input().to_owned(),
        }
    }

    /// An error of these settings, found before the first packet.
    pub(crate) fn invalid(&self, request: InvalidRequest) -> Error {
        Error::invalid(request).with_server(self.shown_server())
    }
}

/// The setters of a builder whose field `settings` is [`Settings`]: the same, with the same
/// documentation, for the async and the blocking one.
macro_rules! builder_setters {
    () => {
        /// The implementation that queries the server: the library's own SMB2 client, or Windows. Default
        /// [`Backend::Auto`](crate::Backend::Auto).
        pub fn backend(mut self, backend: $crate::Backend) -> Self {
            self.settings.backend = backend;
            self
        }

        /// The account to log on with over the wire. There is no default: never anonymous. The Windows backend
        /// takes none, and asks as the user who is logged on.
        pub fn credentials(mut self, credentials: $crate::Credentials) -> Self {
            self.settings.credentials = Some(credentials);
            self
        }

        /// How to connect and to log on: all that the setters [`kerberos`](Self::kerberos),
        /// [`encryption`](Self::encryption), [`min_dialect`](Self::min_dialect), [`max_dialect`](Self::max_dialect) and
        /// [`spn`](Self::spn) say, in place of what they have set before.
        pub fn connection_settings(mut self, settings: $crate::ConnectionSettings) -> Self {
            self.settings.connection = settings;
            self
        }

        /// Whether to log on with Kerberos. Default [`Kerberos::Auto`](crate::Kerberos::Auto).
        pub fn kerberos(mut self, kerberos: $crate::Kerberos) -> Self {
            self.settings.connection.kerberos = kerberos;
            self
        }

        /// The service that a Kerberos ticket is for. Default: `cifs/HOST`, with the name of the server as it is
        /// given, which DNS does not change. Needed for a server that is named by its address, or by a name that its
        /// domain does not know.
        pub fn spn(mut self, service: $crate::ServicePrincipal) -> Self {
            self.settings.connection.service = Some(service);
            self
        }

        /// Keeps this connection out of the [log-on guard](crate::logon_guard): refusals elsewhere do not block
        /// it, and a refusal here blocks no other connection.
        ///
        /// A wrong password is then tried on every server, and a few attempts are enough to lock the
        /// account in most domains. Use it only for an account whose password is known to be right.
        pub fn without_logon_guard(mut self) -> Self {
            self.settings.guard = std::sync::Arc::default();
            self
        }

        /// Uses this guard instead of the guard of the process.
        pub fn logon_guard(mut self, guard: &$crate::logon_guard::LogonGuard) -> Self {
            self.settings.guard = std::sync::Arc::clone(&guard.0);
            self
        }

        /// The memory of earlier answers, which is read and updated: the level that a server supports, and
        /// whether it refused the compound request. Default: a memory that ends with the client.
        pub fn memory(mut self, memory: &$crate::ServerMemory) -> Self {
            self.settings.memory = memory.clone();
            self
        }

        /// One absolute deadline from `connect()` to the end of the first `list()`, name resolution
        /// included; renewed for each later call. The call returns when it passes, even if the resolver does
        /// not. Default 10 s; zero is refused.
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings.timeout = timeout;
            self
        }

        /// Maximum time for the TCP connect, over all addresses of the server, and never beyond the
        /// deadline. Default 5 s; zero is refused.
        pub fn connect_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings.connect_timeout = timeout;
            self
        }

        /// Whether to encrypt the session. Default: if the server can.
        pub fn encryption(mut self, encryption: $crate::Encryption) -> Self {
            self.settings.connection.encryption = encryption;
            self
        }

        /// Lowest SMB dialect to offer (\[MS-SMB2\] 2.2.3). Default 2.0.2.
        pub fn min_dialect(mut self, dialect: $crate::Dialect) -> Self {
            self.settings.connection.min_dialect = Some(dialect);
            self
        }

        /// Highest SMB dialect to offer (\[MS-SMB2\] 2.2.3). Default 3.1.1.
        pub fn max_dialect(mut self, dialect: $crate::Dialect) -> Self {
            self.settings.connection.max_dialect = Some(dialect);
            self
        }

        /// Maximum entries of one listing, over all pages. Default 1,000,000.
        pub fn max_entries(mut self, entries: usize) -> Self {
            self.settings.limits.entries = entries;
            self
        }

        /// Maximum bytes of RPC answers for one listing, over all pages. Default 256 MiB.
        pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
            self.settings.limits.answer_bytes = bytes;
            self
        }

        /// Maximum bytes of one SMB2 frame from the server. Default 1 MiB.
        pub fn max_frame_bytes(mut self, bytes: usize) -> Self {
            self.settings.limits.frame_bytes = bytes;
            self
        }

        /// Maximum pages of one listing. Default 10,000.
        pub fn max_pages(mut self, pages: usize) -> Self {
            self.settings.limits.pages = pages;
            self
        }

        /// The memory that the answers of all servers may take together. Default:
        /// [`MemoryBudget::of_this_process`](crate::MemoryBudget::of_this_process), 1 GiB.
        pub fn memory_budget(mut self, budget: &$crate::MemoryBudget) -> Self {
            self.settings.budget = budget.clone();
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
        /// The level to request. Default [`Level::Auto`](crate::Level::Auto).
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
