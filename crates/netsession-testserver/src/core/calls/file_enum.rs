use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{
    EnumResponse, FileEnumRequest, FileEnumResponse, FileInfo, FileLevel, InfoLevel,
};

use super::context::CallContext;
use super::page::{Page, PageEntry, PageRequest, PageRules, spoil_stub};

/// The handle of the file after the first one: on Windows it is no index, so that here it is none either.
const FIRST_HANDLE: u32 = 0x4000;

/// NetrFileEnum (\[MS-SRVS\] 3.1.4.2).
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = FileEnumRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    let rules = &context.host.scenario().files;
    let refuse = |code| Ok(FileEnumResponse::encode_error(request.level, request.resume, code));
    if !context.caller.administrator {
        return refuse(Win32Error::ACCESS_DENIED);
    }
    let level = FileLevel::from_number(request.level).filter(|level| rules.levels.contains(&level.number()));
    let Some(level) = level else { return refuse(Win32Error(rules.missing_level)) };
    let filter = if rules.honours_filters { Filter::new(&request) } else { Filter::default() };
    let files = context.host.files().snapshot();
    if filter.user.is_some() && !files.iter().any(|file| filter.matches_user(file)) {
        return refuse(Win32Error::NERR_USER_NOT_FOUND);
    }
    let shown = |file: &FileInfo| match level {
        FileLevel::L2 => FileInfo { id: file.id, ..FileInfo::default() },
        FileLevel::L3 => file.clone(),
    };
    let FileEnumRequest { preferred_length, resume, .. } = request;
    let mut page = Page::take(
        &files,
        |file| filter.matches_user(file) && filter.matches_path(file),
        shown,
        PageRequest { preferred_length, resume },
        PageRules {
            honours_length: true,
            max_entries: rules.page_size,
            index_at_end: false,
            first_handle: FIRST_HANDLE,
        },
    );
    page.spoil(context, resume, || files.iter().map(shown).collect());
    let Page { entries, total, resume, code } = page;
    let mut stub = EnumResponse { level, entries, total_entries: total, resume, code }.encode();
    spoil_stub(context, &mut stub);
    Ok(stub)
}

#[derive(Default)]
struct Filter {
    base_path: Option<String>,
    user: Option<String>,
}

impl Filter {
    /// NULL and empty are no filter.
    fn new(request: &FileEnumRequest) -> Self {
        let wanted = |name: &Option<String>| {
            name.as_ref().filter(|name| !name.is_empty()).map(|name| name.to_lowercase())
        };
        Self { base_path: wanted(&request.base_path), user: wanted(&request.user) }
    }

    fn matches_user(&self, file: &FileInfo) -> bool {
        let user = file.user.as_deref().unwrap_or_default().to_lowercase();
        self.user.as_ref().is_none_or(|wanted| user.rsplit('\\').next() == Some(wanted.as_str()))
    }

    fn matches_path(&self, file: &FileInfo) -> bool {
        let path = file.path.as_deref().unwrap_or_default().to_lowercase();
        self.base_path.as_ref().is_none_or(|base| path.starts_with(base.as_str()))
    }
}

impl PageEntry for FileInfo {
    fn size(&self) -> usize {
        let text = |name: &String| 4 /* pointer */ + 2 * name.encode_utf16().count() + 2 /* null */;
        let numbers = 4 * (1 + [self.permissions, self.locks].into_iter().flatten().count());
        numbers + [&self.path, &self.user].into_iter().flatten().map(text).sum::<usize>()
    }

    fn name_mut(&mut self) -> &mut String {
        self.path.get_or_insert_default()
    }
}
