//! ksmbd, the file server within Linux, in a virtual machine: a kernel of Debian, and an initramfs with busybox and
//! ksmbd's own tools. qemu emulates the processor, so that it needs no rights and no support of the hardware.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::{debian13, port, process};

const MAKE: &str = include_str!("make.sh");
const INIT: &str = include_str!("init.sh");
/// 20 seconds on a machine that does nothing else.
const BOOT_LIMIT: Duration = Duration::from_secs(240);

/// A running machine; it ends when this is dropped.
#[derive(Debug)]
pub struct Ksmbd {
    qemu: Child,
    port: u16,
    /// The release of its kernel.
    pub kernel: String,
}

impl Ksmbd {
    /// Boots the kernel of a suite of Debian, which is downloaded the first time. Returns when ksmbd listens.
    pub fn start(suite: &str) -> Result<Self> {
        let folder = prepare(suite)?;
        let port = port::free();
        let mut qemu = Command::new("qemu-system-x86_64")
            // KVM within a virtual machine is not always there, or not whole.
            .args(["-accel", "tcg", "-cpu", "max", "-m", "256", "-nographic", "-no-reboot"])
            .arg("-kernel")
            .arg(folder.join("vmlinuz"))
            .arg("-initrd")
            .arg(folder.join("initramfs.gz"))
            // On a busy machine the test of the emulated timer fails.
            .args(["-append", "console=ttyS0 quiet panic=-1 no_timer_check"])
            .args(["-device", "virtio-net-pci,netdev=net", "-netdev"])
            .arg(format!("user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-10.0.2.15:445"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start qemu-system-x86_64 (Debian package qemu-system-x86)")?;
        let console = qemu.stdout.take().context("no console")?;
        let kernel = fs::read_to_string(folder.join("name"))?.trim().to_owned();
        let machine = Self { qemu, port, kernel };
        wait_until_ready(console).with_context(|| format!("Linux {}", machine.kernel))?;
        machine.wait_until_it_listens()?;
        Ok(machine)
    }

    /// qemu takes each connection, and resets it while nothing listens behind it.
    fn wait_until_it_listens(&self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < BOOT_LIMIT {
            let mut probe = TcpStream::connect(self.address())?;
            probe.set_read_timeout(Some(Duration::from_secs(1)))?;
            // A server that waits for a request.
            let silent = probe
                .read(&mut [0])
                .is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
            if silent {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("Linux {}: ksmbd does not listen", self.kernel)
    }

    /// The address and port on this machine.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

impl Drop for Ksmbd {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

/// Reads the console to its end, so that the machine never waits for a reader.
fn wait_until_ready(console: impl Read + Send + 'static) -> Result<()> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut console = BufReader::new(console);
        let mut line = Vec::new();
        while console.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            // The receiver is gone once the machine is ready.
            let _ = sender.send(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    });
    let mut said = String::new();
    loop {
        match lines.recv_timeout(BOOT_LIMIT) {
            Ok(line) if line.contains("Started worker") => return Ok(()),
            Ok(line) => {
                said.push_str(&line);
                said.push('\n');
            }
            Err(error) => bail!("ksmbd did not start ({error}), its console said:\n{said}"),
        }
    }
}

/// The folder with the kernel and the initramfs of a suite, made where it is missing.
fn prepare(suite: &str) -> Result<PathBuf> {
    let folder = process::target()?.join("ksmbd").join(suite);
    if folder.join("initramfs.gz").exists() {
        return Ok(folder);
    }
    let status = Command::new("sh")
        .args(["-c", MAKE])
        .env("PATH", process::path_with_sbin())
        .env("SUITE", suite)
        .env("MIRROR", debian13::mirror()?)
        .env("OUT", &folder)
        .env("INIT", INIT)
        .status()
        .context("cannot start sh")?;
    ensure!(status.success(), "no kernel of {suite} with ksmbd: {status}");
    Ok(folder)
}
