//! The servers that the arguments name.

use std::collections::HashSet;
use std::io::Read;

use anyhow::{Context as _, Result, bail};
use netsession::ServerName;

use super::server_list::ServerList;
use crate::args::ServersArgs;
use crate::config;
use crate::model::{Configuration, server};
use crate::text::escaped;

/// The servers that are typed; a group stands for its servers. Nothing is asked.
pub(crate) fn typed(typed: &[String], configuration: &Configuration) -> Result<Vec<ServerName>> {
    let args = ServersArgs { servers: typed.to_vec(), ..ServersArgs::default() };
    servers(&args, configuration, &mut std::io::empty())
}

/// The servers to ask, each once, in the order given, those of a list last; a group stands for its servers.
pub(super) fn servers(
    args: &ServersArgs,
    configuration: &Configuration,
    stdin: &mut dyn Read,
) -> Result<Vec<ServerName>> {
    let list = match &args.servers_from {
        Some(path) => Some(ServerList::read(path, stdin)?),
        None => None,
    };
    if args.servers.is_empty() && list.is_none() {
        return Ok(vec![server::parse("localhost")?]);
    }
    let mut seen = HashSet::new();
    let mut servers = Vec::new();
    let mut add = |text: &str| -> Result<()> {
        let mut is_new = |server: &ServerName| seen.insert(server.clone());
        match text.strip_prefix('@') {
            Some(group) => {
                let members = members(configuration, group).with_context(|| escaped(text).into_owned())?;
                servers.extend(members.into_iter().filter(|server| is_new(server)).cloned());
            }
            None => servers.extend(Some(server::parse(text)?).filter(is_new)),
        }
        Ok(())
    };
    args.servers.iter().try_for_each(|text| add(text))?;
    for (text, line) in list.iter().flat_map(ServerList::servers) {
        add(text).with_context(|| list.as_ref().map(|list| list.position(line)).unwrap_or_default())?;
    }
    if servers.is_empty() {
        bail!("the groups that are named have no server");
    }
    Ok(servers)
}

fn members<'a>(configuration: &'a Configuration, group: &str) -> Result<Vec<&'a ServerName>> {
    if let Some(members) = configuration.members(group) {
        return Ok(members);
    }
    let known: Vec<_> = configuration.groups.keys().map(|name| format!("@{name}")).collect();
    match (known.as_slice(), config::default_path()) {
        ([], Some(path)) => bail!("there is no such group: {} names none", path.display()),
        ([], None) => {
            bail!("there is no such group, and no configuration: neither HOME nor XDG_CONFIG_HOME is set")
        }
        (known, _) => bail!("there is no such group: the configuration has {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(typed: &[&str], configuration: &Configuration) -> Result<Vec<String>> {
        let servers = typed.iter().map(|server| (*server).to_owned()).collect();
        let args = ServersArgs { servers, ..ServersArgs::default() };
        let servers = super::servers(&args, configuration, &mut std::io::empty())?;
        Ok(servers.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_group_stands_for_its_servers() {
        let text = "[groups]\nall = ['fs1', '@some', 'fs2:445']\nsome = ['FS2', 'fs3']\nnone = []\n";
        let (configuration, faults) = config::parse(text, std::path::Path::new("/"));
        assert_eq!(faults, []);
        let shown = |typed: &[&str]| shown(typed, &configuration);
        assert_eq!(shown(&["@all"]).unwrap(), ["fs1", "FS2", "fs3"]);
        assert_eq!(shown(&["fs3", "@some"]).unwrap(), ["fs3", "FS2"]);
        let unknown = format!("{:#}", shown(&["@fileservers"]).unwrap_err());
        assert_eq!(unknown, "@fileservers: there is no such group: the configuration has @all, @none, @some");
        assert!(shown(&["@none"]).is_err());
    }

    #[test]
    fn a_server_named_twice_is_asked_once() {
        let typed = [
            "FS1",
            "fs1:445",
            r"\\Fs1",
            "fs1:4455",
            "::1",
            "[0:0::1]:445",
            "fe80::1%eth0",
            "fe80::1%ETH0",
            "FE80:0::1%eth0",
            "10.0.0.5",
            "::ffff:10.0.0.5",
        ];
        let shown = shown(&typed, &Configuration::default()).unwrap();
        assert_eq!(shown, ["FS1", "fs1:4455", "::1", "fe80::1%eth0", "fe80::1%ETH0", "10.0.0.5"]);
    }

    #[test]
    fn no_server_is_localhost() {
        assert_eq!(shown(&[], &Configuration::default()).unwrap(), ["localhost"]);
    }
}
