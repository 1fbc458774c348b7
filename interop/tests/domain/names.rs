//! The name of the service: that of the server as it is typed, or `--spn`; never one from DNS.

use anyhow::{Context as _, Result, ensure};
use netsession_interop::domain::{ALIAS, CNAME, ERIN, ERIN_UPN, LABADM, SERVER};
use netsession_interop::suite::{Need, Suite};

use crate::support::{domain, ensure_error, ensure_lists, ensure_says, principal};

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Domain];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "names::not_from_dns", not_from_dns);
    suite.test(NEEDS, "names::spn_option", option);
    suite.test(NEEDS, "names::spn_of_the_configuration", configuration);
    suite.test(NEEDS, "names::address_with_a_ticket", address);
    suite.test(NEEDS, "names::enterprise_principal", enterprise);
}

/// With MIT's defaults, where the library would ask DNS for the name of the address.
fn not_from_dns() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    for server in [SERVER, "dc1"] {
        let list = domain.list(server, Some(&cache))?.env("KRB5_CONFIG", domain.default_conf());
        ensure_lists(&list.rows().with_context(|| server.to_owned())?, LABADM)?;
    }
    // DNS has it as another name of the server, and the domain does not.
    let list = domain.list(CNAME, Some(&cache))?.env("KRB5_CONFIG", domain.default_conf());
    let run = list.run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    ensure_says(&run.outcome.stderr, &["KDC_ERR_S_PRINCIPAL_UNKNOWN", "--spn"])
}

fn option() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    for server in [ALIAS, CNAME, "127.0.0.1"] {
        for spn in [SERVER, "cifs/dc1.adlab.test", "cifs/dc1.adlab.test@ADLAB.TEST"] {
            let list = domain.list(server, Some(&cache))?.args(&["--spn", spn, "-k", "required"]);
            ensure_lists(&list.rows().with_context(|| format!("{server} {spn}"))?, LABADM)?;
        }
    }
    let run = domain.list(ALIAS, Some(&cache))?.args(&[CNAME, "--spn", SERVER]).run()?;
    ensure!(run.outcome.code == Some(2), "{run:?}");
    ensure_says(&run.outcome.stderr, &["--spn", "is for one server"])
}

fn configuration() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("netsession"))?;
    let config = format!(
        "[servers]\nfs7 = {{ address = '127.0.0.1', spn = '{SERVER}', kerberos = 'required', encryption = 'required', \
         min_dialect = '3.1.1' }}\n"
    );
    std::fs::write(folder.path().join("netsession/config.toml"), config)?;
    let list =
        || -> Result<_> { Ok(domain.list("fs7", Some(&cache))?.env("XDG_CONFIG_HOME", folder.path())) };
    ensure_lists(&list()?.rows()?, LABADM)?;
    // What is required there holds with another login as well.
    let list =
        list()?.env("NETSESSION_LOGIN", r"ADLAB\nobody").env("NETSESSION_PASSWORD", "wrong-for-nobody");
    ensure_error(&list.error()?, "kerberos", None, None)
}

/// The ticket is there, and the error says why it is not used.
fn address() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    for login in [None, Some(principal(LABADM)), Some(r"ADLAB\labadm".to_owned())] {
        let mut list = domain.list("127.0.0.1", Some(&cache))?;
        if let Some(login) = &login {
            list = list.args(&["-U", login]);
        }
        // There is no terminal to ask for a password on.
        let run = list.run()?;
        ensure!(run.outcome.code == Some(2), "{run:?}");
        ensure_says(&run.outcome.stderr, &["the ticket of", "cannot be used", "address", "--spn", "spn in"])?;
    }
    Ok(())
}

/// The ticket of `kinit -E`, as the login of the cache and by each of its spellings.
fn enterprise() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(ERIN, &["-E", ERIN_UPN])?;
    let list = || domain.list(SERVER, Some(&cache));
    ensure_lists(&list()?.args(&["-k", "required"]).rows()?, ERIN)?;
    for login in [ERIN_UPN, r"erin.admin\@corp.example@ADLAB.TEST"] {
        let list = list()?.args(&["-k", "required", "-U", login]);
        ensure_lists(&list.rows().with_context(|| login.to_owned())?, ERIN)?;
    }
    Ok(())
}
