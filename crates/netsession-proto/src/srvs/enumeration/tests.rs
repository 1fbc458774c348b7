//! The enumerations that share this shape, held against the bytes that Samba's own marshalling (python3-samba 4.17,
//! `ndr_pack`) makes of the same values.

use proptest::prelude::*;

use crate::erref::Win32Error;
use crate::srvs::test_bytes::bytes;
use crate::srvs::*;

const FILE_REQUEST: &str = "\
    000002000600000000000000060000005c005c0066007300310000000400020007000000000000000700000043003a00\
    5c00730072007600000000000800020006000000000000000600000061006c0069006300650000000300000003000000\
    0c0002000000000000000000ffffffff1000020000000000";
const FILES_LEVEL_2: &str = "\
    020000000200000000000200020000000400020002000000100000001100000002000000080002000200000000000000";
const FILES_LEVEL_3: &str = "\
    030000000300000000000200020000000400020002000000100000002100000000000000080002000c00020011000000\
    2200000001000000100002001400020019000000000000001900000043003a005c007300720076005c00730068006100\
    720065005c007200e90070006f00720074002e0078006c00730078000000000006000000000000000600000061006c00\
    690063006500000005000000000000000500000043003a005c007800000000000800000000000000080000004c004100\
    42005c0062006f006200000002000000180002000200000000000000";
const SHARE_REQUEST: &str = "\
    000002000600000000000000060000005c005c0066007300310000000200000002000000040002000000000000000000\
    ffffffff0800020000000000";
const SHARES_LEVEL_1: &str = "\
    01000000010000000000020002000000040002000200000008000200000000000c000200100002000300008014000200\
    060000000000000006000000730068006100720065000000010000000000000001000000000000000500000000000000\
    050000004900500043002400000000000c000000000000000c0000004900500043002000530065007200760069006300\
    65000000020000000000000000000000";
const SHARES_LEVEL_2: &str = "\
    02000000020000000000020002000000040002000200000008000200000000000c00020000000000ffffffff01000000\
    10000200000000001400020003000080180002000000000005000000020000001c000200200002000600000000000000\
    06000000730068006100720065000000010000000000000001000000000000000d000000000000000d00000043003a00\
    5c007300720076005c007300680061007200650000000000050000000000000005000000490050004300240000000000\
    0c000000000000000c000000490050004300200053006500720076006900630065000000070000000000000007000000\
    43003a005c0074006d007000000000000300000000000000030000007000770000000000020000000000000000000000";
const CONNECTION_REQUEST: &str = "\
    000002000600000000000000060000005c005c0066007300310000000400020009000000000000000900000070007200\
    6f006a006500630074007300000000000100000001000000080002000000000000000000ffffffff0c00020000000000";
const CONNECTIONS: &str = "\
    01000000010000000000020002000000040002000200000010000000000000000300000001000000100e000008000200\
    0c000200110000000300000000000000010000000c000000100002001400020006000000000000000600000061006c00\
    6900630065000000090000000000000009000000310030002e0030002e0030002e003500000000000800000000000000\
    080000004c00410042005c0062006f0062000000020000000000000002000000fc000000020000001800020002000000\
    00000000";

fn files(level: FileLevel) -> FileEnumResponse {
    let file = |id, permissions, locks, path: &str, user: &str| match level {
        FileLevel::L2 => FileInfo { id, ..FileInfo::default() },
        FileLevel::L3 => FileInfo {
            id,
            permissions: Some(permissions),
            locks: Some(locks),
            path: Some(path.to_owned()),
            user: Some(user.to_owned()),
        },
    };
    let entries =
        vec![file(16, 0x21, 0, r"C:\srv\share\réport.xlsx", "alice"), file(17, 0x22, 1, r"C:\x", r"LAB\bob")];
    EnumResponse { level, entries, total_entries: 2, resume: Some(2), code: Win32Error::SUCCESS }
}

fn shares(level: ShareLevel) -> ShareEnumResponse {
    let share = |name: &str, kind, comment: &str, uses, max, path: &str| ShareInfo {
        name: name.to_owned(),
        kind,
        comment: comment.to_owned(),
        current_uses: (level == ShareLevel::L2).then_some(uses),
        max_uses: (level == ShareLevel::L2).then_some(max),
        path: (level == ShareLevel::L2).then(|| path.to_owned()),
    };
    let entries = vec![
        share("share", 0, "", 1, u32::MAX, r"C:\srv\share"),
        share("IPC$", 0x8000_0003, "IPC Service", 2, 5, r"C:\tmp"),
    ];
    EnumResponse { level, entries, total_entries: 2, resume: None, code: Win32Error::SUCCESS }
}

fn connections() -> ConnectionEnumResponse {
    let connection = |id, kind, opens, seconds, user: &str, name: &str| {
        let (user, name) = (user.to_owned(), name.to_owned());
        ConnectionInfo { id, kind, opens, users: 1, seconds, user, name }
    };
    let entries =
        vec![connection(16, 0, 3, 3600, "alice", "10.0.0.5"), connection(17, 3, 0, 12, r"LAB\bob", "ü")];
    let level = ConnectionLevel::L1;
    EnumResponse { level, entries, total_entries: 2, resume: Some(2), code: Win32Error::SUCCESS }
}

#[test]
fn samba_writes_the_same_connections() {
    let request =
        ConnectionEnumRequest { server: Some(r"\\fs1".into()), ..ConnectionEnumRequest::new("projects") };
    assert_eq!(request.encode(), bytes(CONNECTION_REQUEST));
    assert_eq!(ConnectionEnumRequest::decode(&bytes(CONNECTION_REQUEST)), Ok(request));
    assert_eq!(connections().encode(), bytes(CONNECTIONS));
    let read = ConnectionEnumResponse::decode(&bytes(CONNECTIONS), ConnectionLevel::L1, 2);
    assert_eq!(read, Ok(connections()));
    let limit = ResponseError::TooManyEntries { limit: 1 };
    assert_eq!(ConnectionEnumResponse::decode(&bytes(CONNECTIONS), ConnectionLevel::L1, 1), Err(limit));
}

#[test]
fn samba_writes_the_same_requests() {
    let files = FileEnumRequest {
        server: Some(r"\\fs1".into()),
        base_path: Some(r"C:\srv".into()),
        user: Some("alice".into()),
        ..FileEnumRequest::new(FileLevel::L3)
    };
    assert_eq!(files.encode(), bytes(FILE_REQUEST));
    assert_eq!(FileEnumRequest::decode(&bytes(FILE_REQUEST)), Ok(files));
    let shares = ShareEnumRequest { server: Some(r"\\fs1".into()), ..ShareEnumRequest::new(ShareLevel::L2) };
    assert_eq!(shares.encode(), bytes(SHARE_REQUEST));
    assert_eq!(ShareEnumRequest::decode(&bytes(SHARE_REQUEST)), Ok(shares));
}

#[test]
fn samba_writes_the_same_answers() {
    for (level, hex) in [(FileLevel::L2, FILES_LEVEL_2), (FileLevel::L3, FILES_LEVEL_3)] {
        assert_eq!(EnumResponse::decode(&bytes(hex), level, 2), Ok(files(level)), "{level}");
        assert_eq!(files(level).encode(), bytes(hex), "{level}");
    }
    for (level, hex) in [(ShareLevel::L1, SHARES_LEVEL_1), (ShareLevel::L2, SHARES_LEVEL_2)] {
        assert_eq!(EnumResponse::decode(&bytes(hex), level, 2), Ok(shares(level)), "{level}");
    }
    assert_eq!(shares(ShareLevel::L1).encode(), bytes(SHARES_LEVEL_1));
    // The second share has a password there, which is not kept.
    let encoded = shares(ShareLevel::L2).encode();
    assert_eq!(EnumResponse::decode(&encoded, ShareLevel::L2, 2), Ok(shares(ShareLevel::L2)));
}

#[test]
fn every_prefix_is_an_error() {
    for end in 0..bytes(FILES_LEVEL_3).len() {
        let decoded = FileEnumResponse::decode(&bytes(FILES_LEVEL_3)[..end], FileLevel::L3, 9);
        // What is short enough for an error without a body, and ends in a number, is read as one.
        assert!(
            decoded.is_err() || decoded.is_ok_and(|answer| !answer.code.is_success() && end <= 40),
            "{end}"
        );
    }
    for end in 0..bytes(SHARES_LEVEL_2).len() {
        let decoded = ShareEnumResponse::decode(&bytes(SHARES_LEVEL_2)[..end], ShareLevel::L2, 9);
        assert!(
            decoded.is_err() || decoded.is_ok_and(|answer| !answer.code.is_success() && end <= 40),
            "{end}"
        );
    }
    for end in 0..bytes(CONNECTIONS).len() {
        let decoded = ConnectionEnumResponse::decode(&bytes(CONNECTIONS)[..end], ConnectionLevel::L1, 9);
        assert!(
            decoded.is_err() || decoded.is_ok_and(|answer| !answer.code.is_success() && end <= 40),
            "{end}"
        );
    }
    for (hex, decode) in [
        (CONNECTION_REQUEST, (|stub| ConnectionEnumRequest::decode(stub).is_ok()) as fn(&[u8]) -> bool),
        (FILE_REQUEST, |stub| FileEnumRequest::decode(stub).is_ok()),
        (SHARE_REQUEST, |stub| ShareEnumRequest::decode(stub).is_ok()),
    ] {
        let stub = bytes(hex);
        assert!((0..stub.len()).all(|end| !decode(&stub[..end])));
    }
}

#[test]
fn more_entries_than_wanted_are_refused() {
    let refused = FileEnumResponse::decode(&bytes(FILES_LEVEL_3), FileLevel::L3, 1);
    assert_eq!(refused, Err(ResponseError::TooManyEntries { limit: 1 }));
}

#[test]
fn refusals_may_lack_a_body() {
    for stub in [
        FileEnumResponse::encode_error(3, Some(0), Win32Error::ACCESS_DENIED),
        FileEnumResponse::encode_error(0, None, Win32Error::ACCESS_DENIED),
        [0, 0, 0, 0, 0, 5].iter().flat_map(|word: &u32| word.to_le_bytes()).collect(),
    ] {
        let answer = FileEnumResponse::decode(&stub, FileLevel::L3, 9).unwrap();
        assert_eq!((answer.code, answer.entries.len()), (Win32Error::ACCESS_DENIED, 0));
    }
    assert!(FileEnumResponse::decode(&[0; 24], FileLevel::L3, 9).is_err(), "a success");
}

#[test]
fn counts_that_lie_are_errors() {
    let mut stub = bytes(FILES_LEVEL_3);
    stub[12] = 3; // EntriesRead
    assert!(FileEnumResponse::decode(&stub, FileLevel::L3, 9).is_err());
    stub[20] = 3; // maximum count
    assert!(FileEnumResponse::decode(&stub, FileLevel::L3, 9).is_err());
    stub[12..16].fill(0xff);
    stub[20..24].fill(0xff);
    assert!(FileEnumResponse::decode(&stub, FileLevel::L3, usize::MAX).is_err());
}

proptest! {
    #[test]
    fn anything_is_decoded_or_refused(stub in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = FileEnumResponse::decode(&stub, FileLevel::L3, 9);
        let _ = ShareEnumResponse::decode(&stub, ShareLevel::L2, 9);
        let _ = ConnectionEnumResponse::decode(&stub, ConnectionLevel::L1, 9);
        let _ = ConnectionEnumRequest::decode(&stub);
        let _ = FileEnumRequest::decode(&stub);
        let _ = ShareEnumRequest::decode(&stub);
    }

    #[test]
    fn what_is_encoded_is_decoded(id: u32, permissions: u32, path in "[^\0]{0,40}", user in "[^\0]{0,20}") {
        let file = FileInfo {
            id, permissions: Some(permissions), locks: Some(id), path: Some(path), user: Some(user),
        };
        let answer = EnumResponse {
            level: FileLevel::L3, entries: vec![file; 3], total_entries: 3, resume: None, code: Win32Error::MORE_DATA,
        };
        prop_assert_eq!(EnumResponse::decode(&answer.encode(), FileLevel::L3, 3), Ok(answer));
    }
}
