//! Stubs of RPC calls. Each is read by a reader of NDR and NDR64 that belongs to these tests ([`crate::stub`]), and holds
//! what its comment says. Where netsession has the call, its own decoder reads the same out of a stub in NDR, and does not
//! take one in NDR64, which it never offers, for NDR. The NDR stubs that were derived by hand hold the same as the
//! recorded NDR64 of the same name.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse};
use netsession_proto::srvs::{
    RpcCall as _, ServerGetInfoRequest, ShareEnumRequest, ShareEnumResponse, ShareLevel,
};

use crate::conversation::{files, hex};
use crate::ndr::NdrReader;
use crate::stub::{self, ServerInfo, SessionEnum, SessionEnumCall, ShareEnum, ShareEnumCall, ShareInfo};

/// A stub, and what its name says of it.
#[derive(Debug, Clone)]
struct Stub {
    name: String,
    bytes: Vec<u8>,
}

/// How the stub of one kind, by the beginning of its name, is checked.
type Check = fn(&Stub) -> Result<()>;

const CALLS: [(&str, Check); 4] = [
    ("netrsessionenum-", sessions),
    ("netrshareenum-", shares),
    ("netrsharegetinfo-", share),
    ("netrservergetinfo-", server),
];

pub(crate) fn add(suite: &mut Suite) {
    for (name, path) in files(suite, "stubs", &CALLS.map(|(name, _)| name)) {
        let Some((_, check)) = CALLS.iter().find(|(prefix, _)| name.starts_with(prefix)) else {
            suite.missing_test(format!("recordings::stub::{name} (the call has no decoder)"));
            continue;
        };
        let (file, derived_name) = (path.clone(), name.clone());
        suite.test(&[Need::Recordings], format!("recordings::stub::{name}"), move || {
            check(&Stub { bytes: hex(&file)?, name })
        });
        let Some(twin) = path.to_str().filter(|path| path.contains("-derived-ndr-")) else { continue };
        let (derived, recorded) = (twin.to_owned(), twin.replace("-derived-ndr-", "-ndr64-"));
        let name = format!("recordings::derived::{derived_name}");
        suite.test(&[Need::Recordings], name, move || same(&derived, &recorded));
    }
}

impl Stub {
    fn read(path: &str) -> Result<Self> {
        Ok(Self { name: path.to_owned(), bytes: hex(Path::new(path))? })
    }

    fn is_ndr64(&self) -> bool {
        self.name.contains("-ndr64-")
    }

    fn is_request(&self) -> bool {
        self.name.contains("-request")
    }

    fn reader(&self) -> NdrReader<'_> {
        NdrReader::new(&self.bytes, self.is_ndr64())
    }

    fn wrong(&self, what: &impl std::fmt::Debug) -> String {
        format!("{}: {what:?}", self.name)
    }
}

/// NetrSessionEnum: one session, or a refusal.
fn sessions(stub: &Stub) -> Result<()> {
    if stub.is_request() {
        let call = SessionEnumCall::read(stub.reader())?;
        ensure!(call.level == 10 && call.resume == Some(0), stub.wrong(&call));
        // SharpHound leaves the filters out, Empire sends empty ones.
        let client = if stub.name.contains("-denied-") { None } else { Some("") };
        ensure!(call.client.as_deref() == client && call.user == call.client, stub.wrong(&call));
        let Ok(own) = SessionEnumRequest::decode(&stub.bytes) else {
            ensure!(stub.is_ndr64(), "not decoded: {call:?}");
            return Ok(());
        };
        let SessionEnumRequest { server, client, user, level, preferred_length, resume } = own;
        let own = SessionEnumCall { server, client, user, level, preferred_length, resume };
        ensure!(!stub.is_ndr64() && own == call, "{own:?}, not {call:?}");
        return Ok(());
    }
    let answer = SessionEnum::read(stub.reader())?;
    if stub.name.contains("-denied-") {
        ensure!(answer.code == 5 && answer.sessions.is_empty(), stub.wrong(&answer));
    } else {
        let session = (Some(r"\\172.18.39.5".into()), Some("pgustavo".into()), 0, 0);
        // Server 2019: a resume handle of 18 with success.
        let as_recorded = answer.code == 0 && answer.resume == Some(18) && answer.total == 1;
        ensure!(as_recorded && answer.sessions == [session], stub.wrong(&answer));
    }
    let Ok(own) = SessionEnumResponse::decode(&stub.bytes, Level::L10, 100) else {
        ensure!(stub.is_ndr64(), "not decoded: {answer:?}");
        return Ok(());
    };
    let sessions = own.sessions.into_iter().map(|session| {
        let (time, idle) = (session.time.context("no time")?, session.idle_time.context("no idle time")?);
        Ok((Some(session.client), session.user, time, idle))
    });
    let own = SessionEnum {
        level: own.level.number(),
        sessions: sessions.collect::<Result<_>>()?,
        total: own.total_entries,
        resume: own.resume,
        code: own.code.0,
    };
    ensure!(!stub.is_ndr64() && own == answer, "{own:?}, not {answer:?}");
    Ok(())
}

/// NetrShareEnum of Windows XP to Server 2019, and of Samba: the share of pipes is among the shares.
fn shares(stub: &Stub) -> Result<()> {
    if stub.is_request() {
        let call = ShareEnumCall::read(stub.reader())?;
        ensure!(call.level == 1 && call.server.is_some(), stub.wrong(&call));
        let Ok(own) = ShareEnumRequest::decode(&stub.bytes) else {
            ensure!(stub.is_ndr64(), "not decoded: {call:?}");
            return Ok(());
        };
        let ShareEnumRequest { server, level, preferred_length, resume } = own;
        let own = ShareEnumCall { server, level, preferred_length, resume };
        ensure!(!stub.is_ndr64() && own == call, "{own:?}, not {call:?}");
        return Ok(());
    }
    let answer = ShareEnum::read(stub.reader())?;
    let is_whole = answer.code == 0 && usize::try_from(answer.total)? == answer.shares.len();
    let has_pipes =
        answer.shares.iter().any(|share| share.name.as_deref() == Some("IPC$") && share.kind & 3 == 3);
    ensure!(is_whole && has_pipes, stub.wrong(&answer));
    let Ok(own) = ShareEnumResponse::decode(&stub.bytes, ShareLevel::L1, 100) else {
        ensure!(stub.is_ndr64(), "not decoded: {answer:?}");
        return Ok(());
    };
    let shares = own.entries.into_iter().map(|share| ShareInfo {
        name: Some(share.name),
        kind: share.kind,
        comment: Some(share.comment),
    });
    let own = ShareEnum {
        level: 1,
        shares: shares.collect(),
        total: own.total_entries,
        resume: own.resume,
        code: own.code.0,
    };
    ensure!(!stub.is_ndr64() && own == answer, "{own:?}, not {answer:?}");
    Ok(())
}

/// NetrShareGetInfo of Server 2008, which netsession does not call.
fn share(stub: &Stub) -> Result<()> {
    if stub.is_request() {
        let call = stub::share_get_info_call(stub.reader())?;
        ensure!(call == (Some("10.0.0.12".into()), "smb2".into(), 1), stub.wrong(&call));
        return Ok(());
    }
    let answer = stub::share_get_info(stub.reader())?;
    let share = ShareInfo { name: Some("smb2".into()), kind: 0, comment: Some(String::new()) };
    ensure!(answer == (Some(share), 0), stub.wrong(&answer));
    Ok(())
}

/// NetrServerGetInfo of Windows XP and 7.
fn server(stub: &Stub) -> Result<()> {
    if stub.is_request() {
        let (server, level) = stub::server_get_info_call(stub.reader())?;
        ensure!(server.is_some() && level == 101, stub.wrong(&(server, level)));
        let Ok(own) = ServerGetInfoRequest::decode(&stub.bytes) else {
            ensure!(stub.is_ndr64(), "not decoded: {server:?}");
            return Ok(());
        };
        ensure!(!stub.is_ndr64() && (&own.server, own.level) == (&server, level), "{own:?}, not {server:?}");
        return Ok(());
    }
    let (info, code) = stub::server_get_info(stub.reader())?;
    let version = if stub.name.contains("-winxp-") { (5, 1) } else { (6, 1) };
    let is_as_recorded = code == 0 && info.platform == 500 && info.version == version;
    ensure!(is_as_recorded && info.name.is_some(), stub.wrong(&info));
    let request = ServerGetInfoRequest { machine: None, server: None, level: ServerGetInfoRequest::LEVEL };
    let Ok(own) = request.decode_response(&stub.bytes, 0) else {
        ensure!(stub.is_ndr64(), "not decoded: {info:?}");
        return Ok(());
    };
    let own = own.info.context("a success without a structure")?;
    let (name, comment) = (Some(own.name), Some(own.comment));
    let own = ServerInfo { platform: 500, name, version: own.version, kind: own.kind, comment };
    ensure!(!stub.is_ndr64() && own == info, "{own:?}, not {info:?}");
    Ok(())
}

/// The stub that was derived by hand and the recorded one hold the same.
fn same(derived: &str, recorded: &str) -> Result<()> {
    let (derived, recorded) = (Stub::read(derived)?, Stub::read(recorded)?);
    let values = |stub: &Stub| -> Result<String> {
        Ok(if stub.is_request() {
            format!("{:?}", SessionEnumCall::read(stub.reader())?)
        } else {
            format!("{:?}", SessionEnum::read(stub.reader())?)
        })
    };
    let (one, other) = (values(&derived)?, values(&recorded)?);
    ensure!(one == other, "{one}, not {other}");
    Ok(())
}
