use std::time::SystemTime;

use serde::{Serialize, Serializer};

use super::rfc3339;
use crate::{
    ClockOffset, Closed, Connection, FileAccess, OpenFile, ServerInfo, ServerTime, Share, ShareType,
};

/// As a list of [`FileAccess::names`].
impl Serialize for FileAccess {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

/// As the command's JSON, without what is not the file's own: `server`, `level` and `client_name`.
impl Serialize for OpenFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            id: u32,
            path: Option<&'a str>,
            unc: Option<&'a str>,
            share: Option<&'a str>,
            user: Option<&'a str>,
            access: Option<FileAccess>,
            locks: Option<u32>,
            client: Option<&'a str>,
        }
        let fields = Fields {
            id: self.id(),
            path: self.path(),
            unc: self.unc(),
            share: self.share(),
            user: self.user(),
            access: self.access(),
            locks: self.locks(),
            client: self.client(),
        };
        fields.serialize(serializer)
    }
}

/// As text: [`ShareType::as_str`].
impl Serialize for ShareType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// As the command's JSON, without `server` and `level`.
impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            name: &'a str,
            r#type: ShareType,
            hidden: bool,
            comment: &'a str,
            path: Option<&'a str>,
            current_users: Option<u32>,
            max_users: Option<u32>,
        }
        let fields = Fields {
            name: self.name(),
            r#type: self.kind(),
            hidden: self.is_hidden(),
            comment: self.comment(),
            path: self.path(),
            current_users: self.current_users(),
            max_users: self.max_users(),
        };
        fields.serialize(serializer)
    }
}

/// As the command's JSON, without `server`: the time as RFC 3339 in UTC with hundredths of a second.
impl Serialize for ServerTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields {
            #[serde(serialize_with = "as_rfc3339")]
            time: SystemTime,
            offset_seconds: f64,
            timezone_minutes: Option<i64>,
        }
        let fields = Fields {
            time: self.time,
            offset_seconds: self.offset.as_secs_f64(),
            timezone_minutes: self.timezone.map(ClockOffset::as_minutes),
        };
        fields.serialize(serializer)
    }
}

fn as_rfc3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    rfc3339::text(*time).serialize(serializer)
}

/// As the command's JSON, without `server`: the version as text, and of the type the roles alone.
impl Serialize for ServerInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            name: &'a str,
            version: String,
            roles: Vec<&'static str>,
            comment: &'a str,
        }
        let (major, minor) = self.version;
        let fields = Fields {
            name: &self.name,
            version: format!("{major}.{minor}"),
            roles: self.roles().collect(),
            comment: &self.comment,
        };
        fields.serialize(serializer)
    }
}

/// The fields with the keys of sessions and shares; the command lists no connections.
impl Serialize for Connection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            user: &'a str,
            name: &'a str,
            opens: u32,
            connected_seconds: u64,
        }
        let Self { user, name, opens, connected } = self;
        Fields { user, name, opens: *opens, connected_seconds: connected.as_secs() }.serialize(serializer)
    }
}

/// As text: the `outcome` in the command's JSON.
impl Serialize for Closed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Closed => "closed",
            Self::AlreadyGone => "already_gone",
            Self::StillListed => "still_listed",
            Self::Unverified => "unverified",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use netsession_proto::srvs::{FileInfo, ShareInfo};
    use serde_json::Value;

    use super::*;

    fn json(value: impl Serialize) -> String {
        serde_json::to_string(&value).unwrap()
    }

    fn share() -> Share {
        Share::from_wire(ShareInfo {
            name: "backup$".into(),
            comment: "nightly".into(),
            path: Some(r"D:\backup".into()),
            current_uses: Some(2),
            max_uses: Some(u32::MAX),
            ..ShareInfo::default()
        })
    }

    fn time() -> ServerTime {
        let time = UNIX_EPOCH + Duration::from_millis(1_764_000_000_250);
        let offset = ClockOffset::Behind(Duration::from_millis(1_250));
        ServerTime { time, offset, timezone: Some(ClockOffset::Ahead(Duration::from_secs(3_600))) }
    }

    fn info() -> ServerInfo {
        let (name, comment) = ("FS1".into(), String::new());
        ServerInfo { name, version: (10, 0), type_bits: 0x8203, comment }
    }

    /// The keys in `docs/schema`, which are a contract, less those that only the command knows.
    #[test]
    fn keys_are_the_documented_ones_in_their_order() {
        let file = OpenFile::from_wire(FileInfo { id: 7, ..FileInfo::default() });
        for (schema, json, of_the_command) in [
            (
                include_str!("../../../../docs/schema/files.json"),
                json(file),
                &["server", "level", "client_name"][..],
            ),
            (include_str!("../../../../docs/schema/shares.json"), json(share()), &["server", "level"]),
            (include_str!("../../../../docs/schema/time.json"), json(time()), &["server"]),
            (include_str!("../../../../docs/schema/info.json"), json(info()), &["server"]),
        ] {
            let schema: Value = serde_json::from_str(schema).unwrap();
            let documented = schema["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap());
            let expected: Vec<_> = documented.filter(|key| !of_the_command.contains(key)).collect();
            let places: Vec<_> = expected.iter().map(|key| json.find(&format!("{key:?}:"))).collect();
            assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{expected:?}: {json}");
            let object: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(object.as_object().unwrap().len(), expected.len(), "{expected:?}: {json}");
        }
    }

    #[test]
    fn values_are_those_of_the_command() {
        assert_eq!(
            json(share()),
            r#"{"name":"backup$","type":"disk","hidden":true,"comment":"nightly","path":"D:\\backup","current_users":2,"max_users":null}"#
        );
        assert_eq!(
            json(time()),
            r#"{"time":"2025-11-24T16:00:00.25Z","offset_seconds":-1.25,"timezone_minutes":60}"#
        );
        assert_eq!(
            json(info()),
            r#"{"name":"FS1","version":"10.0","roles":["print_server","server"],"comment":""}"#
        );
        let connected = Duration::from_secs(90);
        let connection = Connection { user: "alice".into(), name: "10.0.0.5".into(), opens: 2, connected };
        assert_eq!(
            json(connection),
            r#"{"user":"alice","name":"10.0.0.5","opens":2,"connected_seconds":90}"#
        );
        assert_eq!(json(FileAccess::from_bits(0x83)), r#"["read","write","0x80"]"#);
        assert_eq!(json(FileAccess::default()), "[]");
    }

    #[test]
    #[cfg(feature = "testing")]
    fn every_field_of_a_file_has_its_key() {
        let file = OpenFile::builder(16)
            .path(r"D:\projects\a.txt")
            .share("projects")
            .unc(r"\\fs1\projects\a.txt")
            .user("alice")
            .access(FileAccess::from_bits(1))
            .locks(3)
            .client("10.0.0.5");
        assert_eq!(
            json(file.build()),
            r#"{"id":16,"path":"D:\\projects\\a.txt","unc":"\\\\fs1\\projects\\a.txt","share":"projects","user":"alice","access":["read"],"locks":3,"client":"10.0.0.5"}"#
        );
    }

    #[test]
    fn outcomes_are_the_documented_ones() {
        let documentation = include_str!("../../../../docs/json.md");
        for (closed, outcome) in [
            (Closed::Closed, "closed"),
            (Closed::AlreadyGone, "already_gone"),
            (Closed::StillListed, "still_listed"),
            (Closed::Unverified, "unverified"),
        ] {
            assert_eq!(json(closed), format!("{outcome:?}"));
            assert!(documentation.contains(&format!("\n| `{outcome}` | ")), "{outcome}");
        }
    }
}
