use crate::ndr::NdrReader;
use crate::srvs::ResponseError;
use crate::wire::DecodeError;

/// The entries in a container whose pointer has been read: EntriesRead, the fixed parts of `size` bytes each, then the
/// strings. `decode` reads one entry from both.
pub(in crate::srvs) fn decode_container<T>(
    reader: &mut NdrReader<'_>,
    size: usize,
    max_entries: usize,
    mut decode: impl FnMut(&mut NdrReader<'_>, &mut NdrReader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, ResponseError> {
    let entries_read = reader.count("EntriesRead")?;
    let offset = reader.position();
    if !reader.pointer("Buffer")? {
        return if entries_read == 0 {
            Ok(Vec::new())
        } else {
            Err(DecodeError::wrong("Buffer", offset, "is null although there are entries").into())
        };
    }
    let (count, mut fixed) = reader.array(size, "Buffer")?;
    if count != entries_read {
        let problem = "does not hold as many entries as EntriesRead says";
        return Err(DecodeError::wrong("Buffer", offset, problem).into());
    }
    if count > max_entries {
        return Err(ResponseError::TooManyEntries { limit: max_entries });
    }
    // Sized by entries whose fixed parts have been read: the wire cannot claim more than it sent.
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        entries.push(decode(&mut fixed, reader)?);
    }
    Ok(entries)
}
