//! What a stub of srvsvc holds, in NDR or NDR64, as the independent reader says.

use anyhow::{Result, ensure};

use crate::ndr::NdrReader;

/// NetrSessionEnum at level 10 (\[MS-SRVS\] 3.1.4.5).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SessionEnum {
    pub(crate) level: u32,
    /// Client, user, connected and idle time.
    pub(crate) sessions: Vec<(Option<String>, Option<String>, u32, u32)>,
    pub(crate) total: u32,
    pub(crate) resume: Option<u32>,
    pub(crate) code: u32,
}

/// The request for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SessionEnumCall {
    pub(crate) server: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) level: u32,
    pub(crate) preferred_length: u32,
    pub(crate) resume: Option<u32>,
}

impl SessionEnumCall {
    pub(crate) fn read(mut stub: NdrReader<'_>) -> Result<Self> {
        let (server, client, user) = (stub.pointed_string()?, stub.pointed_string()?, stub.pointed_string()?);
        let level = empty_container(&mut stub)?;
        let (preferred_length, resume) = (stub.u32()?, resume(&mut stub)?);
        stub.finish()?;
        Ok(Self { server, client, user, level, preferred_length, resume })
    }
}

impl SessionEnum {
    pub(crate) fn read(mut stub: NdrReader<'_>) -> Result<Self> {
        let (level, count) = container(&mut stub)?;
        ensure!(level == 10, "level {level}");
        let fixed = (0..count)
            .map(|_| Ok((stub.pointer()?, stub.pointer()?, stub.u32()?, stub.u32()?)))
            .collect::<Result<Vec<_>>>()?;
        let sessions = fixed
            .into_iter()
            .map(|(client, user, time, idle)| {
                Ok((stub.string_if(client)?, stub.string_if(user)?, time, idle))
            })
            .collect::<Result<Vec<_>>>()?;
        let (total, resume, code) = (stub.u32()?, resume(&mut stub)?, stub.u32()?);
        stub.finish()?;
        Ok(Self { level, sessions, total, resume, code })
    }
}

/// A share at level 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ShareInfo {
    pub(crate) name: Option<String>,
    pub(crate) kind: u32,
    pub(crate) comment: Option<String>,
}

/// NetrShareEnum at level 1 (\[MS-SRVS\] 3.1.4.8).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ShareEnum {
    pub(crate) level: u32,
    pub(crate) shares: Vec<ShareInfo>,
    pub(crate) total: u32,
    pub(crate) resume: Option<u32>,
    pub(crate) code: u32,
}

/// The request for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ShareEnumCall {
    pub(crate) server: Option<String>,
    pub(crate) level: u32,
    pub(crate) preferred_length: u32,
    pub(crate) resume: Option<u32>,
}

impl ShareEnumCall {
    pub(crate) fn read(mut stub: NdrReader<'_>) -> Result<Self> {
        let server = stub.pointed_string()?;
        let level = empty_container(&mut stub)?;
        let (preferred_length, resume) = (stub.u32()?, resume(&mut stub)?);
        stub.finish()?;
        Ok(Self { server, level, preferred_length, resume })
    }
}

impl ShareEnum {
    pub(crate) fn read(mut stub: NdrReader<'_>) -> Result<Self> {
        let (level, count) = container(&mut stub)?;
        ensure!(level == 1, "level {level}");
        let shares = shares(&mut stub, count)?;
        let (total, resume, code) = (stub.u32()?, resume(&mut stub)?, stub.u32()?);
        stub.finish()?;
        Ok(Self { level, shares, total, resume, code })
    }
}

/// NetrShareGetInfo at level 1 (\[MS-SRVS\] 3.1.4.10): server, share and level of the request.
pub(crate) fn share_get_info_call(mut stub: NdrReader<'_>) -> Result<(Option<String>, String, u32)> {
    let call = (stub.pointed_string()?, stub.string()?, stub.u32()?);
    stub.finish()?;
    Ok(call)
}

/// The share, and the code of the call.
pub(crate) fn share_get_info(mut stub: NdrReader<'_>) -> Result<(Option<ShareInfo>, u32)> {
    let level = stub.first_u32()?;
    ensure!(level == 1, "level {level}");
    let count = usize::from(stub.pointer()?);
    let (share, code) = (shares(&mut stub, count)?.pop(), stub.u32()?);
    stub.finish()?;
    Ok((share, code))
}

/// NetrServerGetInfo (\[MS-SRVS\] 3.1.4.17): server and level of the request.
pub(crate) fn server_get_info_call(mut stub: NdrReader<'_>) -> Result<(Option<String>, u32)> {
    let call = (stub.pointed_string()?, stub.u32()?);
    stub.finish()?;
    Ok(call)
}

/// SERVER_INFO_101.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServerInfo {
    pub(crate) platform: u32,
    pub(crate) name: Option<String>,
    pub(crate) version: (u32, u32),
    pub(crate) kind: u32,
    pub(crate) comment: Option<String>,
}

/// The server at level 101, and the code of the call.
pub(crate) fn server_get_info(mut stub: NdrReader<'_>) -> Result<(ServerInfo, u32)> {
    let level = stub.first_u32()?;
    ensure!(level == 101 && stub.pointer()?, "level {level}");
    let (platform, name) = (stub.first_u32()?, stub.pointer()?);
    let (version, kind, comment) = ((stub.u32()?, stub.u32()?), stub.u32()?, stub.pointer()?);
    let (name, comment) = (stub.string_if(name)?, stub.string_if(comment)?);
    let code = stub.u32()?;
    stub.finish()?;
    Ok((ServerInfo { platform, name, version, kind, comment }, code))
}

/// The level, and how many entries follow.
fn container(stub: &mut NdrReader<'_>) -> Result<(u32, usize)> {
    let (level, tag) = (stub.first_u32()?, stub.first_u32()?);
    ensure!(level == tag && stub.pointer()?, "level {level}, arm {tag}");
    let (count, has_entries) = (usize::try_from(stub.first_u32()?)?, stub.pointer()?);
    let held = if has_entries { stub.count()? } else { 0 };
    ensure!(count == held, "{count} entries in an array of {held}");
    Ok((level, count))
}

fn empty_container(stub: &mut NdrReader<'_>) -> Result<u32> {
    let (level, count) = container(stub)?;
    ensure!(count == 0, "a request with {count} entries");
    Ok(level)
}

fn shares(stub: &mut NdrReader<'_>, count: usize) -> Result<Vec<ShareInfo>> {
    let fixed = (0..count)
        .map(|_| Ok((stub.pointer()?, stub.u32()?, stub.pointer()?)))
        .collect::<Result<Vec<_>>>()?;
    fixed
        .into_iter()
        .map(|(name, kind, comment)| {
            Ok(ShareInfo { name: stub.string_if(name)?, kind, comment: stub.string_if(comment)? })
        })
        .collect()
}

fn resume(stub: &mut NdrReader<'_>) -> Result<Option<u32>> {
    if stub.pointer()? { stub.u32().map(Some) } else { Ok(None) }
}
