//! Conversations: their signatures and sealed frames verify, and the bodies of their server drive our client to the
//! bound pipe.
//!
//! For the second, the test is a server that says what the recorded one said, with the numbers that our client gives
//! and with the keys of our client's log-on. What the recording lacks it makes: the answer to
//! FSCTL_VALIDATE_NEGOTIATE_INFO, and in one conversation the bind_ack.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_proto::auth::Authenticator as _;
use netsession_proto::auth::ntlm::{NegotiateFlags, NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
use netsession_proto::auth::spnego::NegTokenResp;
use netsession_proto::client::{Config, Entropy, Handshake, HandshakeEvent, Machine as _};
use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::{BindAck, ContextResult, Pdu, SyntaxId};
use netsession_proto::smb2::{
    Body, Command, FSCTL_PIPE_TRANSCEIVE, Flags, FrameBuffer, Header, IoctlRequest, IoctlResponse,
    NegotiateResponse, PreauthHash, ReadResponse, Role, SessionKeys, SessionSetupRequest,
    SessionSetupResponse, TRANSFORM_PROTOCOL_ID, ValidateNegotiateResponse, encode, frame, join, split,
};

use crate::conversation::{Conversation, files};
use crate::recorded::{Ntlm, Recorded};

/// How the server's answers to a compound come.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Each in a frame of its own.
    Frames,
    /// All in one frame.
    Compound,
    /// No compound is sent.
    SingleSteps,
}

pub(crate) fn add(suite: &mut Suite) {
    let Ok(files) = files("conversations") else { return };
    for (name, path) in files {
        let file = path.clone();
        suite.test(&[Need::Recordings], format!("recordings::verifies::{name}"), move || {
            let recorded = Recorded::read(&Conversation::read(&file)?)?;
            // The last answer of the log-on is signed in every conversation.
            ensure!(recorded.verified > 0, "nothing is signed");
            let sealed = recorded.agreed.cipher.is_some();
            ensure!(recorded.verified + recorded.opened > 10 || !sealed, "little is protected");
            Ok(())
        });
        for shape in [Shape::Frames, Shape::Compound, Shape::SingleSteps] {
            let file = path.clone();
            let test = format!("recordings::drives_the_client::{name}::{shape:?}").to_lowercase();
            suite.test(&[Need::Recordings], test, move || drive(&Conversation::read(&file)?, shape));
        }
    }
}

/// Our client against the recorded server, until its pipe is bound.
fn drive(conversation: &Conversation, shape: Shape) -> Result<()> {
    let recorded = Recorded::read(conversation)?;
    let (now, deadline) = (Instant::now(), Duration::from_secs(10));
    let identity = NtlmIdentity {
        domain: recorded.domain.clone(),
        user: recorded.user.clone(),
        password: conversation.password.clone().into(),
        workstation: "WS1".to_owned(),
    };
    let entropy = NtlmEntropy { client_challenge: [7; 8], exported_session_key: [9; 16] };
    let mut ntlm = NtlmAuthenticator::new(identity, "fs1", entropy, 0)?;
    let config =
        Config { single_steps: matches!(shape, Shape::SingleSteps), ..Config::new("fs1", now + deadline) };
    let entropy = Entropy { client_guid: [1; 16], preauth_salt: [2; 32] };
    let mut client = Handshake::new(config, &entropy, now);
    let mut server = Replay::new(&recorded, &conversation.password, shape);
    let mut inbox = FrameBuffer::new(1 << 20);
    loop {
        while let Some(event) = client.poll_event() {
            match event {
                HandshakeEvent::Phase(_) => {}
                HandshakeEvent::NeedToken { input, stage } => {
                    client.provide_token(ntlm.step(stage, &input.0));
                }
                HandshakeEvent::Ready(_) => return Ok(()),
                HandshakeEvent::Failed(failure) => bail!("the client: {failure:?}"),
                HandshakeEvent::Reconnect(failure) => {
                    bail!("the client wants another connection: {failure:?}")
                }
            }
        }
        inbox.push(&client.poll_transmit().context("the client waits")?);
        while let Ok(Some(request)) = inbox.next_frame() {
            for answer in server.answer(request)? {
                client.handle_input(&frame(&answer), now);
            }
        }
    }
}

/// The recorded server, speaking to our client.
struct Replay<'a> {
    recorded: &'a Recorded,
    password: &'a str,
    shape: Shape,
    preauth: PreauthHash,
    ntlm: Ntlm,
    keys: Option<SessionKeys>,
}

impl<'a> Replay<'a> {
    fn new(recorded: &'a Recorded, password: &'a str, shape: Shape) -> Self {
        let (preauth, ntlm) = (PreauthHash::new(), Ntlm::default());
        Self { recorded, password, shape, preauth, ntlm, keys: None }
    }

    /// The frames that answer a frame.
    fn answer(&mut self, request: Vec<u8>) -> Result<Vec<Vec<u8>>> {
        let request = if request.starts_with(&TRANSFORM_PROTOCOL_ID) {
            let sealer = self.keys.as_ref().and_then(|keys| keys.sealer.as_ref()).context("no cipher")?;
            let opened = sealer.open(self.recorded.session_id, request);
            opened.map_err(|error| anyhow::anyhow!("the client's frame: {error:?}"))?
        } else {
            request
        };
        let answers = split(&request)?.into_iter().map(|message| self.answer_one(message));
        let answers = answers.collect::<Result<Vec<_>>>()?;
        // Until the log-on is done its answers are as recorded, or signed where they are made.
        let Some(keys) = self.keys.as_mut().filter(|_| !is_log_on(&request)) else { return Ok(answers) };
        let groups = match self.shape {
            Shape::Compound => vec![answers],
            Shape::Frames | Shape::SingleSteps => answers.into_iter().map(|one| vec![one]).collect(),
        };
        let session_id = self.recorded.session_id;
        let protect = |group| match &mut keys.sealer {
            Some(sealer) => sealer.seal(session_id, &join(group, |_| ())).context("it does not seal"),
            None => Ok(join(group, |message| keys.signer.sign(message))),
        };
        groups.into_iter().map(protect).collect()
    }

    /// A message without protection, but for the last one of the log-on.
    fn answer_one(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        let header = Header::decode(request)?;
        match header.command {
            Command::NEGOTIATE => {
                self.preauth.update(request);
                let answer = self.repeat(&header, |header| header.status == NtStatus::SUCCESS)?;
                self.preauth.update(&answer);
                Ok(answer)
            }
            Command::SESSION_SETUP => self.session_setup(&header, request),
            Command::IOCTL => self.ioctl(&header, &IoctlRequest::decode(request)?),
            _ => self.repeat(&header, |header| header.status == NtStatus::SUCCESS),
        }
    }

    fn session_setup(&mut self, header: &Header, request: &[u8]) -> Result<Vec<u8>> {
        self.preauth.update(request);
        let token = SessionSetupRequest::decode(request)?.token;
        let Some(proof) = self.ntlm.from_client(token, self.password)? else {
            let is_challenge = |header: &Header| header.status == NtStatus::MORE_PROCESSING_REQUIRED;
            let mut answer = self.repeat(header, is_challenge)?;
            grant_signing(&mut answer);
            self.preauth.update(&answer);
            self.ntlm.from_server(SessionSetupResponse::decode(&answer)?.token)?;
            return Ok(answer);
        };
        let recorded = self.repeat(header, |header| header.status == NtStatus::SUCCESS)?;
        let response = SessionSetupResponse::decode(&recorded)?;
        // Our client sends a mechListMIC, and a server that verified one answers with its own (RFC 4178 5).
        let mech_list_mic = proof.server_mic.map(|mic| mic.to_vec());
        let token = NegTokenResp { mech_list_mic, ..NegTokenResp::decode(response.token)? }.encode();
        let mut answer =
            encode(&Header::decode(&recorded)?, &SessionSetupResponse { token: &token, ..response });
        let keys = self.recorded.agreed.keys(Role::Server, proof.logged_on.session_key(), &self.preauth);
        keys.signer.sign(&mut answer);
        self.keys = Some(keys);
        Ok(answer)
    }

    fn ioctl(&self, header: &Header, request: &IoctlRequest<'_>) -> Result<Vec<u8>> {
        let (code, file_id) = (request.code, request.file_id);
        if code == FSCTL_PIPE_TRANSCEIVE {
            let Pdu::Bind(bind) = Pdu::decode(request.input)? else { bail!("not a bind") };
            // The call is that of our client; the rest of the PDU is as recorded.
            let mut output = self.bind_ack()?;
            output.splice(12..16, bind.call_id.to_le_bytes());
            return Ok(encode(&self.header(header), &IoctlResponse { code, file_id, output: &output }));
        }
        // It was not asked of the recorded server. It repeats what NEGOTIATE said.
        let negotiate = self.first(Command::NEGOTIATE, |header| header.status == NtStatus::SUCCESS)?;
        let said = NegotiateResponse::decode(negotiate)?;
        let output = ValidateNegotiateResponse {
            capabilities: said.capabilities,
            server_guid: said.server_guid,
            security_mode: said.security_mode,
            dialect: said.dialect,
        };
        Ok(encode(&self.header(header), &IoctlResponse { code, file_id, output: &output.encode() }))
    }

    /// The recorded bind_ack, from an IOCTL or a READ; a plain one where the recording ends before.
    fn bind_ack(&self) -> Result<Vec<u8>> {
        for (header, message) in &self.recorded.answers {
            let data = match header.command {
                Command::IOCTL => IoctlResponse::decode(message).map(|response| response.output),
                Command::READ => ReadResponse::decode(message).map(|response| response.data),
                _ => continue,
            };
            if let Ok(data) = data
                && let Ok(Pdu::BindAck(_)) = Pdu::decode(data)
            {
                return Ok(data.to_vec());
            }
        }
        let ack = BindAck {
            call_id: 0,
            max_xmit_frag: 4280,
            max_recv_frag: 4280,
            assoc_group: 1,
            secondary_address: b"\\PIPE\\svcctl\0".to_vec(),
            results: vec![ContextResult::Acceptance(SyntaxId::NDR)],
        };
        ensure!(self.recorded.answers.len() < 10, "a whole conversation without a bind_ack");
        Ok(ack.encode())
    }

    /// The recorded answer to this command, renumbered.
    fn repeat(&self, request: &Header, is_wanted: impl Fn(&Header) -> bool) -> Result<Vec<u8>> {
        let mut answer = self.first(request.command, is_wanted)?.to_vec();
        answer.splice(24..32, request.message_id.to_le_bytes());
        // NextCommand, and the signature and its flag.
        answer.splice(20..24, [0; 4]);
        answer.splice(48..64, [0; 16]);
        answer[16] &= !0x08;
        Ok(answer)
    }

    fn first(&self, command: Command, is_wanted: impl Fn(&Header) -> bool) -> Result<&[u8]> {
        let mut answers = self.recorded.answers.iter();
        let found = answers.find(|(header, _)| header.command == command && is_wanted(header));
        found
            .map(|(_, message)| message.as_slice())
            .with_context(|| format!("no answer to {command:?} is recorded"))
    }

    /// A header for an answer that is made here, as the recorded server's others.
    fn header(&self, request: &Header) -> Header {
        let credits = self.recorded.answers.last().map_or(1, |(header, _)| header.credits.max(1));
        let mut header = Header::request(request.message_id, self.recorded.session_id, request.tree_id());
        header.flags = Flags::RESPONSE;
        header.credits = credits;
        header
    }
}

/// Sets SIGN in a CHALLENGE_MESSAGE. Windows grants it to each client that asks for it, as ours does; one of the
/// recorded clients did not. What else it agreed on stays: in that conversation there is no key exchange.
fn grant_signing(session_setup: &mut [u8]) {
    const START: &[u8] = b"NTLMSSP\0\x02\0\0\0";
    const FLAGS: usize = 20;
    let start = session_setup.windows(START.len()).position(|window| window == START);
    if let Some(flags) = start.and_then(|start| session_setup.get_mut(start + FLAGS)) {
        *flags |= NegotiateFlags::SIGN.0.to_le_bytes()[0];
    }
}

fn is_log_on(request: &[u8]) -> bool {
    Header::decode(request).is_ok_and(|header| header.command == Command::SESSION_SETUP)
}
