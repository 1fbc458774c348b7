//! The image of the exporter: made by buildah, as podman makes it, and started as an engine starts it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::contents::emptied;
use super::target::STATIC;
use super::test::unpacked;
use crate::{install, sh, suites};

/// As podman and buildah both look for it.
const FILE: &str = "contrib/container/Containerfile";
const IMAGE: &str = "netsession-exporter";
/// The user of the image, as the Containerfile has it.
const USER: &str = "65532:65532";
/// What a user writes; the double's password lies beside it.
const CONFIG: &str = r"[servers.fs1]
address = 'DOUBLE'
credentials = 'lab'
[credentials.lab]
login = 'LAB\admin'
password_file = '/etc/netsession/lab.password'
";
/// What an engine does: mounts the folder of the configuration, read-only, and becomes the user.
const START: &str = r#"mkdir -p "$ROOT/etc/netsession" "$ROOT/proc"
mount --bind "$CONFIG" "$ROOT/etc/netsession"
mount -o remount,bind,ro "$ROOT/etc/netsession"
mount -t proc proc "$ROOT/proc"
exec env -i "$(command -v chroot)" --userspec="$USER" "$ROOT" "$@""#;

/// Makes the image from the unpacked archive, looks at what is in it, starts it and probes a server.
pub(crate) fn run() -> Result<()> {
    install::packages(install::DIST_TESTS)?;
    let context = unpacked(STATIC)?.parent().context("a program in no folder")?.to_owned();
    let storage = emptied(sh::target().join("dist-staging/buildah"))?;
    let bud = ["bud", "--isolation", "chroot", "--tag", IMAGE, "--file"];
    sh::run(buildah(&storage).args(bud).arg(context.join(FILE)).arg(&context))?;
    let image = sh::read(buildah(&storage).args(["inspect", "--type", "image", IMAGE]))?;
    let image: Value = serde_json::from_str(&image)?;
    let config = &image["OCIv1"]["config"];
    ensure!(config["User"] == USER, "the image's user: {config}");
    ensure!(config["ExposedPorts"]["9945/tcp"].is_object(), "the image's port: {config}");
    let container = sh::read(buildah(&storage).args(["from", IMAGE]))?;
    let root = sh::read(buildah(&storage).args(["mount", container.trim()]))?;
    let root = PathBuf::from(root.trim());
    let files = sh::read(sh::program("find").current_dir(&root).args(["-type", "f"]))?;
    let (files, wanted) = (files.lines().map(str::to_owned).collect(), wanted(&context)?);
    ensure!(wanted == files, "files of the image: {files:?}; wanted: {wanted:?}");
    let words = ["Entrypoint", "Cmd"].iter().filter_map(|key| config[*key].as_array()).flatten();
    let words: Vec<&str> = words.filter_map(Value::as_str).collect();
    ensure!(words.contains(&":9945"), "the image listens elsewhere: {words:?}");
    probe(&root, &words)
}

/// The program, and every licence that the archive has.
fn wanted(context: &Path) -> Result<BTreeSet<String>> {
    let mut files = BTreeSet::from(["./usr/bin/netsession".to_owned()]);
    for entry in fs::read_dir(context)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("LICENSE") {
            files.insert(format!("./usr/share/doc/netsession/{name}"));
        }
    }
    ensure!(files.len() > 4, "licences are missing in {}: {files:?}", context.display());
    Ok(files)
}

fn buildah(storage: &Path) -> Command {
    let mut buildah = sh::program("buildah");
    // A folder of its own, and no overlay, which not every machine lets a container have.
    buildah.arg("--root").arg(storage.join("root")).arg("--runroot").arg(storage.join("run"));
    buildah.args(["--storage-driver", "vfs"]);
    buildah
}

/// A probe of the double, by the exporter in its root.
fn probe(root: &Path, words: &[&str]) -> Result<()> {
    let mut double = sh::program(suites::build_server(&[])?);
    let mut double = Running::start(double.args(["windows", "--listen", "127.0.0.1:0"]), |child| {
        Ok(BufReader::new(Box::new(child.stdout.take().context("no stdout")?)))
    })?;
    let config = emptied(sh::target().join("dist-staging/container-config"))?;
    fs::write(config.join("exporter.toml"), CONFIG.replace("DOUBLE", &double.listening()?))?;
    fs::write(config.join("lab.password"), "Passw0rd!\n")?;
    sh::run(sh::program("chmod").arg("400").arg(config.join("lab.password")))?;
    sh::run(sh::program("chown").args(["-R", USER]).arg(&config))?;
    let mut exporter = sh::program("unshare");
    exporter.args(["--mount", "--propagation", "private", "sh", "-euc", START, "exporter"]);
    // Port 9945 may be taken on this machine.
    exporter.args(words.iter().map(|word| if *word == ":9945" { "127.0.0.1:0" } else { word })).arg("-v");
    exporter.env("ROOT", root).env("CONFIG", &config).env("USER", USER);
    let mut exporter = Running::start(&mut exporter, |child| {
        Ok(BufReader::new(Box::new(child.stderr.take().context("no stderr")?)))
    })?;
    let metrics = get(&exporter.listening()?, "/probe?target=fs1")?;
    ensure!(metrics.contains("\nnetsession_up 1\n"), "no sessions from the exporter: {metrics}");
    sh::run(sh::program("kill").arg(exporter.child.id().to_string()))?;
    let status = exporter.child.wait()?;
    ensure!(status.success(), "the exporter ended with {status}");
    eprintln!("the image was made, started and asked for the sessions of a server");
    Ok(())
}

/// A program that says where it listens; it ends when this is dropped.
struct Running {
    child: Child,
    lines: BufReader<Box<dyn std::io::Read>>,
}

type Lines = BufReader<Box<dyn std::io::Read>>;

impl Running {
    fn start(command: &mut Command, lines: impl Fn(&mut Child) -> Result<Lines>) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let lines = lines(&mut child)?;
        Ok(Self { child, lines })
    }

    /// The address in `… listening on ADDRESS; …`.
    fn listening(&mut self) -> Result<String> {
        let mut said = String::new();
        while self.lines.read_line(&mut said)? > 0 {
            if let Some((_, rest)) = said.split_once("listening on ") {
                return Ok(rest.split([';', ' ', '\n']).next().unwrap_or_default().to_owned());
            }
        }
        bail!("it ended before it listened: {said}")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> Result<String> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}
