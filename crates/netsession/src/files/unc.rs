use crate::shares::{Share, ShareType};

/// The shares of a server by their paths: which one a user goes through to a file.
#[derive(Debug)]
pub(super) struct SharePaths<'a> {
    /// Longest path first.
    shares: Vec<(Vec<String>, &'a str)>,
}

impl<'a> SharePaths<'a> {
    /// Of folders that users see; the `$` shares of administrators are left out.
    pub(super) fn new(shares: &'a [Share]) -> Self {
        let visible = shares.iter().filter(|share| share.kind() == ShareType::Disk && !share.is_hidden());
        let mut shares: Vec<_> = visible
            .filter_map(|share| {
                let path: Vec<String> = components(share.path()?).map(str::to_lowercase).collect();
                (!path.is_empty()).then_some((path, share.name()))
            })
            .collect();
        // By name where two shares have the same path, so that the same one is shown each time.
        shares.sort_by(|(a, a_name), (b, b_name)| b.len().cmp(&a.len()).then_with(|| a_name.cmp(b_name)));
        Self { shares }
    }

    /// The share that a path is in, and the path for users, such as `\\fs1\projects\report.xlsx`.
    pub(super) fn locate(&self, host: &str, path: &str) -> Option<(&'a str, String)> {
        let (share, rest) = self.shares.iter().find_map(|(prefix, share)| {
            let mut parts = components(path);
            let is_in = prefix.iter().all(|lower| parts.next().is_some_and(|part| is_same(part, lower)));
            is_in.then_some((share, parts))
        })?;
        let mut unc =
            String::with_capacity(host.len().saturating_add(share.len()).saturating_add(path.len()));
        unc.extend([r"\\", host, r"\", share]);
        rest.for_each(|part| unc.extend([r"\", part]));
        Some((share, unc))
    }
}

/// Whether a part of a path is this one, which is in lower case. Most are ASCII, and need no copy.
fn is_same(part: &str, lower: &str) -> bool {
    if part.is_ascii() { part.eq_ignore_ascii_case(lower) } else { part.to_lowercase() == lower }
}

/// The parts of a path, whichever slashes it is written with. A drive is a part as it is: `C:`.
fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split(['\\', '/']).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use netsession_proto::srvs::ShareInfo;

    use super::*;

    fn share(name: &str, kind: u32, path: &str) -> Share {
        let info = ShareInfo { name: name.into(), kind, path: Some(path.into()), ..ShareInfo::default() };
        Share::from_wire(info)
    }

    fn unc(shares: &[Share], path: &str) -> Option<String> {
        SharePaths::new(shares).locate("fs1", path).map(|(_, unc)| unc)
    }

    #[test]
    fn longest_path_wins_whatever_its_case_and_slashes() {
        let shares = [
            share("data", 0, r"D:\"),
            share("projects", 0, r"D:\Projects"),
            share("alpha", 0, "D:/projects/alpha/"),
            share("D$", 0x8000_0000, r"D:\"),
            share("hidden$", 0, r"D:\projects\alpha\secret"),
            share("IPC$", 0x8000_0003, ""),
            share("printers", 1, r"D:\projects\alpha\spool"),
        ];
        for (path, expected) in [
            (r"d:\PROJECTS\Alpha\Report.xlsx", Some(r"\\fs1\alpha\Report.xlsx")),
            (r"D:\projects\alpha\secret\x", Some(r"\\fs1\alpha\secret\x")),
            (r"D:\projects\alpha\spool\x", Some(r"\\fs1\alpha\spool\x")),
            (r"D:\projects\alphabet\x", Some(r"\\fs1\projects\alphabet\x")),
            ("D:/projects/beta/x", Some(r"\\fs1\projects\beta\x")),
            (r"D:\projects", Some(r"\\fs1\projects")),
            (r"D:\other\x", Some(r"\\fs1\data\other\x")),
            (r"E:\other", None),
            (r"\PIPE\srvsvc", None),
            ("", None),
        ] {
            assert_eq!(unc(&shares, path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn same_path_twice_is_the_first_by_name() {
        let shares = [share("zeta", 0, r"C:\srv"), share("alpha", 0, r"C:\srv\")];
        assert_eq!(unc(&shares, r"C:\srv\x").as_deref(), Some(r"\\fs1\alpha\x"));
    }

    #[test]
    fn hidden_shares_alone_give_no_path() {
        assert_eq!(unc(&[share("C$", 0x8000_0000, r"C:\")], r"C:\x"), None);
    }
}
