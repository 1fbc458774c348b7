use anyhow::{Result, bail};
use netsession::Backend;
use tracing::debug;

use crate::cli::{self, Encrypt, Kerberos, ListArgs};
use crate::config::Config;
use crate::identity;
use crate::target::Target;

/// What asks each server: Windows itself, or the program over the wire. `login` says where credentials for all of them
/// come from, if there are any.
pub(super) fn choose(
    args: &ListArgs,
    targets: &[Target],
    config: &Config,
    login: Option<identity::Source>,
) -> Result<Vec<Backend>> {
    targets.iter().map(|target| decide(args, target, config, login, cfg!(windows))).collect()
}

fn decide(
    args: &ListArgs,
    target: &Target,
    config: &Config,
    login: Option<identity::Source>,
    is_windows: bool,
) -> Result<Backend> {
    match (args.backend, wire_only(args, target, config, login)) {
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
                debug!("asking {target} over the wire: {what}");
            }
            Ok(Backend::Smb)
        }
    }
}

/// What Windows cannot be told, in words: of all servers, or of this one.
fn wire_only(
    args: &ListArgs,
    target: &Target,
    config: &Config,
    login: Option<identity::Source>,
) -> Option<String> {
    if let Some(source) = login {
        return Some(format!("{source} names another"));
    }
    if args.encrypt != Encrypt::Auto {
        return Some("--encrypt is set".into());
    }
    if args.kerberos != Kerberos::Auto {
        return Some("--kerberos is set".into());
    }
    if config.credentials_of(target).is_some() {
        return Some(format!("the configuration has credentials for {target}"));
    }
    config.address_of(target).has_port().then(|| format!("{target} has a port"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::target;

    fn on(is_windows: bool, line: &str, login: Option<identity::Source>) -> Result<Vec<Backend>, String> {
        with_config(is_windows, line, login, "")
    }

    fn with_config(
        is_windows: bool,
        line: &str,
        login: Option<identity::Source>,
        config: &str,
    ) -> Result<Vec<Backend>, String> {
        let (config, faults) = Config::parse(config, Path::new("/"));
        assert_eq!(faults, []);
        let Command::List(args) = Cli::parse_from(line.split(' ')).command else { panic!("not a listing") };
        let targets = target::parse_all(&args.servers, None, &config).unwrap();
        let decide = |target| decide(&args, target, &config, login, is_windows);
        targets.iter().map(decide).collect::<Result<_>>().map_err(|error| error.to_string())
    }

    const LOGIN: Option<identity::Source> = Some(identity::Source("NETSESSION_LOGIN"));
    use Backend::{Smb, Windows};

    #[test]
    fn auto_on_windows_is_windows() {
        for line in ["netsession list", "netsession list fs2 -l 1 --timeout 3s", "netsession list fs1:445"] {
            assert_eq!(on(true, line, None), Ok(vec![Windows]), "{line}");
            assert_eq!(on(false, line, None), Ok(vec![Smb]), "{line}");
        }
    }

    #[test]
    fn what_windows_cannot_be_told_is_for_the_wire() {
        for (arguments, login, auto, why) in [
            ("fs1 fs2", LOGIN, [Smb, Smb], "NETSESSION_LOGIN names another"),
            ("fs1 fs2 --encrypt required", None, [Smb, Smb], "--encrypt is set"),
            ("fs1 fs2 --encrypt off", None, [Smb, Smb], "--encrypt is set"),
            ("fs1 fs2 --kerberos off", None, [Smb, Smb], "--kerberos is set"),
            ("fs1 fs2 --kerberos required", None, [Smb, Smb], "--kerberos is set"),
            // One server's port is no other server's business.
            ("fs1 fs2:4455", None, [Windows, Smb], "fs2:4455 has a port"),
            ("fs1:4455 fs2", None, [Smb, Windows], "fs1:4455 has a port"),
        ] {
            let line = format!("netsession list {arguments}");
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
            assert_eq!(with_config(&format!("netsession list {servers}")).as_deref(), Ok(auto), "{servers}");
            let line = format!("netsession list {servers} --backend windows");
            let error = with_config(&line).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert_eq!(with_config("netsession list fs3 fs4 --backend windows"), Ok(vec![Windows, Windows]));
    }

    #[test]
    fn windows_is_on_windows_only() {
        let line = "netsession list fs1 --backend windows";
        assert_eq!(on(true, line, None), Ok(vec![Windows]));
        assert!(on(false, line, None).unwrap_err().contains("only Windows has it"));
    }
}
