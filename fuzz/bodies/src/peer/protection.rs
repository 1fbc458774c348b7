use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Flags, Header, SessionKeys, Signer, TRANSFORM_PROTOCOL_ID};

use super::known::Peer;
use super::message::{for_each_message, overwrite};

/// How a frame is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Protection {
    None,
    Signed,
    Sealed,
}

impl Peer {
    /// How an answer is to be protected now.
    pub(crate) fn usual_protection(&self) -> Protection {
        match &self.keys {
            None => Protection::None,
            Some(SessionKeys { sealer: None, .. }) => Protection::Signed,
            Some(_) => Protection::Sealed,
        }
    }

    /// What is in a frame of the other end, and how it was protected. Nothing if the keys do not fit.
    pub(crate) fn open(&self, frame: Vec<u8>) -> Option<(Vec<u8>, Protection)> {
        if !frame.starts_with(&TRANSFORM_PROTOCOL_ID) {
            // Who holds the keys can sign once more, so that nothing is to be verified.
            let signed = Header::decode(&frame).is_ok_and(|header| header.flags.contains(Flags::SIGNED));
            return Some((frame, if signed { Protection::Signed } else { Protection::None }));
        }
        let sealer = self.keys.as_ref()?.sealer.as_ref()?;
        Some((sealer.open(self.session_id, frame).ok()?, Protection::Sealed))
    }

    /// Whether a frame that is protected so must end the connection: it is less than there are keys for, and no
    /// interim reply.
    pub(crate) fn is_too_weak(&self, frame: &[u8], how: Protection) -> bool {
        let interim = Header::decode(frame).is_ok_and(|header| header.status == NtStatus::PENDING);
        how < self.usual_protection() && !interim
    }

    /// A frame as this end would send it, without its length.
    pub(crate) fn protect(&mut self, mut frame: Vec<u8>, how: Protection) -> Vec<u8> {
        let session_id = self.session_id;
        match (how, &mut self.keys) {
            (Protection::Signed, Some(SessionKeys { signer, .. })) => sign_each(signer, &mut frame),
            // Else a signature that is there already could be right.
            (Protection::None, Some(_)) => for_each_message(&mut frame, unsign),
            (Protection::Sealed, Some(SessionKeys { sealer: Some(sealer), .. })) => {
                frame = sealer.seal(session_id, &frame).expect("frames are small");
            }
            _ => {}
        }
        frame
    }
}

/// Takes away the signature and the flag that says that there is one.
fn unsign(message: &mut [u8]) {
    const FLAGS: usize = 16;
    const SIGNATURE: usize = 48;
    let Ok(header) = Header::decode(message) else { return };
    overwrite(message, FLAGS, &(header.flags.0 & !Flags::SIGNED.0).to_le_bytes());
    overwrite(message, SIGNATURE, &[0; 16]);
}

/// Signs each message of a frame.
fn sign_each(signer: &Signer, frame: &mut [u8]) {
    for_each_message(frame, |message| signer.sign(message));
}
