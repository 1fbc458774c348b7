//! \[MS-SMB2\] 3.3.5.2.7: what one operation of a compound leaves to the next.

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;

use crate::raw::{Raw, Reply, bind, scenario, transceive, with_body};

const SUCCESS: NtStatus = NtStatus::SUCCESS;

fn statuses(replies: &[Reply]) -> Vec<NtStatus> {
    replies.iter().map(|(header, _)| header.status).collect()
}

/// TREE_CONNECT + CREATE + IOCTL(bind), with the related headers changed.
fn compound(path: &str, pipe: &str, change: impl Fn(&mut Header)) -> Vec<NtStatus> {
    let mut raw = Raw::logged_on(scenario(), Dialect::Smb210);
    let first = encode(&raw.header(), &TreeConnectRequest { path: path.to_owned() });
    let (mut second, mut third) = (raw.related_header(), raw.related_header());
    change(&mut second);
    change(&mut third);
    let second = encode(&second, &CreateRequest { name: pipe.to_owned() });
    let third = encode(&third, &transceive(FileId::ANY, &bind()));
    statuses(&raw.send(vec![first, second, third]))
}

#[test]
fn related_operations_use_what_the_one_before_made() {
    assert_eq!(compound(r"\\fs1\IPC$", "srvsvc", |_| ()), [SUCCESS; 3]);
}

#[test]
fn without_a_tree_the_rest_of_the_chain_is_an_invalid_parameter() {
    let expected = [NtStatus::BAD_NETWORK_NAME, NtStatus::INVALID_PARAMETER, NtStatus::INVALID_PARAMETER];
    assert_eq!(compound(r"\\fs1\C$", "srvsvc", |_| ()), expected);
    // The tree that the header of TREE_CONNECT happens to name is not the one that it makes.
    let mut raw = Raw::on_ipc();
    let first = encode(&raw.header(), &TreeConnectRequest { path: r"\\fs1\C$".to_owned() });
    let second = encode(&raw.related_header(), &CreateRequest { name: "srvsvc".to_owned() });
    assert_eq!(statuses(&raw.send(vec![first, second])), expected[..2]);
}

#[test]
fn without_a_file_the_next_operation_fails_alike() {
    let expected = [SUCCESS, NtStatus::OBJECT_NAME_NOT_FOUND, NtStatus::OBJECT_NAME_NOT_FOUND];
    assert_eq!(compound(r"\\fs1\IPC$", "lsarpc", |_| ()), expected);
}

#[test]
fn related_session_id_of_another_session_is_user_session_deleted() {
    for session_id in [0, 1] {
        let found = compound(r"\\fs1\IPC$", "srvsvc", |header| header.session_id = session_id);
        assert_eq!(found, [SUCCESS, NtStatus::USER_SESSION_DELETED, NtStatus::USER_SESSION_DELETED]);
    }
}

#[test]
fn related_tree_id_of_another_tree_is_network_name_deleted() {
    for tree_id in [0, 77] {
        let found = compound(r"\\fs1\IPC$", "srvsvc", |header| header.async_or_tree_id = tree_id << 32);
        assert_eq!(found, [SUCCESS, NtStatus::NETWORK_NAME_DELETED, NtStatus::NETWORK_NAME_DELETED]);
    }
}

#[test]
fn related_operations_may_name_their_session_and_tree() {
    let mut raw = Raw::on_ipc();
    let create = encode(&raw.header(), &CreateRequest { name: "srvsvc".to_owned() });
    let header = Header { flags: Flags::RELATED, ..raw.header() };
    let ioctl = encode(&header, &transceive(FileId::ANY, &bind()));
    assert_eq!(statuses(&raw.send(vec![create, ioctl])), [SUCCESS; 2]);
}

#[test]
fn chain_that_begins_with_a_related_operation_is_an_invalid_parameter() {
    let mut raw = Raw::on_ipc();
    let header = Header { flags: Flags::RELATED, ..raw.header() };
    let create = encode(&header, &CreateRequest { name: "srvsvc".to_owned() });
    let ioctl = encode(&raw.related_header(), &transceive(FileId::ANY, &bind()));
    assert_eq!(statuses(&raw.send(vec![create, ioctl])), [NtStatus::INVALID_PARAMETER; 2]);
    let header = Header { flags: Flags::RELATED, ..raw.header() };
    let alone = encode(&header, &CreateRequest { name: "srvsvc".to_owned() });
    let (header, _) = raw.only(&alone);
    assert_eq!((header.status, header.session_id), (NtStatus::INVALID_PARAMETER, raw.session_id));
    // The operation after it needs nothing that it failed to make.
    let header = Header { flags: Flags::RELATED, ..raw.header() };
    let first = encode(&header, &CreateRequest { name: "srvsvc".to_owned() });
    let second = encode(&raw.related_header(), &CreateRequest { name: "srvsvc".to_owned() });
    assert_eq!(statuses(&raw.send(vec![first, second])), [NtStatus::INVALID_PARAMETER; 2]);
    let header = Header { flags: Flags::RELATED, ..raw.header() };
    let log_off = with_body(&header, Command::LOGOFF, &[4, 0, 0, 0]);
    assert_eq!(raw.status(&log_off), NtStatus::INVALID_PARAMETER);
}

#[test]
fn operation_without_a_file_does_not_need_that_of_the_one_before() {
    let mut raw = Raw::on_ipc();
    let create = encode(&raw.header(), &CreateRequest { name: "lsarpc".to_owned() });
    let disconnect = with_body(&raw.related_header(), Command::TREE_DISCONNECT, &[4, 0, 0, 0]);
    let expected = [NtStatus::OBJECT_NAME_NOT_FOUND, SUCCESS];
    assert_eq!(statuses(&raw.send(vec![create, disconnect])), expected);
}

#[test]
fn operation_after_one_without_a_file_is_an_invalid_handle() {
    let mut raw = Raw::on_ipc();
    let first = encode(&raw.header(), &TreeConnectRequest { path: r"\\fs1\IPC$".to_owned() });
    let ioctl = encode(&raw.related_header(), &transceive(FileId::ANY, &bind()));
    assert_eq!(statuses(&raw.send(vec![first, ioctl])), [SUCCESS, NtStatus::INVALID_HANDLE]);
}

#[test]
fn unrelated_operations_are_independent() {
    let mut raw = Raw::on_ipc();
    let first = encode(&raw.header(), &CreateRequest { name: "lsarpc".to_owned() });
    let second = encode(&raw.header(), &CreateRequest { name: "srvsvc".to_owned() });
    let third = encode(&raw.header(), &transceive(FileId::ANY, &bind()));
    let expected = [NtStatus::OBJECT_NAME_NOT_FOUND, SUCCESS, NtStatus::FILE_CLOSED];
    assert_eq!(statuses(&raw.send(vec![first, second, third])), expected);
}

#[test]
fn each_operation_needs_a_message_id_of_its_own() {
    let mut raw = Raw::on_ipc();
    let first = encode(&raw.header(), &CreateRequest { name: "srvsvc".to_owned() });
    raw.next -= 1;
    let second = encode(&raw.related_header(), &transceive(FileId::ANY, &bind()));
    assert!(raw.closes(vec![first, second]));
}
