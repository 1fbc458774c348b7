use std::fmt;

use super::code_table;

/// An NTSTATUS, the status of an SMB2 message (\[MS-ERREF\] 2.3).
///
/// ```
/// use netsession_proto::erref::NtStatus;
///
/// assert_eq!(NtStatus::ACCESS_DENIED.to_string(), "STATUS_ACCESS_DENIED 0xC0000022");
/// assert_eq!(NtStatus(0xC000_1234).to_string(), "0xC0001234");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NtStatus(pub u32);

impl NtStatus {
    /// Whether the status is an error: severity 3, or an SMB1 code.
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.severity() == 0x3 || self.is_smb1()
    }

    /// Whether the severity is "success"; a warning such as [`NtStatus::BUFFER_OVERFLOW`] is none.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.severity() == 0x0 && !self.is_smb1()
    }

    /// SMB1 packed class and code of an error into a status whose severity bits are zero: without this
    /// [`NtStatus::INVALID_SMB`] would pass for a success.
    const fn is_smb1(self) -> bool {
        self.severity() == 0x0 && self.0 > 0xFFFF
    }

    /// Whether the caller lacks a right.
    #[must_use]
    pub const fn is_access_denied(self) -> bool {
        matches!(self, Self::ACCESS_DENIED | Self::NETWORK_ACCESS_DENIED)
    }

    const fn severity(self) -> u32 {
        self.0 >> 30
    }
}

impl fmt::Display for NtStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} 0x{:08X}", self.0),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

code_table! { NtStatus;
    SUCCESS = 0x0000_0000, "STATUS_SUCCESS", "the operation succeeded";
    TIMEOUT = 0x0000_0102, "STATUS_TIMEOUT", "the wait timed out";
    PENDING = 0x0000_0103, "STATUS_PENDING", "the answer will follow later";

    BUFFER_OVERFLOW = 0x8000_0005, "STATUS_BUFFER_OVERFLOW", "there is more data than fits into the answer";
    NO_MORE_FILES = 0x8000_0006, "STATUS_NO_MORE_FILES", "there are no more files";
    STOPPED_ON_SYMLINK = 0x8000_002D, "STATUS_STOPPED_ON_SYMLINK", "the path leads over a symbolic link";

    UNSUCCESSFUL = 0xC000_0001, "STATUS_UNSUCCESSFUL", "the operation failed";
    NOT_IMPLEMENTED = 0xC000_0002, "STATUS_NOT_IMPLEMENTED", "the server does not implement the operation";
    INVALID_INFO_CLASS = 0xC000_0003, "STATUS_INVALID_INFO_CLASS", "the server does not know the information class";
    INFO_LENGTH_MISMATCH = 0xC000_0004, "STATUS_INFO_LENGTH_MISMATCH", "a length in the request is wrong";
    ACCESS_VIOLATION = 0xC000_0005, "STATUS_ACCESS_VIOLATION", "an invalid memory access on the server";
    INVALID_HANDLE = 0xC000_0008, "STATUS_INVALID_HANDLE", "the handle is not valid";
    INVALID_PARAMETER = 0xC000_000D, "STATUS_INVALID_PARAMETER", "the server rejects a parameter of the request";
    NO_SUCH_DEVICE = 0xC000_000E, "STATUS_NO_SUCH_DEVICE", "the device does not exist";
    NO_SUCH_FILE = 0xC000_000F, "STATUS_NO_SUCH_FILE", "the file does not exist";
    INVALID_DEVICE_REQUEST = 0xC000_0010, "STATUS_INVALID_DEVICE_REQUEST", "the request is not valid for its target";
    END_OF_FILE = 0xC000_0011, "STATUS_END_OF_FILE", "the end of the file has been reached";
    MORE_PROCESSING_REQUIRED = 0xC000_0016, "STATUS_MORE_PROCESSING_REQUIRED", "the log-on needs another step";
    NO_MEMORY = 0xC000_0017, "STATUS_NO_MEMORY", "the server is out of memory";
    ACCESS_DENIED = 0xC000_0022, "STATUS_ACCESS_DENIED", "access is denied";
    BUFFER_TOO_SMALL = 0xC000_0023, "STATUS_BUFFER_TOO_SMALL", "the buffer is too small for the answer";
    OBJECT_NAME_INVALID = 0xC000_0033, "STATUS_OBJECT_NAME_INVALID", "the name is not valid";
    OBJECT_NAME_NOT_FOUND = 0xC000_0034, "STATUS_OBJECT_NAME_NOT_FOUND", "there is no file or pipe of that name";
    OBJECT_NAME_COLLISION = 0xC000_0035, "STATUS_OBJECT_NAME_COLLISION", "the name exists already";
    OBJECT_PATH_INVALID = 0xC000_0039, "STATUS_OBJECT_PATH_INVALID", "a part of the path is not a directory";
    OBJECT_PATH_NOT_FOUND = 0xC000_003A, "STATUS_OBJECT_PATH_NOT_FOUND", "the path does not exist";
    OBJECT_PATH_SYNTAX_BAD = 0xC000_003B, "STATUS_OBJECT_PATH_SYNTAX_BAD", "the path is not well formed";
    DATA_ERROR = 0xC000_003E, "STATUS_DATA_ERROR", "the data could not be read or written without error";
    SHARING_VIOLATION = 0xC000_0043, "STATUS_SHARING_VIOLATION", "another program has it open and does not share it";
    FILE_LOCK_CONFLICT = 0xC000_0054, "STATUS_FILE_LOCK_CONFLICT", "a part of the file is locked";
    LOCK_NOT_GRANTED = 0xC000_0055, "STATUS_LOCK_NOT_GRANTED", "the lock was not granted";
    DELETE_PENDING = 0xC000_0056, "STATUS_DELETE_PENDING", "the file is about to be deleted";
    UNKNOWN_REVISION = 0xC000_0058, "STATUS_UNKNOWN_REVISION", "the server does not know this revision";
    NO_LOGON_SERVERS = 0xC000_005E, "STATUS_NO_LOGON_SERVERS", "the server reaches no domain controller to check the log-on";
    NO_SUCH_LOGON_SESSION = 0xC000_005F, "STATUS_NO_SUCH_LOGON_SESSION", "the log-on session does not exist any more";
    PRIVILEGE_NOT_HELD = 0xC000_0061, "STATUS_PRIVILEGE_NOT_HELD", "the account lacks a privilege";
    INVALID_ACCOUNT_NAME = 0xC000_0062, "STATUS_INVALID_ACCOUNT_NAME", "the account name is not well formed";
    NO_SUCH_USER = 0xC000_0064, "STATUS_NO_SUCH_USER", "the user does not exist";
    WRONG_PASSWORD = 0xC000_006A, "STATUS_WRONG_PASSWORD", "the password is wrong";
    PASSWORD_RESTRICTION = 0xC000_006C, "STATUS_PASSWORD_RESTRICTION", "the password breaks a rule for passwords";
    LOGON_FAILURE = 0xC000_006D, "STATUS_LOGON_FAILURE", "the user name or the password is wrong";
    ACCOUNT_RESTRICTION = 0xC000_006E, "STATUS_ACCOUNT_RESTRICTION", "a restriction of the account forbids this log-on";
    INVALID_LOGON_HOURS = 0xC000_006F, "STATUS_INVALID_LOGON_HOURS", "the account may not log on at this hour";
    INVALID_WORKSTATION = 0xC000_0070, "STATUS_INVALID_WORKSTATION", "the account may not log on from this computer";
    PASSWORD_EXPIRED = 0xC000_0071, "STATUS_PASSWORD_EXPIRED", "the password has expired";
    ACCOUNT_DISABLED = 0xC000_0072, "STATUS_ACCOUNT_DISABLED", "the account is disabled";
    DISK_FULL = 0xC000_007F, "STATUS_DISK_FULL", "the disk is full";
    INSUFFICIENT_RESOURCES = 0xC000_009A, "STATUS_INSUFFICIENT_RESOURCES", "the server is short of resources";
    DEVICE_NOT_READY = 0xC000_00A3, "STATUS_DEVICE_NOT_READY", "the device is not ready";
    BAD_IMPERSONATION_LEVEL = 0xC000_00A5, "STATUS_BAD_IMPERSONATION_LEVEL", "the impersonation level is not accepted";
    INSTANCE_NOT_AVAILABLE = 0xC000_00AB, "STATUS_INSTANCE_NOT_AVAILABLE", "all instances of the pipe are in use";
    PIPE_NOT_AVAILABLE = 0xC000_00AC, "STATUS_PIPE_NOT_AVAILABLE", "no instance of the pipe is listening";
    INVALID_PIPE_STATE = 0xC000_00AD, "STATUS_INVALID_PIPE_STATE", "the pipe is not in the state for this operation";
    PIPE_BUSY = 0xC000_00AE, "STATUS_PIPE_BUSY", "the pipe is busy";
    PIPE_DISCONNECTED = 0xC000_00B0, "STATUS_PIPE_DISCONNECTED", "the pipe is disconnected";
    PIPE_CLOSING = 0xC000_00B1, "STATUS_PIPE_CLOSING", "the pipe is being closed";
    PIPE_CONNECTED = 0xC000_00B2, "STATUS_PIPE_CONNECTED", "the pipe is connected already";
    PIPE_LISTENING = 0xC000_00B3, "STATUS_PIPE_LISTENING", "the pipe is still waiting for a client";
    INVALID_READ_MODE = 0xC000_00B4, "STATUS_INVALID_READ_MODE", "the pipe is not in message mode";
    IO_TIMEOUT = 0xC000_00B5, "STATUS_IO_TIMEOUT", "the operation timed out on the server";
    FILE_FORCED_CLOSED = 0xC000_00B6, "STATUS_FILE_FORCED_CLOSED", "another process closed the file";
    NOT_SUPPORTED = 0xC000_00BB, "STATUS_NOT_SUPPORTED", "the server does not support the request";
    REMOTE_NOT_LISTENING = 0xC000_00BC, "STATUS_REMOTE_NOT_LISTENING", "the remote computer is not listening";
    BAD_NETWORK_PATH = 0xC000_00BE, "STATUS_BAD_NETWORK_PATH", "the network path was not found";
    NETWORK_BUSY = 0xC000_00BF, "STATUS_NETWORK_BUSY", "the network is busy";
    INVALID_NETWORK_RESPONSE = 0xC000_00C3, "STATUS_INVALID_NETWORK_RESPONSE", "the server got a wrong answer from the network";
    UNEXPECTED_NETWORK_ERROR = 0xC000_00C4, "STATUS_UNEXPECTED_NETWORK_ERROR", "an unexpected network error on the server";
    NETWORK_NAME_DELETED = 0xC000_00C9, "STATUS_NETWORK_NAME_DELETED", "the server has closed the connection to the share";
    NETWORK_ACCESS_DENIED = 0xC000_00CA, "STATUS_NETWORK_ACCESS_DENIED", "network access is denied";
    BAD_DEVICE_TYPE = 0xC000_00CB, "STATUS_BAD_DEVICE_TYPE", "the share is of another kind";
    BAD_NETWORK_NAME = 0xC000_00CC, "STATUS_BAD_NETWORK_NAME", "the server has no share of that name";
    TOO_MANY_SESSIONS = 0xC000_00CE, "STATUS_TOO_MANY_SESSIONS", "the server has too many sessions";
    REQUEST_NOT_ACCEPTED = 0xC000_00D0, "STATUS_REQUEST_NOT_ACCEPTED", "the server accepts no more connections";
    VIRTUAL_CIRCUIT_CLOSED = 0xC000_00D6, "STATUS_VIRTUAL_CIRCUIT_CLOSED", "the session was cut because a request timed out";
    PIPE_EMPTY = 0xC000_00D9, "STATUS_PIPE_EMPTY", "the pipe is empty";
    INVALID_SERVER_STATE = 0xC000_00DC, "STATUS_INVALID_SERVER_STATE", "the account server is in the wrong state";
    INVALID_DOMAIN_STATE = 0xC000_00DD, "STATUS_INVALID_DOMAIN_STATE", "the domain is in the wrong state";
    NO_SUCH_DOMAIN = 0xC000_00DF, "STATUS_NO_SUCH_DOMAIN", "the domain does not exist";
    INTERNAL_ERROR = 0xC000_00E5, "STATUS_INTERNAL_ERROR", "an internal error on the server";
    UNEXPECTED_IO_ERROR = 0xC000_00E9, "STATUS_UNEXPECTED_IO_ERROR", "an unexpected input or output error on the server";
    REDIRECTOR_NOT_STARTED = 0xC000_00FB, "STATUS_REDIRECTOR_NOT_STARTED", "the network software is not started";
    BAD_LOGON_SESSION_STATE = 0xC000_0104, "STATUS_BAD_LOGON_SESSION_STATE", "the log-on session is in the wrong state";
    LOGON_SESSION_COLLISION = 0xC000_0105, "STATUS_LOGON_SESSION_COLLISION", "the log-on session exists already";
    PROCESS_IS_TERMINATING = 0xC000_010A, "STATUS_PROCESS_IS_TERMINATING", "the server process is ending";
    INVALID_LOGON_TYPE = 0xC000_010B, "STATUS_INVALID_LOGON_TYPE", "the type of log-on is not valid";
    CANCELLED = 0xC000_0120, "STATUS_CANCELLED", "the request was cancelled";
    FILE_CLOSED = 0xC000_0128, "STATUS_FILE_CLOSED", "the file or pipe is closed already";
    TIME_DIFFERENCE_AT_DC = 0xC000_0133, "STATUS_TIME_DIFFERENCE_AT_DC", "the clocks of server and domain controller differ too much";
    REMOTE_DISCONNECT = 0xC000_013C, "STATUS_REMOTE_DISCONNECT", "the remote computer closed the connection";
    REMOTE_RESOURCES = 0xC000_013D, "STATUS_REMOTE_RESOURCES", "the remote computer is short of resources";
    PIPE_BROKEN = 0xC000_014B, "STATUS_PIPE_BROKEN", "the other end of the pipe has been closed";
    LOGON_NOT_GRANTED = 0xC000_0155, "STATUS_LOGON_NOT_GRANTED", "the account may not log on in this way";
    LOGON_TYPE_NOT_GRANTED = 0xC000_015B, "STATUS_LOGON_TYPE_NOT_GRANTED", "the account has no right to log on over the network";
    IO_DEVICE_ERROR = 0xC000_0185, "STATUS_IO_DEVICE_ERROR", "a device reports an input or output error";
    NO_TRUST_LSA_SECRET = 0xC000_018A, "STATUS_NO_TRUST_LSA_SECRET", "the server has no trust secret for its domain";
    NO_TRUST_SAM_ACCOUNT = 0xC000_018B, "STATUS_NO_TRUST_SAM_ACCOUNT", "the domain has no computer account for the server";
    TRUSTED_DOMAIN_FAILURE = 0xC000_018C, "STATUS_TRUSTED_DOMAIN_FAILURE", "the trust between the domains failed";
    TRUSTED_RELATIONSHIP_FAILURE = 0xC000_018D, "STATUS_TRUSTED_RELATIONSHIP_FAILURE", "the trust between the server and its domain failed";
    TRUST_FAILURE = 0xC000_0190, "STATUS_TRUST_FAILURE", "the log-on failed because of a trust relationship";
    NETLOGON_NOT_STARTED = 0xC000_0192, "STATUS_NETLOGON_NOT_STARTED", "the Netlogon service of the server is not started";
    ACCOUNT_EXPIRED = 0xC000_0193, "STATUS_ACCOUNT_EXPIRED", "the account has expired";
    REMOTE_SESSION_LIMIT = 0xC000_0196, "STATUS_REMOTE_SESSION_LIMIT", "the server has too many sessions";
    NOLOGON_INTERDOMAIN_TRUST_ACCOUNT = 0xC000_0198, "STATUS_NOLOGON_INTERDOMAIN_TRUST_ACCOUNT", "an interdomain trust account cannot log on";
    NOLOGON_WORKSTATION_TRUST_ACCOUNT = 0xC000_0199, "STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT", "a computer account cannot log on";
    NOLOGON_SERVER_TRUST_ACCOUNT = 0xC000_019A, "STATUS_NOLOGON_SERVER_TRUST_ACCOUNT", "a server trust account cannot log on";
    DOMAIN_TRUST_INCONSISTENT = 0xC000_019B, "STATUS_DOMAIN_TRUST_INCONSISTENT", "name or SID of the domain contradict its trust";
    FS_DRIVER_REQUIRED = 0xC000_019C, "STATUS_FS_DRIVER_REQUIRED", "the server needs a file system driver for this request";
    USER_SESSION_DELETED = 0xC000_0203, "STATUS_USER_SESSION_DELETED", "the server has ended the session";
    INSUFF_SERVER_RESOURCES = 0xC000_0205, "STATUS_INSUFF_SERVER_RESOURCES", "the server is short of resources";
    INVALID_BUFFER_SIZE = 0xC000_0206, "STATUS_INVALID_BUFFER_SIZE", "the size of the buffer is not valid";
    CONNECTION_DISCONNECTED = 0xC000_020C, "STATUS_CONNECTION_DISCONNECTED", "the connection is cut";
    CONNECTION_RESET = 0xC000_020D, "STATUS_CONNECTION_RESET", "the connection was reset";
    PASSWORD_MUST_CHANGE = 0xC000_0224, "STATUS_PASSWORD_MUST_CHANGE", "the password must be changed before the first log-on";
    NOT_FOUND = 0xC000_0225, "STATUS_NOT_FOUND", "the object was not found";
    RETRY = 0xC000_022D, "STATUS_RETRY", "the request is to be tried again";
    DOMAIN_CONTROLLER_NOT_FOUND = 0xC000_0233, "STATUS_DOMAIN_CONTROLLER_NOT_FOUND", "the server finds no domain controller";
    ACCOUNT_LOCKED_OUT = 0xC000_0234, "STATUS_ACCOUNT_LOCKED_OUT", "the account is locked after too many wrong passwords";
    CONNECTION_REFUSED = 0xC000_0236, "STATUS_CONNECTION_REFUSED", "the connection was refused";
    CONNECTION_INVALID = 0xC000_023A, "STATUS_CONNECTION_INVALID", "the connection does not exist";
    NETWORK_UNREACHABLE = 0xC000_023C, "STATUS_NETWORK_UNREACHABLE", "the network cannot be reached";
    HOST_UNREACHABLE = 0xC000_023D, "STATUS_HOST_UNREACHABLE", "the host cannot be reached";
    CONNECTION_ABORTED = 0xC000_0241, "STATUS_CONNECTION_ABORTED", "the connection was aborted";
    CONNECTION_COUNT_LIMIT = 0xC000_0246, "STATUS_CONNECTION_COUNT_LIMIT", "the account has too many connections at the same time";
    LOGIN_TIME_RESTRICTION = 0xC000_0247, "STATUS_LOGIN_TIME_RESTRICTION", "the account may not log on at this hour";
    LOGIN_WKSTA_RESTRICTION = 0xC000_0248, "STATUS_LOGIN_WKSTA_RESTRICTION", "the account may not log on from this computer";
    PATH_NOT_COVERED = 0xC000_0257, "STATUS_PATH_NOT_COVERED", "the server does not hold this part of the DFS namespace";
    LICENSE_QUOTA_EXCEEDED = 0xC000_0259, "STATUS_LICENSE_QUOTA_EXCEEDED", "the server has no licence for another connection";
    DFS_UNAVAILABLE = 0xC000_026D, "STATUS_DFS_UNAVAILABLE", "DFS is not available on the server";
    MUTUAL_AUTHENTICATION_FAILED = 0xC000_02C3, "STATUS_MUTUAL_AUTHENTICATION_FAILED", "the server could not prove who it is";
    NO_TGT_REPLY = 0xC000_02EF, "STATUS_NO_TGT_REPLY", "the server wants user-to-user Kerberos and sent no ticket for it";
    WRONG_CREDENTIAL_HANDLE = 0xC000_02F2, "STATUS_WRONG_CREDENTIAL_HANDLE", "the credential does not belong to the security context";
    CRYPTO_SYSTEM_INVALID = 0xC000_02F3, "STATUS_CRYPTO_SYSTEM_INVALID", "a function of the cipher or checksum is missing";
    SMARTCARD_LOGON_REQUIRED = 0xC000_02FA, "STATUS_SMARTCARD_LOGON_REQUIRED", "the account must log on with a smart card";
    KDC_UNKNOWN_ETYPE = 0xC000_02FD, "STATUS_KDC_UNKNOWN_ETYPE", "the domain controller does not support the type of encryption";
    SERVER_SHUTDOWN_IN_PROGRESS = 0xC000_02FF, "STATUS_SERVER_SHUTDOWN_IN_PROGRESS", "the server is shutting down";
    NO_KERB_KEY = 0xC000_0322, "STATUS_NO_KERB_KEY", "the server has no usable Kerberos key";
    HOST_DOWN = 0xC000_0350, "STATUS_HOST_DOWN", "the host is down";
    NETWORK_SESSION_EXPIRED = 0xC000_035C, "STATUS_NETWORK_SESSION_EXPIRED", "the session has expired and needs a new log-on";
    DOWNGRADE_DETECTED = 0xC000_0388, "STATUS_DOWNGRADE_DETECTED", "somebody may be trying to weaken the log-on";
    AUTHENTICATION_FIREWALL_FAILED = 0xC000_0413, "STATUS_AUTHENTICATION_FIREWALL_FAILED", "selective authentication of the trust keeps the account out";
    NTLM_BLOCKED = 0xC000_0418, "STATUS_NTLM_BLOCKED", "NTLM is blocked by policy";
    IMPLEMENTATION_LIMIT = 0xC000_042B, "STATUS_IMPLEMENTATION_LIMIT", "a limit of the implementation was exceeded";
    NO_SECURITY_CONTEXT = 0xC000_042D, "STATUS_NO_SECURITY_CONTEXT", "the security context does not exist";
    INVALID_TOKEN = 0xC000_0465, "STATUS_INVALID_TOKEN", "the token is not valid or has expired";
    SERVER_UNAVAILABLE = 0xC000_0466, "STATUS_SERVER_UNAVAILABLE", "the file server is unavailable for the moment";
    FILE_NOT_AVAILABLE = 0xC000_0467, "STATUS_FILE_NOT_AVAILABLE", "the file is unavailable for the moment";
    SHARE_UNAVAILABLE = 0xC000_0480, "STATUS_SHARE_UNAVAILABLE", "the share is unavailable for the moment";
    INVALID_SIGNATURE = 0xC000_A000, "STATUS_INVALID_SIGNATURE", "the signature is wrong";
    AUTH_TAG_MISMATCH = 0xC000_A002, "STATUS_AUTH_TAG_MISMATCH", "the authentication tag is wrong";
    SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP = 0xC05D_0000, "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP", "the server supports none of the hash algorithms offered";
    SMB_BAD_CLUSTER_DIALECT = 0xC05D_0001, "STATUS_SMB_BAD_CLUSTER_DIALECT", "the nodes of the cluster do not support the dialect";

    // SMB1 codes of [MS-CIFS] 2.2.2.4: some servers answer SMB2 with them.
    INVALID_SMB = 0x0001_0002, "STATUS_INVALID_SMB", "the server finds the message malformed";
    SMB_BAD_TID = 0x0005_0002, "STATUS_SMB_BAD_TID", "the server does not know the tree";
    SMB_BAD_COMMAND = 0x0016_0002, "STATUS_SMB_BAD_COMMAND", "the server does not know the command";
    SMB_BAD_UID = 0x005B_0002, "STATUS_SMB_BAD_UID", "the server does not know the session";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_with_its_name_and_number() {
        assert_eq!(NtStatus::ACCESS_DENIED.to_string(), "STATUS_ACCESS_DENIED 0xC0000022");
        assert_eq!(NtStatus(0xC000_1234).to_string(), "0xC0001234");
        assert_eq!(NtStatus(0xC000_006D).text(), Some("the user name or the password is wrong"));
    }

    #[test]
    fn severity_is_in_the_first_two_bits() {
        assert!(NtStatus::SUCCESS.is_success() && NtStatus::PENDING.is_success());
        assert!(!NtStatus::BUFFER_OVERFLOW.is_success() && !NtStatus::BUFFER_OVERFLOW.is_error());
        assert!(NtStatus::INVALID_SMB.is_error() && !NtStatus::INVALID_SMB.is_success());
        assert!(NtStatus::LOGON_FAILURE.is_error() && NtStatus(0xFFFF_FFFF).is_error());
    }

    #[test]
    fn names_are_unique_and_texts_are_plain() {
        let mut names: Vec<_> = NtStatus::ALL.iter().map(|code| code.name().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), NtStatus::ALL.len());
        for code in NtStatus::ALL {
            let text = code.text().unwrap();
            assert!(code.name().unwrap().starts_with("STATUS_") && !text.ends_with('.'), "{text}");
        }
    }
}
