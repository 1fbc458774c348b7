//! Stubs of RPC calls. NetrSessionEnum in NDR decodes. NDR64, which netsession never asks for, is not taken for NDR.
//! A stub of a call that has no decoder is ignored, by name.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse};

use crate::conversation::{files, hex};

pub(crate) fn add(suite: &mut Suite) {
    let Ok(files) = files("stubs") else { return };
    for (name, path) in files {
        if !name.starts_with("netrsessionenum-") {
            suite.missing_test(format!("recordings::stub::{name} (the call has no decoder)"));
        } else if name.contains("-derived-ndr-") {
            suite.test(&[Need::Recordings], format!("recordings::stub::{name}"), move || ndr(&name, &path));
        } else {
            suite.test(&[Need::Recordings], format!("recordings::stub::{name} (is no NDR)"), move || {
                ndr64(&name, &path)
            });
        }
    }
}

/// The values that are recorded, in the transfer syntax that netsession speaks.
fn ndr(name: &str, path: &Path) -> Result<()> {
    let stub = hex(path)?;
    if name.ends_with("-request") {
        let request = SessionEnumRequest::decode(&stub)?;
        ensure!(request.level == 10 && request.client.as_deref() == Some(""), "{request:?}");
        return Ok(());
    }
    let response = SessionEnumResponse::decode(&stub, Level::L10, 100)?;
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

/// Read as NDR it is malformed, and no session comes of it.
fn ndr64(name: &str, path: &Path) -> Result<()> {
    let stub = hex(path)?;
    if name.ends_with("-request") {
        ensure!(SessionEnumRequest::decode(&stub).is_err(), "NDR64 is taken for NDR");
    } else {
        let response = SessionEnumResponse::decode(&stub, Level::L10, 100);
        ensure!(response.is_err(), "NDR64 is taken for NDR: {response:?}");
    }
    Ok(())
}
