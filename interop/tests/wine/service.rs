//! The exporter as a service, with the commands of docs/exporter.md, under the service manager of Wine.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use netsession_interop::double::Double;
use netsession_interop::exporter::value;
use netsession_interop::process;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::wine::{self, List, Prefix};
use netsession_interop::{http, port};

use crate::support::prefix;
use crate::table;

const NAME: &str = "netsession-exporter";
/// As the service manager tells it: running, and what it accepts then is stop, shutdown and paramchange.
const RUNNING: &str = "state=4 accepts=13 exit=0 specific=0";
const STOPPED: &str = "state=1 accepts=0 exit=0 specific=0";
/// Stopped with ERROR_SERVICE_SPECIFIC_ERROR and the exit code of the command for a wrong configuration.
const WRONG: &str = "state=1 accepts=0 exit=1066 specific=2";
/// SERVICE_CONTROL_PARAMCHANGE
const RELOAD: &str = "6";

pub(crate) fn add(suite: &mut Suite) {
    let needs = [Need::Wine, Need::TestServer];
    suite.test(&needs, "service::documented_commands_run_the_exporter", documented_commands);
    suite.test(&[Need::Wine], "service::started_from_a_console_is_an_error", from_a_console);
}

fn documented_commands() -> Result<()> {
    let (prefix, server) = (prefix()?, Double::start(&table::scenario())?);
    let listen = SocketAddr::from(([127, 0, 0, 1], port::free()));
    let address = listen.to_string();
    let programs = prefix.path(r"Program Files\netsession");
    fs::create_dir_all(&programs)?;
    fs::copy(wine::program()?, programs.join("netsession.exe"))?;
    let [create, description, failure, start] =
        ["create ", "description ", "failure ", "start "].map(documented);
    let options = format!("exporter --service --enable-lifecycle --listen {listen}");
    let create = create?.replace("exporter --service", &options);
    let data = prefix.path(r"ProgramData\netsession");
    fs::create_dir_all(data.join("log"))?;
    fs::write(data.join("lab.password"), "secret")?;
    configure(&data, server.address(), &["fs1"])?;
    for line in [&create, &description?, &failure?] {
        run(&prefix, line)?;
    }
    let start = start?;
    run(&prefix, &start)?;
    until(&prefix, RUNNING)?;

    let probe = |target: &str| http::get(&address, &format!("/probe?target={target}"), &[]);
    let response = probe("fs1")?;
    ensure!(value(&response.body, "netsession_up") == Some(1.0), "{response:?}");
    ensure!(probe("fs2")?.status == 403, "fs2 is not in the configuration yet");

    configure(&data, server.address(), &["fs1", "fs2"])?;
    let told = prefix.cmd(&format!("service.exe {NAME} {RELOAD}"))?;
    ensure!(told.code == Some(0), "{told:?}");
    wait(|| Ok(probe("fs2")?.status == 200), || log(&data))?;

    configure(&data, server.address(), &["fs1", "fs2", "fs3"])?;
    let reloaded = http::post(&address, "/-/reload")?;
    ensure!(reloaded.status == 200, "{reloaded:?}");
    ensure!(probe("fs3")?.status == 200, "the reload by HTTP is not in force");

    run(&prefix, &documented("stop ")?)?;
    until(&prefix, STOPPED)?;
    let said = log(&data);
    for words in [
        format!("listening on {listen}; targets: 1,"),
        "configuration reloaded; targets: 2,".to_owned(),
        "stopped by the service manager".to_owned(),
    ] {
        ensure!(said.contains(&words), "no {words:?} in {said}");
    }
    ensure!(http::get(&address, "/-/healthy", &[]).is_err(), "it still listens");

    fs::write(data.join("exporter.toml"), "[exporter]\nconcurrenzy = 3\n")?;
    // Wine starts it once more only when its process has ended, a moment after the manager has been told STOPPED.
    wait(|| Ok(prefix.cmd(&start)?.code == Some(0)), || log(&data))?;
    until(&prefix, WRONG)?;
    let said = log(&data);
    ensure!(said.contains("concurrenzy"), "{said}");
    run(&prefix, &documented("delete ")?)?;
    let left = prefix.cmd(&format!("service.exe {NAME}"))?;
    ensure!(left.code != Some(0), "it is still there: {left:?}");
    Ok(())
}

/// The line of the documentation that begins so, after `sc.exe`: in a block, or in the table of commands.
fn documented(command: &str) -> Result<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/exporter.md");
    let page = fs::read_to_string(page)?;
    let beginning = format!("sc.exe {command}{NAME}");
    let found = page.lines().find_map(|line| {
        let of_table = line.strip_prefix("| `").and_then(|rest| rest.split('`').next());
        of_table.or(Some(line)).filter(|line| line.starts_with(&beginning))
    });
    Ok(found.with_context(|| format!("docs/exporter.md has no {beginning}"))?.to_owned())
}

fn configure(folder: &Path, server: &str, names: &[&str]) -> Result<()> {
    let mut text =
        "[credentials]\nlab = { login = 'admin', password_file = 'lab.password' }\n[servers]\n".to_owned();
    for name in names {
        text += &format!("{name} = {{ address = '{server}', credentials = 'lab' }}\n");
    }
    Ok(fs::write(folder.join("exporter.toml"), text)?)
}

fn run(prefix: &Prefix, line: &str) -> Result<()> {
    let outcome = prefix.cmd(line)?;
    ensure!(outcome.code == Some(0), "{line}: {outcome:?}");
    Ok(())
}

/// Waits until the service manager says this of the service.
fn until(prefix: &Prefix, wanted: &str) -> Result<()> {
    let ask = || -> Result<String> {
        let outcome = prefix.cmd(&format!("service.exe {NAME}"))?;
        Ok(String::from_utf8_lossy(&outcome.stdout).trim().to_owned())
    };
    wait(
        || Ok(ask()? == wanted),
        || {
            format!(
                "{wanted} is wanted, and it is {:?}\n{}",
                ask(),
                log(&prefix.path(r"ProgramData\netsession"))
            )
        },
    )
}

fn wait(done: impl Fn() -> Result<bool>, why: impl Fn() -> String) -> Result<()> {
    let begun = Instant::now();
    while !done()? {
        if begun.elapsed() > process::PATIENCE {
            bail!("not after {:?}: {}", process::PATIENCE, why());
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log/exporter.log")).unwrap_or_else(|error| format!("no log: {error}"))
}

fn from_a_console() -> Result<()> {
    let (run, _) = List::of_command(&*prefix()?, "exporter", &["--service"])?.run()?;
    let said = &run.outcome.stderr;
    ensure!(run.outcome.code == Some(2) && said.contains("register it with sc create"), "{run:?}");
    Ok(())
}
