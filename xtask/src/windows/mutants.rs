//! `cargo xtask mutants-windows`: do the tests under Wine notice mistakes?
//!
//! Each mutant is one mistake in `backend/windows/netapi/`, built from a copy of the sources. It must make the tests fail as
//! it says. Without a mistake the tests must pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context, Result, ensure};

use super::{can_build, program, tests_of};
use crate::sh;

const NETAPI: &str = "crates/netsession/src/backend/windows/netapi";

/// One mistake.
struct Mutant {
    name: &'static str,
    /// Of the folder.
    file: &'static str,
    /// Stands once in the file.
    from: &'static str,
    to: &'static str,
    /// A test that must fail because of it, and what it says then.
    noticed_by: (&'static str, &'static str),
}

const MUTANTS: [Mutant; 11] = [
    Mutant {
        name: "never freeing",
        file: "answer.rs",
        from: "if !self.0.is_null() {",
        to: "if false {",
        noticed_by: ("rows::pages", "never freed"),
    },
    Mutant {
        name: "freeing after success only",
        file: "session_enum.rs",
        from: "    answer.code = Win32Error(code);\n",
        to: "    answer.code = Win32Error(code);\n    if code != 0 && code != 234 {\n        answer.buffer.0 = std::ptr::null_mut();\n    }\n",
        noticed_by: ("memory::error_with_a_buffer", "never freed"),
    },
    Mutant {
        name: "use after free",
        file: "answer.rs",
        from: "        let mut entries = Vec::new();\n",
        to: "        let mut entries = Vec::new();\n        drop(Buffer(self.buffer.0));\n",
        // The buffer has gone: the program ends there.
        noticed_by: ("rows::pages", "page fault on read access"),
    },
    Mutant {
        name: "freeing twice",
        file: "answer.rs",
        from: "            let _ = unsafe { NetApiBufferFree(self.0.cast()) };\n",
        to: "            let _ = unsafe { NetApiBufferFree(self.0.cast()) };\n            let _ = unsafe { NetApiBufferFree(self.0.cast()) };\n",
        noticed_by: ("rows::pages", "freed twice"),
    },
    Mutant {
        name: "resetting the resume handle",
        file: "session_enum.rs",
        from: "(request.resume.unwrap_or(0), 0);",
        to: "(0, 0);",
        noticed_by: ("rows::pages", "a page that does not move on"),
    },
    Mutant {
        name: "reading one entry too many",
        file: "answer.rs",
        from: "for index in 0..count {",
        to: "for index in 0..=count {",
        noticed_by: ("levels::502", "page fault on read access"),
    },
    Mutant {
        name: "reading a string beyond its end",
        file: "strings.rs",
        from: "while *start.add(length) != 0 {",
        to: "while *start.add(length) != 0 || *start.add(length + 1) != 0 {",
        noticed_by: ("rows::unpaired_surrogates", "page fault on read access"),
    },
    Mutant {
        name: "entries after an error",
        file: "answer.rs",
        from: "        if Page::from_code(self.code).is_none() {\n",
        to: "        if false {\n",
        noticed_by: ("files::refused", "limit"),
    },
    Mutant {
        name: "reading without a buffer",
        file: "answer.rs",
        from: "if count > 0 && self.buffer.0.is_null() {",
        to: "if false {",
        // Debug builds look at pointers before they copy.
        noticed_by: ("files::wrong_answers", "aligned and non-null"),
    },
    Mutant {
        name: "resetting the handle of files",
        file: "file_enum.rs",
        from: "usize::try_from(self.resume.unwrap_or(0)).unwrap_or(0);",
        to: "0;",
        noticed_by: ("files::pages", "a page that does not move on"),
    },
    Mutant {
        name: "never freeing files",
        file: "file_enum.rs",
        from: "        answer.finish(level, entries?, u32::try_from(resume).ok())\n",
        to: "        let entries = entries?;\n        answer.buffer.0 = std::ptr::null_mut();\n        answer.finish(level, entries, u32::try_from(resume).ok())\n",
        noticed_by: ("files::rows", "never freed"),
    },
];

pub(crate) fn run() -> Result<()> {
    can_build()?;
    let copy = copy_of_the_sources()?;
    let (output, text) = test(&copy)?;
    ensure!(output.status.success(), "without any mistake the tests fail:\n{text}");
    eprintln!("without any mistake: the tests pass");
    let mut unnoticed = Vec::new();
    for mutant in MUTANTS {
        let file = copy.join(NETAPI).join(mutant.file);
        let original = fs::read_to_string(&file)?;
        let places = original.matches(mutant.from).count();
        ensure!(places == 1, "{}: {:?} stands {places} times in {}", mutant.name, mutant.from, mutant.file);
        fs::write(&file, original.replace(mutant.from, mutant.to))?;
        let (output, text) = test(&copy)?;
        // The next mistake may be in another file.
        fs::write(&file, &original)?;
        match verdict(&mutant, &output, &text) {
            Ok(()) => eprintln!("{}: noticed by {}", mutant.name, failed(&text)),
            Err(error) => {
                eprintln!("{}: NOT NOTICED: {error:#}\n{text}", mutant.name);
                unnoticed.push(mutant.name);
            }
        }
    }
    ensure!(unnoticed.is_empty(), "not noticed: {}", unnoticed.join(", "));
    Ok(())
}

fn verdict(mutant: &Mutant, output: &Output, text: &str) -> Result<()> {
    let (test, says) = mutant.noticed_by;
    ensure!(!output.status.success(), "the tests pass");
    let said = text.split("\n---- ").find(|part| part.starts_with(&format!("{test} ----")));
    let said = said.with_context(|| format!("{test} does not fail"))?;
    ensure!(said.contains(says), "{test} fails, but not with {says:?}");
    Ok(())
}

/// The names of the tests that failed.
fn failed(text: &str) -> String {
    let lines = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix("FAILED"));
    lines.map(|name| name.trim_end_matches(['.', ' '])).collect::<Vec<_>>().join(" ")
}

/// Builds the copy for Windows and runs the tests of this workspace on it: those of what Windows hands out.
fn test(copy: &Path) -> Result<(Output, String)> {
    let mistaken = program(|args| {
        let mut cargo = sh::cargo(args);
        // A folder of its own, so that the program of the workspace is not overwritten by a mistaken one.
        cargo.current_dir(copy).env("CARGO_TARGET_DIR", copy.join("../target"));
        cargo
    })?;
    let mut tests = tests_of(&mistaken)?;
    tests.arg("--");
    for others in ["wire::", "choice::", "console::", "codes::", "filters::"] {
        tests.args(["--skip", others]);
    }
    let output = tests.env("NETSESSION_INTEROP_REQUIRED", "1").output()?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok((output, text))
}

/// Every file of the workspace that git does not ignore, as it is now, beside a target folder of its own.
fn copy_of_the_sources() -> Result<PathBuf> {
    let copy = sh::target().join("mutants-windows/src");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    fs::create_dir_all(&copy)?;
    // A file that has been deleted and not committed is none.
    let script = "git ls-files -z --cached --others --exclude-standard |
        tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory \"$0\"";
    sh::run(sh::program("sh").args(["-c", script]).arg(&copy))?;
    Ok(copy)
}
