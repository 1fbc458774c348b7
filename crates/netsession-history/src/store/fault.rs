//! What the database and the coding can refuse, before the path is known.

use std::io;
use std::path::Path;

use crate::coding::Damage;
use crate::error::{Error, Holder};

#[derive(Debug)]
pub(crate) enum Fault {
    Database(Box<redb::Error>),
    Damage(&'static str),
    /// Format of the file, and the newest that this version reads.
    Newer(u32, u32),
    NotAStore,
}

/// A result of the code that works on the open database.
pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

impl From<Damage> for Fault {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage.0)
    }
}

macro_rules! from_database {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        })*
    };
}
from_database!(StorageError, TableError, DatabaseError, CompactionError, TransactionError, CommitError);

impl Fault {
    pub(crate) fn in_file(self, path: &Path, action: &'static str) -> Error {
        let damaged = |problem: String| Error::Damaged { path: path.into(), problem };
        match self {
            Self::Damage(problem) => damaged(problem.into()),
            Self::Newer(found, supported) => Error::Newer { path: path.into(), found, supported },
            Self::NotAStore => Error::NotAStore(path.into()),
            Self::Database(error) => match *error {
                redb::Error::Io(source) => Error::Io { action, path: path.into(), source },
                redb::Error::DatabaseAlreadyOpen => {
                    Error::InUse { path: path.into(), holder: Holder::default() }
                }
                // The database's own format, which its next version may change.
                redb::Error::UpgradeRequired(version) => {
                    damaged(format!("its database has format {version}, which this version does not read"))
                }
                redb::Error::Corrupted(problem) => damaged(problem),
                // Names of tables and types: the file has our magic number and lacks our tables.
                error @ (redb::Error::TableDoesNotExist(_) | redb::Error::TableTypeMismatch { .. }) => {
                    damaged(error.to_string())
                }
                // After a failed write the database accepts nothing until it is opened again.
                error => Error::Io { action, path: path.into(), source: io::Error::other(error.to_string()) },
            },
        }
    }
}
