//! Looks at what has been packed, unpacked as users do it: what is promised is there, and it is what was built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::contents::Contents;
use super::target::{Package, Target};
use crate::sh;

/// What the program may have, stripped.
const LARGEST: u64 = 6 << 20;
/// Of `/usr/share` in the Debian package.
const OF_DEBIAN: [&str; 5] = [
    "doc/netsession/copyright",
    "bash-completion/completions/netsession",
    "zsh/vendor-completions/_netsession",
    "fish/vendor_completions.d/netsession.fish",
    "man/man1/netsession-list.1.gz",
];

/// The services of the Debian package.
const UNITS: [&str; 2] = ["netsession-exporter.service", "netsession-record.service"];

/// An archive has one folder, with the program, the documents, the manual, the completions and the examples.
pub(super) fn archive(
    archive: &Path,
    target: &Target,
    program: &Path,
    contents: &Contents,
    staging: &Path,
) -> Result<()> {
    let (is_zip, name) = (target.package == Package::Windows, target.name());
    let folder = unpacked(staging, &name)?;
    let mut unpack = sh::program(if is_zip { "python3" } else { "tar" });
    unpack.args(if is_zip { ["-m", "zipfile", "-e"].as_slice() } else { &["-xzf"] }).arg(archive);
    sh::run(if is_zip { unpack.arg(&folder) } else { unpack.arg("-C").arg(&folder) })?;
    let inside = folder.join(name);
    are_there(std::slice::from_ref(&program.to_owned()), &inside)?;
    are_there(&contents.documents, &inside)?;
    are_there(&contents.guides, &inside.join("docs"))?;
    are_there(&contents.schemas, &inside.join("docs/schema"))?;
    are_there(&contents.manual, &inside.join("man"))?;
    are_there(&contents.completions, &inside.join("completions"))?;
    examples_are_there(contents, &inside.join("contrib"))?;
    runs(&inside.join(target.file_name()), target)
}

/// What stands in the package, and that it names somebody.
pub(super) fn debian(
    package: &Path,
    target: &Target,
    program: &Path,
    contents: &Contents,
    staging: &Path,
) -> Result<()> {
    let folder = unpacked(staging, &target.download())?;
    sh::run(sh::program("dpkg-deb").arg("-x").arg(package).arg(&folder))?;
    are_there(std::slice::from_ref(&program.to_owned()), &folder.join("usr/bin"))?;
    are_there(&contents.documents, &folder.join("usr/share/doc/netsession"))?;
    are_there(&contents.guides, &folder.join("usr/share/doc/netsession/docs"))?;
    are_there(&contents.schemas, &folder.join("usr/share/doc/netsession/docs/schema"))?;
    examples_are_there(contents, &folder.join("usr/share/doc/netsession/examples"))?;
    let units = folder.join("usr/lib/systemd/system");
    UNITS.iter().try_for_each(|unit| is_not_empty(&units.join(unit)))?;
    OF_DEBIAN.iter().try_for_each(|name| is_not_empty(&folder.join("usr/share").join(name)))?;
    let pages = fs::read_dir(folder.join("usr/share/man/man1"))?.count();
    ensure!(pages == contents.manual.len(), "{pages} manual pages in the Debian package");
    let field = |name| sh::read(sh::program("dpkg-deb").arg("-f").arg(package).arg(name));
    for name in ["Maintainer", "Version", "Recommends", "Description"] {
        ensure!(!field(name)?.trim().is_empty(), "the Debian package has no {name}");
    }
    let architecture = field("Architecture")?;
    let is_as_named = matches!(target.package, Package::Debian(name) if name == architecture.trim());
    ensure!(is_as_named, "{} is for {architecture}", package.display());
    // Without dpkg-shlibdeps the first is missing; a new native library would be a fourth.
    let depends = field("Depends")?;
    let names: Vec<_> = depends.split(',').filter_map(|one| one.split_whitespace().next()).collect();
    ensure!(names == ["libc6", "libgcc-s1", "passwd"], "the Debian package depends on {depends}");
    needs_no_newer_glibc(program, &depends)?;
    runs(&folder.join("usr/bin/netsession"), target)
}

/// Where `name` lies when it has been unpacked.
pub(super) fn place(staging: &Path, name: &str) -> PathBuf {
    staging.join("unpacked").join(name)
}

fn unpacked(staging: &Path, name: &str) -> Result<PathBuf> {
    let folder = place(staging, name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn examples_are_there(contents: &Contents, folder: &Path) -> Result<()> {
    contents.examples.iter().try_for_each(|(name, files)| are_there(files, &folder.join(name)))
}

/// Each of the files is in the folder, as it is.
fn are_there(files: &[PathBuf], folder: &Path) -> Result<()> {
    for file in files {
        let name = file.file_name().with_context(|| file.display().to_string())?;
        let packed = folder.join(name);
        is_not_empty(&packed)?;
        ensure!(fs::read(&packed)? == fs::read(file)?, "{} is not what was packed", packed.display());
    }
    Ok(())
}

fn is_not_empty(file: &Path) -> Result<()> {
    let size = fs::metadata(file).with_context(|| format!("missing: {}", file.display()))?.len();
    ensure!(size > 0, "empty: {}", file.display());
    Ok(())
}

/// The package for another architecture names a version of glibc that no tool has found.
fn needs_no_newer_glibc(program: &Path, depends: &str) -> Result<()> {
    let (_, named) = depends.split_once("libc6 (>= ").context("no version of libc6")?;
    let named =
        named.split_once(')').and_then(|(version, _)| version_of(version)).context("no version of libc6")?;
    let symbols = sh::read(sh::program("readelf").args(["-W", "--version-info"]).arg(program))?;
    let needed =
        symbols.split("Name: GLIBC_").skip(1).filter_map(|rest| version_of(rest.split(' ').next()?)).max();
    let needed = needed.context("a program that needs no glibc")?;
    ensure!(needed <= named, "{} needs glibc {needed:?}, and its package {named:?}", program.display());
    Ok(())
}

/// `2.34` and `2.17.1`, in numbers.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// It starts, and says which version it is; what is for another system runs in tests of its own.
fn runs(program: &Path, target: &Target) -> Result<()> {
    if !target.runs_here() {
        return Ok(());
    }
    let version = sh::read(Command::new(program).arg("--version"))?;
    let expected = concat!("netsession ", env!("CARGO_PKG_VERSION"));
    ensure!(version.trim() == expected, "{} says {version:?}", program.display());
    Ok(())
}

pub(super) fn size(program: &Path) -> Result<u64> {
    Ok(fs::metadata(program).with_context(|| program.display().to_string())?.len())
}

pub(super) fn is_small(program: &Path) -> Result<()> {
    let size = size(program)?;
    ensure!(size <= LARGEST, "{} has {size} bytes, and may have {LARGEST}", program.display());
    Ok(())
}

/// An ELF file that asks for an interpreter is not static.
pub(super) fn is_static(program: &Path) -> Result<()> {
    // Of every architecture, unlike objdump.
    let headers = sh::read(sh::program("readelf").args(["-W", "--segments", "--dynamic"]).arg(program))?;
    let asks =
        headers.lines().any(|line| line.trim_start().starts_with("INTERP") || line.contains("(NEEDED)"));
    ensure!(!asks, "{} is linked dynamically:\n{headers}", program.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_empty_and_changed_files_are_errors() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = from.path().join("README.md");
        fs::write(&file, "text").unwrap();
        let check = || are_there(std::slice::from_ref(&file), to.path()).map_err(|error| error.to_string());
        assert!(check().unwrap_err().starts_with("missing: "));
        let packed = to.path().join("README.md");
        fs::write(&packed, "").unwrap();
        assert!(check().unwrap_err().starts_with("empty: "));
        fs::write(&packed, "TEXT").unwrap();
        assert!(check().unwrap_err().ends_with("is not what was packed"));
        fs::write(&packed, "text").unwrap();
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn large_program_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(LARGEST).unwrap();
        assert!(is_small(file.path()).is_ok());
        file.as_file().set_len(LARGEST + 1).unwrap();
        assert!(is_small(file.path()).is_err());
    }

    #[test]
    fn versions_of_glibc_are_numbers() {
        assert_eq!(
            (version_of("2.34"), version_of("2.4"), version_of("2.17.1")),
            (Some((2, 34)), Some((2, 4)), Some((2, 17)))
        );
        assert!(version_of("2.34") > version_of("2.4") && version_of("PRIVATE").is_none());
    }

    #[test]
    fn dynamically_linked_program_is_an_error() {
        // The tests themselves are.
        assert!(is_static(&std::env::current_exe().unwrap()).is_err());
    }
}
