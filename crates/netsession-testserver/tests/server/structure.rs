//! \[MS-SMB2\] 3.3.5.2.6: flags, StructureSize, and what each command says about its fields.

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;

use crate::raw::{Raw, scenario, transceive, with_body};

/// StructureSize of each command's request.
const SIZES: [(Command, u16); 17] = [
    (Command::SESSION_SETUP, 25),
    (Command::LOGOFF, 4),
    (Command::TREE_CONNECT, 9),
    (Command::TREE_DISCONNECT, 4),
    (Command::CREATE, 57),
    (Command::CLOSE, 24),
    (Command::FLUSH, 24),
    (Command::READ, 49),
    (Command::WRITE, 49),
    (Command::LOCK, 48),
    (Command::IOCTL, 57),
    (Command::ECHO, 4),
    (Command::QUERY_DIRECTORY, 33),
    (Command::CHANGE_NOTIFY, 32),
    (Command::QUERY_INFO, 41),
    (Command::SET_INFO, 33),
    (Command::OPLOCK_BREAK, 24),
];

fn body(size: u16, length: usize) -> Vec<u8> {
    let mut body = vec![0; length];
    body[..2].copy_from_slice(&size.to_le_bytes());
    body
}

#[test]
fn wrong_structure_size_is_an_invalid_parameter() {
    for (command, size) in SIZES {
        for wrong in [0, size - 1, size + 1, u16::MAX] {
            let mut raw = Raw::on_ipc();
            let message = with_body(&raw.header(), command, &body(wrong, 100));
            assert_eq!(raw.status(&message), NtStatus::INVALID_PARAMETER, "{command} {wrong}");
        }
    }
    let mut raw = Raw::new();
    let message = with_body(&raw.header(), Command::NEGOTIATE, &body(37, 100));
    assert_eq!(raw.status(&message), NtStatus::INVALID_PARAMETER);
}

#[test]
fn body_shorter_than_its_structure_is_an_invalid_parameter() {
    for (command, size) in SIZES {
        let fixed = usize::from(size & !1);
        for length in [2, fixed - 1] {
            let mut raw = Raw::on_ipc();
            let message = with_body(&raw.header(), command, &body(size, length));
            assert_eq!(raw.status(&message), NtStatus::INVALID_PARAMETER, "{command} {length}");
        }
        let mut raw = Raw::on_ipc();
        let message = with_body(&raw.header(), command, &[]);
        assert_eq!(raw.status(&message), NtStatus::INVALID_PARAMETER, "{command}");
    }
}

#[test]
fn commands_that_the_double_lacks_are_not_supported() {
    for command in [
        Command::FLUSH,
        Command::LOCK,
        Command::QUERY_DIRECTORY,
        Command::CHANGE_NOTIFY,
        Command::QUERY_INFO,
        Command::SET_INFO,
        Command::OPLOCK_BREAK,
    ] {
        let (_, size) = SIZES.into_iter().find(|(known, _)| *known == command).unwrap();
        let mut raw = Raw::on_ipc();
        let message = with_body(&raw.header(), command, &body(size, 100));
        assert_eq!(raw.status(&message), NtStatus::NOT_SUPPORTED, "{command}");
        // Its tree is looked for first.
        raw.tree_id = 0;
        let message = with_body(&raw.header(), command, &body(size, 100));
        assert_eq!(raw.status(&message), NtStatus::NETWORK_NAME_DELETED, "{command}");
    }
}

#[test]
fn command_that_does_not_exist_ends_the_connection() {
    for command in [0x13, 0x14, u16::MAX] {
        let mut raw = Raw::on_ipc();
        let message = with_body(&raw.header(), Command(command), &body(4, 100));
        assert!(raw.closes(vec![message]), "{command}");
    }
}

#[test]
fn message_shorter_than_a_header_ends_the_connection() {
    let mut raw = Raw::on_ipc();
    let message = encode(&raw.header(), &CloseRequest { file_id: FileId::ANY });
    assert!(raw.say(&message[..Header::SIZE - 1]).is_empty());
    assert!(raw.closed);
}

#[test]
fn response_from_a_client_ends_the_connection() {
    let mut raw = Raw::on_ipc();
    let header = Header { flags: Flags::RESPONSE, ..raw.header() };
    assert!(raw.closes(vec![encode(&header, &CloseRequest { file_id: FileId::ANY })]));
}

#[test]
fn header_with_an_async_id_is_an_invalid_parameter() {
    let mut raw = Raw::on_ipc();
    let header = Header { flags: Flags::ASYNC, ..raw.header() };
    let message = encode(&header, &CreateRequest { name: "srvsvc".to_owned() });
    assert_eq!(raw.status(&message), NtStatus::INVALID_PARAMETER);
}

#[test]
fn flags_that_change_nothing_here_are_accepted() {
    const DFS_OPERATIONS: u32 = 0x1000_0000;
    const REPLAY_OPERATION: u32 = 0x2000_0000;
    const PRIORITY: u32 = 0x0000_0070;
    for flags in [DFS_OPERATIONS, REPLAY_OPERATION, PRIORITY] {
        let mut raw = Raw::on_ipc();
        let header = Header { flags: Flags(flags), ..raw.header() };
        let message = encode(&header, &CreateRequest { name: "srvsvc".to_owned() });
        assert_eq!(raw.status(&message), NtStatus::SUCCESS, "{flags:#x}");
    }
}

/// A request with one byte of its body changed, and the answer.
fn with_byte<'a, B: Body<'a>>(
    dialect: Dialect,
    at: usize,
    byte: u8,
    body: impl FnOnce(FileId) -> B,
) -> NtStatus {
    let mut raw = Raw::logged_on(scenario(), dialect);
    assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
    let file_id = raw.open("srvsvc").unwrap();
    raw.transceive(file_id, &crate::raw::bind());
    raw.write(file_id, &crate::raw::call(2, 99));
    let mut message = encode(&raw.header(), &body(file_id));
    message[Header::SIZE + at] = byte;
    raw.status(&message)
}

#[test]
fn pipes_are_not_read_unbuffered_nor_over_rdma() {
    const FLAGS: usize = 3;
    const CHANNEL: usize = 36;
    let read =
        |dialect, at, byte| with_byte(dialect, at, byte, |file_id| ReadRequest { file_id, length: 4280 });
    assert_eq!(read(Dialect::Smb302, FLAGS, 1), NtStatus::INVALID_PARAMETER);
    assert_eq!(read(Dialect::Smb302, CHANNEL, 1), NtStatus::INVALID_PARAMETER);
    assert_eq!(read(Dialect::Smb300, CHANNEL, 1), NtStatus::INVALID_PARAMETER);
    // Reserved in these dialects.
    assert_eq!(read(Dialect::Smb300, FLAGS, 1), NtStatus::SUCCESS);
    assert_eq!(read(Dialect::Smb210, CHANNEL, 1), NtStatus::SUCCESS);
}

#[test]
fn pipes_are_not_written_through_nor_over_rdma() {
    const DATA_OFFSET: usize = 2;
    const CHANNEL: usize = 32;
    const FLAGS: usize = 44;
    let write =
        |dialect, at, byte| with_byte(dialect, at, byte, |file_id| WriteRequest { file_id, data: &[5; 400] });
    for (at, byte) in [(CHANNEL, 1), (FLAGS, 1), (FLAGS, 2)] {
        assert_eq!(write(Dialect::Smb300, at, byte), NtStatus::INVALID_PARAMETER, "{at} {byte}");
        assert_eq!(write(Dialect::Smb210, at, byte), NtStatus::SUCCESS, "{at} {byte}");
    }
    assert_eq!(write(Dialect::Smb210, DATA_OFFSET, 112), NtStatus::SUCCESS);
    assert_eq!(write(Dialect::Smb210, DATA_OFFSET + 1, 1), NtStatus::INVALID_PARAMETER, "beyond 0x100");
}

#[test]
fn control_code_without_the_flag_of_one_is_not_supported() {
    const FLAGS: usize = 48;
    let ioctl = |byte| with_byte(Dialect::Smb210, FLAGS, byte, |file_id| transceive(file_id, b"\x05"));
    assert_eq!((ioctl(0), ioctl(2)), (NtStatus::NOT_SUPPORTED, NtStatus::NOT_SUPPORTED));
    assert_eq!(ioctl(1), NtStatus::SUCCESS);
}

#[test]
fn input_of_a_control_code_is_aligned() {
    const INPUT_OFFSET: usize = 24;
    let ioctl = |byte| {
        with_byte(Dialect::Smb210, INPUT_OFFSET, byte, |file_id| IoctlRequest {
            input: &[5; 64],
            ..transceive(file_id, &[])
        })
    };
    assert_eq!(ioctl(121), NtStatus::INVALID_PARAMETER);
    assert_eq!(ioctl(8), NtStatus::INVALID_PARAMETER, "within the header");
    assert_eq!(ioctl(120), NtStatus::SUCCESS);
}
