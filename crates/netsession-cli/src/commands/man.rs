//! The manual pages: `netsession man`, for packagers, and `cargo xtask man`.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

/// Write the manual pages into a folder
#[derive(Debug, Args)]
#[command(hide = true)]
pub(crate) struct ManArgs {
    /// Existing folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Writes each page of the program into its file.
pub(crate) fn write(args: &ManArgs, program: Command) -> Result<()> {
    write_to(&args.folder, program)
}

fn write_to(folder: &Path, program: Command) -> Result<()> {
    for page in pages(program)? {
        let path = folder.join(page.file);
        fs::write(&path, page.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// A page and the name of its file.
struct Page {
    file: String,
    text: String,
}

/// The page of the program and one of each command, at every depth, from the declaration that `--help` comes
/// from.
fn pages(program: Command) -> Result<Vec<Page>> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    let mut rest = VecDeque::from([program]);
    while let Some(command) = rest.pop_front() {
        rest.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
        pages.push(page(command)?);
    }
    Ok(pages)
}

fn page(command: Command) -> Result<Page> {
    let after = command.get_after_long_help().or_else(|| command.get_after_help()).map(ToString::to_string);
    // clap_mangen would fill its lines, and with them the examples.
    let command = command.after_help(None::<&str>).after_long_help(None::<&str>);
    let man =
        Man::new(command).manual("netsession").source(concat!("netsession ", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    man.render(&mut text)?;
    sections(&after.unwrap_or_default()).to_writer(&mut text)?;
    // An empty date is left out, and what follows it would be taken for one.
    let text = String::from_utf8(text)?.replacen(" 1  \"", " 1 \"\" \"", 1);
    Ok(Page { file: man.get_filename(), text })
}

/// What stands after the options in `--help`: `Title:`, and lines that keep their breaks.
fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    for section in text.split("\n\n").filter(|section| !section.is_empty()) {
        let (title, body) = section.split_once('\n').unwrap_or((section, ""));
        roff.control("SH", [title.trim_end_matches(':').to_uppercase().as_str()]);
        roff.control("nf", []);
        for line in body.lines() {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
    }
    roff
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_page() {
        for page in pages(Cli::command()).unwrap() {
            // Otherwise each release changes it.
            let text = page.text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
            insta::assert_snapshot!(page.file, text);
        }
    }

    /// `netsession-list(1)`, wherever it stands in a page.
    fn references(text: &str) -> Vec<String> {
        let plain = text.replace("\\-", "-");
        let name = |before: &str| {
            let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-').map_or(0, |at| at + 1);
            before[start..].to_owned()
        };
        plain.match_indices("(1)").map(|(at, _)| name(&plain[..at])).collect()
    }

    #[test]
    fn every_page_that_another_one_names_is_there() {
        let pages = pages(Cli::command()).unwrap();
        let files: Vec<_> = pages.iter().map(|page| page.file.as_str()).collect();
        let named: Vec<_> = pages.iter().flat_map(|page| references(&page.text)).collect();
        for name in &named {
            assert!(files.contains(&format!("{name}.1").as_str()), "{name}(1) is missing: {files:?}");
        }
        // Every page but the first is named by the one above it.
        assert_eq!(named.len() + 1, files.len(), "{named:?}");
    }

    #[test]
    fn pages_are_written() {
        let folder = tempfile::tempdir().unwrap();
        write_to(folder.path(), Cli::command()).unwrap();
        let files = [
            "netsession.1",
            "netsession-list.1",
            "netsession-config.1",
            "netsession-config-check.1",
            "netsession-config-show.1",
            "netsession-completions.1",
        ];
        for file in files {
            assert!(fs::read_to_string(folder.path().join(file)).unwrap().contains(".SH NAME"), "{file}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), pages(Cli::command()).unwrap().len());
        assert!(write_to(&folder.path().join("missing"), Cli::command()).is_err());
    }
}
