use std::sync::Arc;

use netsession_proto::erref::Win32Error;
use netsession_proto::ndr::NdrWriter;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse, SessionInfo, Shape};

use super::context::CallContext;
use super::page::{Page, PageEntry, PageRequest, PageRules, spoil_stub};
use crate::scenario::{Enumeration, ErrorBody, Missing, Names, ResumeOnSuccess, Scenario};

/// The longest name in a filter, in UTF-16 units with the terminating null.
const MAX_NAME: usize = 1024;

/// Answers NetrSessionEnum (\[MS-SRVS\] 3.1.4.5).
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = SessionEnumRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    let rules = &context.host.scenario().session_enum;
    let sessions = list(context);
    match check(&request, &sessions, context) {
        Ok((level, filter)) => {
            let response = page(&sessions, &request, level, &filter, context);
            let shape = Shape { null_strings: rules.null_strings, ..Shape::default() };
            let mut stub = response.encode_as(shape);
            spoil_stub(context, &mut stub);
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
    context: &CallContext<'_>,
) -> Result<(Level, Filter), Refused> {
    let rules = &context.host.scenario().session_enum;
    if rules.access_before_level && !context.caller.administrator {
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
    if !access.allows(context.caller.administrator) {
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

/// The sessions of the host, and that of the caller where the server lists it.
fn list(context: &CallContext<'_>) -> Arc<Vec<SessionInfo>> {
    let Scenario { session_enum: rules, server, .. } = context.host.scenario();
    let caller = context.caller;
    let mut sessions = context.host.sessions().snapshot();
    if let Some(address) = caller.address.filter(|_| rules.lists_caller) {
        Arc::make_mut(&mut sessions).push(SessionInfo {
            client: rules.client_names.client(&address.to_canonical().to_string()),
            user: Some(match rules.user_names {
                Names::Bare => caller.name.clone(),
                Names::Decorated => format!(r"{}\{}", server.domain, caller.name),
            }),
            opens: Some(1),
            time: Some(connected_seconds(context)),
            idle_time: Some(0),
            flags: Some(0),
            client_type: Some(String::new()),
            transport: Some(r"\Device\NetbiosSmb".to_owned()),
        });
    }
    sessions
}

/// How long the caller has been connected.
fn connected_seconds(context: &CallContext<'_>) -> u32 {
    const SECOND: u64 = 10_000_000;
    let since = if context.caller.since == 0 { context.filetime } else { context.caller.since };
    u32::try_from(context.filetime.saturating_sub(since) / SECOND).unwrap_or(u32::MAX)
}

/// The sessions from the resume handle on, as many as fit. The handle counts in the unfiltered list.
fn page(
    sessions: &[SessionInfo],
    request: &SessionEnumRequest,
    level: Level,
    filter: &Filter,
    context: &CallContext<'_>,
) -> SessionEnumResponse {
    let shown = |session: &SessionInfo| session.clone().reduced_to(level);
    let SessionEnumRequest { preferred_length, resume, .. } = *request;
    let mut page = Page::take(
        sessions,
        |session| filter.matches(session),
        shown,
        PageRequest { preferred_length, resume },
        page_rules(&context.host.scenario().session_enum),
    );
    page.spoil(context, resume, || sessions.iter().map(shown).collect());
    let Page { entries, total, resume, code } = page;
    SessionEnumResponse { level, total_entries: total, resume, code, sessions: entries }
}

fn page_rules(rules: &Enumeration) -> PageRules {
    PageRules {
        honours_length: rules.honours_length,
        max_entries: rules.page_size,
        index_at_end: rules.resume_on_success == ResumeOnSuccess::Index,
        first_handle: 0,
    }
}

impl PageEntry for SessionInfo {
    fn size(&self) -> usize {
        let numbers = [self.opens, self.time, self.idle_time, self.flags];
        let names =
            [Some(&self.client), self.user.as_ref(), self.client_type.as_ref(), self.transport.as_ref()];
        let text = |name: &String| 4 /* pointer */ + 2 * name.encode_utf16().count() + 2 /* null */;
        4 * numbers.into_iter().flatten().count() + names.into_iter().flatten().map(text).sum::<usize>()
    }

    fn name_mut(&mut self) -> &mut String {
        &mut self.client
    }
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
    // The union has no arm for a level that does not exist.
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
