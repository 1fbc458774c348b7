use std::fmt::Debug;

use netsession_proto::client::Limits;
use netsession_proto::erref::Win32Error;
use netsession_proto::query::{EnumCall, EnumQuery};
use netsession_proto::srvs::{ConnectionEnumRequest, ConnectionInfo, ConnectionLevel};
use netsession_proto::srvs::{Entry, EnumResponse, FileEnumRequest, FileInfo, FileLevel, InfoLevel as _};
use netsession_proto::srvs::{ShareEnumRequest, ShareInfo, ShareLevel};
use netsession_proto::wire::DecodeError;

use super::fuzzed_call::FuzzedCall;
use super::fuzzed_query::{FuzzedQuery, Honest};
use crate::input::Input;

/// Which files are open?
pub(super) type OpenFiles = EnumQuery<FileEnumRequest>;
/// Which shares are there?
pub(super) type Shares = EnumQuery<ShareEnumRequest>;

/// Which connections are there to a share?
pub(super) type Connections = EnumQuery<ConnectionEnumRequest>;

type Level<C> = <<C as EnumCall>::Entry as Entry>::Level;

/// What an enumeration brings beside its coding.
pub(crate) trait FuzzedEnum:
    EnumCall<Entry: FuzzedEntry> + Clone + Debug + PartialEq + 'static
{
    /// A request that the input chooses, for the first page.
    fn wanted(input: &mut Input<'_>) -> Self;

    /// Reads the stub of a request.
    fn decode(stub: &[u8]) -> Result<Self, DecodeError>;

    /// The number of the level, and where the page begins.
    fn level_and_resume(&self) -> (u32, u32);
}

/// An entry of an enumeration.
pub(crate) trait FuzzedEntry: Entry + Clone + Debug + PartialEq + 'static {
    /// An entry with the fields of this level.
    fn numbered(number: usize, level: Self::Level) -> Self;

    /// The same without the fields that the level has not.
    fn reduced_to(self, level: Self::Level) -> Self;
}

impl<C: FuzzedEnum> FuzzedQuery for EnumQuery<C> {
    type Wanted = C;

    fn wanted(input: &mut Input<'_>) -> C {
        C::wanted(input)
    }

    fn new_query(wanted: &C, limits: Limits) -> Self {
        Self::new(wanted.clone(), limits)
    }

    fn text_bytes(entry: &C::Entry) -> usize {
        // The first level is the one with every string.
        entry.strings(C::FIRST).into_iter().map(|text| text.encode_utf16().count() * 2).sum()
    }

    fn assert_answered(&self, _: &C, entries: &[C::Entry]) {
        assert_fields(entries, self.level());
    }

    fn honest(input: &mut Input<'_>) -> Honest<C, C::Entry, C> {
        let wanted = C::wanted(input);
        let count = usize::from(input.u8());
        let choice = input.u8();
        let page = [usize::MAX, 40, 70][usize::from(choice % 3)];
        // A server without the first level, or one that has every level.
        let level = if choice >= 0x80 { C::OTHERS.first().copied() } else { None }.unwrap_or(C::FIRST);
        let entries: Vec<C::Entry> = (0..count).map(|number| C::Entry::numbered(number, level)).collect();
        Honest {
            wanted,
            items: entries.clone(),
            may_page: page != usize::MAX || level != C::FIRST,
            answer: Box::new(move |request| {
                let (asked, resume) = request.level_and_resume();
                if asked != level.number() {
                    let asked =
                        Level::<C>::from_number(asked).expect("the client asks for levels that it has");
                    return EnumResponse::empty(asked, Win32Error::INVALID_LEVEL);
                }
                // The handle is opaque: it goes back with every page.
                let from = if resume == 0 { 0 } else { usize::try_from(u32::MAX - resume).unwrap_or(0) };
                let from = from.min(entries.len());
                let to = from.saturating_add(page).min(entries.len());
                let more = to < entries.len();
                EnumResponse {
                    entries: entries[from..to].to_vec(),
                    resume: Some(u32::MAX - u32::try_from(to).unwrap_or(0)),
                    ..EnumResponse::empty(
                        level,
                        if more { Win32Error::MORE_DATA } else { Win32Error::SUCCESS },
                    )
                }
            }),
        }
    }
}

impl<C: FuzzedEnum> FuzzedCall for C {
    fn numbered(number: u8) -> Self {
        let levels = Level::<C>::ALL;
        Self::wanted(&mut Input::new(&[])).page(levels[usize::from(number) % levels.len()], 0)
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        <Self as FuzzedEnum>::decode(stub)
    }

    fn encode_response(response: &EnumResponse<C::Entry>) -> Vec<u8> {
        response.encode()
    }

    fn entries(response: &EnumResponse<C::Entry>) -> usize {
        response.entries.len()
    }

    fn assert_fits(&self, response: &EnumResponse<C::Entry>) {
        let (level, _) = self.level_and_resume();
        assert_eq!(response.level.number(), level);
        assert_fields(&response.entries, response.level);
    }
}

fn assert_fields<E: FuzzedEntry>(entries: &[E], level: E::Level) {
    for entry in entries {
        assert_eq!(entry.clone().reduced_to(level), *entry, "fields that {level} has not");
    }
}

impl FuzzedEnum for FileEnumRequest {
    fn wanted(input: &mut Input<'_>) -> Self {
        input.u8();
        let base_path = input.pick(&[None, None, Some(r"C:\srv\share"), Some("")]).map(str::to_owned);
        let user = input.pick(&[None, None, Some("alice"), Some(r"LAB\bob")]).map(str::to_owned);
        Self { server: Some(r"\\fs1".to_owned()), base_path, user, ..Self::new(FileLevel::L3) }
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }

    fn level_and_resume(&self) -> (u32, u32) {
        (self.level, self.resume.unwrap_or(0))
    }
}

impl FuzzedEnum for ShareEnumRequest {
    fn wanted(input: &mut Input<'_>) -> Self {
        // As many bytes as every question has.
        input.bytes(3);
        Self { server: Some(r"\\fs1".to_owned()), ..Self::new(ShareLevel::L2) }
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }

    fn level_and_resume(&self) -> (u32, u32) {
        (self.level, self.resume.unwrap_or(0))
    }
}

impl FuzzedEnum for ConnectionEnumRequest {
    fn wanted(input: &mut Input<'_>) -> Self {
        input.bytes(2);
        let qualifier = input.pick(&["projects", r"\\10.0.0.5", ""]).to_owned();
        Self { server: Some(r"\\fs1".to_owned()), ..Self::new(qualifier) }
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }

    fn level_and_resume(&self) -> (u32, u32) {
        (self.level, self.resume.unwrap_or(0))
    }
}

impl FuzzedEntry for ConnectionInfo {
    fn numbered(number: usize, _: ConnectionLevel) -> Self {
        let id = number.try_into().unwrap_or(0);
        let user = ["alice", "", "Женя"][number % 3].to_owned();
        let name = ["10.0.0.5", "ü€", "", "x\u{202e}\u{1b}[31m"][number % 4].to_owned();
        Self { id, kind: 3, opens: 2, users: 1, seconds: u32::MAX, user, name }
    }

    fn reduced_to(self, _: ConnectionLevel) -> Self {
        self
    }
}

impl FuzzedEntry for FileInfo {
    fn numbered(number: usize, level: FileLevel) -> Self {
        let path = [r"C:\srv\a.txt", "", r"C:\srv\ü\€:stream", r"\PIPE\srvsvc", "x\u{202e}\u{1b}[31m"];
        Self {
            id: number.try_into().unwrap_or(0),
            permissions: Some(u32::MAX),
            locks: Some(3),
            path: Some(path[number % path.len()].to_owned()),
            user: Some(["alice", "", "Женя"][number % 3].to_owned()),
        }
        .reduced_to(level)
    }

    fn reduced_to(self, level: FileLevel) -> Self {
        match level {
            FileLevel::L2 => Self { id: self.id, ..Self::default() },
            FileLevel::L3 => Self {
                permissions: Some(self.permissions.expect("level 3 has it")),
                locks: Some(self.locks.expect("level 3 has it")),
                path: Some(self.path.expect("level 3 has it")),
                user: Some(self.user.expect("level 3 has it")),
                ..self
            },
        }
    }
}

impl FuzzedEntry for ShareInfo {
    fn numbered(number: usize, level: ShareLevel) -> Self {
        Self {
            name: ["homes$", "", "ü€", "IPC$"][number % 4].to_owned(),
            kind: 0x8000_0003,
            comment: ["", "a comment"][number % 2].to_owned(),
            current_uses: Some(number.try_into().unwrap_or(0)),
            max_uses: Some(u32::MAX),
            path: Some([r"C:\srv", "", "C:\\"][number % 3].to_owned()),
        }
        .reduced_to(level)
    }

    fn reduced_to(self, level: ShareLevel) -> Self {
        match level {
            ShareLevel::L1 => Self { current_uses: None, max_uses: None, path: None, ..self },
            ShareLevel::L2 => Self {
                current_uses: Some(self.current_uses.expect("level 2 has it")),
                max_uses: Some(self.max_uses.expect("level 2 has it")),
                path: Some(self.path.expect("level 2 has it")),
                ..self
            },
        }
    }
}
