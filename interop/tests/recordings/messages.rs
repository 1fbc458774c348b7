//! Single messages: each decodes, and says what its comment says.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_proto::auth::ntlm::{ChallengeMessage, NegotiateFlags};
use netsession_proto::auth::spnego::{NegTokenInit, NegTokenResp};
use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::Pdu;
use netsession_proto::smb2::{
    Body, Command, Dialect, ErrorResponse, FSCTL_PIPE_TRANSCEIVE, FSCTL_VALIDATE_NEGOTIATE_INFO, Header,
    IoctlResponse, NegotiateContext, NegotiateResponse, PROTOCOL_ID, ReadResponse, SessionSetupResponse,
    ShareType, TRANSFORM_PROTOCOL_ID, TransformHeader, TreeConnectResponse, ValidateNegotiateResponse,
};
use netsession_proto::wire::Reader;

use crate::conversation::{files, hex};

/// What a message must say beyond that it decodes, by the name of its file.
type Check = fn(&[u8]) -> Result<()>;

const CHECKS: [(&str, Check); 15] = [
    ("azure-files-negotiate-300", |message| dialect(message, Dialect::Smb300)),
    ("macos13-negotiate-302", |message| dialect(message, Dialect::Smb302)),
    ("win10-1903-negotiate-311-no-encryption", no_encryption),
    ("ws2008-negotiate-202", |message| dialect(message, Dialect::Smb202)),
    ("ws2022-negotiate-311", |message| contexts(message, 3)),
    ("ws2022-negotiate-311-five-contexts", |message| contexts(message, 5)),
    ("macos13-challenge", challenge),
    ("macos13-tree-connect-ipc", pipe_share),
    ("macos13-validate-negotiate", validation),
    ("macos13-bind-ack", bind_ack),
    ("ws2008-pipe-transceive-with-input", bind_output),
    ("win-interim-ioctl", |message| status(message, NtStatus::PENDING)),
    ("win7-validate-negotiate-file-closed", |message| status(message, NtStatus::FILE_CLOSED)),
    ("win2008r2-read-pipe-disconnected", |message| status(message, NtStatus::PIPE_DISCONNECTED)),
    ("ws2025-accept-incomplete-with-mic", mech_list_mic),
];

pub(crate) fn add(suite: &mut Suite) {
    for (name, path) in files(suite, "messages", &CHECKS.map(|(name, _)| name)) {
        suite
            .test(&[Need::Recordings], format!("recordings::decodes::{name}"), move || decodes(&name, &path));
    }
}

fn decodes(name: &str, path: &Path) -> Result<()> {
    let message = hex(path)?;
    if message.starts_with(&PROTOCOL_ID) {
        body(&message)?;
    } else if message.starts_with(&TRANSFORM_PROTOCOL_ID) {
        let header = TransformHeader::decode(&mut Reader::new(&message))?;
        let sealed = message.len() - TransformHeader::SIZE;
        ensure!(usize::try_from(header.original_size)? == sealed, "{sealed} bytes are sealed: {header:?}");
    }
    match CHECKS.iter().find(|(checked, _)| *checked == name) {
        Some((_, check)) => check(&message),
        None => Ok(()),
    }
}

/// Decodes the body of an answer, whatever the command.
fn body(message: &[u8]) -> Result<()> {
    let header = Header::decode(message)?;
    // Windows 2008 R2 refuses a READ with the body of one that succeeded: our client reads no body of an error.
    if header.status == NtStatus::PIPE_DISCONNECTED {
        return Ok(());
    }
    let is_refused = header.status.is_error() && header.status != NtStatus::MORE_PROCESSING_REQUIRED;
    if is_refused || header.status == NtStatus::PENDING {
        ErrorResponse::decode(message)?;
        return Ok(());
    }
    match header.command {
        Command::NEGOTIATE => {
            let response = NegotiateResponse::decode(message)?;
            if !response.token.is_empty() {
                NegTokenInit::decode(response.token)?;
            }
        }
        Command::SESSION_SETUP => {
            NegTokenResp::decode(SessionSetupResponse::decode(message)?.token)?;
        }
        Command::TREE_CONNECT => {
            TreeConnectResponse::decode(message)?;
        }
        Command::IOCTL => {
            IoctlResponse::decode(message)?;
        }
        Command::READ => {
            ReadResponse::decode(message)?;
        }
        command => bail!("no decoder for {command:?} here"),
    }
    Ok(())
}

fn dialect(message: &[u8], dialect: Dialect) -> Result<()> {
    let response = NegotiateResponse::decode(message)?;
    ensure!(response.dialect == dialect.number() && response.contexts.is_empty(), "{response:?}");
    Ok(())
}

fn contexts(message: &[u8], count: usize) -> Result<()> {
    let response = NegotiateResponse::decode(message)?;
    ensure!(response.dialect == Dialect::Smb311.number(), "{response:?}");
    ensure!(response.contexts.len() == count, "{:?}", response.contexts);
    Ok(())
}

fn no_encryption(message: &[u8]) -> Result<()> {
    let response = NegotiateResponse::decode(message)?;
    let encrypts = |context: &NegotiateContext| matches!(context, NegotiateContext::Encryption(_));
    ensure!(!response.contexts.iter().any(encrypts), "{:?}", response.contexts);
    contexts(message, 2)
}

fn challenge(message: &[u8]) -> Result<()> {
    let token = NegTokenResp::decode(SessionSetupResponse::decode(message)?.token)?;
    let challenge = ChallengeMessage::decode(&token.response_token.context("no CHALLENGE_MESSAGE")?)?;
    ensure!(challenge.flags.contains(NegotiateFlags::EXTENDED_SESSION_SECURITY), "{challenge:?}");
    Ok(())
}

fn pipe_share(message: &[u8]) -> Result<()> {
    let response = TreeConnectResponse::decode(message)?;
    ensure!(response.share_type == ShareType::PIPE, "{response:?}");
    Ok(())
}

fn validation(message: &[u8]) -> Result<()> {
    let response = IoctlResponse::decode(message)?;
    ensure!(response.code == FSCTL_VALIDATE_NEGOTIATE_INFO, "{response:?}");
    let said = ValidateNegotiateResponse::decode(response.output)?;
    ensure!(said.dialect == Dialect::Smb302.number(), "{said:?}");
    Ok(())
}

fn bind_ack(message: &[u8]) -> Result<()> {
    match Pdu::decode(IoctlResponse::decode(message)?.output)? {
        Pdu::BindAck(ack) => ensure!(ack.max_xmit_frag == 0xffff, "{ack:?}"),
        _ => bail!("not a bind_ack"),
    }
    Ok(())
}

/// The output stands behind the input, which the server repeats.
fn bind_output(message: &[u8]) -> Result<()> {
    let response = IoctlResponse::decode(message)?;
    ensure!(response.code == FSCTL_PIPE_TRANSCEIVE && response.output.len() == 88, "{response:?}");
    ensure!(matches!(Pdu::decode(response.output)?, Pdu::Response(_)), "not a response");
    Ok(())
}

fn status(message: &[u8], status: NtStatus) -> Result<()> {
    let header = Header::decode(message)?;
    ensure!(header.status == status, "{header:?}");
    Ok(())
}

fn mech_list_mic(token: &[u8]) -> Result<()> {
    let token = NegTokenResp::decode(token)?;
    ensure!(token.mech_list_mic.is_some_and(|mic| mic.len() == 16), "no mechListMIC");
    Ok(())
}
