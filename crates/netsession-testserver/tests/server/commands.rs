//! Commands of other clients that `netsession` does not use.

use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::{Fault, FaultStatus, Pdu};
use netsession_proto::smb2::*;
use netsession_testserver::scenario::{Encryption, shipped};

use crate::raw::{Raw, bind, call, sessions, with_body};

#[test]
fn write_and_read_do_what_transceive_does() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    raw.write(pipe, &bind());
    let (status, ack) = raw.read(pipe, 4280);
    assert_eq!(status, NtStatus::SUCCESS);
    assert!(matches!(Pdu::decode(&ack), Ok(Pdu::BindAck(_))));
    // In two halves, and read in small pieces.
    let question = call(2, 12);
    assert_eq!(raw.write(pipe, &question[..30])[0].0.status, NtStatus::SUCCESS);
    raw.write(pipe, &question[30..]);
    let mut answer = Vec::new();
    loop {
        let (status, piece) = raw.read(pipe, 50);
        answer.extend(piece);
        if status == NtStatus::SUCCESS {
            break;
        }
        assert_eq!(status, NtStatus::BUFFER_OVERFLOW);
    }
    assert_eq!(sessions(&answer), 3);
}

#[test]
fn read_waits_for_a_write() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    assert!(raw.all(&ReadRequest { file_id: pipe, length: 4280 }).is_empty());
    let waiting = raw.next - 1;
    let replies = raw.write(pipe, &bind());
    let answered: Vec<(Command, u64)> =
        replies.iter().map(|(header, _)| (header.command, header.message_id)).collect();
    assert_eq!(answered, [(Command::WRITE, waiting + 1), (Command::READ, waiting)]);
    let ack = ReadResponse::decode(&replies[1].1).unwrap();
    assert!(matches!(Pdu::decode(ack.data), Ok(Pdu::BindAck(_))));
}

#[test]
fn waiting_read_can_be_cancelled() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    assert!(raw.all(&ReadRequest { file_id: pipe, length: 4280 }).is_empty());
    // CANCEL bears the number of what it cancels.
    raw.next -= 1;
    let replies = raw.bare(Command::CANCEL);
    assert_eq!((replies.len(), replies[0].0.status), (1, NtStatus::CANCELLED));
    assert_eq!(replies[0].0.command, Command::READ);
    raw.next -= 1;
    assert!(raw.bare(Command::CANCEL).is_empty(), "there is nothing left to cancel");
}

#[test]
fn unknown_opnum_is_a_fault() {
    // NetrConnectionEnum, NetrFileEnum, NetrFileGetInfo, NetrFileClose, NetrSessionEnum, NetrSessionDel, NetrShareEnum, NetrServerGetInfo,
    // NetrRemoteTOD.
    const ANSWERED: [u16; 9] = [8, 9, 10, 11, 12, 13, 15, 21, 28];
    let mut raw = Raw::on_ipc();
    let pipe = raw.open(r"\srvsvc").unwrap();
    raw.transceive(pipe, &bind());
    for opnum in (0..60).chain([u16::MAX]).filter(|opnum| !ANSWERED.contains(opnum)) {
        let fault = Fault::decode(&raw.transceive(pipe, &call(u32::from(opnum), opnum))).unwrap();
        assert_eq!((fault.status, fault.call_id), (FaultStatus::OP_RNG_ERROR, u32::from(opnum)));
        assert_eq!(fault.status.0, 0x1c01_0002);
    }
    assert_eq!(sessions(&raw.transceive(pipe, &call(2, 12))), 3, "the pipe is as good as before");
}

#[test]
fn pipe_is_bound_once_and_before_the_first_call() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    let fault = Fault::decode(&raw.transceive(pipe, &call(1, 12))).unwrap();
    assert_eq!(fault.status, FaultStatus::INVALID_PRES_CONTEXT_ID);
    raw.transceive(pipe, &bind());
    assert!(matches!(Pdu::decode(&raw.transceive(pipe, &bind())), Ok(Pdu::BindNak(_))));
    let garbage = raw.transceive(pipe, &[5, 0, 99, 3, 16, 0, 0, 0, 16, 0, 0, 0, 7, 0, 0, 0]);
    assert_eq!(Fault::decode(&garbage).unwrap().call_id, 7);
}

#[test]
fn pipes_and_trees_are_separate() {
    let mut raw = Raw::on_ipc();
    let (first, second) = (raw.open("srvsvc").unwrap(), raw.open("SRVSVC").unwrap());
    assert_ne!(first, second);
    raw.transceive(first, &bind());
    raw.transceive(second, &bind());
    raw.write(first, &call(2, 12));
    raw.write(second, &call(3, 14));
    assert!(matches!(Pdu::decode(&raw.read(second, 4280).1), Ok(Pdu::Fault(_))));
    assert_eq!(sessions(&raw.read(first, 4280).1), 3);

    let tree = raw.tree_id;
    raw.connect("ipc$");
    assert_ne!(raw.tree_id, tree);
    // The pipe belongs to the other tree.
    assert_eq!(raw.write(first, &bind())[0].0.status, NtStatus::FILE_CLOSED);
    raw.tree_id = tree;
    assert_eq!(raw.all(&CloseRequest { file_id: second })[0].0.status, NtStatus::SUCCESS);
    assert_eq!(raw.write(second, &bind())[0].0.status, NtStatus::FILE_CLOSED);
    assert_eq!(raw.bare(Command::TREE_DISCONNECT)[0].0.status, NtStatus::SUCCESS);
    assert_eq!(raw.open("srvsvc"), Err(NtStatus::NETWORK_NAME_DELETED));
}

#[test]
fn other_shares_pipes_commands_and_codes_do_not_exist() {
    let mut raw = Raw::on_ipc();
    assert_eq!(raw.open("lsarpc"), Err(NtStatus::OBJECT_NAME_NOT_FOUND));
    let ioctl = IoctlRequest { code: 0x0006_0194, file_id: FileId::ANY, input: &[], max_output: 100 };
    assert_eq!(raw.one(&ioctl).0.status, NtStatus::FS_DRIVER_REQUIRED);
    let ioctl = IoctlRequest { code: 0x0014_01fc, ..ioctl };
    assert_eq!(raw.one(&ioctl).0.status, NtStatus::NOT_SUPPORTED);
    let mut query = vec![0; 40];
    query[0] = 41; // StructureSize
    let message = with_body(&raw.header(), Command::QUERY_INFO, &query);
    let status = raw.status(&message);
    assert_eq!(status, NtStatus::NOT_SUPPORTED);
    assert_eq!(raw.connect("C$"), NtStatus::BAD_NETWORK_NAME);
}

#[test]
fn second_log_on_is_a_session_of_its_own() {
    let mut raw = Raw::new();
    raw.negotiate();
    assert_eq!(raw.bare(Command::ECHO)[0].0.status, NtStatus::SUCCESS);
    assert_eq!(raw.connect("IPC$"), NtStatus::USER_SESSION_DELETED);
    raw.log_on();
    assert_eq!(raw.bare(Command::ECHO)[0].0.status, NtStatus::SUCCESS);
    let first = raw.session_id;
    raw.log_on();
    assert_ne!(raw.session_id, first);
    assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
    let tree = raw.tree_id;
    raw.session_id = first;
    assert_eq!(raw.open("srvsvc"), Err(NtStatus::NETWORK_NAME_DELETED), "the tree of another session");
    assert_eq!(raw.bare(Command::LOGOFF)[0].0.status, NtStatus::SUCCESS);
    assert_eq!(raw.connect("IPC$"), NtStatus::USER_SESSION_DELETED);
    raw.session_id += 1 << 32;
    raw.tree_id = tree;
    assert!(raw.open("srvsvc").is_ok(), "the second session is still there");
}

/// This client demands nothing itself, so it is the scenario that does.
#[test]
fn unprotected_requests_are_denied_where_the_scenario_requires_protection() {
    let log_on_to = |signing_required, encryption| {
        let mut scenario = shipped("samba").unwrap();
        scenario.smb.signing_required = signing_required;
        scenario.smb.encryption = encryption;
        let mut raw = Raw::with(scenario, Dialect::Smb210);
        raw.negotiate();
        raw
    };
    for (signing_required, expected) in [(false, NtStatus::SUCCESS), (true, NtStatus::ACCESS_DENIED)] {
        let mut raw = log_on_to(signing_required, Encryption::Offered);
        raw.log_on();
        assert_eq!(raw.connect("IPC$"), expected, "{signing_required}");
    }
    // 2.1 has no encryption.
    let mut raw = log_on_to(false, Encryption::Required);
    assert_eq!(raw.try_log_on().0.status, NtStatus::ACCESS_DENIED);
}

#[test]
fn smb1_negotiate_leads_to_smb2() {
    for (dialects, answer) in [
        (&b"\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0"[..], Some(0x02ff)),
        (b"\x02NT LM 0.12\0\x02SMB 2.002\0", Some(0x0202)),
        (b"\x02NT LM 0.12\0", None),
    ] {
        let mut raw = Raw::new();
        let mut smb1 = b"\xffSMB\x72".to_vec();
        smb1.resize(32 + 3, 0);
        smb1.extend_from_slice(dialects);
        let replies = raw.say(&smb1);
        assert_eq!(raw.closed, answer.is_none());
        let chosen = replies.first().map(|(_, message)| NegotiateResponse::decode(message).unwrap().dialect);
        assert_eq!(chosen, answer);
        if answer == Some(0x0202) {
            raw.next = 1;
            raw.dialect = Dialect::Smb202;
            raw.log_on();
            let again = encode(&raw.header(), &raw.negotiate_request());
            assert!(raw.closes(vec![again]), "2.0.2 has been negotiated already");
        }
        if answer == Some(0x02ff) {
            raw.next = 1;
            assert_eq!(NegotiateResponse::decode(&raw.negotiate().1).unwrap().dialect, 0x0210);
            raw.log_on();
            assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
        }
    }
}

#[test]
fn related_compound_fails_as_a_whole() {
    let mut raw = Raw::on_ipc();
    let create = encode(&raw.header(), &CreateRequest { name: "lsarpc".to_owned() });
    let ioctl = encode(&raw.related_header(), &crate::raw::transceive(FileId::ANY, &bind()));
    let replies = raw.send(vec![create, ioctl]);
    let statuses: Vec<NtStatus> = replies.iter().map(|(header, _)| header.status).collect();
    assert_eq!(statuses.len(), 2, "Samba's first reply comes alone, and both come");
    assert_eq!(statuses, [NtStatus::OBJECT_NAME_NOT_FOUND; 2]);
}

#[test]
fn second_negotiate_ends_the_connection() {
    let mut raw = Raw::on_ipc();
    let message = encode(&raw.header(), &CloseRequest { file_id: FileId::ANY });
    assert_eq!(raw.status(&message), NtStatus::FILE_CLOSED);
    let request = NegotiateRequest { dialects: vec![0x0202], ..raw.negotiate_request() };
    let again = encode(&raw.header(), &request);
    assert!(raw.closes(vec![again]));
}

#[test]
fn message_encrypted_for_an_unknown_session_ends_the_connection() {
    let mut raw = Raw::on_ipc();
    assert!(raw.say(&[&TRANSFORM_PROTOCOL_ID[..], &[0; 100]].concat()).is_empty());
    assert!(raw.closed);
}
