//! \[MS-SMB2\] 3.3.5.2.1.1, 3.3.5.2.9 and 3.3.5.2.11: what is encrypted, and what has to be.

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::Encryption;

use crate::raw::{Protection, Raw, bind, call, scenario, sessions, transceive};

fn with_encryption(encryption: Encryption) -> Scenario {
    let mut scenario = scenario();
    scenario.smb.encryption = encryption;
    scenario
}

fn sealed() -> Raw {
    let mut raw = Raw::logged_on(scenario(), Dialect::Smb311);
    raw.protection = Protection::Sealed;
    raw
}

#[test]
fn encrypted_session_denies_unencrypted_requests() {
    let mut raw = Raw::logged_on(with_encryption(Encryption::Required), Dialect::Smb311);
    raw.protection = Protection::Signed;
    assert_eq!(raw.connect("IPC$"), NtStatus::ACCESS_DENIED);
    raw.protection = Protection::Sealed;
    assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
}

#[test]
fn encrypted_share_says_so_and_denies_unencrypted_requests() {
    let mut raw = Raw::logged_on(with_encryption(Encryption::Share), Dialect::Smb311);
    raw.protection = Protection::Signed;
    let (header, message) = raw.one(&TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() });
    assert_eq!(header.status, NtStatus::SUCCESS, "the log-on and TREE_CONNECT need no encryption");
    let flags = TreeConnectResponse::decode(&message).unwrap().share_flags;
    assert_eq!(flags, TreeConnectResponse::ENCRYPT_DATA);
    raw.tree_id = header.tree_id();
    assert_eq!(raw.open("srvsvc"), Err(NtStatus::ACCESS_DENIED));
    raw.protection = Protection::Sealed;
    let pipe = raw.open("srvsvc").unwrap();
    raw.transceive(pipe, &bind());
    assert_eq!(sessions(&raw.transceive(pipe, &call(2, 12))), 3);
    raw.protection = Protection::Signed;
    assert_eq!(raw.one(&transceive(pipe, &call(3, 12))).0.status, NtStatus::ACCESS_DENIED);
    assert_eq!(raw.one(&CloseRequest { file_id: pipe }).0.status, NtStatus::ACCESS_DENIED);
    assert_eq!(raw.bare(Command::TREE_DISCONNECT)[0].0.status, NtStatus::ACCESS_DENIED);
}

#[test]
fn encrypted_share_denies_the_rest_of_an_unencrypted_compound() {
    let mut raw = Raw::logged_on(with_encryption(Encryption::Share), Dialect::Smb311);
    raw.protection = Protection::Signed;
    let first = encode(&raw.header(), &TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() });
    let second = encode(&raw.related_header(), &CreateRequest { name: "srvsvc".to_owned() });
    let third = encode(&raw.related_header(), &transceive(FileId::ANY, &bind()));
    let replies = raw.send(vec![first, second, third]);
    let statuses: Vec<NtStatus> = replies.iter().map(|(header, _)| header.status).collect();
    assert_eq!(statuses, [NtStatus::SUCCESS, NtStatus::ACCESS_DENIED, NtStatus::ACCESS_DENIED]);
}

#[test]
fn encrypted_share_denies_clients_that_cannot_encrypt() {
    for dialect in [Dialect::Smb202, Dialect::Smb210, Dialect::Smb300, Dialect::Smb302] {
        let mut raw = Raw::logged_on(with_encryption(Encryption::Share), dialect);
        assert_eq!(raw.connect("IPC$"), NtStatus::ACCESS_DENIED, "{dialect}");
    }
}

#[test]
fn encrypted_message_of_another_session_ends_the_connection() {
    let request = TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() };
    for session_id in [0, 1, u64::MAX] {
        let mut raw = sealed();
        let header = Header { session_id, ..raw.header() };
        assert!(raw.closes(vec![encode(&header, &request)]), "{session_id}");
    }
}

#[test]
fn encrypted_message_that_begins_with_a_related_operation_ends_the_connection() {
    let mut raw = sealed();
    let header = Header { flags: Flags::RELATED, ..raw.header() };
    assert!(raw.closes(vec![encode(&header, &TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() })]));
}

#[test]
fn encrypted_related_operations_need_not_name_the_session() {
    let mut raw = sealed();
    let first = encode(&raw.header(), &TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() });
    let second = encode(&raw.related_header(), &CreateRequest { name: "srvsvc".to_owned() });
    let replies = raw.send(vec![first, second]);
    assert!(replies.iter().all(|(header, _)| header.status == NtStatus::SUCCESS), "{replies:?}");
    // An operation that starts over has to.
    let first = encode(&raw.header(), &TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() });
    let header = Header { flags: Flags::default(), ..raw.related_header() };
    let second = encode(&header, &CreateRequest { name: "srvsvc".to_owned() });
    assert!(raw.closes(vec![first, second]));
}

#[test]
fn message_that_was_changed_after_encryption_ends_the_connection() {
    let mut raw = sealed();
    assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
    let mut transform = vec![0; TransformHeader::SIZE + 100];
    transform[..4].copy_from_slice(&TRANSFORM_PROTOCOL_ID);
    transform[36..40].copy_from_slice(&100_u32.to_le_bytes()); // OriginalMessageSize
    transform[42] = 1; // Flags: encrypted
    transform[44..52].copy_from_slice(&raw.session_id.to_le_bytes());
    assert!(raw.say(&transform).is_empty());
    assert!(raw.closed);
}
