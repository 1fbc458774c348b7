use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::archive::{copy_all, copy_examples};
use super::contents::Contents;
use super::needs;
use crate::sh;

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The authors of the workspace.
const MAINTAINER: &str = env!("CARGO_PKG_AUTHORS");

/// `netsession_VERSION_amd64.deb`, of the program that is linked for Debian.
pub(super) fn package(out: &Path, staging: &Path, program: &Path, contents: &Contents) -> Result<PathBuf> {
    let folder = staging.join("deb");
    copy_all(std::slice::from_ref(&program.to_owned()), &folder.join("usr/bin"))?;
    let documents = folder.join("usr/share/doc/netsession");
    copy_all(&contents.documents, &documents)?;
    copy_examples(contents, &documents.join("examples"))?;
    fs::write(documents.join("copyright"), copyright()?)?;
    copy_all(&contents.manual, &folder.join("usr/share/man/man1"))?;
    for manual in &contents.manual {
        let copied = folder.join("usr/share/man/man1").join(manual.file_name().unwrap_or_default());
        sh::run(sh::program("gzip").args(["-9n"]).arg(copied))?;
    }
    for completion in &contents.completions {
        let (place, name) = match completion.file_name().and_then(|name| name.to_str()) {
            Some("netsession.bash") => ("bash-completion/completions", "netsession"),
            Some(name @ "_netsession") => ("zsh/vendor-completions", name),
            Some(name @ "netsession.fish") => ("fish/vendor_completions.d", name),
            // Debian has no place for those of PowerShell.
            _ => continue,
        };
        let place = folder.join("usr/share").join(place);
        fs::create_dir_all(&place)?;
        fs::copy(completion, place.join(name))?;
    }
    let files = files(&folder)?;
    set_modes(&folder, &files)?;
    let kilobytes =
        files.iter().map(|file| fs::metadata(file).map(|data| data.len()).unwrap_or(0)).sum::<u64>() >> 10;
    fs::create_dir(folder.join("DEBIAN"))?;
    fs::write(folder.join("DEBIAN/control"), control(&needs::depends(program)?, kilobytes)?)?;
    fs::write(folder.join("DEBIAN/md5sums"), md5sums(&folder, &files)?)?;
    let package = out.join(format!("netsession_{VERSION}_amd64.deb"));
    let mut build = sh::program("dpkg-deb");
    build.args(["--root-owner-group", "-Zxz", "--build"]).arg(&folder);
    sh::run(build.arg(&package))?;
    Ok(package)
}

/// Kerberos is loaded when it is wanted, and the program does without: it is recommended, not needed.
fn control(depends: &str, kilobytes: u64) -> Result<String> {
    ensure!(MAINTAINER.contains('@'), "the authors of the workspace have no address: {MAINTAINER:?}");
    Ok(format!(
        "Package: netsession
Version: {VERSION}
Architecture: amd64
Maintainer: {MAINTAINER}
Depends: {depends}
Recommends: libgssapi-krb5-2
Installed-Size: {kilobytes}
Section: admin
Priority: optional
Description: list the sessions of SMB file servers
 Who is connected to a file server, from where, with how many open files, since
 when and how long idle. Asks Windows, Samba and NAS servers over the network,
 with nothing installed on them.
"
    ))
}

/// Where Debian looks for it.
fn copyright() -> Result<String> {
    let mit = fs::read_to_string(sh::root().join("LICENSE-MIT"))?;
    Ok(format!(
        "netsession is licensed under the Apache License, Version 2.0, or the MIT license, at your option.
The former is in /usr/share/common-licenses/Apache-2.0; the latter is:

{mit}"
    ))
}

/// `SUM  usr/bin/netsession`, as `dpkg --verify` reads it.
fn md5sums(folder: &Path, files: &[PathBuf]) -> Result<String> {
    let relative = files.iter().filter_map(|file| file.strip_prefix(folder).ok());
    sh::read(sh::program("md5sum").current_dir(folder).args(relative))
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

/// Whatever the umask: programs for everybody, the rest to be read.
fn set_modes(folder: &Path, files: &[PathBuf]) -> Result<()> {
    for file in files {
        let is_program = file.parent().is_some_and(|parent| parent.ends_with("usr/bin"));
        fs::set_permissions(file, fs::Permissions::from_mode(if is_program { 0o755 } else { 0o644 }))?;
        for parent in file.ancestors().skip(1).take_while(|parent| parent.starts_with(folder)) {
            fs::set_permissions(parent, fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}
