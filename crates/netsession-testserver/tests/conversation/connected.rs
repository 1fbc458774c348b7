//! A connection to the double that is logged on, with one pipe, for what is asked step by step.

use std::time::{Duration, Instant};

use netsession_proto::auth::Authenticator as _;
use netsession_proto::client::{Config, Handshake, HandshakeEvent, Machine, OpenSecondEvent, RpcPipe};
use netsession_proto::query::{EnumQuery, SessionFilter, SessionQuery, WantedLevel};
use netsession_proto::srvs::{FileEnumRequest, FileLevel, Level};
use netsession_testserver::core::ServerConnection;

use crate::talk::{Talk, Traffic, entropy};

/// A logged-on connection to the double, and what goes over it.
pub(crate) struct Connected {
    pub(crate) talk: Talk,
    pub(crate) server: Option<ServerConnection>,
    pub(crate) now: Instant,
    pub(crate) traffic: Traffic,
    pub(crate) config: Config,
}

impl Connected {
    /// Logs on, and opens the first pipe.
    pub(crate) fn new(talk: Talk) -> (Self, RpcPipe) {
        Self::with(talk, |_| ())
    }

    pub(crate) fn with(talk: Talk, change: impl FnOnce(&mut Config)) -> (Self, RpcPipe) {
        let now = Instant::now();
        let mut config = Config::new("fs1", now + Duration::from_secs(10));
        change(&mut config);
        let (server, mut authenticator) = (Some(talk.server(now)), talk.authenticator());
        let mut connected = Self { talk, server, now, traffic: Traffic::default(), config: config.clone() };
        let mut handshake = Handshake::new(config, &entropy(0), now);
        let pipe = loop {
            match connected.next_event(&mut handshake) {
                HandshakeEvent::NeedToken { input, stage } => {
                    handshake.provide_token(authenticator.step(stage, &input.0));
                }
                HandshakeEvent::Ready(pipe) => break *pipe,
                HandshakeEvent::Phase(_) => {}
                other => panic!("{other:?}"),
            }
        };
        connected.traffic = Traffic::default();
        (connected, pipe)
    }

    pub(crate) fn next_event<M: Machine>(&mut self, machine: &mut M) -> M::Event {
        loop {
            if let Some(event) = machine.poll_event() {
                return event;
            }
            self.talk.turn(machine, &mut self.server, &mut self.now, &mut self.traffic);
        }
    }

    pub(crate) fn open_second(&mut self, pipe: RpcPipe) -> OpenSecondEvent {
        let mut opening = pipe.open_second(self.config.deadline, self.now);
        let event = self.next_event(&mut opening);
        assert!(opening.poll_event().is_none() && opening.poll_transmit().is_none(), "goes on after its end");
        assert_eq!(opening.poll_timeout(), None, "waits after its end");
        event
    }

    /// Opens the second pipe, which the server accepts.
    pub(crate) fn pair(&mut self, pipe: RpcPipe) -> RpcPipe {
        match self.open_second(pipe) {
            OpenSecondEvent::Opened(pipe) => *pipe,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn sessions(&self) -> SessionQuery {
        let (level, filter) = (WantedLevel::Named(Level::L1), SessionFilter::default());
        SessionQuery::new(None, level, filter, self.config.limits)
    }

    pub(crate) fn files(&self) -> EnumQuery<FileEnumRequest> {
        EnumQuery::new(FileEnumRequest::new(FileLevel::L3), self.config.limits)
    }
}
