use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{
    ConnectionEnumRequest, ConnectionEnumResponse, ConnectionInfo, ConnectionLevel,
};
use netsession_proto::srvs::{InfoLevel as _, SessionInfo};
use netsession_proto::wire::to_u32;

use super::context::CallContext;
use super::page::spoil_stub;

/// NetrConnectionEnum (\[MS-SRVS\] 3.1.4.1). Each session has one connection to each folder that is shared. All are one
/// page.
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = ConnectionEnumRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    let refuse = |code| Ok(ConnectionEnumResponse::encode_error(request.level, request.resume, code));
    if !context.caller.administrator {
        return refuse(Win32Error::ACCESS_DENIED);
    }
    let Some(level) = ConnectionLevel::from_number(request.level) else {
        return refuse(Win32Error::INVALID_LEVEL);
    };
    let qualifier = request.qualifier.as_deref().unwrap_or_default();
    let Some(entries) = connections(context, qualifier) else {
        return refuse(Win32Error::NERR_NET_NAME_NOT_FOUND);
    };
    let (total_entries, code) = (to_u32(entries.len()), Win32Error::SUCCESS);
    let mut stub =
        ConnectionEnumResponse { level, entries, total_entries, resume: request.resume, code }.encode();
    spoil_stub(context, &mut stub);
    Ok(stub)
}

/// `None` where no share has the name.
fn connections(context: &CallContext<'_>, qualifier: &str) -> Option<Vec<ConnectionInfo>> {
    let scenario = context.host.scenario();
    if scenario.connections.made_up {
        let (user, name) = ("dummy_user".to_owned(), "IPC$".to_owned());
        return Some(vec![ConnectionInfo { id: 1, kind: 3, opens: 1, users: 1, seconds: 3, user, name }]);
    }
    let mut shares = scenario.share_list();
    shares.retain(|share| share.kind == 0);
    let computer = qualifier.strip_prefix(r"\\");
    if computer.is_none() && !shares.iter().any(|share| share.name.eq_ignore_ascii_case(qualifier)) {
        return None;
    }
    let mut connections = Vec::new();
    for session in context.host.sessions().snapshot().iter() {
        let client = session.client.trim_start_matches('\\');
        match computer {
            None => connections.push(connection(session, client)),
            Some(computer) if client.eq_ignore_ascii_case(computer) => {
                connections.extend(shares.iter().map(|share| connection(session, &share.name)));
            }
            Some(_) => {}
        }
    }
    (1..).zip(&mut connections).for_each(|(id, connection)| connection.id = id);
    Some(connections)
}

fn connection(session: &SessionInfo, name: &str) -> ConnectionInfo {
    ConnectionInfo {
        opens: session.opens.unwrap_or(0),
        users: 1,
        seconds: session.time.unwrap_or(0),
        user: session.user.clone().unwrap_or_default(),
        name: name.to_owned(),
        ..ConnectionInfo::default()
    }
}
