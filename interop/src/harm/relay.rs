//! A proxy without a memory: it harms one frame of the server and forgets the rest.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::plan::HarmPlan;
use super::spoil;
use crate::shared::lock;

/// What the relay has seen and done.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Frames of the server on the first connection, interim replies left out.
    pub(super) frames: usize,
    pub(super) connections: usize,
    pub(super) harmed: Option<Harmed>,
}

/// The frame that was harmed, as it was before.
#[derive(Clone, Debug)]
pub(super) struct Harmed {
    pub(super) protected: bool,
    pub(super) command: Option<u16>,
}

pub(super) type Shared = Arc<Mutex<Seen>>;

/// Takes connections until it is dropped. Only the first one is harmed.
pub(super) async fn relay(listener: &TcpListener, server: SocketAddr, plan: HarmPlan, seen: Shared) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        lock(&seen).connections += 1;
        let is_first = lock(&seen).connections == 1;
        connections.spawn(carry(client, server, is_first.then(|| plan.clone()), Arc::clone(&seen)));
    }
}

async fn carry(client: TcpStream, server: SocketAddr, plan: Option<HarmPlan>, seen: Shared) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    // A delay would be taken for a slow client.
    let _ = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let up = async {
        // Whatever ends it, the other side is told.
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        let _ = to_server.shutdown().await;
    };
    let down = async {
        let _ = frames(from_server, to_client, plan, &seen).await;
    };
    tokio::join!(up, down);
}

async fn frames(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut plan: Option<HarmPlan>,
    seen: &Shared,
) -> std::io::Result<()> {
    loop {
        let mut frame = vec![0; 4];
        from.read_exact(&mut frame).await?;
        let length = u32::from_be_bytes([0, frame[1], frame[2], frame[3]]) as usize;
        frame.resize(4 + length, 0);
        from.read_exact(&mut frame[4..]).await?;
        // They come by chance, and nothing is taken from them.
        if is_interim(&frame) {
            to.write_all(&frame).await?;
            continue;
        }
        let Some(plan) = &mut plan else {
            to.write_all(&frame).await?;
            continue;
        };
        let number = {
            let mut seen = lock(seen);
            seen.frames += 1;
            seen.frames - 1
        };
        if number != plan.frame {
            to.write_all(&frame).await?;
            continue;
        }
        let harmed = Harmed { protected: spoil::is_protected(&frame), command: spoil::command(&frame) };
        let spoilt = plan.harm.apply(&frame, number, &mut plan.random);
        lock(seen).harmed = Some(harmed);
        to.write_all(&spoilt.bytes).await?;
        if spoilt.close {
            return to.shutdown().await;
        }
    }
}

/// An encrypted one is told by its size: a header and an error without data, which no other reply is in a
/// conversation that succeeds. A final reply is needed for a listing, this one is not.
fn is_interim(frame: &[u8]) -> bool {
    const SIZE: u32 = 64 /* header */ + 9 /* error response */;
    match frame.get(4..8) {
        Some(b"\xFESMB") => frame.get(12..16) == Some(&0x103_u32.to_le_bytes()),
        Some(b"\xFDSMB") => frame.get(40..44) == Some(&SIZE.to_le_bytes()),
        _ => false,
    }
}
