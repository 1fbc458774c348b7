//! SESSION_INFO_0_CONTAINER to SESSION_INFO_502_CONTAINER (\[MS-SRVS\] 2.2.4.16 to 2.2.4.20).

use crate::ndr::{NdrReader, NdrWriter};
use crate::srvs::enumeration::{decode_container, string_behind};
use crate::srvs::{Level, ResponseError, SessionInfo};
use crate::wire::DecodeError;

/// The sessions in a container whose pointer has been read.
pub(super) fn decode(
    level: Level,
    reader: &mut NdrReader<'_>,
    max_entries: usize,
) -> Result<Vec<SessionInfo>, ResponseError> {
    decode_container(reader, fixed_size(level), max_entries, |fixed, strings| {
        decode_entry(level, fixed, strings)
    })
}

/// Writes a container whose pointer has been written. An empty one has a null array, as that of Windows.
pub(super) fn encode(level: Level, sessions: &[SessionInfo], null_strings: bool, writer: &mut NdrWriter) {
    writer.count(sessions.len());
    writer.pointer(!sessions.is_empty());
    if sessions.is_empty() {
        return;
    }
    writer.count(sessions.len());
    for session in sessions {
        encode_fixed(level, session, null_strings, writer);
    }
    let strings = sessions.iter().flat_map(|session| strings(level, session)).flatten();
    for text in strings.filter(|text| points(text, null_strings)) {
        writer.wide_string(text);
    }
}

/// The size of SESSION_INFO_0, _1, _2, _10 and _502 without their strings.
pub(super) const fn fixed_size(level: Level) -> usize {
    const LEVEL_0: usize = 4 /* cname */;
    const LEVEL_10: usize = LEVEL_0 + 4 /* username */ + 4 /* time */ + 4 /* idle_time */;
    const LEVEL_1: usize = LEVEL_10 + 4 /* num_opens */ + 4 /* user_flags */;
    const LEVEL_2: usize = LEVEL_1 + 4 /* cltype_name */;
    const LEVEL_502: usize = LEVEL_2 + 4 /* transport */;
    match level {
        Level::L0 => LEVEL_0,
        Level::L1 => LEVEL_1,
        Level::L2 => LEVEL_2,
        Level::L10 => LEVEL_10,
        Level::L502 => LEVEL_502,
    }
}

pub(super) fn decode_entry(
    level: Level,
    fixed: &mut NdrReader<'_>,
    strings: &mut NdrReader<'_>,
) -> Result<SessionInfo, DecodeError> {
    let client = fixed.pointer("cname")?;
    let user = level.has_user().then(|| fixed.pointer("username")).transpose()?;
    let opens = level.has_opens().then(|| fixed.u32("num_opens")).transpose()?;
    let time = level.has_user().then(|| fixed.u32("time")).transpose()?;
    let idle_time = level.has_user().then(|| fixed.u32("idle_time")).transpose()?;
    let flags = level.has_opens().then(|| fixed.u32("user_flags")).transpose()?;
    let client_type = level.has_client_type().then(|| fixed.pointer("cltype_name")).transpose()?;
    let transport = level.has_transport().then(|| fixed.pointer("transport")).transpose()?;
    let mut string = |points: bool, field| string_behind(points, strings, field);
    Ok(SessionInfo {
        client: string(client, "cname")?,
        user: user.map(|points| string(points, "username")).transpose()?,
        client_type: client_type.map(|points| string(points, "cltype_name")).transpose()?,
        transport: transport.map(|points| string(points, "transport")).transpose()?,
        opens,
        time,
        idle_time,
        flags,
    })
}

/// Passes over an entry, without making anything of its strings.
pub(super) fn skip_entry(
    level: Level,
    fixed: &mut NdrReader<'_>,
    strings: &mut NdrReader<'_>,
) -> Result<(), DecodeError> {
    let mut string = |points: bool, field| match points {
        true => strings.wide_string_bytes(field).map(|_| ()),
        false => Ok(()),
    };
    string(fixed.pointer("cname")?, "cname")?;
    if level.has_user() {
        string(fixed.pointer("username")?, "username")?;
    }
    let numbers = [level.has_opens(), level.has_user(), level.has_user(), level.has_opens()];
    for _ in numbers.into_iter().filter(|carried| *carried) {
        fixed.u32("number")?;
    }
    if level.has_client_type() {
        string(fixed.pointer("cltype_name")?, "cltype_name")?;
    }
    if level.has_transport() {
        string(fixed.pointer("transport")?, "transport")?;
    }
    Ok(())
}

fn encode_fixed(level: Level, session: &SessionInfo, null_strings: bool, writer: &mut NdrWriter) {
    let [client, user, client_type, transport] = strings(level, session);
    let pointer = |writer: &mut NdrWriter, text: Option<&str>| {
        if let Some(text) = text {
            writer.pointer(points(text, null_strings));
        }
    };
    let number = |writer: &mut NdrWriter, carried: bool, value: Option<u32>| {
        if carried {
            writer.u32(value.unwrap_or(0));
        }
    };
    pointer(writer, client);
    pointer(writer, user);
    number(writer, level.has_opens(), session.opens);
    number(writer, level.has_user(), session.time);
    number(writer, level.has_user(), session.idle_time);
    number(writer, level.has_opens(), session.flags);
    pointer(writer, client_type);
    pointer(writer, transport);
}

/// The strings that the level carries, in their order; one that the entry lacks is empty.
fn strings(level: Level, session: &SessionInfo) -> [Option<&str>; 4] {
    [
        Some(session.client.as_str()),
        level.has_user().then(|| session.user.as_deref().unwrap_or_default()),
        level.has_client_type().then(|| session.client_type.as_deref().unwrap_or_default()),
        level.has_transport().then(|| session.transport.as_deref().unwrap_or_default()),
    ]
}

fn points(text: &str, null_strings: bool) -> bool {
    !(null_strings && text.is_empty())
}
