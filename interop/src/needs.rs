//! What this machine must have for the tests with real servers.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::{debian13, double, impacket, netsession, port, process, recordings, wine};

/// One thing that a test needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The program under test.
    Program,
    /// The double as a program.
    TestServer,
    /// A private Samba and its clients.
    Samba,
    /// Debian 13 in a folder, for its Samba 4.22.
    Debian13,
    /// What a domain with Kerberos needs beyond a Samba.
    Domain,
    /// The kernel's store of keys, which the rules of a container may close.
    KeyStore,
    /// The address `::1`.
    Ipv6,
    /// The bindings of Samba for Python.
    Python3Samba,
    /// A reader of YAML and one of TOML, for the configurations of programs that are not installed.
    PythonYaml,
    /// Samba's command line for RPC.
    Rpcclient,
    /// Samba's own tests of a server.
    Smbtorture,
    /// The client from PyPI.
    Impacket,
    /// Prometheus and promtool.
    Prometheus,
    /// The exporter whose textfile collector reads what `netsession list` writes.
    NodeExporter,
    /// The reverse proxy, and curl to ask it.
    Nginx,
    /// A browser that runs the script of the start page.
    Chromium,
    /// The check of a unit.
    SystemdAnalyze,
    /// Perl with what the distribution uses.
    Perl,
    /// Wine, the compiler for the doubles of its libraries, and the program for Windows.
    Wine,
    /// A terminal that a test types on.
    Terminal,
    /// A terminal that a test types on and looks at.
    Tmux,
    /// What ksmbd is booted with.
    Qemu,
    /// Recorded bytes of real servers, which are no part of the project.
    Recordings,
}

/// Something that this machine lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lack {
    /// In words.
    pub(crate) what: String,
    /// Whether `cargo xtask test --install` brings it.
    pub(crate) is_installable: bool,
}

impl Need {
    /// `cargo xtask test --install` cannot bring it everywhere: a CI without it is not at fault.
    pub(crate) fn may_be_missing(self) -> bool {
        matches!(self, Self::Ipv6 | Self::KeyStore | Self::Recordings | Self::Debian13)
    }

    /// Programs, and the Debian package that brings each.
    fn programs(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Samba => &[
                ("smbd", "samba"),
                ("smbpasswd", "samba-common-bin"),
                ("net", "samba-common-bin"),
                ("smbclient", "smbclient"),
                ("rpcclient", "smbclient"),
                ("unshare", "util-linux"),
            ],
            Self::Domain => &[
                ("samba", "samba"),
                ("samba-tool", "samba-common-bin"),
                ("winbindd", "winbind"),
                ("kinit", "krb5-user"),
                ("kcm", "heimdal-kcm"),
                ("keyctl", "keyutils"),
                ("ip", "iproute2"),
                ("faketime", "faketime"),
                ("setsid", "util-linux"),
            ],
            Self::Rpcclient => &[("rpcclient", "smbclient")],
            Self::Smbtorture => &[("smbtorture", "samba-testsuite")],
            Self::Prometheus => &[("prometheus", "prometheus"), ("promtool", "prometheus")],
            Self::NodeExporter => &[("prometheus-node-exporter", "prometheus-node-exporter")],
            Self::Nginx => &[("nginx", "nginx"), ("openssl", "openssl"), ("curl", "curl")],
            Self::Chromium => &[("chromium", "chromium")],
            Self::SystemdAnalyze => &[("systemd-analyze", "systemd")],
            Self::Perl => &[("perl", "perl"), ("prove", "perl"), ("make", "make")],
            Self::Wine => &[
                ("wine", "wine"),
                ("wineserver", "wine"),
                ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
            ],
            Self::Terminal => &[("script", "bsdutils")],
            Self::Tmux => &[("tmux", "tmux"), ("pkill", "procps"), ("bash", "bash")],
            Self::Qemu => &[
                ("qemu-system-x86_64", "qemu-system-x86"),
                ("busybox", "busybox-static"),
                ("cpio", "cpio"),
                ("xz", "xz-utils"),
                ("apt-get", "apt"),
            ],
            _ => &[],
        }
    }

    /// What is missing of it.
    pub(crate) fn missing(self) -> Vec<Lack> {
        let programs = self.programs().iter().filter(|(program, _)| !is_installed(program));
        let programs = programs.map(|(program, package)| format!("{program} (Debian package {package})"));
        lacks(programs.chain(self.missing_beside_programs()), self.missing_of_the_machine())
    }

    /// What an installation brings, and is no program of a package.
    fn missing_beside_programs(self) -> Vec<String> {
        let mut missing = Vec::new();
        let mut need = |is_there: bool, what: &str| {
            if !is_there {
                missing.push(what.to_owned());
            }
        };
        match self {
            Self::Samba => need(has_python3_samba(), PYTHON3_SAMBA),
            Self::Domain => {
                let provision = Path::new("/usr/share/samba/setup/provision.ldif").exists();
                need(provision, "what a domain is made from (Debian package samba-ad-provision)");
                let modules = succeeds("sh", &["-c", "ls /usr/lib/*/samba/ldb/acl.so"]);
                need(modules, "the modules of the directory (Debian package samba-dsdb-modules)");
                let vfs = succeeds("sh", &["-c", "ls /usr/lib/*/samba/vfs/acl_xattr.so"]);
                need(vfs, "the modules of the file system (Debian package samba-vfs-modules)");
            }
            Self::Python3Samba => need(has_python3_samba(), PYTHON3_SAMBA),
            Self::PythonYaml => {
                let has_both = succeeds("/usr/bin/python3", &["-c", "import tomllib, yaml"]);
                need(has_both, "/usr/bin/python3 3.11 with yaml (Debian package python3-yaml)");
            }
            Self::Perl => {
                for (module, package) in [("Test::More", "perl"), ("JSON::XS", "libjson-xs-perl")] {
                    let is_there = succeeds("perl", &[&format!("-M{module}"), "-e", "1"]);
                    need(is_there, &format!("{module} (Debian package {package})"));
                }
            }
            Self::Program => missing.extend(error(netsession::binary())),
            Self::TestServer => missing.extend(error(double::binary())),
            Self::Impacket => missing.extend(error(impacket::python())),
            Self::Wine => missing.extend(error(wine::program())),
            Self::Debian13 => missing.extend(error(debian13::root())),
            _ => {}
        }
        missing
    }

    /// What no installation brings.
    fn missing_of_the_machine(self) -> Option<String> {
        let unless = |is_there: bool, what: &str| (!is_there).then(|| what.to_owned());
        match self {
            Self::Samba => {
                let mount = ["-m", "-p", "--fork", "mount", "-t", "tmpfs", "x", "/mnt"];
                let why = "the right to mount in a namespace of its own (run as root)";
                unless(succeeds("unshare", &mount), why)
            }
            Self::Domain => {
                let namespace = succeeds("unshare", &["--net", "true"]);
                unless(namespace, "the right to make a network namespace (run as root)")
            }
            Self::KeyStore => unless(succeeds("keyctl", &["show"]), "the kernel's store of keys (keyctl)"),
            Self::Ipv6 => unless(port::has_ipv6(), "the address ::1"),
            Self::Recordings => error(recordings::folder()),
            _ => None,
        }
    }
}

/// What an installation brings, and what none brings.
fn lacks(installable: impl Iterator<Item = String>, of_the_machine: Option<String>) -> Vec<Lack> {
    let installable = installable.map(|what| Lack { what, is_installable: true });
    installable.chain(of_the_machine.map(|what| Lack { what, is_installable: false })).collect()
}

/// Fails with everything that is missing.
pub fn ensure_all(needs: &[Need]) -> Result<()> {
    let missing: Vec<String> = needs.iter().flat_map(|need| need.missing()).map(|lack| lack.what).collect();
    ensure!(missing.is_empty(), "missing: {}", missing.join("; "));
    Ok(())
}

const PYTHON3_SAMBA: &str = "/usr/bin/python3 with samba.dcerpc (Debian package python3-samba)";

fn has_python3_samba() -> bool {
    succeeds("/usr/bin/python3", &["-c", "import samba.dcerpc.srvsvc"])
}

fn error<T>(result: Result<T>) -> Option<String> {
    result.err().map(|error| format!("{error:#}"))
}

/// Also where only root has it on the PATH, and where Debian keeps the parts of Wine.
fn is_installed(program: &str) -> bool {
    let path = process::path_with_sbin();
    path.split(':').any(|folder| Path::new(folder).join(program).exists()) || wine::find(program).is_some()
}

fn succeeds(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last lines of a run must not promise that an installation brings them.
    #[test]
    fn recordings_are_not_installed() {
        let lacks = lacks(std::iter::once("a package".into()), Some("the folder".into()));
        let told: Vec<_> = lacks.iter().map(|lack| (lack.what.as_str(), lack.is_installable)).collect();
        assert_eq!(told, [("a package", true), ("the folder", false)]);
        // The folder may have been handed to this run.
        let may_be_missing = Need::Recordings.missing_beside_programs();
        assert!(may_be_missing.is_empty() && Need::Recordings.programs().is_empty(), "{may_be_missing:?}");
    }
}
