use netsession_proto::srvs::{CodeAlone, FileCloseRequest};
use windows_sys::Win32::Storage::FileSystem::NetFileClose;

use super::answer::returned;
use super::strings::Wide;
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for FileCloseRequest {
    fn call(&self, _: usize) -> SystemAnswer<CodeAlone> {
        let server = Wide::new(self.server.as_deref())?;
        // SAFETY: the name is null or ends with a NUL, by the invariant of `Wide`.
        returned(unsafe { NetFileClose(server.as_ptr(), self.id) })
    }
}
