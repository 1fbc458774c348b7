//! The script of the start page, in Debian's Chromium: it filters and sorts.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::chromium::{Chromium, DARK, LIGHT};
use netsession_interop::exporter::Exporter;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::{http, process};
use netsession_testserver::{Server, scenario};

/// The rows as the page has them without a script: those that fail first.
const AS_SERVED: [&str; 4] = ["down", "pending", "alpha", "beta"];

pub(crate) fn add(suite: &mut Suite) {
    let needs = [Need::Program, Need::Chromium];
    suite.test(&needs, "page::filter_hides_rows", filter);
    suite.test(&needs, "page::click_on_a_header_sorts", sort);
    suite.test(&needs, "page::fits_narrow_screens_and_dark_ones", styles);
    suite.test(&needs, "page::complete_without_a_script", without_script);
}

/// The address of the page has the filter, as after a reload in the browser. The script runs under the page's own content
/// security policy.
fn filter() -> Result<()> {
    let page = Page::start()?;
    for (fragment, shown, said) in [
        ("", &AS_SERVED[..], ""),
        ("find=ALP", &["alpha"], "1 of 4"),
        ("state=failing", &["down"], "1 of 4"),
        ("state=up&find=nothing", &[], "0 of 4"),
        ("sort=target&down=1&state=up", &["beta", "alpha"], "2 of 4"),
    ] {
        let html = page.chromium.dom(&format!("http://{}/#{fragment}", page.exporter.address()), &[])?;
        ensure!(visible(&html)? == shown, "{:?} with {fragment}: {html}", visible(&html));
        ensure!(html.contains(&format!("class=\"faint\">{said}</span></div>")), "{fragment}: {html}");
        ensure!(!html.contains("<div id=\"tools\" hidden"), "the tools are there with the script: {html}");
    }
    Ok(())
}

/// A script behind that of the page types and clicks. The policy of the exporter would not run it: the page is a file here.
fn sort() -> Result<()> {
    let page = Page::start()?;
    let click = |key: &str| format!("document.querySelector('th[data-key={key}] button').click();");
    let find = "const find = document.getElementById('find'); find.value = 'a'; find.dispatchEvent(new Event('input'));";
    let sessions = click("sessions");
    for (acts, shown, sorted) in [
        (click("target"), &["alpha", "beta", "down", "pending"][..], "target\" aria-sort=\"ascending"),
        (click("target").repeat(2), &["pending", "down", "beta", "alpha"], "target\" aria-sort=\"descending"),
        // Numbers, the largest first; rows without a number come last either way.
        (
            sessions.clone(),
            &["alpha", "beta", "down", "pending"],
            "sessions\" data-number=\"\" aria-sort=\"descending",
        ),
        (
            sessions.repeat(2),
            &["beta", "alpha", "down", "pending"],
            "sessions\" data-number=\"\" aria-sort=\"ascending",
        ),
        (format!("{find}{}", click("state")), &["down", "alpha", "beta"], "state\" aria-sort=\"ascending"),
    ] {
        let html = page.dom_after(&acts, &[])?;
        ensure!(visible(&html)? == shown, "{:?} after {acts}: {html}", visible(&html));
        ensure!(html.contains(&format!("data-key=\"{sorted}\"")), "{acts}: {html}");
    }
    Ok(())
}

/// What the browser computes of the style: the page's own, because it has no other.
fn styles() -> Result<()> {
    /// The title is in what Chromium prints.
    const REPORT: &str = "const of = (query) => getComputedStyle(document.querySelector(query)); document.title = [\
        of('thead').display, of('tbody tr').display, of('body').backgroundColor, \
        document.documentElement.scrollWidth <= innerWidth ? 'fits' : 'too wide'].join(', ');";
    let page = Page::start()?;
    for (options, expected) in [
        (["--window-size=1400,900", LIGHT], "table-header-group, table-row, rgb(255, 255, 255), fits"),
        (["--window-size=520,900", LIGHT], "none, block, rgb(255, 255, 255), fits"),
        (["--window-size=1400,900", DARK], "table-header-group, table-row, rgb(20, 24, 30), fits"),
    ] {
        let html = page.dom_after(REPORT, &options)?;
        let title = html.split("<title>").nth(1).and_then(|rest| rest.split('<').next());
        ensure!(title == Some(expected), "{options:?}: {title:?}");
    }
    Ok(())
}

/// Every row, those that fail first, and no tools that would do nothing.
fn without_script() -> Result<()> {
    let page = Page::start()?;
    // Chromium prints no page whose script it may not run: this is what a browser without scripts gets.
    let html = http::get(page.exporter.address(), "/", &[])?.body;
    ensure!(visible(&html)? == AS_SERVED, "{:?}: {html}", visible(&html));
    ensure!(html.contains("<div id=\"tools\" hidden"), "tools without a script: {html}");
    Ok(())
}

/// An exporter of four targets in three states, probed once.
struct Page {
    exporter: Exporter,
    chromium: Chromium,
    folder: tempfile::TempDir,
    _servers: [netsession_testserver::ServerHandle; 2],
}

impl Page {
    fn start() -> Result<Self> {
        let full = scenario::shipped("windows")?;
        let one = full.sessions().iter().take(1).cloned().collect();
        let (alpha, first) = Server::start(full)?;
        let (beta, second) = Server::start(scenario::shipped("windows")?.with_sessions(one))?;
        let server =
            |name, address: String| format!("{name} = {{ address = '{address}', credentials = 'double' }}\n");
        let config = format!(
            "[servers]\n{}{}{}{}[credentials]\ndouble = {{ login = 'LAB\\admin', password_file = 'double.password' }}\n",
            server("alpha", alpha.to_string()),
            server("beta", beta.to_string()),
            server("down", "127.0.0.1:1".into()),
            server("pending", "127.0.0.1:1".into()),
        );
        let exporter = Exporter::start(&config, &[("double", DOUBLE_ADMIN)])?;
        for target in ["alpha", "beta", "down"] {
            exporter.probe(target, process::PATIENCE)?;
        }
        let (chromium, folder) = (Chromium::new()?, tempfile::tempdir()?);
        Ok(Self { exporter, chromium, folder, _servers: [first, second] })
    }

    /// The page after this script, from a file.
    fn dom_after(&self, script: &str, options: &[&str]) -> Result<String> {
        let response = http::get(self.exporter.address(), "/", &[])?;
        ensure!(response.body.contains("</body>"), "{response:?}");
        let html = response.body.replace("</body>", &format!("<script>{script}</script></body>"));
        let path: &Path = &self.folder.path().join("page.html");
        fs::write(path, html)?;
        self.chromium.dom(&format!("file://{}", path.display()), options)
    }
}

/// The targets of the rows that are not hidden, in their order.
fn visible(html: &str) -> Result<Vec<&str>> {
    let body = html.split("<tbody>").nth(1).context("no table")?;
    let rows = body
        .split("<tr ")
        .skip(1)
        .filter(|row| !row.split('>').next().is_some_and(|tag| tag.contains("hidden")));
    rows.map(|row| {
        row.split("data-value=\"").nth(1).and_then(|rest| rest.split('"').next()).context("no target")
    })
    .collect()
}
