//! Every dialect, every cipher, every signing algorithm: and that it is really the one in use.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::ADMIN;
use netsession_interop::proxy::negotiate::{ENCRYPTION, Response, SIGNING};
use netsession_interop::proxy::{Proxy, Side, Trace};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_error, ensure_lists, list, only_trace, shared};

const DIALECTS: [(&str, u16); 5] =
    [("SMB2_02", 0x0202), ("SMB2_10", 0x0210), ("SMB3_00", 0x0300), ("SMB3_02", 0x0302), ("SMB3_11", 0x0311)];
const CIPHERS: [(&str, u16); 4] =
    [("AES-128-CCM", 1), ("AES-128-GCM", 2), ("AES-256-CCM", 3), ("AES-256-GCM", 4)];
const SIGNATURES: [(&str, u16); 3] = [("HMAC-SHA256", 0), ("AES-128-CMAC", 1), ("AES-128-GMAC", 2)];

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    for (name, number) in DIALECTS {
        suite.test(NEEDS, format!("dialect::{name}"), move || dialect(name, number));
        suite
            .test(NEEDS, format!("dialect::{name}::signing_mandatory"), move || dialect_signed(name, number));
    }
    for (name, number) in CIPHERS {
        suite.test(NEEDS, format!("cipher::{name}"), move || cipher(name, number));
    }
    for (name, number) in SIGNATURES {
        suite.test(NEEDS, format!("signing::{name}"), move || signature(name, number));
    }
    for dialect in ["SMB3_00", "SMB3_02", "SMB3_11"] {
        suite.test(NEEDS, format!("encryption::required::{dialect}"), move || required(dialect));
    }
    suite.test(NEEDS, "encryption::server_off", server_off);
    suite.test(NEEDS, "encryption::off", client_off);
    suite.test(NEEDS, "encryption::off_where_required_is_an_error", off_where_required);
    suite.test(NEEDS, "encryption::required_where_off_is_an_error", required_where_off);
    suite.test(NEEDS, "encryption::required_where_too_old_is_an_error", required_where_too_old);
}

/// Lists through a proxy that only watches; gives what went over the wire, and what the server chose.
fn watched(samba: &Samba, args: &[&str]) -> Result<(Trace, Response)> {
    let proxy = Proxy::to(samba.address()).start()?;
    let rows = list(proxy.address())?.args(args).rows()?;
    ensure_lists(&rows, ADMIN)?;
    let trace = only_trace(&proxy)?;
    let response = trace.frames(Side::Server).find_map(|event| Response::parse(&event.frame));
    Ok((trace, response.context("no answer to NEGOTIATE")?))
}

fn started(settings: &[String]) -> Result<Samba> {
    let samba = settings.iter().fold(Samba::builder(), |builder, line| builder.global(line)).start()?;
    Ok(samba)
}

fn dialect(name: &str, number: u16) -> Result<()> {
    let samba = started(&[format!("server max protocol = {name}")])?;
    let (trace, response) = watched(&samba, &[])?;
    ensure!(response.dialect() == number, "{:#06x}", response.dialect());
    // Encryption whenever the server can.
    ensure_protected(&trace, number >= 0x0300)
}

fn dialect_signed(name: &str, number: u16) -> Result<()> {
    let samba = started(&[
        format!("server max protocol = {name}"),
        "server signing = mandatory".to_owned(),
        "server smb encrypt = off".to_owned(),
    ])?;
    let (trace, response) = watched(&samba, &[])?;
    ensure!(response.dialect() == number, "{:#06x}", response.dialect());
    ensure_protected(&trace, false)
}

fn cipher(name: &str, number: u16) -> Result<()> {
    let samba = started(&[
        format!("server smb3 encryption algorithms = {name}"),
        "server smb encrypt = required".to_owned(),
    ])?;
    let (trace, response) = watched(&samba, &[])?;
    ensure!(response.algorithm(ENCRYPTION) == Some(number), "{response:?}");
    ensure_protected(&trace, true)
}

fn signature(name: &str, number: u16) -> Result<()> {
    let samba = started(&[
        format!("server smb3 signing algorithms = {name}"),
        "server signing = mandatory".to_owned(),
        "server smb encrypt = off".to_owned(),
    ])?;
    let (trace, response) = watched(&samba, &[])?;
    ensure!(response.algorithm(SIGNING) == Some(number), "{response:?}");
    ensure_protected(&trace, false)
}

fn required(dialect: &str) -> Result<()> {
    let samba =
        started(&[format!("server max protocol = {dialect}"), "server smb encrypt = required".to_owned()])?;
    let (trace, _) = watched(&samba, &["--encrypt", "required"])?;
    ensure_protected(&trace, true)
}

fn server_off() -> Result<()> {
    let samba = shared(&["server smb encrypt = off"])?;
    let (trace, _) = watched(&samba, &[])?;
    ensure_protected(&trace, false)
}

fn client_off() -> Result<()> {
    let (trace, _) = watched(&*shared(&[])?, &["--encrypt", "off"])?;
    ensure_protected(&trace, false)
}

fn off_where_required() -> Result<()> {
    let samba = shared(&["server smb encrypt = required"])?;
    let error = list(samba.address())?.args(&["--encrypt", "off"]).error()?;
    let code = Some((0xC000_0022, "STATUS_ACCESS_DENIED"));
    ensure_error(&error, "encryption", code, "most likely because encryption is switched off")
}

fn required_where_off() -> Result<()> {
    let samba = shared(&["server smb encrypt = off"])?;
    let error = list(samba.address())?.args(&["--encrypt", "required"]).error()?;
    ensure_error(&error, "encryption", None, "encryption is required, and the server does not support it")
}

fn required_where_too_old() -> Result<()> {
    let samba = started(&["server max protocol = SMB2_10".to_owned()])?;
    let error = list(samba.address())?.args(&["--encrypt", "required"]).error()?;
    ensure_error(&error, "encryption", None, "encryption is required, and the server does not support it")
}

/// Everything after the log-on is encrypted, or everything is signed: in both directions.
fn ensure_protected(trace: &Trace, encrypted: bool) -> Result<()> {
    const SESSION_SETUP: u16 = 1;
    let last = trace.events.iter().rposition(|event| event.command() == Some(SESSION_SETUP));
    let after = trace.events.get(last.context("no log-on")? + 1..).unwrap_or_default();
    ensure!(!after.is_empty(), "nothing after the log-on");
    for event in after.iter().filter(|event| !event.is_interim()) {
        let fine = if encrypted { event.is_encrypted() } else { event.is_signed() };
        ensure!(fine, "a frame is not {}: {event:?}", if encrypted { "encrypted" } else { "signed" });
    }
    Ok(())
}
