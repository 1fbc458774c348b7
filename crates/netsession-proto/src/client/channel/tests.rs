use super::*;
use crate::smb2::{Cipher, FileId, ReadRequest, ReadResponse, Role, Sealer, Signer, SigningAlgorithm};

const KEY: [u8; 16] = [7; 16];

/// A channel with three credits that signs, and the server's signer.
fn signed() -> (Channel, Signer) {
    let mut channel = Channel::new(1 << 20);
    channel.grant(2);
    channel.protect(Protection::Signed(Signer::new(SigningAlgorithm::AesCmac, &KEY, Role::Client)));
    (channel, Signer::new(SigningAlgorithm::AesCmac, &KEY, Role::Server))
}

fn ask(channel: &mut Channel) -> u64 {
    channel.send(1, &ReadRequest { file_id: FileId::ANY, length: 10 })
}

/// How many replies the frame brought.
fn receive(channel: &mut Channel, message: Vec<u8>) -> Result<usize, Cause> {
    channel.receive(message)?;
    Ok(channel.replies.drain(..).count())
}

fn reply(message_id: u64, status: NtStatus, flags: Flags, credits: u16) -> Vec<u8> {
    let header =
        Header { status, flags: flags.with(Flags::RESPONSE), credits, ..Header::request(message_id, 0, 1) };
    encode(&header, &ReadResponse { data: b"x" })
}

#[test]
fn an_asynchronous_answer_gives_back_what_its_request_cost() {
    let (mut channel, server) = signed();
    for _ in 0..100 {
        let id = ask(&mut channel);
        assert_eq!(channel.credits(), 2);
        // As Windows does it: credits with the interim reply, unsigned, and none with the final one.
        let interim = reply(id, NtStatus::PENDING, Flags::ASYNC, 50);
        assert!(receive(&mut channel, interim).unwrap() == 0);
        assert_eq!(channel.credits(), 2, "nothing is taken from an unsigned reply");
        let mut last = reply(id, NtStatus::SUCCESS, Flags::ASYNC, 0);
        server.sign(&mut last);
        assert_eq!(receive(&mut channel, last).unwrap(), 1);
        assert_eq!(channel.credits(), 3);
    }
}

#[test]
fn what_a_signed_interim_reply_granted_is_not_given_twice() {
    let (mut channel, server) = signed();
    let id = ask(&mut channel);
    let mut interim = reply(id, NtStatus::PENDING, Flags::ASYNC, 5);
    server.sign(&mut interim);
    assert!(receive(&mut channel, interim).unwrap() == 0);
    assert_eq!(channel.credits(), 7);
    let mut last = reply(id, NtStatus::SUCCESS, Flags::ASYNC, 0);
    server.sign(&mut last);
    assert_eq!(receive(&mut channel, last).unwrap(), 1);
    assert_eq!(channel.credits(), 7);
}

#[test]
fn an_answer_that_grants_nothing_and_was_not_asynchronous_gives_nothing_back() {
    let (mut channel, server) = signed();
    let id = ask(&mut channel);
    let mut last = reply(id, NtStatus::SUCCESS, Flags::default(), 0);
    server.sign(&mut last);
    assert_eq!(receive(&mut channel, last).unwrap(), 1);
    assert_eq!(channel.credits(), 2);
}

#[test]
fn replies_that_are_not_what_the_protection_demands_end_it() {
    let is_integrity = |result: Result<usize, Cause>| matches!(result, Err(Cause::Integrity(_)));
    let (mut channel, server) = signed();
    let id = ask(&mut channel);
    assert!(is_integrity(receive(&mut channel, reply(id, NtStatus::SUCCESS, Flags::default(), 1))));

    let (mut channel, _) = signed();
    ask(&mut channel);
    let stray = reply(77, NtStatus::USER_SESSION_DELETED, Flags::default(), 1);
    assert!(is_integrity(receive(&mut channel, stray)), "an answer to nothing");

    let (mut channel, _) = signed();
    let id = ask(&mut channel);
    let key = vec![1; Cipher::Aes128Gcm.key_size()];
    channel.protect(Protection::Sealed(
        Box::new(Sealer::new(Cipher::Aes128Gcm, &key, &key)),
        Signer::new(SigningAlgorithm::AesCmac, &KEY, Role::Client),
    ));
    let mut plain = reply(id, NtStatus::SUCCESS, Flags::default(), 1);
    server.sign(&mut plain);
    assert!(is_integrity(receive(&mut channel, plain)), "signed where it is to be encrypted");
}

#[test]
fn session_that_the_server_has_ended_is_no_tampering() {
    let (mut channel, _) = signed();
    let id = ask(&mut channel);
    let ended = reply(id, NtStatus::USER_SESSION_DELETED, Flags::default(), 1);
    assert_eq!(receive(&mut channel, ended), Err(Cause::Status(NtStatus::USER_SESSION_DELETED)));
    assert!(channel.replies.is_empty());
}

#[test]
fn a_debug_output_shows_no_message() {
    let mut channel = Channel::new(1 << 20);
    channel.submit(vec![b"a secret token".to_vec()]);
    let shown = format!("{channel:?}");
    assert!(!shown.contains("97, 32, 115, 101") && !shown.contains("secret"), "{shown}");
    assert!(shown.contains("credits: 0"), "what is no secret is shown: {shown}");
}
