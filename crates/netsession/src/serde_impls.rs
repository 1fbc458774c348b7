//! Serialization (feature `serde`): the names and shapes of the command's JSON.

mod answers;
mod rfc3339;

use std::fmt::Display;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::session::SessionFields;
use crate::{Account, ErrorKind, Level, ServerName, Session, SessionFlags};

fn from_text<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

/// As text: `DOMAIN\user`, `user@REALM` or `user`.
impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// As text, as `Display` has it.
impl Serialize for ServerName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ServerName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// As text: [`ErrorKind::as_str`].
impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// As a list of [`SessionFlags::names`].
impl Serialize for SessionFlags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for SessionFlags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Self::from_names(names.iter().map(String::as_str))
            .ok_or_else(|| de::Error::custom("expected names of session flags, such as guest or 0x4"))
    }
}

/// As the command's JSON.
impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Session {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Fields {
            client: String,
            user: Option<String>,
            opens: Option<u32>,
            connected_seconds: Option<u32>,
            idle_seconds: Option<u32>,
            flags: Option<SessionFlags>,
            client_type: Option<String>,
            transport: Option<String>,
        }
        let fields = Fields::deserialize(deserializer)?;
        Ok(Self::new(SessionFields {
            client: &fields.client,
            user: fields.user.as_deref(),
            opens: fields.opens,
            connected_seconds: fields.connected_seconds,
            idle_seconds: fields.idle_seconds,
            flags: fields.flags,
            client_type: fields.client_type.as_deref(),
            transport: fields.transport.as_deref(),
        }))
    }
}

/// As a number; [`Level::Auto`] as `"auto"`.
impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.number() {
            Some(number) => serializer.serialize_u32(number),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Level;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("auto, 0, 1, 2, 10 or 502")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Level, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Level, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Level, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;

    use super::*;

    fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, json: &str) {
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(json).unwrap(), value);
    }

    #[test]
    fn values_are_those_of_the_command() {
        round_trip::<Account>(r"LAB\admin".parse().unwrap(), r#""LAB\\admin""#);
        round_trip::<ServerName>("fs1:4455".parse().unwrap(), r#""fs1:4455""#);
        round_trip(SessionFlags::from_bits(7), r#"["guest","no_encryption","0x4"]"#);
        round_trip(Level::Auto, r#""auto""#);
        round_trip(Level::L502, "502");
        assert_eq!(serde_json::from_str::<Level>(r#""10""#).unwrap(), Level::L10);
        for &kind in ErrorKind::ALL {
            round_trip(kind, &format!("{:?}", kind.as_str()));
        }
    }

    #[test]
    fn texts_are_checked() {
        assert!(serde_json::from_str::<Account>(r#""""#).is_err());
        assert!(serde_json::from_str::<ServerName>(r#""fs1/share""#).is_err());
        assert!(serde_json::from_str::<ErrorKind>(r#""no_such_kind""#).is_err());
        assert!(serde_json::from_str::<Level>("3").is_err());
        for flags in [r#"["no_such_flag"]"#, r#"["0x3"]"#, r#"["0x0"]"#, r#"["4"]"#] {
            assert!(serde_json::from_str::<SessionFlags>(flags).is_err(), "{flags}");
        }
    }

    /// The keys of a session in the command's `json`, which are a contract (docs/sessions.md).
    #[test]
    fn keys_are_those_of_the_command() {
        let text = r#"{"client":"10.0.0.5","user":"alice","opens":3,"connected_seconds":3600,"idle_seconds":12,"flags":["guest"],"client_type":"","transport":"\\Device\\NetbiosSmb"}"#;
        let session: Session = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&session).unwrap(), text);
        let nothing = r#"{"client":"WS-01","user":null,"opens":null,"connected_seconds":null,"idle_seconds":null,"flags":null,"client_type":null,"transport":null}"#;
        let session: Session = serde_json::from_str(r#"{"client":"WS-01"}"#).unwrap();
        assert_eq!(serde_json::to_string(&session).unwrap(), nothing);
    }
}
