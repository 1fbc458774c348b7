//! A server that gets as far as refusing a log-on, which it counts.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use netsession_proto::auth::ntlm::{AvId, ChallengeMessage, NegotiateFlags, TargetInfo, Version};
use netsession_proto::auth::spnego::{MechType, NegState, NegTokenResp};
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Capabilities, Command, ErrorResponse, Flags, FrameBuffer, Header, NegotiateResponse, SecurityMode,
    SessionFlags, SessionSetupResponse, encode, encode_error, frame,
};

/// Refuses every log-on with one status.
pub(super) struct RefusingServer {
    pub(super) address: String,
    log_ons: Arc<AtomicUsize>,
}

impl RefusingServer {
    /// Refuses with `status`, `delay` after it was asked.
    pub(super) fn start(status: NtStatus, delay: Duration) -> Self {
        Self::start_with(status, move || thread::sleep(delay))
    }

    /// Refuses with `status` when the test has come to the barrier `release`, too.
    pub(super) fn start_held(status: NtStatus, release: &Arc<Barrier>) -> Self {
        let release = Arc::clone(release);
        Self::start_with(status, move || {
            release.wait();
        })
    }

    /// `hold` returns when it is time to refuse.
    fn start_with(status: NtStatus, hold: impl Fn() + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let log_ons = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&log_ons);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, hold, counted) = (stream.unwrap(), hold.clone(), Arc::clone(&counted));
                thread::spawn(move || serve(stream, status, &hold, &counted));
            }
        });
        Self { address, log_ons }
    }

    /// How many AUTHENTICATE messages have come.
    pub(super) fn log_ons(&self) -> usize {
        self.log_ons.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, status: NtStatus, hold: &dyn Fn(), log_ons: &AtomicUsize) {
    let (mut inbox, mut chunk) = (FrameBuffer::new(1 << 20), [0; 4096]);
    let mut answers = 0;
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        inbox.push(&chunk[..count]);
        while let Some(message) = inbox.next_frame().unwrap() {
            let request = Header::decode(&message).unwrap();
            let answer = match (request.command, answers) {
                (Command::NEGOTIATE, _) => encode(&reply(&request, NtStatus::SUCCESS), &negotiate()),
                (_, 1) => {
                    let token = challenge();
                    let response = SessionSetupResponse { flags: SessionFlags::default(), token: &token };
                    encode(&reply(&request, NtStatus::MORE_PROCESSING_REQUIRED), &response)
                }
                _ => {
                    log_ons.fetch_add(1, Ordering::SeqCst);
                    hold();
                    encode_error(&reply(&request, status), &ErrorResponse::default())
                }
            };
            answers += 1;
            if stream.write_all(&frame(&answer)).is_err() {
                return;
            }
        }
    }
}

fn reply(request: &Header, status: NtStatus) -> Header {
    Header { status, flags: Flags::RESPONSE, credits: 16, session_id: 1, ..request.clone() }
}

fn negotiate() -> NegotiateResponse<'static> {
    NegotiateResponse {
        security_mode: SecurityMode::SIGNING_ENABLED,
        dialect: 0x0210,
        server_guid: [1; 16],
        capabilities: Capabilities::default(),
        max_transact_size: 1 << 16,
        max_read_size: 1 << 16,
        max_write_size: 1 << 16,
        system_time: 0,
        token: &[],
        contexts: Vec::new(),
    }
}

fn challenge() -> Vec<u8> {
    let mut target_info = TargetInfo::default();
    target_info.set(AvId::NB_DOMAIN_NAME, b"L\0A\0B\0".to_vec());
    let offered = [
        NegotiateFlags::UNICODE,
        NegotiateFlags::SIGN,
        NegotiateFlags::NTLM,
        NegotiateFlags::EXTENDED_SESSION_SECURITY,
        NegotiateFlags::TARGET_INFO,
        NegotiateFlags::KEY_128,
        NegotiateFlags::KEY_EXCHANGE,
    ];
    let message = ChallengeMessage {
        flags: NegotiateFlags(offered.iter().fold(0, |all, flag| all | flag.0)),
        server_challenge: [7; 8],
        target_name: b"L\0A\0B\0".to_vec(),
        target_info: target_info.encode().unwrap(),
        version: Version::default(),
    };
    let token = NegTokenResp {
        neg_state: Some(NegState::AcceptIncomplete),
        supported_mech: Some(MechType::Ntlmssp),
        response_token: Some(message.encode().unwrap()),
        mech_list_mic: None,
    };
    token.encode()
}
