//! The list of crates that cargo-auditable has put into a program, as scanners read it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::shipped;
use super::target::{Package, Target};
use crate::sh;

/// Where it is in a program.
const SECTION: &str = ".dep-v0";

/// The program has the list, with each of its crates.
pub(super) fn check(program: &Path, target: &Target) -> Result<()> {
    let (offset, size) = section(program, target)?;
    let bytes = fs::read(program)?;
    let section = bytes.get(offset..offset.saturating_add(size)).context("a section beyond the file")?;
    let compressed = sh::target().join("dist-staging/dep-v0");
    fs::write(&compressed, section)?;
    let decompress = "import sys, zlib; sys.stdout.buffer.write(zlib.decompressobj().decompress(open(sys.argv[1], 'rb').read()))";
    let text = sh::read(sh::program("python3").args(["-c", decompress]).arg(&compressed))?;
    let list: Value = serde_json::from_str(&text)?;
    let name = |one: &Value| Some(format!("{} {}", one["name"].as_str()?, one["version"].as_str()?));
    let named: BTreeSet<String> =
        list["packages"].as_array().context("no packages")?.iter().filter_map(name).collect();
    shipped::ensure_all(&shipped::crates(target)?, &named, &format!("the list in {}", program.display()))
}

/// Offset and size in the file.
fn section(program: &Path, target: &Target) -> Result<(usize, usize)> {
    let is_windows = target.package == Package::Windows;
    let (tool, flag) = if is_windows { ("objdump", "-h") } else { ("readelf", "-SW") };
    let table = sh::read(sh::program(tool).arg(flag).arg(program))?;
    let place = if is_windows { in_objdump(&table) } else { in_readelf(&table) };
    place.with_context(|| format!("{} has no section {SECTION}", program.display()))
}

/// `[ 4] .dep-v0 PROGBITS address offset size …`
fn in_readelf(table: &str) -> Option<(usize, usize)> {
    let mut words = table.lines().find_map(|line| line.split_once(SECTION))?.1.split_whitespace();
    let hex = |word: Option<&str>| usize::from_str_radix(word?, 16).ok();
    let offset = hex(words.nth(2))?;
    Some((offset, hex(words.next())?))
}

/// `4 .dep-v0 size VMA LMA offset …`
fn in_objdump(table: &str) -> Option<(usize, usize)> {
    let mut words = table.lines().find_map(|line| line.split_once(SECTION))?.1.split_whitespace();
    let hex = |word: Option<&str>| usize::from_str_radix(word?, 16).ok();
    let size = hex(words.next())?;
    Some((hex(words.nth(2))?, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_sections() {
        let elf =
            "  [ 3] .dep-v0           PROGBITS        0000000000000300 000300 0007d2 00   A  0   0  1\n";
        assert_eq!(in_readelf(elf), Some((0x300, 0x7d2)));
        let exe = "  3 .dep-v0       000007d2  0000000140430000  0000000140430000  0042e200  2**0\n";
        assert_eq!(in_objdump(exe), Some((0x42_e200, 0x7d2)));
        assert_eq!(in_readelf("  [ 3] .text PROGBITS 00 00 00\n"), None);
    }
}
