use netsession::{Dialect, Encryption, Kerberos};
use toml::de::DeTable;

use super::value::Reader;
use crate::model::Requirements;

/// The keys, which a server, credentials and the exporter have alike.
pub(super) const KEYS: [&str; 3] = ["kerberos", "encryption", "min_dialect"];

pub(super) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Requirements {
    let [kerberos, encryption, min_dialect] = KEYS;
    Requirements {
        kerberos: one_of(
            reader,
            table,
            kerberos,
            &[Kerberos::Auto, Kerberos::Required, Kerberos::Off]
                .map(|kerberos| (kerberos.as_str(), kerberos)),
        ),
        encryption: one_of(
            reader,
            table,
            encryption,
            &[Encryption::Auto, Encryption::Required, Encryption::Off]
                .map(|encryption| (encryption.as_str(), encryption)),
        ),
        min_dialect: one_of(
            reader,
            table,
            min_dialect,
            &Vec::from_iter(Dialect::ALL.iter().map(|&dialect| (dialect.to_string(), dialect))),
        ),
    }
}

fn one_of<T: Copy>(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &str,
    known: &[(impl AsRef<str>, T)],
) -> Option<T> {
    let value = table.get(key)?;
    let text = reader.string(value, key)?;
    let found = known.iter().find(|(name, _)| name.as_ref() == text).map(|(_, found)| *found);
    if found.is_none() {
        let names: Vec<_> = known.iter().map(|(name, _)| name.as_ref()).collect();
        reader.fault(&value.span(), format!("{key} must be one of {}", names.join(", ")));
    }
    found
}
