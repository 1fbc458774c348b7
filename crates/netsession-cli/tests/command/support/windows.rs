//! A double of Windows, and a user who comes and goes.

use netsession_testserver::scenario::shipped;
use netsession_testserver::{Host, Server, ServerHandle};

pub(crate) fn windows() -> (String, ServerHandle) {
    let (address, handle) = Server::start(shipped("windows").unwrap()).unwrap();
    (address.to_string(), handle)
}

pub(crate) fn add_zoe(host: &Host) {
    let mut session = host.sessions().snapshot().first().unwrap().clone();
    session.client = r"\\10.9.9.9".to_owned();
    session.user = Some("zoe".to_owned());
    session.time = Some(0);
    host.sessions().add(session);
}
