//! Debian packages for the tests and the comparison.

use anyhow::{Result, bail};

use crate::sh;

/// What the tests and the demo with a Samba need.
pub(crate) const SAMBA: &[&str] = &["samba", "smbclient", "python3-samba"];
/// What the tests of the Perl distribution need.
pub(crate) const PERL: &[&str] = &["perl", "libjson-xs-perl", "make"];

/// What the tests with a domain and Kerberos need beyond that.
pub(crate) const DOMAIN: &[&str] = &[
    "samba-ad-provision",
    "samba-dsdb-modules",
    "samba-vfs-modules",
    "winbind",
    "krb5-user",
    "heimdal-kcm",
    "keyutils",
    "iproute2",
    "faketime",
];

/// And what the tests need beside it: other people's clients.
pub(crate) const CLIENTS: &[&str] = &["samba-testsuite", "python3-venv", "python3-yaml"];

/// The terminal of the tests of `netsession top`.
pub(crate) const TERMINAL: &[&str] = &["tmux", "procps", "bash"];

/// What Debian 13 is made with, in a folder, for its Samba.
pub(crate) const DEBIAN13: &[&str] = &["mmdebstrap"];

/// What the tests with ksmbd need. Its kernels and tools are downloaded by the tests.
pub(crate) const KSMBD: &[&str] = &["qemu-system-x86", "busybox-static", "cpio", "xz-utils"];

/// What the tests of the exporter need: who scrapes it, who stands in front, and who shows its page.
pub(crate) const PROMETHEUS: &[&str] =
    &["prometheus", "prometheus-node-exporter", "nginx", "openssl", "curl", "systemd", "chromium"];

/// Every package for the tests.
pub(crate) fn names() -> Vec<&'static str> {
    [SAMBA, CLIENTS, TERMINAL, DEBIAN13, DOMAIN, PERL, PROMETHEUS, WINE].concat()
}

const PREPARE: [&str; 5] = ["run", "--quiet", "--package", "netsession-interop", "--bin"];

/// Everything for the tests: packages, and under the target folder impacket from PyPI and Debian 13 with its Samba.
pub(crate) fn for_tests() -> Result<()> {
    packages(&names())?;
    impacket()?;
    // A mirror may lack it, and it is made as root only: its tests are then ignored, by name.
    if let Err(error) = sh::run(sh::cargo(&PREPARE).arg("debian13")) {
        eprintln!("there is no Samba 4.22 of Debian 13 for the tests: {error:#}");
    }
    Ok(())
}

/// From PyPI, under the target folder.
pub(crate) fn impacket() -> Result<()> {
    sh::run(sh::cargo(&PREPARE).arg("impacket"))
}

/// What the program for Windows needs to be linked and run.
pub(crate) const WINE: &[&str] = &["gcc-mingw-w64-x86-64", "wine", "wine64"];
/// What the packages for users are made with, and looked at.
pub(crate) const DIST: &[&str] = &[
    "gcc-mingw-w64-x86-64",
    "gcc-aarch64-linux-gnu",
    "libc6-dev-arm64-cross",
    "binutils",
    "dpkg",
    "dpkg-dev",
    "python3",
    "tar",
];
/// What runs the programs for another architecture, and makes and runs the image of the exporter.
pub(crate) const DIST_TESTS: &[&str] = &["qemu-user", "buildah", "mmdebstrap"];
/// What libFuzzer is built with.
pub(crate) const FUZZER: &[&str] = &["g++"];

/// A subcommand of cargo.
pub(crate) struct CargoTool {
    name: &'static str,
    /// Needed as it is: what it writes is in the packages.
    version: Option<&'static str>,
    features: &'static [&'static str],
}

impl CargoTool {
    /// Whatever version there is.
    pub(crate) const fn any(name: &'static str) -> Self {
        Self { name, version: None, features: &[] }
    }

    const fn pinned(name: &'static str, version: &'static str) -> Self {
        Self { name, version: Some(version), features: &[] }
    }
}

/// Licences of the crates in the packages.
pub(crate) const ABOUT: &CargoTool =
    &CargoTool { features: &["--features", "cli"], ..CargoTool::pinned("about", "0.9.3") };
/// Puts the list of crates into a program.
pub(crate) const AUDITABLE: &CargoTool = &CargoTool::pinned("auditable", "0.7.7");
/// Writes the software bill of materials.
pub(crate) const CYCLONEDX: &CargoTool = &CargoTool::pinned("cyclonedx", "0.5.9");
/// Makes the packages for Debian.
pub(crate) const DEB: &CargoTool = &CargoTool::pinned("deb", "3.8.0");

/// Installs a subcommand of cargo where it is missing, or is another version than the one that is needed.
pub(crate) fn cargo_tool(tool: &CargoTool) -> Result<()> {
    let name = format!("cargo-{}", tool.name);
    let Some(version) = tool.version else {
        if sh::succeeds(&mut sh::cargo(&[tool.name, "--version"])) {
            return Ok(());
        }
        return sh::run(&mut sh::cargo(&["install", &name, "--locked"]));
    };
    let installed = sh::read(&mut sh::cargo(&["install", "--list"]))?;
    if installed.lines().any(|line| line == format!("{name} v{version}:")) {
        return Ok(());
    }
    let install = ["install", &name, "--version", version, "--locked"];
    sh::run(sh::cargo(&install).args(tool.features))
}

/// Installs those of the packages that are missing.
pub(crate) fn packages(names: &[&str]) -> Result<()> {
    let missing: Vec<&str> = names.iter().copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !sh::succeeds(sh::program("apt-get").arg("--version")) {
        bail!("this is no Debian; install what corresponds to: {}", missing.join(" "));
    }
    apt_get(&["update", "-q"])?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    install.extend(missing);
    apt_get(&install)
}

fn apt_get(args: &[&str]) -> Result<()> {
    let is_root = sh::read(sh::program("id").arg("-u"))?.trim() == "0";
    let mut command = sh::program(if is_root { "env" } else { "sudo" });
    sh::run(command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(args))
}

fn is_installed(package: &str) -> bool {
    let query = sh::read(sh::program("dpkg-query").args(["-W", "-f", "${Package} ${Status}\n"]));
    query.is_ok_and(|list| list.lines().any(|line| line == format!("{package} install ok installed")))
}
