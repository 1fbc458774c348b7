//! Pages of which several programs write a section each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Puts a section, which begins with `## NAME`, in the place of the one of that name, or at the end.
pub fn put_section(page: &Path, section: &str) -> Result<()> {
    let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    fs::write(page, with_section(&text, section)).with_context(|| page.display().to_string())
}

fn with_section(page: &str, section: &str) -> String {
    let heading = section.lines().next().unwrap_or_default();
    let mut before = String::new();
    let mut after = String::new();
    let mut place = &mut before;
    let mut is_old = false;
    for line in page.split_inclusive('\n') {
        if line.starts_with("## ") {
            is_old = line.trim_end() == heading;
            if is_old {
                place = &mut after;
            }
        }
        if !is_old {
            place.push_str(line);
        }
    }
    let parts = [before.trim_end(), section.trim_end(), after.trim_end()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_replaces_its_old_version_only() {
        let page = "# Page\n\ntext\n\n## One\n\nold\n\n## Two\n\nkept\n";
        let new = "# Page\n\ntext\n\n## One\n\nnew\n\n## Two\n\nkept\n";
        assert_eq!(with_section(page, "## One\n\nnew\n"), new);
        assert_eq!(with_section("# Page\n", "## One\n\nnew\n"), "# Page\n\n## One\n\nnew\n");
        assert_eq!(with_section(new, "## Two\n\nnew"), "# Page\n\ntext\n\n## One\n\nnew\n\n## Two\n\nnew\n");
    }
}
