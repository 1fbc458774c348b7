use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use netsession::{Client, Credentials, Error, ErrorKind, Listing, Password, logon_guard};
use tokio::net::TcpListener;

use super::plan::HarmPlan;
use super::relay::{self, Harmed, relay};
use super::target::{Mode, Target, Worker};
use crate::shared::lock;

/// What became of it.
#[derive(Debug)]
pub struct Attempt {
    pub(super) plan: HarmPlan,
    pub(super) worker: Worker,
    pub(super) deadline: Duration,
    pub(super) result: Result<Listing, Error>,
    pub(super) elapsed: Duration,
    pub(super) frames: usize,
    /// Where a compound was cut off, the client connects once more.
    pub(super) connections: usize,
    pub(super) harmed: Option<Harmed>,
}

impl Attempt {
    pub(super) fn timed_out(&self) -> bool {
        self.result.as_ref().is_err_and(|error| error.kind() == ErrorKind::TimedOut)
    }
}

/// One connection, from the connect to its end.
pub(super) async fn attempt(
    listener: &TcpListener,
    target: &Target,
    worker: &Worker,
    plan: HarmPlan,
    deadline: Duration,
) -> Result<Attempt> {
    let through = listener.local_addr()?.to_string();
    let seen = relay::Shared::default();
    // Otherwise a forged refusal would be the last that is heard of this account.
    logon_guard::allow_again(&worker.guarded());
    let asking = async {
        let begin = Instant::now();
        let result = ask(&through, target, worker, plan.mode, deadline).await;
        (result, begin.elapsed())
    };
    let (result, elapsed) = tokio::select! {
        done = asking => done,
        () = relay(listener, target.address, plan.clone(), Arc::clone(&seen)) => {
            anyhow::bail!("the relay ended")
        }
    };
    let seen = lock(&seen).clone();
    Ok(Attempt {
        plan,
        worker: worker.clone(),
        deadline,
        result,
        elapsed,
        frames: seen.frames,
        connections: seen.connections,
        harmed: seen.harmed,
    })
}

async fn ask(
    server: &str,
    target: &Target,
    worker: &Worker,
    mode: Mode,
    deadline: Duration,
) -> Result<Listing, Error> {
    let (dialect, encryption) = mode;
    let client = Client::builder(server)
        .credentials(Credentials::ntlm(worker.guarded(), Password::new(worker.account.password)))
        .timeout(deadline)
        .min_dialect(dialect)
        .max_dialect(dialect)
        .encryption(encryption)
        .connect()
        .await?;
    client.sessions().level(target.level).list().await
}
