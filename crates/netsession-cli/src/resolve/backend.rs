//! What asks each server: Windows itself, or the program over the wire.
//!
//! The rule is the library's. It is applied here before a builder is: only a server that is asked over the wire needs
//! credentials, and the user is not asked for a password that Windows would not take.

use anyhow::{Error, Result, anyhow};
use netsession::{Backend, BackendConflict, ConnectionSettings, ServerName, WireOnly, WireSettings};
use tracing::debug;

use crate::identity::LoginSetting;
use crate::model::Configuration;

/// What the choice depends on, the same for all servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct BackendChoice {
    pub(super) backend: Backend,
    /// The option or the variable with credentials for all servers.
    pub(super) login_setting: Option<LoginSetting>,
}

impl BackendChoice {
    /// What asks this server. Never [`Backend::Auto`].
    pub(super) fn backend(
        &self,
        server: &ServerName,
        connection: &ConnectionSettings,
        configuration: &Configuration,
    ) -> Result<Backend> {
        let wire_only = self.wire_only(server, connection, configuration);
        let backend = self.backend.choose(wire_only).map_err(|conflict| self.refusal(conflict, server))?;
        // Elsewhere it is no choice.
        if let (Some(what), Backend::Smb, true) = (wire_only, backend, Backend::Windows.is_available()) {
            debug!("asking {server} over the wire: {}", self.in_words(what, server));
        }
        Ok(backend)
    }

    /// What is wanted of this server that only the program's own client can do.
    fn wire_only(
        &self,
        server: &ServerName,
        connection: &ConnectionSettings,
        configuration: &Configuration,
    ) -> Option<WireOnly> {
        let has_credentials = self.login_setting.is_some() || configuration.credentials_of(server).is_some();
        let wanted = WireSettings::new(connection)
            .has_credentials(has_credentials)
            .port(configuration.address_of(server).port());
        WireOnly::first_in(&wanted)
    }

    fn refusal(&self, conflict: BackendConflict, server: &ServerName) -> Error {
        match conflict {
            BackendConflict::OtherSystem => {
                anyhow!("--backend windows: only available on Windows: leave it out, or use smb")
            }
            BackendConflict::WireOnly(what) => anyhow!(
                "--backend windows: Windows asks as the user who is logged on, in its own way, and {}: leave one of \
                 the two out",
                self.in_words(what, server)
            ),
            other => anyhow!("--backend windows: {other}"),
        }
    }

    /// What Windows has no parameter for, by the option that says it.
    fn in_words(&self, what: WireOnly, name: &ServerName) -> String {
        match (what, self.login_setting) {
            (WireOnly::Credentials, Some(setting)) => format!("{setting} names another"),
            (WireOnly::Credentials, None) => format!("the configuration has credentials for {name}"),
            (WireOnly::Port, _) => format!("{name} has a port"),
            (WireOnly::Encryption, _) => "--encrypt is set".into(),
            (WireOnly::Kerberos, _) => "--kerberos is set".into(),
            (WireOnly::Dialects, _) => "--min-dialect is set".into(),
            (WireOnly::Service, _) => "--spn is set".into(),
            (what, _) => what.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{Args as _, FromArgMatches as _};

    use super::*;
    use crate::args::TargetArgs;
    use crate::config;
    use crate::resolve::connection::connection;
    use crate::resolve::servers::servers;

    const LOGIN: Option<LoginSetting> = Some(LoginSetting("NETSESSION_LOGIN"));

    /// Of each server what is wanted that only the wire has, as it is shown beside `--backend windows`.
    fn wire_only(line: &str, login: Option<LoginSetting>, config: &str) -> Vec<Option<String>> {
        of_each(line, login, config, |choice, server, connection, config| {
            let what = choice.wire_only(server, connection, config)?;
            Some(choice.refusal(BackendConflict::WireOnly(what), server).to_string())
        })
    }

    fn backends(line: &str) -> Vec<Result<Backend, String>> {
        of_each(line, None, "", |choice, server, connection, config| {
            choice.backend(server, connection, config).map_err(|error| error.to_string())
        })
    }

    fn of_each<T>(
        line: &str,
        login_setting: Option<LoginSetting>,
        config: &str,
        mut shown: impl FnMut(BackendChoice, &ServerName, &ConnectionSettings, &Configuration) -> T,
    ) -> Vec<T> {
        let (config, faults) = config::parse(config, Path::new("/"));
        assert_eq!(faults, []);
        let matches =
            TargetArgs::augment_args(clap::Command::new("netsession")).get_matches_from(line.split(' '));
        let args = TargetArgs::from_arg_matches(&matches).unwrap();
        let choice = BackendChoice { backend: args.connection.backend, login_setting };
        let servers = servers(&args.servers, &config, &mut std::io::empty()).unwrap();
        let servers = servers.iter().map(|server| {
            let connection = connection(&args, server, &config, login_setting.is_some());
            shown(choice, server, &connection, &config)
        });
        servers.collect()
    }

    /// Whether each server has the words, or only the wire can ask none.
    fn check(found: &[Option<String>], expected: &[Option<&str>], line: &str) {
        assert_eq!(found.len(), expected.len(), "{line}");
        for (found, words) in found.iter().zip(expected) {
            let is_right = match (found, words) {
                (Some(found), Some(words)) => found.contains(words),
                (found, words) => found.is_none() && words.is_none(),
            };
            assert!(is_right, "{line}: {found:?}, not {words:?}");
        }
    }

    #[test]
    fn windows_can_ask_without_an_option_of_the_wire() {
        for line in [
            "netsession",
            "netsession fs2 --timeout 3s",
            "netsession fs1:445",
            // It excludes no server.
            "netsession fs1 --min-dialect 2.0.2",
        ] {
            check(&wire_only(line, None, ""), &[None], line);
        }
    }

    #[test]
    fn options_that_windows_has_no_parameter_for_mean_the_wire() {
        for (arguments, login, expected) in [
            ("fs1 fs2", LOGIN, [Some("NETSESSION_LOGIN names another"); 2]),
            ("fs1 fs2 --encrypt required", None, [Some("--encrypt is set"); 2]),
            ("fs1 fs2 --encrypt off", None, [Some("--encrypt is set"); 2]),
            ("fs1 fs2 --min-dialect 3.0", None, [Some("--min-dialect is set"); 2]),
            ("fs1 fs2 --kerberos off", None, [Some("--kerberos is set"); 2]),
            ("fs1 fs2 --kerberos required", None, [Some("--kerberos is set"); 2]),
            // One server's port is no other server's business.
            ("fs1 fs2:4455", None, [None, Some("fs2:4455 has a port")]),
            ("fs1:4455 fs2", None, [Some("fs1:4455 has a port"), None]),
        ] {
            let line = format!("netsession {arguments}");
            check(&wire_only(&line, login, ""), &expected, &line);
        }
        check(&wire_only("netsession fs1 --spn fs1", None, ""), &[Some("--spn is set")], "--spn");
    }

    #[test]
    fn the_configuration_counts_for_each_server_that_is_asked() {
        let config = "[servers]
            fs1 = { credentials = 'lab' }
            fs2 = { address = 'fs2.lab:4455' }
            fs3 = { address = 'fs3.lab' }
            [groups]
            all = ['fs3', 'fs1']
            [credentials]
            lab = { login = 'LAB\\admin' }";
        for (servers, expected) in [
            ("fs1", &[Some("the configuration has credentials for fs1")][..]),
            ("fs3 FS1", &[None, Some("the configuration has credentials for FS1")]),
            ("@all fs4", &[None, Some("the configuration has credentials for fs1"), None]),
            ("fs2", &[Some("fs2 has a port")]),
        ] {
            let line = format!("netsession {servers}");
            check(&wire_only(&line, None, config), expected, &line);
        }
    }

    /// On Windows as well as elsewhere: the library holds the rule, which is tested there for both.
    #[test]
    fn what_asks_is_what_the_library_says() {
        let smb = |line: &str| assert_eq!(backends(line), [Ok(Backend::Smb)], "{line}");
        smb("netsession fs1 --backend smb");
        smb("netsession fs1:4455");
        let auto = if cfg!(windows) { Backend::Windows } else { Backend::Smb };
        assert_eq!(backends("netsession fs1"), [Ok(auto)]);
        let [named] = &backends("netsession fs1 --backend windows")[..] else { panic!("one server") };
        match named {
            Ok(backend) => assert!(cfg!(windows) && *backend == Backend::Windows),
            Err(error) => assert!(!cfg!(windows) && error.contains("only available on Windows"), "{error}"),
        }
        let both = backends("netsession fs1:4455 --backend windows").remove(0).unwrap_err();
        let why = if cfg!(windows) { "fs1:4455 has a port" } else { "only available on Windows" };
        assert!(both.contains(why), "{both}");
    }
}
