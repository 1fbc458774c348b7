use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::account::Account;
use crate::domain::{Domain, REALM, SERVER};
use crate::exporter::Exporter;
use crate::proxy::Proxy;

const WRONG: &str = "wrong-for-this-account";
/// What may become of a server when the password is wrong.
const KINDS: [&str; 4] = ["logon_refused", "logon_blocked", "logon_unanswered", "timeout"];

/// A domain whose controller answers late, for an account with a wrong password. The account's log-ons are counted by the
/// domain.
pub struct LateController<'domain> {
    domain: &'domain Domain,
    who: Account,
    delay: Duration,
    targets: Vec<String>,
    conf: PathBuf,
    _kdc: Proxy,
}

impl<'domain> LateController<'domain> {
    /// Each answer of the controller comes that much later, so that the one to the password is late by twice the delay: it
    /// is the second one. The configuration has `udp_preference_limit = 1`.
    pub fn start(domain: &'domain Domain, who: Account, delay: Duration, servers: u8) -> Result<Self> {
        let kdc = Proxy::to(([127, 0, 0, 1], 88).into()).delay(delay).start()?;
        let conf = domain.conf_with_kdc(&kdc.address().to_string())?;
        let targets = (0..servers).map(|number| format!("t{number}")).collect();
        Ok(Self { domain, who, delay, targets, conf, _kdc: kdc })
    }

    /// `netsession list` over all servers: the log-ons.
    pub fn list(&self, jobs: usize, timeout: Option<&str>) -> Result<u32> {
        let folder = tempfile::tempdir()?;
        let own = folder.path().join("netsession");
        fs::create_dir(&own)?;
        fs::write(own.join("config.toml"), self.configuration()?)?;
        fs::write(own.join("wrong.password"), WRONG)?;
        fs::set_permissions(own.join("wrong.password"), fs::Permissions::from_mode(0o600))?;
        let (first, others) = self.targets.split_first().context("no target")?;
        let others: Vec<_> = others.iter().map(String::as_str).collect();
        let jobs = jobs.to_string();
        self.forgive()?;
        let mut list = self.domain.list(first, None)?.args(&others).args(&["-k", "required", "-f", "jsonl"]);
        list = list.env("XDG_CONFIG_HOME", folder.path()).env("KRB5_CONFIG", &self.conf);
        if let Some(timeout) = timeout {
            list = list.args(&["--timeout", timeout]);
        }
        let run = list.args(&["--jobs", &jobs]).run()?;
        let lines = run.lines()?;
        ensure!(lines.len() == self.targets.len(), "{run:?}");
        for line in lines {
            let kind = line["error"]["kind"].as_str();
            ensure!(kind.is_some_and(|kind| KINDS.contains(&kind)), "{kind:?}: {run:?}");
        }
        // Only answers are late: what the command has sent is there, and is counted within a moment.
        thread::sleep(Duration::from_secs(1));
        self.domain.wrong_passwords(self.who)
    }

    /// An exporter whose targets are all scraped together, `rounds` times and once when the answers are there: the log-ons.
    pub fn exporter(&self, scrape: Duration, rounds: usize) -> Result<u32> {
        let wrong = [("wrong", Account { password: WRONG, ..self.who })];
        let conf = self.conf.display().to_string();
        let variables = [("KRB5_CONFIG", conf.as_str()), ("KRB5CCNAME", "/nonexistent")];
        self.forgive()?;
        let exporter = Exporter::start_with(&self.configuration()?, &wrong, &variables)?;
        let begun = Instant::now();
        for _ in 0..rounds {
            self.round(&exporter, scrape)?;
        }
        // Two log-ons, one after the other, of two answers each.
        thread::sleep((self.delay * 4).saturating_sub(begun.elapsed()));
        self.round(&exporter, scrape)?;
        // A log-on of that round sends the password after the first answer.
        thread::sleep(self.delay + Duration::from_secs(1));
        self.domain.wrong_passwords(self.who)
    }

    /// A log-on with the right password: the domain counts from there.
    fn forgive(&self) -> Result<()> {
        self.domain.kinit(self.who, &[])?;
        ensure!(self.domain.wrong_passwords(self.who)? == 0, "{} has wrong log-ons", self.who.name);
        Ok(())
    }

    fn configuration(&self) -> Result<String> {
        let mut config = format!(
            "[credentials]\nwrong = {{ login = '{}@{REALM}', password_file = 'wrong.password', kerberos = \
             'required' }}\n[servers]\n",
            self.who.name
        );
        for target in &self.targets {
            writeln!(config, "{target} = {{ address = '{SERVER}', credentials = 'wrong' }}")?;
        }
        Ok(config)
    }

    /// Each probe fails, with a kind of a log-on.
    fn round(&self, exporter: &Exporter, scrape: Duration) -> Result<()> {
        thread::scope(|scope| {
            let probes: Vec<_> =
                self.targets.iter().map(|target| scope.spawn(|| exporter.probe(target, scrape))).collect();
            for probe in probes {
                let body = probe.join().map_err(|_| anyhow::anyhow!("a probe panicked"))??.body;
                let is_of_log_on =
                    KINDS.iter().any(|kind| body.contains(&format!("netsession_error{{kind=\"{kind}\"}} 1")));
                ensure!(is_of_log_on, "{body}");
            }
            Ok(())
        })
    }
}
