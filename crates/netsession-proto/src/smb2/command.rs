use std::fmt;

/// The command of a message (\[MS-SMB2\] 2.2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Command(pub u16);

impl Command {
    /// Agrees on dialect and algorithms.
    pub const NEGOTIATE: Self = Self(0x0000);
    /// Logs on.
    pub const SESSION_SETUP: Self = Self(0x0001);
    /// Logs off.
    pub const LOGOFF: Self = Self(0x0002);
    /// Connects to a share.
    pub const TREE_CONNECT: Self = Self(0x0003);
    /// Disconnects from a share.
    pub const TREE_DISCONNECT: Self = Self(0x0004);
    /// Opens a file or pipe.
    pub const CREATE: Self = Self(0x0005);
    /// Closes it.
    pub const CLOSE: Self = Self(0x0006);
    /// Writes out what is buffered.
    pub const FLUSH: Self = Self(0x0007);
    /// Reads from it.
    pub const READ: Self = Self(0x0008);
    /// Writes to it.
    pub const WRITE: Self = Self(0x0009);
    /// Locks a range of it.
    pub const LOCK: Self = Self(0x000a);
    /// Control codes; on a pipe, a request and its answer in one.
    pub const IOCTL: Self = Self(0x000b);
    /// Cancels a request.
    pub const CANCEL: Self = Self(0x000c);
    /// Asks for an answer.
    pub const ECHO: Self = Self(0x000d);
    /// Asks what is in a directory.
    pub const QUERY_DIRECTORY: Self = Self(0x000e);
    /// Asks to be told of changes in it.
    pub const CHANGE_NOTIFY: Self = Self(0x000f);
    /// Asks for attributes.
    pub const QUERY_INFO: Self = Self(0x0010);
    /// Sets them.
    pub const SET_INFO: Self = Self(0x0011);
    /// Breaks an oplock or lease.
    pub const OPLOCK_BREAK: Self = Self(0x0012);

    const NAMES: [&'static str; 19] = [
        "NEGOTIATE",
        "SESSION_SETUP",
        "LOGOFF",
        "TREE_CONNECT",
        "TREE_DISCONNECT",
        "CREATE",
        "CLOSE",
        "FLUSH",
        "READ",
        "WRITE",
        "LOCK",
        "IOCTL",
        "CANCEL",
        "ECHO",
        "QUERY_DIRECTORY",
        "CHANGE_NOTIFY",
        "QUERY_INFO",
        "SET_INFO",
        "OPLOCK_BREAK",
    ];
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.get(usize::from(self.0)) {
            Some(name) => f.write_str(name),
            None => write!(f, "command {:#06x}", self.0),
        }
    }
}
