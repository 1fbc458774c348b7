//! Where the answer comes from: the wire, or the system's own library.

pub(crate) mod smb;
