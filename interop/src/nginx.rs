//! Debian's nginx, with the configuration that `contrib/` has for users.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::port;
use crate::process;
use crate::prometheus::contrib;

/// The name in its certificate.
pub const NAME: &str = "exporter.example.com";
/// Who may ask, and with what.
pub const LOGIN: (&str, &str) = ("prometheus", "Pr0xy-Passw0rd");

/// One that answers until this is dropped.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Nginx {
    /// In front of an exporter.
    pub fn start(exporter: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path();
        certificate(path)?;
        let hash = process::run(Command::new("openssl").args(["passwd", "-6", LOGIN.1]), process::PATIENCE)?;
        let hash = String::from_utf8(hash.stdout)?;
        fs::write(path.join("netsession.htpasswd"), format!("{}:{hash}", LOGIN.0))?;
        let port = port::free();
        let mut server = fs::read_to_string(contrib("nginx/netsession-exporter.conf"))?;
        for (from, to) in [
            ("listen 9946 ssl", format!("listen 127.0.0.1:{port} ssl")),
            ("/etc/nginx/", format!("{}/", path.display())),
            ("http://127.0.0.1:9945", format!("http://{exporter}")),
        ] {
            ensure!(server.contains(from), "no {from} in the configuration");
            server = server.replace(from, &to);
        }
        // Its workers read a folder of the user who runs the tests.
        let main = format!(
            "user root;\ndaemon off;\npid {path}/pid;\nerror_log {path}/error.log;\nevents {{}}\nhttp {{\n\
             access_log off;\n{server}\n}}\n",
            path = path.display()
        );
        fs::write(path.join("nginx.conf"), main)?;
        let child = Command::new("nginx")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .arg("-p")
            .arg(path)
            .arg("-c")
            .arg(path.join("nginx.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(path.join("said"))?)
            .spawn()
            .context("cannot start nginx")?;
        let mut nginx = Self { child, port, folder };
        nginx.wait_until_ready()?;
        Ok(nginx)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its certificate, which signs itself.
    pub fn certificate(&self) -> Result<Vec<u8>> {
        Ok(fs::read(self.folder.path().join("netsession.crt"))?)
    }

    /// Status and body of a path, as curl has them with these arguments. It trusts this certificate alone.
    pub fn curl(&self, path: &str, arguments: &[&str]) -> Result<(u16, String)> {
        let mut curl = Command::new("curl");
        curl.args(["-q", "--silent", "--show-error", "--max-time", "10", "-w", "\n%{http_code}", "--cacert"]);
        curl.arg(self.folder.path().join("netsession.crt"));
        curl.args(["--resolve", &format!("{NAME}:{}:127.0.0.1", self.port)]);
        curl.args(arguments).arg(format!("https://{NAME}:{}{path}", self.port));
        let outcome = process::run(&mut curl, process::PATIENCE)?;
        ensure!(outcome.code == Some(0), "{outcome:?}");
        let text = String::from_utf8(outcome.stdout)?;
        let (body, status) = text.rsplit_once('\n').context("no status")?;
        Ok((status.parse()?, body.to_owned()))
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let (port, folder) = (self.port, self.folder.path().to_owned());
        let is_ready = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        let read = |name| fs::read_to_string(folder.join(name)).unwrap_or_default();
        let log = || read("said") + &read("error.log");
        process::wait_until_ready(&mut self.child, is_ready, log)
    }
}

fn certificate(folder: &Path) -> Result<()> {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
    openssl.args([
        "-days",
        "1",
        "-subj",
        &format!("/CN={NAME}"),
        "-addext",
        &format!("subjectAltName=DNS:{NAME}"),
    ]);
    openssl.arg("-keyout").arg(folder.join("netsession.key")).arg("-out").arg(folder.join("netsession.crt"));
    let outcome = process::run(&mut openssl, process::PATIENCE)?;
    ensure!(outcome.code == Some(0), "{outcome:?}");
    Ok(())
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its master ends its workers, which a kill would leave behind.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
