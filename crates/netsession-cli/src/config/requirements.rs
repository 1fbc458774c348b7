use netsession::{Dialect, Encryption, Kerberos};
use toml::de::DeTable;

use super::value::Reader;
use crate::model::Requirements;

/// The keys, which a server, credentials and the exporter have alike.
pub(super) const KEYS: [&str; 3] = ["kerberos", "encryption", "min_dialect"];

pub(super) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Requirements {
    let [kerberos, encryption, min_dialect] = KEYS;
    Requirements {
        kerberos: one_of(reader, table, kerberos, Kerberos::ALL, Kerberos::as_str),
        encryption: one_of(reader, table, encryption, Encryption::ALL, Encryption::as_str),
        min_dialect: one_of(reader, table, min_dialect, Dialect::ALL, Dialect::as_str),
    }
}

fn one_of<T: Copy>(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Option<T> {
    let value = table.get(key)?;
    let text = reader.string(value, key)?;
    let found = all.iter().copied().find(|&one| name(one) == text);
    if found.is_none() {
        let names: Vec<_> = all.iter().copied().map(name).collect();
        reader.fault(&value.span(), format!("{key} must be one of {}", names.join(", ")));
    }
    found
}
