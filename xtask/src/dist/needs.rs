use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::sh;

/// What a program for Debian depends on, as `Depends` has it: the packages of the libraries that it is linked with.
pub(super) fn depends(program: &Path) -> Result<String> {
    of(&sh::read(sh::program("objdump").arg("-p").arg(program))?)
}

/// `  NEEDED               libc.so.6`, and `0x069691b4 0x00 08 GLIBC_2.34`.
fn of(headers: &str) -> Result<String> {
    let mut packages = BTreeSet::new();
    for line in headers.lines() {
        let Some(library) = line.trim().strip_prefix("NEEDED") else { continue };
        match library.trim() {
            "libgcc_s.so.1" => packages.insert("libgcc-s1".to_owned()),
            "libc.so.6" | "libm.so.6" | "libdl.so.2" | "libpthread.so.0" | "ld-linux-x86-64.so.2" => {
                packages.insert(format!("libc6 (>= {})", glibc(headers)?))
            }
            library => bail!("linked with {library}, and no package is known that brings it"),
        };
    }
    ensure!(!packages.is_empty(), "linked with nothing");
    Ok(packages.into_iter().collect::<Vec<_>>().join(", "))
}

/// The newest version of glibc of which something is used.
fn glibc(headers: &str) -> Result<String> {
    let numbers = |version: &str| -> Option<Vec<u32>> {
        version.split('.').map(|number| number.parse().ok()).collect()
    };
    let used = headers.split_whitespace().filter_map(|word| word.strip_prefix("GLIBC_"));
    let newest = used.filter_map(|version| Some((numbers(version)?, version))).max();
    Ok(newest.context("no version of glibc")?.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_libraries() {
        let headers = "Dynamic Section:
  NEEDED               libgcc_s.so.1
  NEEDED               libc.so.6
Version References:
  required from libc.so.6:
    0x09691a75 0x00 13 GLIBC_2.2.5
    0x069691b4 0x00 08 GLIBC_2.34
    0x069691b9 0x00 05 GLIBC_2.9
    0x09691972 0x00 05 GLIBC_PRIVATE";
        assert_eq!(of(headers).unwrap(), "libc6 (>= 2.34), libgcc-s1");
        assert!(of("  NEEDED  libgssapi_krb5.so.2").is_err());
        assert!(of("").is_err());
    }
}
