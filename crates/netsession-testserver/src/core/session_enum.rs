use std::borrow::Cow;

use netsession_proto::erref::Win32Error;
use netsession_proto::ndr::NdrWriter;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse, SessionInfo};
use netsession_proto::srvs::{MAX_PREFERRED_LENGTH, Shape};
use netsession_proto::wire::{to_u32, to_usize};

use super::faults;
use super::pipe::Host;
use crate::Scenario;
use crate::scenario::{Access, Enumeration, ErrorBody, FaultKind, Missing, Names, ResumeOnSuccess};

/// The longest name in a filter, in UTF-16 units with the terminating null.
const MAX_NAME: usize = 1024;

/// Answers NetrSessionEnum (\[MS-SRVS\] 3.1.4.5).
pub(super) fn answer(stub: &[u8], host: &Host<'_>, kinds: &[FaultKind]) -> Result<Vec<u8>, FaultStatus> {
    if let Some(status) = faults::rpc_fault(kinds) {
        return Err(status);
    }
    let request = SessionEnumRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    let rules = &host.scenario.session_enum;
    let sessions = list(host);
    match check(&request, &sessions, host) {
        Ok((level, filter)) => {
            let mut response = page(&sessions, &request, level, &filter, rules);
            kinds.iter().for_each(|kind| faults::spoil_page(kind, &request, &sessions, &mut response));
            let shape = Shape { null_strings: rules.null_strings, ..Shape::default() };
            let mut stub = response.encode_as(shape);
            kinds.iter().for_each(|kind| faults::spoil_stub(kind, &mut stub));
            Ok(stub)
        }
        Err(Refused::Code(code)) => Ok(error(request.level, code, rules.error_body)),
        Err(Refused::Fault(status)) => Err(status),
    }
}

enum Refused {
    Code(Win32Error),
    Fault(FaultStatus),
}

/// Which sessions are wanted.
#[derive(Debug, Default)]
struct Filter {
    client: Option<String>,
    user: Option<String>,
}

fn check(
    request: &SessionEnumRequest,
    sessions: &[SessionInfo],
    host: &Host<'_>,
) -> Result<(Level, Filter), Refused> {
    let rules = &host.scenario.session_enum;
    if rules.access_before_level && !host.caller.administrator {
        return Err(Refused::Code(Win32Error::ACCESS_DENIED));
    }
    let filter = if rules.honours_filters { Filter::new(request)? } else { Filter::default() };
    let level = Level::from_number(request.level);
    let Some((level, access)) = level.and_then(|level| Some((level, rules.access(level)?))) else {
        return Err(match rules.missing_level {
            Missing::Code(code) => Refused::Code(Win32Error(code)),
            Missing::Fault(status) => Refused::Fault(FaultStatus(status)),
        });
    };
    let allowed = match access {
        Access::Anyone => true,
        Access::Administrators => host.caller.administrator,
        Access::Nobody => false,
    };
    if !allowed {
        return Err(Refused::Code(Win32Error::ACCESS_DENIED));
    }
    for (wanted, code) in [
        (Filter { client: filter.client.clone(), user: None }, Win32Error::NERR_CLIENT_NAME_NOT_FOUND),
        (Filter { client: None, user: filter.user.clone() }, Win32Error::NERR_USER_NOT_FOUND),
    ] {
        if wanted.is_some() && !sessions.iter().any(|session| wanted.matches(session)) {
            return Err(Refused::Code(code));
        }
    }
    Ok((level, filter))
}

/// Who is connected, and whoever asks.
fn list<'a>(host: &Host<'a>) -> Cow<'a, [SessionInfo]> {
    let Scenario { session_enum: rules, server, .. } = host.scenario;
    let others = host.scenario.sessions();
    let Some(peer) = host.peer.filter(|_| rules.lists_caller) else { return Cow::Borrowed(others) };
    let caller = SessionInfo {
        client: rules.client_names.client(&peer.to_canonical().to_string()),
        user: Some(match rules.user_names {
            Names::Bare => host.caller.name.clone(),
            Names::Decorated => format!(r"{}\{}", server.domain, host.caller.name),
        }),
        opens: Some(1),
        time: Some(0),
        idle_time: Some(0),
        flags: Some(0),
        client_type: Some(String::new()),
        transport: Some(r"\Device\NetbiosSmb".to_owned()),
    };
    Cow::Owned(others.iter().cloned().chain([caller]).collect())
}

/// The sessions from the resume handle on, as many as fit. The handle counts in the unfiltered list.
fn page(
    sessions: &[SessionInfo],
    request: &SessionEnumRequest,
    level: Level,
    filter: &Filter,
    rules: &Enumeration,
) -> SessionEnumResponse {
    let start = to_usize(request.resume.unwrap_or(0));
    let wanted: Vec<(usize, &SessionInfo)> =
        sessions.iter().enumerate().skip(start).filter(|(_, session)| filter.matches(session)).collect();
    let limited = rules.honours_length && request.preferred_length != MAX_PREFERRED_LENGTH;
    let mut room = limited.then(|| to_usize(request.preferred_length));
    let fitting = wanted.iter().take(rules.page_size.unwrap_or(usize::MAX)).take_while(|(_, session)| {
        room.is_none_or(|left| {
            room = left.checked_sub(size(level, session));
            room.is_some()
        })
    });
    let page: Vec<SessionInfo> = fitting.map(|(_, session)| (*session).clone().reduced_to(level)).collect();
    let next = wanted.get(page.len()).map(|(index, _)| *index);
    let end = match rules.resume_on_success {
        ResumeOnSuccess::Zero => 0,
        ResumeOnSuccess::Index => sessions.len(),
    };
    SessionEnumResponse {
        level,
        total_entries: to_u32(wanted.len()),
        resume: request.resume.map(|_| to_u32(next.unwrap_or(end))),
        code: if next.is_some() { Win32Error::MORE_DATA } else { Win32Error::SUCCESS },
        sessions: page,
    }
}

/// Bytes of an entry in the server's memory: what a preferred length counts.
fn size(level: Level, session: &SessionInfo) -> usize {
    let shown = session.clone().reduced_to(level);
    let numbers = [shown.opens, shown.time, shown.idle_time, shown.flags];
    let names = [Some(shown.client), shown.user, shown.client_type, shown.transport];
    let text = |name: String| 4 /* pointer */ + 2 * name.encode_utf16().count() + 2 /* null */;
    4 * numbers.into_iter().flatten().count() + names.into_iter().flatten().map(text).sum::<usize>()
}

fn error(level: u32, code: Win32Error, body: ErrorBody) -> Vec<u8> {
    if body == ErrorBody::Zeroed {
        return SessionEnumResponse::encode_zeroed(code);
    }
    if let Some(level) = Level::from_number(level) {
        let response =
            SessionEnumResponse { level, sessions: Vec::new(), total_entries: 0, resume: Some(0), code };
        return response.encode_as(Shape { null_container: body == ErrorBody::Null, ..Shape::default() });
    }
    // The union has no arm for a level that nobody knows.
    let mut writer = NdrWriter::new();
    writer.u32(level);
    writer.u32(level);
    writer.u32(0);
    writer.unique_u32(Some(0));
    writer.u32(code.0);
    writer.into_bytes()
}

impl Filter {
    /// NULL and empty are no filter.
    fn new(request: &SessionEnumRequest) -> Result<Self, Refused> {
        let wanted = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        let (client, user) = (wanted(&request.client), wanted(&request.user));
        let too_long =
            |name: &Option<String>| name.as_ref().is_some_and(|name| name.encode_utf16().count() >= MAX_NAME);
        if too_long(&client) || too_long(&user) {
            return Err(Refused::Code(Win32Error::INVALID_PARAMETER));
        }
        let client = match client {
            Some(client) => match client.strip_prefix(r"\\") {
                Some(bare) => Some(bare.to_lowercase()),
                None => return Err(Refused::Code(Win32Error::NERR_INVALID_COMPUTER)),
            },
            None => None,
        };
        Ok(Self { client, user: user.map(|user| user.to_lowercase()) })
    }

    fn is_some(&self) -> bool {
        self.client.is_some() || self.user.is_some()
    }

    fn matches(&self, session: &SessionInfo) -> bool {
        let client = session.client.trim_start_matches('\\').to_lowercase();
        let user = session.user.as_deref().unwrap_or_default().to_lowercase();
        let bare_user = user.rsplit('\\').next().unwrap_or_default();
        self.client.as_ref().is_none_or(|wanted| *wanted == client)
            && self.user.as_ref().is_none_or(|wanted| wanted == bare_user)
    }
}

#[cfg(test)]
mod tests;
