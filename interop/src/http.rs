//! HTTP as little as the tests need it: one request a connection, and an answer without transfer coding or with chunks.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, bail};

use crate::process;

/// A status and a body.
#[derive(Debug)]
pub struct Response {
    /// `200`, say.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// As text.
    pub body: String,
}

/// `GET PATH`; `headers` are whole lines.
pub fn get(address: &str, path: &str, headers: &[&str]) -> Result<Response> {
    ask("GET", address, path, headers)
}

/// `POST PATH`, without a body.
pub fn post(address: &str, path: &str) -> Result<Response> {
    ask("POST", address, path, &["Content-Length: 0"])
}

fn ask(method: &str, address: &str, path: &str, headers: &[&str]) -> Result<Response> {
    let mut stream = TcpStream::connect(address).with_context(|| format!("connecting to {address}"))?;
    // Well above every deadline in the tests.
    stream.set_read_timeout(Some(process::PATIENCE))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for header in headers {
        write!(request, "{header}\r\n")?;
    }
    stream.write_all((request + "\r\n").as_bytes())?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text).with_context(|| format!("reading {path}"))?;
    let text = String::from_utf8(text)?;
    let (head, body) = text.split_once("\r\n\r\n").with_context(|| format!("no answer to {path}: {text}"))?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { unchunked(body)? } else { body.to_owned() };
    Ok(Response { status, head: head.to_owned(), body })
}

fn unchunked(mut rest: &str) -> Result<String> {
    let mut body = String::new();
    loop {
        let (length, after) = rest.split_once("\r\n").context("a chunk without a length")?;
        let length = usize::from_str_radix(length.trim(), 16)?;
        if length == 0 {
            return Ok(body);
        }
        let Some(chunk) = after.get(..length) else { bail!("a chunk that is cut off") };
        body += chunk;
        rest = after.get(length + 2..).context("a chunk without an end")?;
    }
}

/// What a query may have in it.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(byte.into());
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
