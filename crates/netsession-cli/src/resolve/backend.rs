//! What asks each server: Windows itself, or the program over the wire.
//!
//! The rule is the library's. It is applied here before a builder is: only a server that is asked over the wire needs
//! credentials, and the user is not asked for a password that Windows would not take.

use anyhow::{Result, bail};
use netsession::{Backend, Dialect, ServerName, WireOnly, WireSettings};
use tracing::debug;

use super::connection::Connection;
use crate::identity::LoginSetting;
use crate::model::Configuration;

/// What the choice depends on, the same for all servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct BackendChoice {
    pub(super) backend: Backend,
    /// The option or the variable with credentials for all servers.
    pub(super) login_setting: Option<LoginSetting>,
    pub(super) is_windows: bool,
}

impl BackendChoice {
    /// What asks this server. Never [`Backend::Auto`].
    pub(super) fn backend(
        &self,
        server: &ServerName,
        connection: &Connection,
        configuration: &Configuration,
    ) -> Result<Backend> {
        let has_credentials = self.login_setting.is_some() || configuration.credentials_of(server).is_some();
        let wire_only = WireOnly::first_in(&WireSettings {
            has_credentials,
            port: configuration.address_of(server).port(),
            encryption: connection.encryption,
            kerberos: connection.kerberos,
            min_dialect: connection.min_dialect.unwrap_or(Dialect::Smb202),
            max_dialect: Dialect::Smb311,
            has_service: connection.service.is_some(),
        });
        let chosen = self.backend.choose(wire_only, self.is_windows);
        match (chosen, wire_only) {
            (Ok(backend), what) => {
                if let Some(what) = what.filter(|_| self.is_windows && backend == Backend::Smb) {
                    debug!("asking {server} over the wire: {}", self.in_words(what, server));
                }
                Ok(backend)
            }
            (Err(_), Some(what)) if self.is_windows => bail!(
                "--backend windows: Windows asks as the user who is logged on, in its own way, and {}: leave one of \
                 the two out",
                self.in_words(what, server)
            ),
            (Err(_), _) => bail!("--backend windows: only available on Windows: leave it out, or use smb"),
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
    use crate::args::AskArgs;
    use crate::config;
    use crate::resolve::servers::servers;

    fn on(is_windows: bool, line: &str, login: Option<LoginSetting>) -> Result<Vec<Backend>, String> {
        with_config(is_windows, line, login, "")
    }

    fn with_config(
        is_windows: bool,
        line: &str,
        login: Option<LoginSetting>,
        config: &str,
    ) -> Result<Vec<Backend>, String> {
        let (config, faults) = config::parse(config, Path::new("/"));
        assert_eq!(faults, []);
        let matches =
            AskArgs::augment_args(clap::Command::new("netsession")).get_matches_from(line.split(' '));
        let args = AskArgs::from_arg_matches(&matches).unwrap();
        let choice = BackendChoice { backend: args.connection.backend, login_setting: login, is_windows };
        let servers = servers(&args.servers, &config, &mut std::io::empty()).unwrap();
        let backends = servers.iter().map(|server| {
            choice.backend(server, &Connection::new(&args, server, &config, login.is_some()), &config)
        });
        backends.collect::<Result<_>>().map_err(|error| error.to_string())
    }

    const LOGIN: Option<LoginSetting> = Some(LoginSetting("NETSESSION_LOGIN"));
    use Backend::{Smb, Windows};

    #[test]
    fn auto_on_windows_is_windows() {
        for line in [
            "netsession",
            "netsession fs2 --timeout 3s",
            "netsession fs1:445",
            // It excludes no server.
            "netsession fs1 --min-dialect 2.0.2",
        ] {
            assert_eq!(on(true, line, None), Ok(vec![Windows]), "{line}");
            assert_eq!(on(false, line, None), Ok(vec![Smb]), "{line}");
        }
    }

    #[test]
    fn options_that_windows_has_no_parameter_for_mean_the_wire() {
        for (arguments, login, auto, why) in [
            ("fs1 fs2", LOGIN, [Smb, Smb], "NETSESSION_LOGIN names another"),
            ("fs1 fs2 --encrypt required", None, [Smb, Smb], "--encrypt is set"),
            ("fs1 fs2 --encrypt off", None, [Smb, Smb], "--encrypt is set"),
            ("fs1 fs2 --min-dialect 3.0", None, [Smb, Smb], "--min-dialect is set"),
            ("fs1 fs2 --kerberos off", None, [Smb, Smb], "--kerberos is set"),
            ("fs1 fs2 --kerberos required", None, [Smb, Smb], "--kerberos is set"),
            // One server's port is no other server's business.
            ("fs1 fs2:4455", None, [Windows, Smb], "fs2:4455 has a port"),
            ("fs1:4455 fs2", None, [Smb, Windows], "fs1:4455 has a port"),
        ] {
            let line = format!("netsession {arguments}");
            assert_eq!(on(true, &line, login), Ok(auto.to_vec()), "{line}");
            let error = on(true, &format!("{line} --backend windows"), login).unwrap_err();
            assert!(error.contains(why), "{error}");
            assert_eq!(on(true, &format!("{line} --backend smb"), login), Ok(vec![Smb, Smb]));
            assert_eq!(on(false, &line, login), Ok(vec![Smb, Smb]));
        }
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
        let with_config = |line: &str| with_config(true, line, None, config);
        for (servers, auto, why) in [
            ("fs1", &[Smb][..], "the configuration has credentials for fs1"),
            ("fs3 FS1", &[Windows, Smb], "the configuration has credentials for FS1"),
            ("@all fs4", &[Windows, Smb, Windows], "the configuration has credentials for fs1"),
            ("fs2", &[Smb], "fs2 has a port"),
        ] {
            assert_eq!(with_config(&format!("netsession {servers}")).as_deref(), Ok(auto), "{servers}");
            let line = format!("netsession {servers} --backend windows");
            let error = with_config(&line).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert_eq!(with_config("netsession fs3 fs4 --backend windows"), Ok(vec![Windows, Windows]));
    }

    #[test]
    fn the_windows_backend_is_only_available_on_windows() {
        let line = "netsession fs1 --backend windows";
        assert_eq!(on(true, line, None), Ok(vec![Windows]));
        assert!(on(false, line, None).unwrap_err().contains("only available on Windows"));
    }
}
