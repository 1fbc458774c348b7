//! How large a store is, and which of it fits.

use redb::{
    ReadTransaction, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _, TableStats,
};

use super::fault::Result;
use super::rows::{Row, decode_span};
use super::tables::{GAPS, NAME_NUMBERS, NAMES, SpanKey};
use super::write::Store;
use crate::round::{File, Session};

const HOUR: u64 = 3600;

/// How much a store has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredBytes {
    pub(crate) content: u64,
    /// Pages of which every byte has this. A page that is written again and again is half empty.
    pub(crate) pages: u64,
    /// The part of `pages` that what lasts takes, with its part of the names: erasing what ended does not free it.
    pub(crate) lasting: u64,
}

impl Store {
    /// The bytes of keys and values, and of all pages in use. Reads every page.
    pub(crate) fn stored_bytes(&self) -> Result<StoredBytes> {
        let transaction = self.database().begin_read()?;
        let names = [transaction.open_table(NAMES)?.stats()?, transaction.open_table(NAME_NUMBERS)?.stats()?];
        let open =
            [transaction.open_table(Session::OPEN)?.stats()?, transaction.open_table(File::OPEN)?.stats()?];
        let mut ended = vec![transaction.open_table(GAPS)?.stats()?];
        ended.extend(ended_stats::<Session>(&transaction)?);
        ended.extend(ended_stats::<File>(&transaction)?);
        let all = names.iter().chain(&open).chain(&ended);
        let content = all.map(TableStats::stored_bytes).fold(0, u64::saturating_add);
        let (names, open, ended) = (all_pages(&names), all_pages(&open), all_pages(&ended));
        // Nothing says which names an interval has before all are read.
        let rows = open.saturating_add(ended).max(1);
        let open_names = u64::try_from(u128::from(names) * u128::from(open) / u128::from(rows)).unwrap_or(0);
        Ok(StoredBytes {
            content,
            pages: names.saturating_add(rows),
            lasting: open.saturating_add(open_names),
        })
    }

    /// The time since which about this part (in thousandths) of the intervals ended, to the hour.
    pub(crate) fn newest_part(&self, thousandths: u64) -> Result<u64> {
        let transaction = self.database().begin_read()?;
        let mut hours = std::collections::BTreeMap::<u64, u64>::new();
        count_hours::<Session>(&transaction, &mut hours)?;
        count_hours::<File>(&transaction, &mut hours)?;
        let total: u64 = hours.values().sum();
        let mut kept = 0_u64;
        let allowed = total.saturating_mul(thousandths) / 1000;
        for (hour, count) in hours.iter().rev() {
            kept = kept.saturating_add(*count);
            if kept > allowed {
                return Ok(hour.saturating_add(1).saturating_mul(HOUR));
            }
        }
        Ok(0)
    }

    /// Whether something ended before a time.
    pub(crate) fn has_ended_before(&self, time: u64) -> Result<bool> {
        let transaction = self.database().begin_read()?;
        Ok(has_ended_before::<Session>(&transaction, time)? || has_ended_before::<File>(&transaction, time)?)
    }
}

fn pages(stats: &TableStats) -> u64 {
    // Without the free part of each page: a page is used or not.
    stats.stored_bytes().saturating_add(stats.metadata_bytes()).saturating_add(stats.fragmented_bytes())
}

fn all_pages(stats: &[TableStats]) -> u64 {
    stats.iter().map(pages).fold(0, u64::saturating_add)
}

fn ended_stats<T: Row>(transaction: &ReadTransaction) -> Result<[TableStats; 3]> {
    Ok([
        transaction.open_table(T::SPANS)?.stats()?,
        transaction.open_table(T::BY_USER)?.stats()?,
        transaction.open_table(T::BY_CLIENT)?.stats()?,
    ])
}

fn count_hours<T: Row>(
    transaction: &ReadTransaction,
    hours: &mut std::collections::BTreeMap<u64, u64>,
) -> Result<()> {
    for entry in transaction.open_table(T::SPANS)?.iter()? {
        let (key, bytes) = entry?;
        let (span, ..) = decode_span(SpanKey::read(key.value()), bytes.value())?;
        let count = hours.entry(span.gone / HOUR).or_default();
        *count = count.saturating_add(1);
    }
    Ok(())
}

fn has_ended_before<T: Row>(transaction: &ReadTransaction, time: u64) -> Result<bool> {
    for entry in transaction.open_table(T::SPANS)?.iter()? {
        let (key, bytes) = entry?;
        let key = SpanKey::read(key.value());
        // Of a class with longer intervals the first one may end late and the second one early; of most stores, the
        // first of all is the oldest.
        if key.from < time && decode_span(key, bytes.value())?.0.gone < time {
            return Ok(true);
        }
    }
    Ok(false)
}
