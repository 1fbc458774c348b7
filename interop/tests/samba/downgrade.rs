//! A man in the middle who rewrites NEGOTIATE must make the program fail, each time.

use anyhow::{Result, ensure};
use netsession_interop::proxy::negotiate::{CAP_ENCRYPTION, ENCRYPTION, PREAUTH, Request, Response, SIGNING};
use netsession_interop::proxy::tamper::{EditRequest, EditResponse};
use netsession_interop::proxy::{Builder, Proxy};
use netsession_interop::suite::{Need, Suite};

use crate::support::{failure, list, shared};

const DIALECTS: [u16; 5] = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311];
const CONTEXTS: [(&str, u16); 3] = [("preauth", PREAUTH), ("encryption", ENCRYPTION), ("signing", SIGNING)];
/// Servers by their highest dialect.
const SERVERS: [(&str, u16); 4] =
    [("SMB2_10", 0x0210), ("SMB3_00", 0x0300), ("SMB3_02", 0x0302), ("SMB3_11", 0x0311)];

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    for (server, highest) in SERVERS {
        for dialect in DIALECTS.into_iter().filter(|dialect| *dialect < highest) {
            let name = format!("downgrade::{server}_to_{dialect:#06x}");
            suite.test(NEEDS, name, move || to_dialect(highest, dialect));
        }
    }
    for (name, kind) in CONTEXTS {
        suite.test(NEEDS, format!("downgrade::request_without_{name}_context"), move || {
            edit_request(0x0311, move |request| request.contexts.retain(|(other, _)| *other != kind))
        });
        suite.test(NEEDS, format!("downgrade::response_without_{name}_context"), move || {
            edit_response(0x0311, move |response| response.contexts.retain(|(other, _)| *other != kind))
        });
    }
    suite.test(NEEDS, "downgrade::request_without_contexts", || {
        edit_request(0x0311, |request| request.contexts.clear())
    });
    suite.test(NEEDS, "downgrade::response_without_contexts", || {
        edit_response(0x0311, |response| response.contexts.clear())
    });
    for (server, highest) in SERVERS.into_iter().filter(|(_, highest)| *highest >= 0x0300) {
        suite.test(NEEDS, format!("downgrade::request_without_encryption_capability::{server}"), move || {
            edit_request(highest, |request| {
                request.set_capabilities(request.capabilities() & !CAP_ENCRYPTION)
            })
        });
    }
    // On 3.1.1 the server does not set it: there a context says so.
    for (server, highest) in [("SMB3_00", 0x0300), ("SMB3_02", 0x0302)] {
        suite.test(
            NEEDS,
            format!("downgrade::response_without_encryption_capability::{server}"),
            move || {
                edit_response(highest, |response| {
                    response.set_capabilities(response.capabilities() & !CAP_ENCRYPTION)
                })
            },
        );
    }
}

fn to_dialect(highest: u16, dialect: u16) -> Result<()> {
    edit_request(highest, move |request| request.dialects.retain(|offered| *offered <= dialect))
}

fn edit_request(highest: u16, edit: impl FnMut(&mut Request) + Clone + Send + 'static) -> Result<()> {
    // Where 3.1.1 is spoken both ends have other keys then; elsewhere Samba sees it first, and cuts. NEGOTIATE
    // itself it refuses where the pre-authentication context is missing.
    refused(highest, &["integrity", "closed", "status"], |proxy| {
        proxy.tamper(move || EditRequest(edit.clone()))
    })
}

fn edit_response(highest: u16, edit: impl FnMut(&mut Response) + Clone + Send + 'static) -> Result<()> {
    // Only the program can see it. An answer that breaks the protocol in itself is seen at once.
    refused(highest, &["integrity", "misbehaved"], |proxy| proxy.tamper(move || EditResponse(edit.clone())))
}

/// With all defaults: what fails here must fail without being asked for.
fn refused(highest: u16, kinds: &[&str], tamper: impl FnOnce(Builder) -> Builder) -> Result<()> {
    let samba = shared(match highest {
        0x0210 => &["server max protocol = SMB2_10"],
        0x0300 => &["server max protocol = SMB3_00"],
        0x0302 => &["server max protocol = SMB3_02"],
        _ => &[],
    })?;
    let proxy = tamper(Proxy::to(samba.address())).start()?;
    let run = list(proxy.address())?.args(&["-l", "1", "-f", "jsonl"]).run()?;
    let kind = failure(&run, &proxy)?;
    ensure!(kinds.contains(&kind.as_str()), "{kind} instead of {kinds:?}: {run:?}");
    // The test would prove nothing if the tamperer had nothing to do.
    let traces = proxy.traces();
    ensure!(!traces.is_empty() && traces.iter().all(|trace| trace.tampered > 0), "nothing was rewritten");
    // Without the tamperer, all is well on the same server.
    list(samba.address())?.args(&["-l", "1"]).rows().map(|_| ())
}
