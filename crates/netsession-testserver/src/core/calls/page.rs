use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::MAX_PREFERRED_LENGTH;
use netsession_proto::wire::{Writer, to_u32, to_usize};

use super::context::CallContext;
use crate::scenario::FaultKind;

/// An entry of a list that a call returns in pages.
pub(super) trait PageEntry: Clone {
    /// Bytes in the server's memory: what a preferred length counts.
    fn size(&self) -> usize;

    /// The name that the fault `surrogate` spoils.
    fn name_mut(&mut self) -> &mut String;
}

/// What the client asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageRequest {
    /// PreferedMaximumLength, in bytes.
    pub(super) preferred_length: u32,
    /// The resume handle: an index into the whole list, behind [`PageRules::first_handle`].
    pub(super) resume: Option<u32>,
}

/// How the server cuts a list into pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageRules {
    /// The preferred length counts.
    pub(super) honours_length: bool,
    /// Entries of a page at most.
    pub(super) max_entries: Option<usize>,
    /// After the last page the resume handle is the length of the list, not 0.
    pub(super) index_at_end: bool,
    /// What is added to an index to make a handle: where it is not 0, a client that takes a handle for an index is
    /// found out.
    pub(super) first_handle: u32,
}

/// Some entries of a list, and where the next page begins.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) entries: Vec<T>,
    pub(super) total: u32,
    pub(super) resume: Option<u32>,
    pub(super) code: Win32Error,
}

impl<T: PageEntry> Page<T> {
    /// Takes entries from the resume handle on, as many as fit. `show` turns the items of the list that the
    /// client wants into entries.
    pub(super) fn take<I>(
        list: &[I],
        wanted: impl Fn(&I) -> bool,
        show: impl Fn(&I) -> T,
        request: PageRequest,
        rules: PageRules,
    ) -> Self {
        let start = to_usize(request.resume.unwrap_or(0).saturating_sub(rules.first_handle));
        let wanted: Vec<(usize, &I)> =
            list.iter().enumerate().skip(start).filter(|(_, item)| wanted(item)).collect();
        let limited = rules.honours_length && request.preferred_length != MAX_PREFERRED_LENGTH;
        let mut room = limited.then(|| to_usize(request.preferred_length));
        let mut entries = Vec::new();
        for (_, item) in wanted.iter().take(rules.max_entries.unwrap_or(usize::MAX)) {
            let entry = show(item);
            if let Some(left) = &mut room {
                let Some(rest) = left.checked_sub(entry.size()) else { break };
                *left = rest;
            }
            entries.push(entry);
        }
        let next = wanted.get(entries.len()).map(|(index, _)| *index);
        let end = if rules.index_at_end { list.len() } else { 0 };
        Self {
            total: to_u32(wanted.len()),
            resume: request
                .resume
                .map(|_| next.map_or(to_u32(end), |next| to_u32(next).saturating_add(rules.first_handle))),
            code: if next.is_some() { Win32Error::MORE_DATA } else { Win32Error::SUCCESS },
            entries,
        }
    }

    /// Applies the faults of the scenario. `all` makes the entries of the whole list.
    pub(super) fn spoil(&mut self, context: &CallContext<'_>, resume: Option<u32>, all: impl Fn() -> Vec<T>) {
        for kind in context.faults {
            match kind {
                FaultKind::PageWithoutProgress => {
                    self.code = Win32Error::MORE_DATA;
                    self.resume = resume;
                }
                FaultKind::PageWithoutEntry => {
                    self.code = Win32Error::MORE_DATA;
                    self.entries.clear();
                    self.resume = resume.map(|resume| resume.saturating_add(1));
                }
                FaultKind::PagesWithoutEnd => {
                    self.code = Win32Error::MORE_DATA;
                    self.entries = all();
                    self.resume = resume.map(|resume| resume.wrapping_add(1));
                }
                FaultKind::Surrogate => {
                    if let Some(entry) = self.entries.first_mut() {
                        entry.name_mut().push(char::REPLACEMENT_CHARACTER);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Applies the faults of the scenario to the stub of a page.
pub(super) fn spoil_stub(context: &CallContext<'_>, stub: &mut Vec<u8>) {
    for kind in context.faults {
        match kind {
            FaultKind::Count(count) => {
                // The same in every enumeration of [MS-SRVS]: a level, a union, and a container in it.
                const ENTRIES_READ: usize = 4 /* level */ + 4 /* tag */ + 4 /* container */;
                const MAXIMUM_COUNT: usize = ENTRIES_READ + 4 /* EntriesRead */ + 4 /* pointer */;
                overwrite(stub, ENTRIES_READ, &count.to_le_bytes());
                overwrite(stub, MAXIMUM_COUNT, &count.to_le_bytes());
            }
            FaultKind::Surrogate => {
                let replacement_character = [0xfd, 0xff];
                if let Some(at) = stub.chunks(2).position(|unit| unit == replacement_character) {
                    overwrite(stub, at.saturating_mul(2), &0xd800_u16.to_le_bytes());
                }
            }
            _ => {}
        }
    }
}

fn overwrite(bytes: &mut Vec<u8>, at: usize, with: &[u8]) {
    let mut writer = Writer::new();
    writer.bytes(bytes);
    writer.overwrite(at, with);
    *bytes = writer.into_bytes();
}
