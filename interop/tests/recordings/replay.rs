//! Conversations: their signatures and sealed frames verify, and the messages of their server drive our client to the
//! bound pipe.
//!
//! For the second, the test is a server that repeats the recorded messages, header and body, with the MessageIds of our
//! client, and signs or seals them with the keys of our client's log-on. Beyond that, these are not as recorded, each only
//! in the conversations where it must be ([`Change`], [`EXPECTED`]):
//!
//! - the credits of the log-on, where the recorded client asked for fewer than a compound takes;
//! - the flag SIGN of the CHALLENGE_MESSAGE, where the recorded client had not asked for it;
//! - the bytes of the server's mechListMIC, which depend on the log-on;
//! - the call's number in the bind_ack;
//! - the message around the bind_ack, where the recorded client got it by READ: our client gets it by IOCTL. It is the answer
//!   to a later IOCTL of the same conversation with the bind_ack as its output, or, where there is none, made by us;
//! - the answer to the bind, where the recording ends before it: made by us;
//! - the answer to FSCTL_VALIDATE_NEGOTIATE_INFO, which no recorded client asked for: made by us from the recorded NEGOTIATE.

use std::collections::BTreeSet;
use std::path::Path;
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

/// What is not as recorded beyond MessageId, NextCommand, signature and seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// More credits in the last answer of the log-on.
    Credits,
    /// SIGN in the CHALLENGE_MESSAGE.
    Sign,
    /// Sixteen bytes of mechListMIC.
    MechListMic,
    /// Four bytes of the bind_ack: the number of the call.
    CallId,
    /// The recorded bind_ack within the recorded answer to a later IOCTL.
    BindAckInOtherIoctl,
    /// The recorded bind_ack within an IOCTL answer that is made, behind the header of the recorded READ answer.
    BindAckInMadeIoctl,
    /// The whole answer to the bind is made.
    MadeBindAck,
    /// The answer to FSCTL_VALIDATE_NEGOTIATE_INFO is made.
    MadeValidation,
}

/// What is changed in each conversation that is known, beside [`Change::Credits`], which only a compound needs.
const EXPECTED: [(&str, &[Change]); 4] = [
    ("ws2022-smb311-gmac-rpcclient", &[Change::MechListMic, Change::CallId]),
    ("ws2022-smb311-aes256gcm-metasploit", &[Change::CallId, Change::BindAckInOtherIoctl]),
    (
        "ws2022-smb300-aes128ccm-impacket",
        &[Change::CallId, Change::BindAckInMadeIoctl, Change::MadeValidation],
    ),
    (
        "win10-1903-smb210-hmac-no-key-exchange",
        &[Change::Sign, Change::CallId, Change::MadeBindAck, Change::MadeValidation],
    ),
];

pub(crate) fn add(suite: &mut Suite) {
    let checked = EXPECTED.map(|(name, _)| name);
    for (name, path) in files(suite, "conversations", &checked) {
        let (file, conversation) = (path.clone(), name.clone());
        suite.test(&[Need::Recordings], format!("recordings::verifies::{name}"), move || {
            Recorded::read(&Conversation::read(&file)?)?.check(&conversation)
        });
        let file = path.clone();
        suite.test(&[Need::Recordings], format!("recordings::harmed::{name}"), move || harmed(&file));
        for shape in [Shape::Frames, Shape::Compound, Shape::SingleSteps] {
            let (file, conversation) = (path.clone(), name.clone());
            let test = format!("recordings::drives_the_client::{name}::{shape:?}").to_lowercase();
            suite.test(&[Need::Recordings], test, move || {
                drive(&conversation, &Conversation::read(&file)?, shape)
            });
        }
    }
}

/// The reading notices where a protected message of the server is harmed, or has lost its signature.
fn harmed(path: &Path) -> Result<()> {
    let conversation = Conversation::read(path)?;
    let mut tried = 0;
    for index in 0..conversation.messages.len() {
        let message = &conversation.messages[index];
        let is_signed = Header::decode(&message.bytes).is_ok_and(|header| {
            header.flags.contains(Flags::SIGNED) && header.flags.contains(Flags::RESPONSE)
        });
        let is_sealed = message.bytes.starts_with(&TRANSFORM_PROTOCOL_ID);
        if message.from_client || !(is_signed || is_sealed) {
            continue;
        }
        let reads = |harm: fn(&mut Vec<u8>)| -> Result<bool> {
            let mut other = Conversation::read(path)?;
            harm(&mut other.messages[index].bytes);
            Ok(Recorded::read(&other).is_ok())
        };
        let frame = message.frame;
        ensure!(!reads(|bytes| bytes.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1))?, "frame {frame}");
        ensure!(!is_signed || !reads(|bytes| bytes[16] &= !0x08)?, "frame {frame} without its flag");
        tried += 1;
    }
    ensure!(tried > 0, "nothing is protected");
    Ok(())
}

/// Our client against the recorded server, until its pipe is bound.
fn drive(name: &str, conversation: &Conversation, shape: Shape) -> Result<()> {
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
                HandshakeEvent::Ready(_) => return server.check(name),
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
    changes: BTreeSet<Change>,
    /// The most requests that came in one frame.
    compound: usize,
}

impl<'a> Replay<'a> {
    fn new(recorded: &'a Recorded, password: &'a str, shape: Shape) -> Self {
        let (preauth, ntlm) = (PreauthHash::new(), Ntlm::default());
        Self { recorded, password, shape, preauth, ntlm, keys: None, changes: BTreeSet::new(), compound: 1 }
    }

    /// The client took the way of the shape, and nothing else was changed than what is expected.
    fn check(mut self, name: &str) -> Result<()> {
        let is_single = matches!(self.shape, Shape::SingleSteps);
        let compound = if is_single { 1 } else { 3 };
        ensure!(self.compound == compound, "{} requests in one frame", self.compound);
        self.changes.remove(&Change::Credits);
        let Some((_, expected)) = EXPECTED.iter().find(|(known, _)| *known == name) else { return Ok(()) };
        // Beside a compound, NEGOTIATE is validated with the first call, which is after the end of this.
        let expected = expected.iter().filter(|change| is_single || **change != Change::MadeValidation);
        ensure!(self.changes.iter().eq(expected), "changed: {:?}", self.changes);
        Ok(())
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
        let requests = split(&request)?;
        self.compound = self.compound.max(requests.len());
        let answers = requests.into_iter().map(|message| self.answer_one(message));
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
        let Some(proof) = self.ntlm.client_token(token, self.password)? else {
            let is_challenge = |header: &Header| header.status == NtStatus::MORE_PROCESSING_REQUIRED;
            let mut answer = self.repeat(header, is_challenge)?;
            // Windows grants it to each client that asks for it, as ours does.
            if !self.recorded.client_asked_to_sign {
                grant_signing(&mut answer)?;
                self.changes.insert(Change::Sign);
            }
            self.preauth.update(&answer);
            self.ntlm.server_token(SessionSetupResponse::decode(&answer)?.token)?;
            return Ok(answer);
        };
        let mut answer = self.repeat(header, |header| header.status == NtStatus::SUCCESS)?;
        let token = NegTokenResp::decode(SessionSetupResponse::decode(&answer)?.token)?;
        if let Some(recorded) = token.mech_list_mic {
            let mic = proof.server_mic.context("a mechListMIC without keys")?;
            overwrite(&mut answer, &recorded, &mic)?;
            self.changes.insert(Change::MechListMic);
        }
        const CREDITS: std::ops::Range<usize> = 14..16;
        if !matches!(self.shape, Shape::SingleSteps) && Header::decode(&answer)?.credits < 3 {
            answer.splice(CREDITS, 3_u16.to_le_bytes());
            self.changes.insert(Change::Credits);
        }
        let keys = self.recorded.agreed.keys(Role::Server, proof.logged_on.session_key(), &self.preauth);
        keys.signer.sign(&mut answer);
        self.keys = Some(keys);
        Ok(answer)
    }

    fn ioctl(&mut self, header: &Header, request: &IoctlRequest<'_>) -> Result<Vec<u8>> {
        if request.code == FSCTL_PIPE_TRANSCEIVE {
            let Pdu::Bind(bind) = Pdu::decode(request.input)? else { bail!("not a bind") };
            let (mut answer, bind_ack) = self.answer_to_bind(header, request)?;
            // The number of the call is that of our client; the rest of the PDU is as recorded.
            let mut numbered = bind_ack.clone();
            numbered.splice(12..16, bind.call_id.to_le_bytes());
            overwrite(&mut answer, &bind_ack, &numbered)?;
            self.changes.insert(Change::CallId);
            return Ok(answer);
        }
        let negotiate = self.first(Command::NEGOTIATE, |header| header.status == NtStatus::SUCCESS)?;
        let said = NegotiateResponse::decode(negotiate)?;
        let output = ValidateNegotiateResponse {
            capabilities: said.capabilities,
            server_guid: said.server_guid,
            security_mode: said.security_mode,
            dialect: said.dialect,
        };
        self.changes.insert(Change::MadeValidation);
        let (code, file_id) = (request.code, request.file_id);
        Ok(encode(&self.header(header), &IoctlResponse { code, file_id, output: &output.encode() }))
    }

    /// An answer to the bind, renumbered, and the bind_ack that is in it.
    fn answer_to_bind(&mut self, header: &Header, request: &IoctlRequest<'_>) -> Result<(Vec<u8>, Vec<u8>)> {
        let (code, file_id) = (request.code, request.file_id);
        let recorded = self.recorded.answers.iter().find_map(|(header, message)| {
            bind_ack_of(header, message).map(|bind_ack| (header.command, message, bind_ack))
        });
        let Some((command, message, bind_ack)) = recorded else {
            ensure!(self.recorded.answers.len() < 10, "a whole conversation without a bind_ack");
            self.changes.insert(Change::MadeBindAck);
            let bind_ack = made_bind_ack();
            return Ok((
                encode(&self.header(header), &IoctlResponse { code, file_id, output: &bind_ack }),
                bind_ack,
            ));
        };
        if command == Command::IOCTL {
            return Ok((renumbered(message, header.message_id), bind_ack));
        }
        let other = self.recorded.answers.iter().find(|(header, message)| {
            let is_of_pipe = |answer: IoctlResponse<'_>| answer.code == FSCTL_PIPE_TRANSCEIVE;
            header.command == Command::IOCTL && IoctlResponse::decode(message).is_ok_and(is_of_pipe)
        });
        if let Some((_, other)) = other {
            self.changes.insert(Change::BindAckInOtherIoctl);
            return Ok((with_output(&renumbered(other, header.message_id), &bind_ack)?, bind_ack));
        }
        self.changes.insert(Change::BindAckInMadeIoctl);
        let mut answer = Header::decode(&renumbered(message, header.message_id))?;
        answer.command = Command::IOCTL;
        Ok((encode(&answer, &IoctlResponse { code, file_id, output: &bind_ack }), bind_ack))
    }

    /// The recorded answer to this command, renumbered.
    fn repeat(&self, request: &Header, is_wanted: impl Fn(&Header) -> bool) -> Result<Vec<u8>> {
        Ok(renumbered(self.first(request.command, is_wanted)?, request.message_id))
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

/// A recorded message with the number of our client's request, alone in its frame, and without its signature.
fn renumbered(message: &[u8], message_id: u64) -> Vec<u8> {
    const NEXT_COMMAND: std::ops::Range<usize> = 20..24;
    const MESSAGE_ID: std::ops::Range<usize> = 24..32;
    const SIGNATURE: std::ops::Range<usize> = 48..64;
    let mut answer = message.to_vec();
    answer.splice(NEXT_COMMAND, [0; 4]);
    answer.splice(MESSAGE_ID, message_id.to_le_bytes());
    answer.splice(SIGNATURE, [0; 16]);
    answer[16] &= !Flags::SIGNED.0.to_le_bytes()[0];
    answer
}

/// The bind_ack in the answer to an IOCTL or a READ.
fn bind_ack_of(header: &Header, message: &[u8]) -> Option<Vec<u8>> {
    let data = match header.command {
        Command::IOCTL => IoctlResponse::decode(message).ok()?.output,
        Command::READ => ReadResponse::decode(message).ok()?.data,
        _ => return None,
    };
    matches!(Pdu::decode(data), Ok(Pdu::BindAck(_))).then(|| data.to_vec())
}

/// Where the recording ends before it.
fn made_bind_ack() -> Vec<u8> {
    BindAck {
        call_id: 0,
        max_xmit_frag: 4280,
        max_recv_frag: 4280,
        assoc_group: 1,
        secondary_address: b"\\PIPE\\svcctl\0".to_vec(),
        results: vec![ContextResult::Acceptance(SyntaxId::NDR)],
    }
    .encode()
}

/// An answer to an IOCTL with another output: its count is all that changes in front of it (\[MS-SMB2\] 2.2.32).
fn with_output(message: &[u8], output: &[u8]) -> Result<Vec<u8>> {
    const OUTPUT_COUNT: std::ops::Range<usize> = 64 + 36..64 + 40;
    let recorded = IoctlResponse::decode(message)?.output;
    let start = find(message, recorded)?;
    ensure!(start + recorded.len() == message.len(), "something follows the output");
    let mut answer = message[..start].to_vec();
    answer.splice(OUTPUT_COUNT, u32::try_from(output.len())?.to_le_bytes());
    answer.extend_from_slice(output);
    Ok(answer)
}

fn find(message: &[u8], part: &[u8]) -> Result<usize> {
    let start = message.windows(part.len()).position(|window| window == part);
    start.context("the part is not in the message")
}

/// Puts other bytes in the place of a part of a message.
fn overwrite(message: &mut [u8], part: &[u8], with: &[u8]) -> Result<()> {
    ensure!(part.len() == with.len(), "{} bytes in place of {}", with.len(), part.len());
    let start = find(message, part)?;
    message[start..start + part.len()].copy_from_slice(with);
    Ok(())
}

/// Sets SIGN in a CHALLENGE_MESSAGE. What else was agreed on stays: in that conversation there is no key exchange.
fn grant_signing(session_setup: &mut [u8]) -> Result<()> {
    const START: &[u8] = b"NTLMSSP\0\x02\0\0\0";
    const FLAGS: usize = 20;
    let start = find(session_setup, START)?;
    let flags = session_setup.get_mut(start + FLAGS).context("a short CHALLENGE_MESSAGE")?;
    *flags |= NegotiateFlags::SIGN.0.to_le_bytes()[0];
    Ok(())
}

fn is_log_on(request: &[u8]) -> bool {
    Header::decode(request).is_ok_and(|header| header.command == Command::SESSION_SETUP)
}
