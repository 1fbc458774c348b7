//! Stubs of RPC calls. NetrSessionEnum and NetrShareEnum in NDR decode. NDR64, which netsession never asks for, is not
//! taken for NDR.
//! A stub of a call that has no decoder is ignored, by name.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse};
use netsession_proto::srvs::{ShareEnumRequest, ShareEnumResponse, ShareLevel};

use crate::conversation::{files, hex};

/// A call that has a decoder.
struct Decoded {
    /// How the names of its recordings begin.
    prefix: &'static str,
    /// In the transfer syntax that netsession speaks.
    ndr: fn(&str, &[u8]) -> Result<()>,
    /// Whether the stub of a request, or of a response, is taken for NDR.
    request_is_ndr: fn(&[u8]) -> bool,
    response_is_ndr: fn(&[u8]) -> bool,
}

const CALLS: [Decoded; 2] = [
    Decoded {
        prefix: "netrsessionenum-",
        ndr: sessions,
        request_is_ndr: |stub| SessionEnumRequest::decode(stub).is_ok(),
        response_is_ndr: |stub| SessionEnumResponse::decode(stub, Level::L10, 100).is_ok(),
    },
    Decoded {
        prefix: "netrshareenum-",
        ndr: shares,
        request_is_ndr: |stub| ShareEnumRequest::decode(stub).is_ok(),
        response_is_ndr: |stub| ShareEnumResponse::decode(stub, ShareLevel::L1, 100).is_ok(),
    },
];

pub(crate) fn add(suite: &mut Suite) {
    let Ok(files) = files("stubs") else { return };
    for (name, path) in files {
        let Some(call) = CALLS.iter().find(|call| name.starts_with(call.prefix)) else {
            suite.missing_test(format!("recordings::stub::{name} (the call has no decoder)"));
            continue;
        };
        if name.contains("-ndr-") {
            suite.test(&[Need::Recordings], format!("recordings::stub::{name}"), move || {
                (call.ndr)(&name, &hex(&path)?)
            });
        } else {
            suite.test(&[Need::Recordings], format!("recordings::stub::{name} (is no NDR)"), move || {
                ndr64(call, &name, &path)
            });
        }
    }
}

/// One session, or a refusal.
fn sessions(name: &str, stub: &[u8]) -> Result<()> {
    if name.ends_with("-request") {
        let request = SessionEnumRequest::decode(stub)?;
        ensure!(request.level == 10 && request.client.as_deref() == Some(""), "{request:?}");
        return Ok(());
    }
    let response = SessionEnumResponse::decode(stub, Level::L10, 100)?;
    if name.contains("-denied-") {
        ensure!(response.code == Win32Error::ACCESS_DENIED && response.sessions.is_empty(), "{response:?}");
        return Ok(());
    }
    // Server 2019: a resume handle of 18 with success.
    ensure!(response.code == Win32Error::SUCCESS && response.resume == Some(18), "{response:?}");
    let [session] = response.sessions.as_slice() else { bail!("not one session: {response:?}") };
    ensure!(session.client == r"\\172.18.39.5", "{session:?}");
    ensure!(session.user.as_deref() == Some("pgustavo") && session.idle_time == Some(0), "{session:?}");
    Ok(())
}

/// Windows XP and 7, and Samba: what every server shares is among the shares.
fn shares(name: &str, stub: &[u8]) -> Result<()> {
    if name.ends_with("-request") {
        let request = ShareEnumRequest::decode(stub)?;
        ensure!(request.level == 1 && request.server.is_some(), "{request:?}");
        return Ok(());
    }
    let response = ShareEnumResponse::decode(stub, ShareLevel::L1, 100)?;
    ensure!(response.code == Win32Error::SUCCESS, "{response:?}");
    ensure!(usize::try_from(response.total_entries)? == response.entries.len(), "{response:?}");
    let pipes = response.entries.iter().find(|share| share.name == "IPC$");
    ensure!(pipes.is_some_and(|share| share.kind & 3 == 3 && share.path.is_none()), "{response:?}");
    Ok(())
}

/// Read as NDR it is malformed, and no entry comes of it.
fn ndr64(call: &Decoded, name: &str, path: &Path) -> Result<()> {
    let stub = hex(path)?;
    let is_ndr = if name.ends_with("-request") { call.request_is_ndr } else { call.response_is_ndr };
    ensure!(!is_ndr(&stub), "NDR64 is taken for NDR");
    Ok(())
}
