//! \[MS-SMB2\] 3.3.5.2.3 and 3.3.5.2.5: MessageIds within the window, and a CreditCharge that covers the payload.

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;

use crate::raw::{Raw, scenario, transceive};

/// Connected to `IPC$`, with a pipe and many credits.
fn with_pipe(dialect: Dialect) -> (Raw, FileId) {
    let mut raw = Raw::logged_on(scenario(), dialect);
    if dialect == Dialect::Smb311 {
        raw.protection = crate::raw::Protection::Signed;
    }
    assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
    for _ in 0..4 {
        let echo =
            crate::raw::with_body(&Header { credits: 100, ..raw.header() }, Command::ECHO, &[4, 0, 0, 0]);
        assert_eq!(raw.status(&echo), NtStatus::SUCCESS);
    }
    let pipe = raw.open("srvsvc").unwrap();
    (raw, pipe)
}

#[test]
fn message_id_that_was_used_ends_the_connection() {
    let mut raw = Raw::on_ipc();
    raw.next -= 1;
    let message = encode(&raw.header(), &CloseRequest { file_id: FileId::ANY });
    assert!(raw.closes(vec![message]));
}

#[test]
fn message_id_that_was_not_granted_ends_the_connection() {
    // A new connection has the number 0 alone.
    let mut raw = Raw::new();
    raw.next = 1;
    let message = encode(&raw.header(), &raw.negotiate_request());
    assert!(raw.closes(vec![message]));
    // Every reply of the double has granted 8 numbers, and each request used one.
    for (beyond, closes) in [(0, false), (1, true), (1000, true)] {
        let mut raw = Raw::on_ipc();
        let last = 8 * raw.next;
        raw.next = last + beyond;
        let message = encode(&raw.header(), &CloseRequest { file_id: FileId::ANY });
        assert_eq!(raw.closes(vec![message]), closes, "{beyond}");
    }
}

#[test]
fn credit_charge_beyond_the_window_ends_the_connection() {
    let mut raw = Raw::on_ipc();
    let header = Header { credit_charge: 5000, ..raw.header() };
    assert!(raw.closes(vec![encode(&header, &CloseRequest { file_id: FileId::ANY })]));
    // The numbers of the first request are used up.
    let mut raw = Raw::on_ipc();
    let header = Header { credit_charge: 3, ..raw.header() };
    assert_eq!(raw.status(&encode(&header, &CloseRequest { file_id: FileId::ANY })), NtStatus::FILE_CLOSED);
    let message = encode(&raw.header(), &CloseRequest { file_id: FileId::ANY });
    assert!(raw.closes(vec![message]));
}

#[test]
fn message_ids_may_come_out_of_order() {
    let mut raw = Raw::on_ipc();
    let first = encode(&raw.header(), &CloseRequest { file_id: FileId::ANY });
    let second = encode(&raw.header(), &CloseRequest { file_id: FileId::ANY });
    assert_eq!((raw.status(&second), raw.status(&first)), (NtStatus::FILE_CLOSED, NtStatus::FILE_CLOSED));
    assert!(raw.closes(vec![first]));
}

#[test]
fn credit_charge_covers_the_payload() {
    const ONE: u32 = 65_536;
    for dialect in [Dialect::Smb210, Dialect::Smb300, Dialect::Smb302, Dialect::Smb311] {
        for (size, charge, is_enough) in [
            (ONE, 0, true),
            (ONE, 1, true),
            (ONE + 1, 0, false),
            (ONE + 1, 1, false),
            (ONE + 1, 2, true),
            (16 * ONE, 15, false),
            (16 * ONE, 16, true),
            // MaxReadSize, MaxWriteSize and MaxTransactSize are 1 MiB.
            (16 * ONE + 1, 17, false),
        ] {
            let data = vec![0; usize::try_from(size).unwrap()];
            for command in [Command::READ, Command::WRITE, Command::IOCTL] {
                let (mut raw, file_id) = with_pipe(dialect);
                let header = Header { credit_charge: charge, ..raw.header() };
                let message = match command {
                    Command::READ => encode(&header, &ReadRequest { file_id, length: size }),
                    Command::WRITE => encode(&header, &WriteRequest { file_id, data: &data }),
                    _ => encode(&header, &IoctlRequest { max_output: size, ..transceive(file_id, b"\x05") }),
                };
                let replies = raw.send(vec![message]);
                let refused =
                    replies.first().map(|(header, _)| header.status) == Some(NtStatus::INVALID_PARAMETER);
                assert_eq!(refused, !is_enough, "{dialect} {command} {size} {charge}: {replies:?}");
                assert!(!raw.closed, "{dialect} {command} {size} {charge}");
            }
        }
    }
}

#[test]
fn credit_charge_covers_the_input_of_a_control_code() {
    let (mut raw, file_id) = with_pipe(Dialect::Smb210);
    let input = vec![0; 70_000];
    for (charge, status) in [(1, NtStatus::INVALID_PARAMETER), (2, NtStatus::SUCCESS)] {
        let header = Header { credit_charge: charge, ..raw.header() };
        raw.next = header.message_id + u64::from(charge);
        assert_eq!(raw.status(&encode(&header, &transceive(file_id, &input))), status, "{charge}");
    }
}

#[test]
fn credit_charge_means_nothing_on_2_0_2() {
    let (mut raw, file_id) = with_pipe(Dialect::Smb202);
    let header = Header { credit_charge: 5000, ..raw.header() };
    assert_eq!(raw.status(&encode(&header, &CloseRequest { file_id })), NtStatus::SUCCESS);
    // One credit for each request: 64 KiB at most.
    let pipe = raw.open("srvsvc").unwrap();
    let message = encode(&raw.header(), &ReadRequest { file_id: pipe, length: 65_537 });
    assert_eq!(raw.status(&message), NtStatus::INVALID_PARAMETER);
}

#[test]
fn request_that_is_too_long_ends_the_connection() {
    for (dialect, size, closes) in [
        (Dialect::Smb202, 68 * 1024 - 112, false),
        (Dialect::Smb202, 68 * 1024 - 111, true),
        (Dialect::Smb210, 69 * 1024, false),
        (Dialect::Smb210, (1 << 20) + 256 - 112, false),
        (Dialect::Smb210, (1 << 20) + 256 - 111, true),
    ] {
        let (mut raw, file_id) = with_pipe(dialect);
        let data = vec![0; size];
        let header = Header { credit_charge: 17, ..raw.header() };
        let message = encode(&header, &WriteRequest { file_id, data: &data });
        assert_eq!(raw.closes(vec![message]), closes, "{dialect} {size}");
    }
    // Only a payload may cost more than one credit.
    let (mut raw, _) = with_pipe(Dialect::Smb210);
    let mut message = encode(&raw.header(), &CreateRequest { name: "srvsvc".to_owned() });
    message.resize(68 * 1024 + 1, 0);
    assert!(raw.closes(vec![message]));
}
