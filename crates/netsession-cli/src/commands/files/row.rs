use std::net::IpAddr;

use netsession::{ClientName, FileListing, OpenFile};

use super::totals::FileTotals;
use crate::output::{Column, PartialSums, Row, Rows, Totals, Value};

/// An open file, and what is known beside it.
#[derive(Debug)]
pub(crate) struct FileRow {
    level: u32,
    pub(super) file: OpenFile,
    client_name: Option<String>,
}

impl FileRow {
    /// A file of a listing of this level.
    pub(crate) fn new(level: u32, file: OpenFile) -> Self {
        Self { level, file, client_name: None }
    }
}

/// The rows of a listing.
pub(super) fn rows(listing: FileListing) -> Rows<FileRow> {
    let (level, memory, mismatch) = (listing.level(), listing.memory(), listing.filter_mismatch().cloned());
    let rows: Vec<_> = listing.into_iter().map(|file| FileRow::new(level, file)).collect();
    Rows { remark: Some(format!("level {level}")), memory, mismatch, ..rows.into() }
}

type FileColumn = Column<FileRow>;

impl Row for FileRow {
    type Totals = FileTotals;

    const COLUMNS: &'static [FileColumn] = &[
        FileColumn::new("level", "LEVEL", |row| i64::from(row.level).into()).number(),
        FileColumn::new("id", "ID", |row| i64::from(row.file.id()).into()).number().always(),
        FileColumn::new("path", "PATH", |row| row.file.path().into()).path(24).if_known(),
        FileColumn::new("unc", "UNC", |row| row.file.unc().into()).path(24),
        FileColumn::new("share", "SHARE", |row| row.file.share().into()),
        FileColumn::new("user", "USER", |row| row.file.user().into()).at_least(10).if_known(),
        FileColumn::new("access", "ACCESS", |row| match row.file.access() {
            Some(access) => Value::Words(access.names().collect()),
            None => Value::Null,
        })
        .optional(),
        FileColumn::new("locks", "LOCKS", |row| row.file.locks().map(i64::from).into()).number().minor(),
        FileColumn::new("client", "CLIENT", |row| row.file.client().into()).whole(),
        // It was asked for.
        FileColumn::new("client_name", "NAME", |row| row.client_name.as_deref().into()).at_least(20),
    ];
    const TABLE: &'static [&'static str] =
        &["id", "user", "client", "client_name", "access", "locks", "path"];

    /// By path, then by id.
    fn sort(rows: &mut [Self]) {
        rows.sort_by_cached_key(|row| (row.file.path().map(str::to_lowercase), row.file.id()));
    }

    fn client_address(&self) -> Option<IpAddr> {
        ClientName::new(self.file.client()?).address()
    }

    fn set_client_name(&mut self, name: String) {
        self.client_name = Some(name);
    }
}

impl Totals<FileRow> for FileTotals {
    fn add(&mut self, row: &FileRow) {
        Self::add(self, &row.file);
    }

    fn text(&self, partial: PartialSums) -> Option<String> {
        Some(Self::text(self, partial))
    }
}
