use netsession_proto::srvs::{CodeAlone, SessionDelRequest};
use windows_sys::Win32::Storage::FileSystem::NetSessionDel;

use super::answer::returned;
use super::strings::Wide;
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for SessionDelRequest {
    fn call(&self, _: usize) -> SystemAnswer<CodeAlone> {
        let server = Wide::new(self.server.as_deref())?;
        let (client, user) = (Wide::new(Some(&self.client))?, Wide::new(Some(&self.user))?);
        // SAFETY: the names are null or end with a NUL, by the invariant of `Wide`.
        returned(unsafe { NetSessionDel(server.as_ptr(), client.as_ptr(), user.as_ptr()) })
    }
}
