//! FileIds in CLOSE, READ, WRITE and IOCTL (\[MS-SMB2\] 3.3.5.10, 3.3.5.12, 3.3.5.13, 3.3.5.15).

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;

use crate::raw::{Raw, transceive};

fn on_file(raw: &mut Raw, command: Command, file_id: FileId) -> NtStatus {
    let header = raw.header();
    let message = match command {
        Command::CLOSE => encode(&header, &CloseRequest { file_id }),
        Command::READ => encode(&header, &ReadRequest { file_id, length: 100 }),
        Command::WRITE => encode(&header, &WriteRequest { file_id, data: b"\x05" }),
        _ => encode(&header, &transceive(file_id, b"\x05")),
    };
    raw.status(&message)
}

const COMMANDS: [Command; 4] = [Command::READ, Command::WRITE, Command::IOCTL, Command::CLOSE];

#[test]
fn file_id_of_no_open_file_is_file_closed() {
    let mut raw = Raw::on_ipc();
    let FileId { persistent, volatile } = raw.open("srvsvc").unwrap();
    assert_ne!(persistent, volatile);
    for file_id in [
        FileId { persistent, volatile: volatile + 1 },
        FileId { persistent: persistent + 1, volatile },
        FileId { persistent: volatile, volatile: persistent },
        FileId { persistent: 0, volatile },
        FileId { persistent: 0, volatile: 0 },
        FileId::ANY,
    ] {
        for command in COMMANDS {
            assert_eq!(on_file(&mut raw, command, file_id), NtStatus::FILE_CLOSED, "{command} {file_id:?}");
        }
    }
}

#[test]
fn closed_file_is_file_closed() {
    for command in COMMANDS {
        let mut raw = Raw::on_ipc();
        let file_id = raw.open("srvsvc").unwrap();
        assert_eq!(on_file(&mut raw, Command::CLOSE, file_id), NtStatus::SUCCESS);
        assert_eq!(on_file(&mut raw, command, file_id), NtStatus::FILE_CLOSED, "{command}");
    }
}

#[test]
fn file_of_another_tree_is_file_closed() {
    let mut raw = Raw::on_ipc();
    let file_id = raw.open("srvsvc").unwrap();
    assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
    for command in COMMANDS {
        assert_eq!(on_file(&mut raw, command, file_id), NtStatus::FILE_CLOSED, "{command}");
    }
}

#[test]
fn control_codes_on_no_file_take_no_file() {
    let mut raw = Raw::on_ipc();
    let file_id = raw.open("srvsvc").unwrap();
    for code in [FSCTL_VALIDATE_NEGOTIATE_INFO, 0x0006_0194, 0x0006_01b0, 0x0014_01fc, 0x0011_0018] {
        let request = IoctlRequest { code, ..transceive(file_id, b"") };
        assert_eq!(raw.one(&request).0.status, NtStatus::INVALID_PARAMETER, "{code:#x}");
    }
}

#[test]
fn other_control_codes_need_a_file() {
    let mut raw = Raw::on_ipc();
    let file_id = raw.open("srvsvc").unwrap();
    const FSCTL_PIPE_PEEK: u32 = 0x0011_400c;
    for (file_id, status) in [(file_id, NtStatus::NOT_SUPPORTED), (FileId::ANY, NtStatus::FILE_CLOSED)] {
        let request = IoctlRequest { code: FSCTL_PIPE_PEEK, ..transceive(file_id, b"") };
        assert_eq!(raw.one(&request).0.status, status);
    }
}
