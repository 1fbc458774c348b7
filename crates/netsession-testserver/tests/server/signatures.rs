//! \[MS-SMB2\] 3.3.5.2.4, and the first protected request of 3.1.1 (3.3.5.7).

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;

use crate::raw::{Protection, Raw, scenario};

#[test]
fn signed_negotiate_is_an_invalid_parameter() {
    let mut raw = Raw::new();
    let header = Header { flags: Flags::SIGNED, ..raw.header() };
    let message = encode(&header, &raw.negotiate_request());
    assert_eq!(raw.status(&message), NtStatus::INVALID_PARAMETER);
}

#[test]
fn wrong_signature_is_access_denied() {
    for &dialect in Dialect::ALL {
        let mut raw = Raw::logged_on(scenario(), dialect);
        let header = Header { flags: Flags::SIGNED, signature: [1; 16], ..raw.header() };
        let message = encode(&header, &TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() });
        assert_eq!(raw.status(&message), NtStatus::ACCESS_DENIED, "{dialect}");
    }
}

#[test]
fn right_signature_is_accepted_and_answered_with_one() {
    for &dialect in Dialect::ALL {
        let mut raw = Raw::logged_on(scenario(), dialect);
        raw.protection = Protection::Signed;
        let (header, _) = raw.one(&TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() });
        assert_eq!(header.status, NtStatus::SUCCESS, "{dialect}");
        assert!(header.flags.contains(Flags::SIGNED), "{dialect}");
    }
}

#[test]
fn signature_for_an_unknown_session_is_user_session_deleted() {
    for command in [Command::ECHO, Command::LOGOFF] {
        for session_id in [0, 1] {
            let mut raw = Raw::on_ipc();
            raw.protection = Protection::Signed;
            raw.session_id = session_id;
            assert_eq!(
                raw.bare(command)[0].0.status,
                NtStatus::USER_SESSION_DELETED,
                "{command} {session_id}"
            );
        }
    }
}

#[test]
fn signature_before_there_are_keys_is_not_supported() {
    let mut raw = Raw::on_ipc();
    raw.begin_log_on();
    raw.protection = Protection::Signed;
    assert_eq!(raw.bare(Command::LOGOFF)[0].0.status, NtStatus::NOT_SUPPORTED);
}

#[test]
fn unprotected_tree_connect_ends_a_connection_of_3_1_1() {
    let request = TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() };
    for &dialect in Dialect::ALL {
        let mut raw = Raw::logged_on(scenario(), dialect);
        let message = encode(&raw.header(), &request);
        assert_eq!(raw.closes(vec![message]), dialect == Dialect::Smb311, "{dialect}");
    }
    for protection in [Protection::Signed, Protection::Sealed] {
        let mut raw = Raw::logged_on(scenario(), Dialect::Smb311);
        raw.protection = protection;
        assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS, "{protection:?}");
    }
}

#[test]
fn cancel_that_is_not_authentic_cancels_nothing() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    assert!(raw.all(&ReadRequest { file_id: pipe, length: 4280 }).is_empty());
    raw.next -= 1;
    let header = Header { flags: Flags::SIGNED, signature: [1; 16], ..raw.header() };
    assert!(raw.send(vec![crate::raw::with_body(&header, Command::CANCEL, &[4, 0, 0, 0])]).is_empty());
    raw.next -= 1;
    raw.protection = Protection::Signed;
    let replies = raw.bare(Command::CANCEL);
    assert_eq!((replies.len(), replies[0].0.status), (1, NtStatus::CANCELLED));
}
