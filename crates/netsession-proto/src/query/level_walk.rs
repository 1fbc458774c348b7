use crate::client::{Cause, Refusal};
use crate::erref::Win32Error;
use crate::rpce::FaultStatus;
use crate::srvs::Level;

/// Which level to ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WantedLevel {
    /// The most that the server gives to this caller: 502, then 1, 10 and 0.
    #[default]
    Auto,
    /// As `Auto`, beginning with a level that this server has given before. If the server now refuses it, the walk
    /// starts again at 502.
    AutoFrom(Level),
    /// This level, or another one that carries all of its fields.
    Named(Level),
}

/// Which level to ask for, and which one next when the server refuses it.
///
/// `auto` begins with the most detailed level and comes down. A named level that the server lacks is answered from
/// another one that carries all of its fields. For 2 and 502 there is no such level: the walk then looks for a level
/// that works, so that the error can name it.
#[derive(Debug, Clone)]
pub(super) struct LevelWalk {
    wanted: WantedLevel,
    asked: Level,
    /// Levels still to be tried in place of a named one.
    others: std::iter::Copied<std::slice::Iter<'static, Level>>,
    needs_user: bool,
    /// The current level was given before. Its refusal is not reported: the walk starts again at 502.
    from_known: bool,
    /// The first refusal of access, else the last one that may be about something else than the level, else the last
    /// one.
    reported: Option<Refusal>,
    /// A level was passed over for a code that may be about something else, such as a filter.
    is_in_doubt: bool,
    /// The level is not supported; the current call only finds out which one is.
    probing: bool,
}

/// What to do after a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask for this level.
    Ask(Level),
    /// Give up.
    Stop(Cause),
}

impl LevelWalk {
    /// `needs_user`: the answer is filtered by user, so that level 0, which has none, is of no use. A
    /// server that ignores filters would seem to answer the question and would not.
    pub(super) fn new(wanted: WantedLevel, needs_user: bool) -> Self {
        let order: &'static [Level] = match wanted {
            WantedLevel::Auto | WantedLevel::AutoFrom(_) => &[Level::L502],
            WantedLevel::Named(Level::L0) if needs_user => &[Level::L10, Level::L1, Level::L502, Level::L2],
            WantedLevel::Named(Level::L0) => &[Level::L0, Level::L10, Level::L1, Level::L502, Level::L2],
            WantedLevel::Named(Level::L10) => &[Level::L10, Level::L1, Level::L502, Level::L2],
            WantedLevel::Named(Level::L1) => &[Level::L1, Level::L502, Level::L2],
            WantedLevel::Named(Level::L2) => &[Level::L2, Level::L502, Level::L1, Level::L10, Level::L0],
            WantedLevel::Named(Level::L502) => &[Level::L502, Level::L2, Level::L1, Level::L10, Level::L0],
        };
        let mut others = order.iter().copied();
        let asked = match wanted {
            WantedLevel::AutoFrom(Level::L0) if needs_user => Level::L502,
            WantedLevel::AutoFrom(known) => known,
            WantedLevel::Auto | WantedLevel::Named(_) => others.next().unwrap_or(Level::L502),
        };
        let from_known = matches!(wanted, WantedLevel::AutoFrom(_)) && asked != Level::L502;
        Self {
            wanted,
            asked,
            others,
            needs_user,
            from_known,
            reported: None,
            is_in_doubt: false,
            probing: false,
        }
    }

    /// The level that is asked for now.
    pub(super) fn asked(&self) -> Level {
        self.asked
    }

    /// The level whose fields are shown: the named one, else the one that was answered.
    pub(super) fn shown(&self) -> Level {
        match self.wanted {
            WantedLevel::Auto | WantedLevel::AutoFrom(_) => self.asked,
            WantedLevel::Named(level) => level,
        }
    }

    /// The error for an answer that only found out which level works, if that is what it did.
    pub(super) fn probed(&self) -> Option<Cause> {
        self.probing.then(|| self.not_supported(Some(self.asked)))
    }

    /// Whether a level was passed over for a code that may be about something else than the level.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// The next level, or the end, after a refusal.
    pub(super) fn refused(&mut self, refusal: Refusal) -> Next {
        let Some(meaning) = Meaning::new(refusal) else {
            // A probe reports the level that is not supported, not the error that the probe itself met.
            return Next::Stop(if self.probing { self.give_up() } else { Cause::Refused(refusal) });
        };
        self.is_in_doubt |= meaning == Meaning::Doubtful;
        if std::mem::take(&mut self.from_known) {
            self.asked = Level::L502;
            return Next::Ask(Level::L502);
        }
        let reported = self.reported.and_then(Meaning::new);
        if !self.probing && reported != Some(Meaning::Denied) && reported <= Some(meaning) {
            self.reported = Some(refusal);
        }
        let next = match self.wanted {
            WantedLevel::Auto | WantedLevel::AutoFrom(_) => self.down_from_auto(refusal),
            // A probe goes on: another level may be open to this caller.
            WantedLevel::Named(_) if refusal.is_access_denied() && !self.probing => None,
            WantedLevel::Named(level) => {
                self.probing = matches!(level, Level::L2 | Level::L502);
                self.others.next()
            }
        };
        match next {
            Some(level) => {
                self.asked = level;
                Next::Ask(level)
            }
            None => Next::Stop(self.give_up()),
        }
    }

    fn down_from_auto(&self, refusal: Refusal) -> Option<Level> {
        match (self.asked, refusal.is_access_denied()) {
            (Level::L502, false) => Some(Level::L1),
            (Level::L502, true) | (Level::L1, _) => Some(Level::L10),
            (Level::L10, false) if !self.needs_user => Some(Level::L0),
            (Level::L0 | Level::L2 | Level::L10, _) => None,
        }
    }

    fn give_up(&self) -> Cause {
        match self.reported {
            // No level worked, so that the code most likely meant what it says.
            Some(refusal) if Meaning::new(refusal) != Some(Meaning::NoLevel) => Cause::Refused(refusal),
            _ => self.not_supported(None),
        }
    }

    fn not_supported(&self, works: Option<Level>) -> Cause {
        Cause::LevelNotSupported {
            asked: self.shown(),
            works,
            refusal: self.reported.unwrap_or(Refusal::Code(Win32Error::INVALID_LEVEL)),
        }
    }
}

/// What a refusal says about the level, from the least to the most telling. Any other refusal is about the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// The server does not have the level.
    NoLevel,
    /// The server does not have the level, or finds another fault with the request.
    Doubtful,
    /// The level is not for this caller.
    Denied,
}

impl Meaning {
    pub(super) fn new(refusal: Refusal) -> Option<Self> {
        if refusal.is_access_denied() {
            return Some(Self::Denied);
        }
        // The level selects the arm of a union, which a stub can fail to decode. An implementation may also reject it with its
        // code of Win32 as the status of a fault, or return the status of such a fault as its code: both are read alike.
        let code = match refusal {
            Refusal::Fault(FaultStatus::INVALID_TAG) => return Some(Self::NoLevel),
            Refusal::Fault(FaultStatus(status)) => Win32Error(status),
            Refusal::Code(code) => code,
        };
        // [MS-SRVS] 3.1.4.5 demands 124. Servers without a table of levels say one of the others.
        Some(match code {
            Win32Error::INVALID_LEVEL
            | Win32Error::NOT_SUPPORTED
            | Win32Error::CALL_NOT_IMPLEMENTED
            | Win32Error::RPC_S_INVALID_TAG
            | Win32Error::RPC_X_ENUM_VALUE_OUT_OF_RANGE
            | Win32Error::RPC_X_BAD_STUB_DATA => Self::NoLevel,
            Win32Error::INVALID_PARAMETER | Win32Error::INVALID_FUNCTION | Win32Error::NERR_INVALID_API => {
                Self::Doubtful
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_LEVEL: Refusal = Refusal::Code(Win32Error::INVALID_LEVEL);
    const DENIED: Refusal = Refusal::Code(Win32Error::ACCESS_DENIED);

    /// The levels that are asked for against a server that answers as `server` says, and the end.
    fn walk(
        wanted: WantedLevel,
        server: impl Fn(Level) -> Option<Refusal>,
    ) -> (Vec<u32>, Result<u32, Cause>) {
        let mut walk = LevelWalk::new(wanted, false);
        let mut asked = vec![walk.asked().number()];
        while let Some(refusal) = server(walk.asked()) {
            match walk.refused(refusal) {
                Next::Ask(level) => asked.push(level.number()),
                Next::Stop(cause) => return (asked, Err(cause)),
            }
        }
        let end = walk.probed().map_or(Ok(walk.shown().number()), Err);
        (asked, end)
    }

    fn only(levels: &'static [Level]) -> impl Fn(Level) -> Option<Refusal> {
        move |level| (!levels.contains(&level)).then_some(NO_LEVEL)
    }

    #[test]
    fn auto_comes_down_at_every_mix_of_refusals() {
        use Level::{L0, L1, L10, L502};
        assert_eq!(walk(WantedLevel::Auto, only(&[L502])), (vec![502], Ok(502)));
        assert_eq!(walk(WantedLevel::Auto, only(&[L1, L0])), (vec![502, 1], Ok(1)));
        assert_eq!(walk(WantedLevel::Auto, only(&[L10])), (vec![502, 1, 10], Ok(10)));
        assert_eq!(walk(WantedLevel::Auto, only(&[L0])), (vec![502, 1, 10, 0], Ok(0)));
        let denied_but_10 = |level| (level != L10).then_some(DENIED);
        assert_eq!(walk(WantedLevel::Auto, denied_but_10), (vec![502, 10], Ok(10)));
        let denied_1 = |level| match level {
            L502 => Some(NO_LEVEL),
            L1 => Some(DENIED),
            _ => None,
        };
        assert_eq!(walk(WantedLevel::Auto, denied_1), (vec![502, 1, 10], Ok(10)));
    }

    #[test]
    fn a_level_that_was_given_before_comes_first_and_the_whole_way_down_after_it() {
        use Level::{L0, L1, L10, L502};
        let from = WantedLevel::AutoFrom;
        assert_eq!(walk(from(L1), only(&[L1, L0])), (vec![1], Ok(1)));
        assert_eq!(walk(from(L502), only(&[L1, L0])), (vec![502, 1], Ok(1)));
        assert_eq!(walk(from(L10), only(&[L502])), (vec![10, 502], Ok(502)));
        assert_eq!(walk(from(L1), only(&[L0])), (vec![1, 502, 1, 10, 0], Ok(0)));
        // The refusal of a level that was open before is not reported.
        let closed = |level| Some(if level == L1 { DENIED } else { NO_LEVEL });
        let all = Err(Cause::Refused(DENIED));
        assert_eq!(walk(from(L1), closed), (vec![1, 502, 1, 10, 0], all));
        let walk = LevelWalk::new(from(L0), true);
        assert_eq!((walk.asked(), walk.shown()), (L502, L502), "a filter by user, and no user in level 0");
    }

    #[test]
    fn the_first_refusal_of_access_is_reported_else_the_last_code() {
        let all_denied = |_| Some(DENIED);
        assert_eq!(walk(WantedLevel::Auto, all_denied), (vec![502, 10], Err(Cause::Refused(DENIED))));
        let denied_then_none = |level| Some(if level == Level::L502 { DENIED } else { NO_LEVEL });
        assert_eq!(
            walk(WantedLevel::Auto, denied_then_none),
            (vec![502, 10, 0], Err(Cause::Refused(DENIED)))
        );
        let fault = |_| Some(Refusal::Fault(FaultStatus(0x1c00_0006)));
        let (asked, end) = walk(WantedLevel::Auto, fault);
        assert_eq!(asked, [502, 1, 10, 0]);
        assert_eq!(
            end,
            Err(Cause::LevelNotSupported {
                asked: Level::L0,
                works: None,
                refusal: Refusal::Fault(FaultStatus(0x1c00_0006))
            })
        );
        let busy = |_| Some(Refusal::Code(Win32Error::NOT_ENOUGH_MEMORY));
        assert_eq!(
            walk(WantedLevel::Auto, busy),
            (vec![502], Err(Cause::Refused(Refusal::Code(Win32Error::NOT_ENOUGH_MEMORY))))
        );
    }

    #[test]
    fn code_that_may_mean_something_else_comes_down_and_is_reported_if_no_level_works() {
        use Level::{L0, L1, L2, L10, L502};
        for code in [87, 1, 2142] {
            let refusal = Refusal::Code(Win32Error(code));
            let has = |levels: &'static [Level]| move |level| (!levels.contains(&level)).then_some(refusal);
            assert_eq!(walk(WantedLevel::Auto, has(&[L1])), (vec![502, 1], Ok(1)));
            assert_eq!(walk(WantedLevel::Auto, has(&[L0])), (vec![502, 1, 10, 0], Ok(0)));
            assert_eq!(walk(WantedLevel::Named(L10), has(&[L1])), (vec![10, 1], Ok(10)));
            let works = Cause::LevelNotSupported { asked: L502, works: Some(L1), refusal };
            assert_eq!(walk(WantedLevel::Named(L502), has(&[L1])), (vec![502, 2, 1], Err(works)));
            for wanted in
                [L0, L1, L2, L10, L502].map(WantedLevel::Named).into_iter().chain([WantedLevel::Auto])
            {
                assert_eq!(walk(wanted, has(&[])).1, Err(Cause::Refused(refusal)), "{wanted:?}");
            }
            // Whatever the other levels say, but a refusal of access.
            for doubted in [L502, L1, L10, L0] {
                let server = |level| Some(if level == doubted { refusal } else { NO_LEVEL });
                assert_eq!(walk(WantedLevel::Auto, server).1, Err(Cause::Refused(refusal)), "{doubted}");
                let server = |level| Some(if level == doubted { refusal } else { DENIED });
                let reported = walk(WantedLevel::Auto, server).1;
                assert_eq!(reported, Err(Cause::Refused(DENIED)), "{doubted}");
            }
        }
    }

    #[test]
    fn code_and_fault_of_one_number_mean_the_same() {
        use Level::{L0, L10};
        let no_level = [124, 50, 120, 1733, 1781, 1783];
        for number in no_level.into_iter().chain([87, 1, 2142]) {
            for refusal in [Refusal::Code(Win32Error(number)), Refusal::Fault(FaultStatus(number))] {
                let has =
                    |levels: &'static [Level]| move |level| (!levels.contains(&level)).then_some(refusal);
                assert_eq!(walk(WantedLevel::Auto, has(&[L0])), (vec![502, 1, 10, 0], Ok(0)), "{refusal:?}");
                assert_eq!(walk(WantedLevel::Auto, has(&[L10])).1, Ok(10), "{refusal:?}");
                let all = walk(WantedLevel::Auto, has(&[])).1;
                let is_missing = matches!(all, Err(Cause::LevelNotSupported { .. }));
                assert_eq!(is_missing, no_level.contains(&number), "{refusal:?}");
            }
        }
        // The server lacks the call, or refuses for another reason.
        for refusal in [Refusal::Fault(FaultStatus(0x6e4)), Refusal::Code(Win32Error(8))] {
            assert_eq!(walk(WantedLevel::Auto, |_| Some(refusal)).0, [502], "{refusal:?}");
        }
    }

    #[test]
    fn a_named_level_is_answered_from_a_richer_one() {
        use Level::{L0, L1, L2, L10, L502};
        for (named, has, asked) in [
            (L10, L1, vec![10, 1]),
            (L10, L502, vec![10, 1, 502]),
            (L1, L2, vec![1, 502, 2]),
            (L0, L1, vec![0, 10, 1]),
            (L0, L10, vec![0, 10]),
        ] {
            let server = move |level| (level != has).then_some(NO_LEVEL);
            assert_eq!(walk(WantedLevel::Named(named), server), (asked, Ok(named.number())), "{named}");
        }
    }

    #[test]
    fn levels_2_and_502_are_never_answered_from_another_but_the_error_names_one_that_works() {
        use Level::{L0, L1, L2, L502};
        let samba = only(&[L0, L1]);
        for (named, asked) in [(L2, vec![2, 502, 1]), (L502, vec![502, 2, 1])] {
            let end = Err(Cause::LevelNotSupported { asked: named, works: Some(L1), refusal: NO_LEVEL });
            assert_eq!(walk(WantedLevel::Named(named), &samba), (asked, end));
        }
    }

    #[test]
    fn a_probe_looks_on_behind_a_level_that_is_denied() {
        let server = |level| match level {
            Level::L502 => Some(NO_LEVEL),
            Level::L10 => None,
            _ => Some(DENIED),
        };
        let (asked, end) = walk(WantedLevel::Named(Level::L502), server);
        assert_eq!(asked, [502, 2, 1, 10]);
        let works = Some(Level::L10);
        assert_eq!(end, Err(Cause::LevelNotSupported { asked: Level::L502, works, refusal: NO_LEVEL }));
    }

    #[test]
    fn a_filter_by_user_is_never_answered_from_level_0() {
        let mut walk = LevelWalk::new(WantedLevel::Named(Level::L0), true);
        assert_eq!((walk.asked(), walk.shown()), (Level::L10, Level::L0));
        let mut asked = Vec::new();
        while let Next::Ask(level) = walk.refused(NO_LEVEL) {
            asked.push(level);
        }
        assert_eq!(asked, [Level::L1, Level::L502, Level::L2]);
        let mut walk = LevelWalk::new(WantedLevel::Auto, true);
        assert_eq!(walk.refused(NO_LEVEL), Next::Ask(Level::L1));
        assert_eq!(walk.refused(NO_LEVEL), Next::Ask(Level::L10));
        assert!(matches!(walk.refused(NO_LEVEL), Next::Stop(Cause::LevelNotSupported { .. })));
    }

    #[test]
    fn a_named_level_that_is_denied_is_not_sought_elsewhere() {
        let denied = |_| Some(DENIED);
        assert_eq!(walk(WantedLevel::Named(Level::L10), denied), (vec![10], Err(Cause::Refused(DENIED))));
    }
}
