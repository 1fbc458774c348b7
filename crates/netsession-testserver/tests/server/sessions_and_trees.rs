//! \[MS-SMB2\] 3.3.5.2.2, 3.3.5.2.9 and 3.3.5.2.11.

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;

use crate::raw::{Raw, transceive, with_body};

/// One request of each command, with numbers as in `header`.
fn requests(header: &Header, file_id: FileId) -> Vec<Vec<u8>> {
    let bare = |command| with_body(header, command, &[4, 0, 0, 0]);
    vec![
        encode(header, &TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() }),
        bare(Command::LOGOFF),
        bare(Command::TREE_DISCONNECT),
        encode(header, &CreateRequest { name: "srvsvc".to_owned() }),
        encode(header, &ReadRequest { file_id, length: 100 }),
        encode(header, &WriteRequest { file_id, data: b"x" }),
        encode(header, &transceive(file_id, b"x")),
        encode(header, &CloseRequest { file_id }),
    ]
}

/// Those that work on a tree.
const WITH_TREE: std::ops::Range<usize> = 2..8;

#[test]
fn session_id_of_no_session_is_user_session_deleted() {
    for session_id in [0, 1, u64::MAX] {
        for command in 0..8 {
            let mut raw = Raw::on_ipc();
            let file_id = raw.open("srvsvc").unwrap();
            let header = Header { session_id, ..raw.header() };
            let status = raw.status(&requests(&header, file_id)[command]);
            assert_eq!(status, NtStatus::USER_SESSION_DELETED, "{session_id} {command}");
        }
    }
}

#[test]
fn log_on_in_progress_is_no_session() {
    for command in 0..8 {
        let mut raw = Raw::on_ipc();
        let file_id = raw.open("srvsvc").unwrap();
        raw.begin_log_on();
        let header = raw.header();
        let status = raw.status(&requests(&header, file_id)[command]);
        assert_eq!(status, NtStatus::USER_SESSION_DELETED, "{command}");
    }
}

#[test]
fn session_setup_of_an_unknown_session_is_user_session_deleted() {
    let mut raw = Raw::on_ipc();
    raw.session_id += 1;
    let request = SessionSetupRequest { security_mode: 1, token: b"token" };
    assert_eq!(raw.one(&request).0.status, NtStatus::USER_SESSION_DELETED);
}

#[test]
fn session_that_is_logged_off_takes_no_second_log_on() {
    let mut raw = Raw::on_ipc();
    raw.bare(Command::LOGOFF);
    let request = SessionSetupRequest { security_mode: 1, token: b"token" };
    assert_eq!(raw.one(&request).0.status, NtStatus::USER_SESSION_DELETED);
}

#[test]
fn binding_a_session_to_a_second_connection_is_not_accepted() {
    let mut raw = Raw::new();
    raw.negotiate();
    let mut message = encode(&raw.header(), &SessionSetupRequest { security_mode: 1, token: b"token" });
    message[Header::SIZE + 2] |= 0x01;
    assert_eq!(raw.status(&message), NtStatus::REQUEST_NOT_ACCEPTED);
}

#[test]
fn tree_id_of_no_tree_is_network_name_deleted() {
    for tree_id in [0, 77, u32::MAX] {
        for command in WITH_TREE {
            let mut raw = Raw::on_ipc();
            let file_id = raw.open("srvsvc").unwrap();
            raw.tree_id = tree_id;
            let header = raw.header();
            let status = raw.status(&requests(&header, file_id)[command]);
            assert_eq!(status, NtStatus::NETWORK_NAME_DELETED, "{tree_id} {command}");
        }
    }
}

#[test]
fn tree_of_another_session_is_network_name_deleted() {
    let mut raw = Raw::on_ipc();
    let file_id = raw.open("srvsvc").unwrap();
    raw.log_on();
    for command in WITH_TREE.filter(|command| *command != 7) {
        let header = raw.header();
        let status = raw.status(&requests(&header, file_id)[command]);
        assert_eq!(status, NtStatus::NETWORK_NAME_DELETED, "{command}");
    }
    // CLOSE looks for the file before the tree, in the files of the session (3.3.5.10).
    let header = raw.header();
    assert_eq!(raw.status(&requests(&header, file_id)[7]), NtStatus::FILE_CLOSED);
}

#[test]
fn requests_before_negotiate_end_the_connection() {
    for command in 0..8 {
        let mut raw = Raw::new();
        let header = raw.header();
        let request = requests(&header, FileId::ANY).remove(command);
        assert!(raw.closes(vec![request]), "{command}");
    }
    let mut raw = Raw::new();
    let log_on = encode(&raw.header(), &SessionSetupRequest { security_mode: 1, token: b"token" });
    assert!(raw.closes(vec![log_on]));
}

#[test]
fn echo_needs_a_session_only_if_it_names_one() {
    let mut raw = Raw::on_ipc();
    assert_eq!(raw.bare(Command::ECHO)[0].0.status, NtStatus::SUCCESS);
    raw.session_id = 0;
    assert_eq!(raw.bare(Command::ECHO)[0].0.status, NtStatus::SUCCESS);
    raw.session_id = 1;
    assert_eq!(raw.bare(Command::ECHO)[0].0.status, NtStatus::USER_SESSION_DELETED);
}

#[test]
fn path_that_names_no_share_is_an_invalid_parameter() {
    for path in ["IPC$", r"\\fs1", r"\\fs1\", r"\\\IPC$", r"\fs1\IPC$", r"\\fs1\a\IPC$", ""] {
        let mut raw = Raw::on_ipc();
        let status = raw.one(&TreeConnectRequest { path: path.to_owned() }).0.status;
        assert_eq!(status, NtStatus::INVALID_PARAMETER, "{path}");
    }
}
