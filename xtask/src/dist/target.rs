//! The systems that the program is built for.

use crate::windows;

/// A system, and how the program for it is built and packed.
pub(super) struct Target {
    /// As the compiler names it.
    pub(super) triple: &'static str,
    /// The linker, where the compiler's own choice is not it.
    pub(super) linker: Option<&'static str>,
    /// What users download.
    pub(super) package: Package,
}

/// What users download.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    /// For Debian, with the name that it has for the architecture. The program loads the Kerberos that is installed.
    Debian(&'static str),
    /// A static program: it runs on every Linux, and can load no library, Kerberos least of all.
    Static,
    Windows,
}

const fn target(triple: &'static str, linker: Option<&'static str>, package: Package) -> Target {
    Target { triple, linker, package }
}

/// Every one of them.
pub(super) const TARGETS: [Target; 5] = [
    target("x86_64-unknown-linux-gnu", None, Package::Debian("amd64")),
    target("aarch64-unknown-linux-gnu", Some("aarch64-linux-gnu-gcc"), Package::Debian("arm64")),
    // The compiler brings musl for these and a linker, so that no compiler for C is needed.
    target("x86_64-unknown-linux-musl", Some("rust-lld"), Package::Static),
    target("aarch64-unknown-linux-musl", Some("rust-lld"), Package::Static),
    target(windows::TARGET, None, Package::Windows),
];

/// The static program that runs on this machine.
pub(super) const STATIC: &Target = &TARGETS[2];

impl Target {
    /// Whether qemu runs it, in tests of its own.
    pub(super) fn is_arm(&self) -> bool {
        self.triple.starts_with("aarch64")
    }

    /// Whether it loads no library. These are built otherwise than the others.
    pub(super) fn is_static(&self) -> bool {
        self.package == Package::Static
    }

    /// Whether this machine can run the program.
    pub(super) fn runs_here(&self) -> bool {
        self.triple.starts_with(std::env::consts::ARCH) && self.package != Package::Windows
    }

    /// The features that are built. Kerberos is the system's library, loaded at run time, which a static program cannot
    /// do: without the feature it says so, instead of asking for a library that it could not use.
    pub(super) fn features(&self) -> &'static [&'static str] {
        match self.package {
            Package::Static => &["--no-default-features", "--features", "demo,exporter"],
            Package::Debian(_) | Package::Windows => &[],
        }
    }

    /// Arguments for the compiler, which make the program smaller. One that a panic aborts needs no index of how to unwind its stack
    /// (0.08 MB). musl reads relocations that are packed (0.17 MB); glibc does only from 2.36 on.
    pub(super) fn flags(&self) -> &'static [&'static str] {
        match self.package {
            Package::Static => &["-Clink-arg=--no-eh-frame-hdr", "-Clink-arg=--pack-dyn-relocs=relr"],
            Package::Debian(_) => &["-Clink-arg=-Wl,--no-eh-frame-hdr"],
            Package::Windows => &[],
        }
    }

    /// `netsession`, or what Windows calls it.
    pub(super) fn file_name(&self) -> &'static str {
        if self.package == Package::Windows { "netsession.exe" } else { "netsession" }
    }

    /// `netsession-VERSION-TARGET`: the name of the archive and of the folder in it.
    pub(super) fn name(&self) -> String {
        format!("netsession-{}-{}", env!("CARGO_PKG_VERSION"), self.triple)
    }

    /// The file that users download.
    pub(super) fn download(&self) -> String {
        match self.package {
            Package::Debian(architecture) => {
                format!("netsession_{}_{architecture}.deb", env!("CARGO_PKG_VERSION"))
            }
            Package::Static => format!("{}.tar.gz", self.name()),
            Package::Windows => format!("{}.zip", self.name()),
        }
    }
}
