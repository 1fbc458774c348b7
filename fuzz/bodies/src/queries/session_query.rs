use netsession_proto::client::Limits;
use netsession_proto::erref::Win32Error;
use netsession_proto::query::{SessionFilter, SessionQuery, WantedLevel};
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse, SessionInfo};
use netsession_proto::wire::DecodeError;

use super::fuzzed_call::FuzzedCall;
use super::fuzzed_query::{FuzzedQuery, Honest};
use crate::input::Input;

/// Which sessions are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct WantedSessions {
    level: WantedLevel,
    client: Option<&'static str>,
    user: Option<&'static str>,
}

impl FuzzedQuery for SessionQuery {
    type Wanted = WantedSessions;

    fn wanted(input: &mut Input<'_>) -> WantedSessions {
        let level = match input.u8() % 6 {
            0 => WantedLevel::Auto,
            number => WantedLevel::Named(Level::ALL[usize::from(number - 1)]),
        };
        let filters = [None, None, None, Some("alice"), Some("10.0.0.7"), Some(r"LAB\bob"), Some("::1")];
        WantedSessions { level, client: input.pick(&filters), user: input.pick(&filters) }
    }

    fn new_query(wanted: &WantedSessions, limits: Limits) -> Self {
        let filter = SessionFilter::new(wanted.client, wanted.user).expect("names are short");
        Self::new(Some(r"\\fs1".to_owned()), wanted.level, filter, limits)
    }

    fn text_bytes(session: &SessionInfo) -> usize {
        let texts = [&session.user, &session.client_type, &session.transport].into_iter().flatten();
        let units = texts.chain([&session.client]).map(|text| text.encode_utf16().count() * 2);
        units.sum()
    }

    fn assert_answered(&self, wanted: &WantedSessions, sessions: &[SessionInfo]) {
        for session in sessions {
            assert_eq!(session.clone().reduced_to(self.shown()), *session, "fields that the level has not");
        }
        match wanted.level {
            WantedLevel::Named(level) => assert_eq!(self.shown(), level),
            WantedLevel::Auto | WantedLevel::AutoFrom(_) => assert_ne!(self.shown(), Level::L2),
        }
    }

    fn honest(input: &mut Input<'_>) -> Honest<WantedSessions, SessionInfo, SessionEnumRequest> {
        let level = input.pick(&Level::ALL);
        let count = usize::from(input.u8());
        let page = [usize::MAX, 40, 70][usize::from(input.u8() % 3)];
        let sessions: Vec<SessionInfo> = (0..count).map(|number| session(number, level)).collect();
        Honest {
            wanted: WantedSessions { level: WantedLevel::Named(level), ..WantedSessions::default() },
            items: sessions.clone(),
            may_page: page != usize::MAX,
            answer: Box::new(move |request| {
                let from = usize::try_from(request.resume.unwrap_or(0)).unwrap_or(0).min(sessions.len());
                let to = from.saturating_add(page).min(sessions.len());
                let more = to < sessions.len();
                SessionEnumResponse {
                    level,
                    sessions: sessions[from..to].to_vec(),
                    total_entries: 0,
                    resume: Some(to.try_into().unwrap_or(0)),
                    code: if more { Win32Error::MORE_DATA } else { Win32Error::SUCCESS },
                }
            }),
        }
    }
}

fn session(number: usize, level: Level) -> SessionInfo {
    let name = |number: usize| {
        ["", "a", "\\\\10.0.0.5", "ü-with-a-longer-name-€", "\u{202e}x"][number % 5].to_owned()
    };
    SessionInfo {
        client: name(number),
        user: Some(name(number / 2)),
        opens: Some(1),
        time: Some(number.try_into().unwrap_or(0)),
        idle_time: Some(u32::MAX),
        flags: Some(3),
        client_type: Some(String::new()),
        transport: Some(name(number + 1)),
    }
    .reduced_to(level)
}

impl FuzzedCall for SessionEnumRequest {
    fn numbered(number: u8) -> Self {
        Self::new(Level::ALL[usize::from(number) % Level::ALL.len()])
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }

    fn encode_response(response: &SessionEnumResponse) -> Vec<u8> {
        response.encode()
    }

    fn entries(response: &SessionEnumResponse) -> usize {
        response.sessions.len()
    }

    fn assert_fits(&self, response: &SessionEnumResponse) {
        let level = response.level;
        assert_eq!(level.number(), self.level);
        for session in &response.sessions {
            assert_eq!(session.clone().reduced_to(level), *session, "fields that {level} has not");
        }
    }
}
