use anyhow::{Result, bail};
use netsession::Backend;
use tracing::debug;

use crate::cli::{self, Encrypt, Kerberos, ListArgs};
use crate::config::Config;
use crate::identity;
use crate::target::Target;

/// What asks: Windows itself, or the program over the wire. `login` says where credentials come from, if
/// there are any.
pub(super) fn choose(
    args: &ListArgs,
    targets: &[Target],
    config: &Config,
    login: Option<identity::Source>,
) -> Result<Backend> {
    decide(args, targets, config, login, cfg!(windows))
}

fn decide(
    args: &ListArgs,
    targets: &[Target],
    config: &Config,
    login: Option<identity::Source>,
    is_windows: bool,
) -> Result<Backend> {
    let wire_only = wire_only(args, targets, config, login);
    match (args.backend, wire_only) {
        (cli::Backend::Smb, _) => Ok(Backend::Smb),
        (cli::Backend::Windows, _) if !is_windows => {
            bail!("--backend windows: only Windows has it: leave it out, or use smb")
        }
        (cli::Backend::Windows, Some(what)) => bail!(
            "--backend windows: Windows asks as whoever is logged on, in its own way, and {what}: leave one of the two out"
        ),
        (cli::Backend::Windows, None) => Ok(Backend::Windows),
        (cli::Backend::Auto, None) if is_windows => Ok(Backend::Windows),
        (cli::Backend::Auto, what) => {
            if let Some(what) = what.filter(|_| is_windows) {
                debug!("asking over the wire: {what}");
            }
            Ok(Backend::Smb)
        }
    }
}

/// What Windows cannot be told, in words.
fn wire_only(
    args: &ListArgs,
    targets: &[Target],
    config: &Config,
    login: Option<identity::Source>,
) -> Option<String> {
    if let Some(source) = login {
        return Some(format!("{source} names another"));
    }
    if let Some(target) = targets.iter().find(|target| config.credentials_of(target).is_some()) {
        return Some(format!("the configuration has credentials for {target}"));
    }
    if let Some(target) = targets.iter().find(|target| config.address_of(target).has_port()) {
        return Some(format!("{target} has a port"));
    }
    if args.encrypt != Encrypt::Auto {
        return Some("--encrypt is set".into());
    }
    (args.kerberos != Kerberos::Auto).then(|| "--kerberos is set".into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::target;

    fn on(is_windows: bool, line: &str, login: Option<identity::Source>) -> Result<Backend, String> {
        with_config(is_windows, line, login, "")
    }

    fn with_config(
        is_windows: bool,
        line: &str,
        login: Option<identity::Source>,
        config: &str,
    ) -> Result<Backend, String> {
        let (config, faults) = Config::parse(config, Path::new("/"));
        assert_eq!(faults, []);
        let Command::List(args) = Cli::parse_from(line.split(' ')).command else { panic!("not a listing") };
        let targets = target::parse_all(&args.servers, None, &config).unwrap();
        decide(&args, &targets, &config, login, is_windows).map_err(|error| error.to_string())
    }

    const LOGIN: Option<identity::Source> = Some(identity::Source("NETSESSION_LOGIN"));

    #[test]
    fn auto_on_windows_is_windows() {
        for line in
            ["netsession list", "netsession list fs1 fs2 -l 1 --timeout 3s", "netsession list fs1:445"]
        {
            assert_eq!(on(true, line, None), Ok(Backend::Windows), "{line}");
            assert_eq!(on(false, line, None), Ok(Backend::Smb), "{line}");
        }
    }

    #[test]
    fn what_windows_cannot_be_told_is_for_the_wire() {
        for (arguments, login, why) in [
            ("fs1", LOGIN, "NETSESSION_LOGIN names another"),
            ("fs1 fs2:4455", None, "fs2:4455 has a port"),
            ("--encrypt required fs1", None, "--encrypt is set"),
            ("--encrypt off fs1", None, "--encrypt is set"),
            ("--kerberos off fs1", None, "--kerberos is set"),
            ("--kerberos required fs1", None, "--kerberos is set"),
        ] {
            let auto = format!("netsession list {arguments}");
            assert_eq!(on(true, &auto, login), Ok(Backend::Smb), "{auto}");
            let error = on(true, &format!("{auto} --backend windows"), login).unwrap_err();
            assert!(error.contains(why), "{error}");
            assert_eq!(on(true, &format!("{auto} --backend smb"), login), Ok(Backend::Smb));
        }
    }

    #[test]
    fn the_configuration_counts_for_the_servers_that_are_asked() {
        let config = "[servers]
            fs1 = { credentials = 'lab' }
            fs2 = { address = 'fs2.lab:4455' }
            fs3 = { address = 'fs3.lab' }
            [groups]
            all = ['fs3', 'fs1']
            [credentials]
            lab = { login = 'LAB\\admin' }";
        let with_config = |line: &str| with_config(true, line, None, config);
        for (servers, why) in [
            ("fs1", "the configuration has credentials for fs1"),
            ("fs3 FS1", "the configuration has credentials for FS1"),
            ("@all", "the configuration has credentials for fs1"),
            ("fs2", "fs2 has a port"),
        ] {
            assert_eq!(with_config(&format!("netsession list {servers}")), Ok(Backend::Smb), "{servers}");
            let line = format!("netsession list {servers} --backend windows");
            let error = with_config(&line).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        for servers in ["fs3", "fs4", "fs3 fs4"] {
            assert_eq!(with_config(&format!("netsession list {servers}")), Ok(Backend::Windows), "{servers}");
        }
    }

    #[test]
    fn windows_is_on_windows_only() {
        let line = "netsession list fs1 --backend windows";
        assert_eq!(on(true, line, None), Ok(Backend::Windows));
        assert!(on(false, line, None).unwrap_err().contains("only Windows has it"));
    }
}
