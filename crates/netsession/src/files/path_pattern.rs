use wildmatch::WildMatch;

/// Which paths are wanted: those that contain a text or, where the text has `*` or `?`, those that match it as a glob.
/// Without regard to case; `/` and `\` are the same.
///
/// A glob matches a whole path, or the name at its end: `*.xlsx` and `report-??.xlsx` find a file in any folder. `*`
/// goes over folders.
///
/// ```
/// use netsession::PathPattern;
///
/// let report = PathPattern::new("Alpha/report");
/// assert!(report.matches(r"D:\projects\ALPHA\report-01.xlsx"));
/// assert!(PathPattern::new("report-??.xlsx").matches(r"D:\projects\alpha\report-01.xlsx"));
/// assert!(!PathPattern::new("report-?.xlsx").matches(r"D:\projects\alpha\report-01.xlsx"));
/// ```
#[derive(Debug, Clone)]
pub struct PathPattern(Pattern);

#[derive(Debug, Clone)]
enum Pattern {
    Part(String),
    Glob(WildMatch),
}

impl PathPattern {
    /// The pattern of this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = folded(text);
        Self(if text.contains(['*', '?']) {
            Pattern::Glob(WildMatch::new(&text))
        } else {
            Pattern::Part(text)
        })
    }

    /// Whether a path is wanted.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let path = folded(path);
        match &self.0 {
            Pattern::Part(part) => path.contains(part.as_str()),
            Pattern::Glob(glob) => {
                glob.matches(&path) || path.rsplit('\\').next().is_some_and(|name| glob.matches(name))
            }
        }
    }
}

/// A path in one spelling, for comparisons without regard to case and slashes.
pub(super) fn folded(path: &str) -> String {
    path.to_lowercase().replace('/', r"\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_or_glob_without_regard_to_case() {
        let path = r"D:\Projects\Größe und Maße.DOCX";
        for (pattern, matches) in [
            ("größe", true),
            ("GRÖSSE", false),
            ("projects/gr", true),
            ("*.docx", true),
            ("d:/projects/*", true),
            ("projects/*", false),
            ("*projects*", true),
            ("gr??e*", true),
            ("*.doc", false),
            ("", true),
        ] {
            assert_eq!(PathPattern::new(pattern).matches(path), matches, "{pattern}");
        }
    }

    #[test]
    fn hostile_pattern_ends() {
        let pattern = PathPattern::new(&"*a".repeat(200));
        assert!(!pattern.matches(&"a".repeat(150)));
    }
}
