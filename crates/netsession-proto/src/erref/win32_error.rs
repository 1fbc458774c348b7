use std::fmt;

use super::code_table;

/// A Win32 error code, the return value of a call to the server service (\[MS-ERREF\] 2.2).
///
/// The codes from 2100 on (`NERR_…`) are those of the network functions. Windows' usual function for texts
/// does not know them, so that tools show their bare numbers; here they have texts like the others.
///
/// ```
/// use netsession_proto::erref::Win32Error;
///
/// assert_eq!(Win32Error(5).to_string(), "ERROR_ACCESS_DENIED 5");
/// assert_eq!(Win32Error(2312).to_string(), "NERR_ClientNameNotFound 2312");
/// assert_eq!(Win32Error(12345).to_string(), "12345");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Win32Error(pub u32);

impl Win32Error {
    /// Whether the call succeeded in full: [`Win32Error::MORE_DATA`] is no success.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == Self::SUCCESS.0
    }
}

impl fmt::Display for Win32Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} {}", self.0),
            None => self.0.fmt(f),
        }
    }
}

code_table! { Win32Error;
    SUCCESS = 0, "ERROR_SUCCESS", "the operation succeeded";
    INVALID_FUNCTION = 1, "ERROR_INVALID_FUNCTION", "the function is not valid";
    FILE_NOT_FOUND = 2, "ERROR_FILE_NOT_FOUND", "the file was not found";
    PATH_NOT_FOUND = 3, "ERROR_PATH_NOT_FOUND", "the path was not found";
    TOO_MANY_OPEN_FILES = 4, "ERROR_TOO_MANY_OPEN_FILES", "too many files are open";
    ACCESS_DENIED = 5, "ERROR_ACCESS_DENIED", "access is denied";
    INVALID_HANDLE = 6, "ERROR_INVALID_HANDLE", "the handle is not valid";
    NOT_ENOUGH_MEMORY = 8, "ERROR_NOT_ENOUGH_MEMORY", "there is not enough memory";
    INVALID_ACCESS = 12, "ERROR_INVALID_ACCESS", "the access code is not valid";
    INVALID_DATA = 13, "ERROR_INVALID_DATA", "the data is not valid";
    OUTOFMEMORY = 14, "ERROR_OUTOFMEMORY", "there is not enough memory";
    NOT_READY = 21, "ERROR_NOT_READY", "the device is not ready";
    BAD_LENGTH = 24, "ERROR_BAD_LENGTH", "a length in the request is wrong";
    GEN_FAILURE = 31, "ERROR_GEN_FAILURE", "a device on the server does not work";
    SHARING_VIOLATION = 32, "ERROR_SHARING_VIOLATION", "another program has it open and does not share it";
    NOT_SUPPORTED = 50, "ERROR_NOT_SUPPORTED", "the server does not support the request";
    REM_NOT_LIST = 51, "ERROR_REM_NOT_LIST", "the remote computer is not listening";
    DUP_NAME = 52, "ERROR_DUP_NAME", "the name exists twice on the network";
    BAD_NETPATH = 53, "ERROR_BAD_NETPATH", "the network path was not found";
    NETWORK_BUSY = 54, "ERROR_NETWORK_BUSY", "the network is busy";
    DEV_NOT_EXIST = 55, "ERROR_DEV_NOT_EXIST", "the network resource is not available any more";
    BAD_NET_RESP = 58, "ERROR_BAD_NET_RESP", "the server cannot perform the operation";
    UNEXP_NET_ERR = 59, "ERROR_UNEXP_NET_ERR", "an unexpected network error";
    NETNAME_DELETED = 64, "ERROR_NETNAME_DELETED", "the network name is not available any more";
    NETWORK_ACCESS_DENIED = 65, "ERROR_NETWORK_ACCESS_DENIED", "network access is denied";
    BAD_DEV_TYPE = 66, "ERROR_BAD_DEV_TYPE", "the network resource is of another kind";
    BAD_NET_NAME = 67, "ERROR_BAD_NET_NAME", "the network name was not found";
    TOO_MANY_SESS = 69, "ERROR_TOO_MANY_SESS", "the server has too many sessions";
    SHARING_PAUSED = 70, "ERROR_SHARING_PAUSED", "the server is paused or still starting";
    REQ_NOT_ACCEP = 71, "ERROR_REQ_NOT_ACCEP", "the server accepts no more connections";
    OUT_OF_STRUCTURES = 84, "ERROR_OUT_OF_STRUCTURES", "the server has no room for the request";
    INVALID_PASSWORD = 86, "ERROR_INVALID_PASSWORD", "the password is wrong";
    INVALID_PARAMETER = 87, "ERROR_INVALID_PARAMETER", "the server rejects a parameter of the call";
    BROKEN_PIPE = 109, "ERROR_BROKEN_PIPE", "the other end of the pipe has been closed";
    CALL_NOT_IMPLEMENTED = 120, "ERROR_CALL_NOT_IMPLEMENTED", "the server does not implement the call";
    SEM_TIMEOUT = 121, "ERROR_SEM_TIMEOUT", "the operation timed out";
    INSUFFICIENT_BUFFER = 122, "ERROR_INSUFFICIENT_BUFFER", "the buffer is too small";
    INVALID_NAME = 123, "ERROR_INVALID_NAME", "the name is not valid";
    INVALID_LEVEL = 124, "ERROR_INVALID_LEVEL", "the server does not have this level of information";
    PROC_NOT_FOUND = 127, "ERROR_PROC_NOT_FOUND", "the server does not have the procedure";
    BAD_PATHNAME = 161, "ERROR_BAD_PATHNAME", "the path is not valid";
    BUSY = 170, "ERROR_BUSY", "the resource is in use";
    BAD_PIPE = 230, "ERROR_BAD_PIPE", "the pipe is not in the state for this operation";
    PIPE_BUSY = 231, "ERROR_PIPE_BUSY", "all instances of the pipe are busy";
    NO_DATA = 232, "ERROR_NO_DATA", "the pipe is being closed";
    PIPE_NOT_CONNECTED = 233, "ERROR_PIPE_NOT_CONNECTED", "no process is at the other end of the pipe";
    MORE_DATA = 234, "ERROR_MORE_DATA", "there is more data";
    NO_MORE_ITEMS = 259, "ERROR_NO_MORE_ITEMS", "there are no more entries";
    OPERATION_ABORTED = 995, "ERROR_OPERATION_ABORTED", "the operation was aborted";
    SERVICE_REQUEST_TIMEOUT = 1053, "ERROR_SERVICE_REQUEST_TIMEOUT", "the service did not answer in time";
    SERVICE_DISABLED = 1058, "ERROR_SERVICE_DISABLED", "the service is disabled";
    SERVICE_NOT_ACTIVE = 1062, "ERROR_SERVICE_NOT_ACTIVE", "the service is not started";
    SHUTDOWN_IN_PROGRESS = 1115, "ERROR_SHUTDOWN_IN_PROGRESS", "the server is shutting down";
    NO_NET_OR_BAD_PATH = 1203, "ERROR_NO_NET_OR_BAD_PATH", "there is no network or the path is wrong";
    EXTENDED_ERROR = 1208, "ERROR_EXTENDED_ERROR", "an extended error has occurred";
    SESSION_CREDENTIAL_CONFLICT = 1219, "ERROR_SESSION_CREDENTIAL_CONFLICT", "there is a connection to the server under another user name already";
    REMOTE_SESSION_LIMIT_EXCEEDED = 1220, "ERROR_REMOTE_SESSION_LIMIT_EXCEEDED", "the server has too many sessions";
    CANCELLED = 1223, "ERROR_CANCELLED", "the operation was cancelled";
    CONNECTION_REFUSED = 1225, "ERROR_CONNECTION_REFUSED", "the connection was refused";
    CONNECTION_INVALID = 1229, "ERROR_CONNECTION_INVALID", "the connection does not exist";
    NETWORK_UNREACHABLE = 1231, "ERROR_NETWORK_UNREACHABLE", "the network cannot be reached";
    HOST_UNREACHABLE = 1232, "ERROR_HOST_UNREACHABLE", "the host cannot be reached";
    PORT_UNREACHABLE = 1234, "ERROR_PORT_UNREACHABLE", "nothing listens on the port";
    REQUEST_ABORTED = 1235, "ERROR_REQUEST_ABORTED", "the request was aborted";
    CONNECTION_ABORTED = 1236, "ERROR_CONNECTION_ABORTED", "the connection was aborted";
    RETRY = 1237, "ERROR_RETRY", "the operation is to be tried again";
    CONNECTION_COUNT_LIMIT = 1238, "ERROR_CONNECTION_COUNT_LIMIT", "the account has too many connections at the same time";
    NOT_AUTHENTICATED = 1244, "ERROR_NOT_AUTHENTICATED", "the user is not logged on";
    NOT_LOGGED_ON = 1245, "ERROR_NOT_LOGGED_ON", "the user is not logged on to the network";
    NO_LOGON_SERVERS = 1311, "ERROR_NO_LOGON_SERVERS", "no domain controller can be reached to check the log-on";
    NO_SUCH_LOGON_SESSION = 1312, "ERROR_NO_SUCH_LOGON_SESSION", "the log-on session does not exist any more";
    PRIVILEGE_NOT_HELD = 1314, "ERROR_PRIVILEGE_NOT_HELD", "the account lacks a privilege";
    NO_SUCH_USER = 1317, "ERROR_NO_SUCH_USER", "the user does not exist";
    WRONG_PASSWORD = 1323, "ERROR_WRONG_PASSWORD", "the password is wrong";
    LOGON_FAILURE = 1326, "ERROR_LOGON_FAILURE", "the user name or the password is wrong";
    ACCOUNT_RESTRICTION = 1327, "ERROR_ACCOUNT_RESTRICTION", "a restriction of the account forbids this log-on";
    INVALID_LOGON_HOURS = 1328, "ERROR_INVALID_LOGON_HOURS", "the account may not log on at this hour";
    INVALID_WORKSTATION = 1329, "ERROR_INVALID_WORKSTATION", "the account may not log on from this computer";
    PASSWORD_EXPIRED = 1330, "ERROR_PASSWORD_EXPIRED", "the password has expired";
    ACCOUNT_DISABLED = 1331, "ERROR_ACCOUNT_DISABLED", "the account is disabled";
    NO_SUCH_DOMAIN = 1355, "ERROR_NO_SUCH_DOMAIN", "the domain does not exist or cannot be reached";
    INTERNAL_ERROR = 1359, "ERROR_INTERNAL_ERROR", "an internal error on the server";
    LOGON_NOT_GRANTED = 1380, "ERROR_LOGON_NOT_GRANTED", "the account may not log on in this way";
    LOGON_TYPE_NOT_GRANTED = 1385, "ERROR_LOGON_TYPE_NOT_GRANTED", "the account has no right to log on over the network";
    TIME_SKEW = 1398, "ERROR_TIME_SKEW", "the clocks of client and server differ too much";
    NO_SYSTEM_RESOURCES = 1450, "ERROR_NO_SYSTEM_RESOURCES", "the server is short of resources";
    TIMEOUT = 1460, "ERROR_TIMEOUT", "the operation timed out";
    RPC_S_SERVER_UNAVAILABLE = 1722, "RPC_S_SERVER_UNAVAILABLE", "the RPC server is unavailable";
    RPC_S_SERVER_TOO_BUSY = 1723, "RPC_S_SERVER_TOO_BUSY", "the RPC server is too busy";
    RPC_S_CALL_FAILED = 1726, "RPC_S_CALL_FAILED", "the remote procedure call failed";
    RPC_S_CALL_FAILED_DNE = 1727, "RPC_S_CALL_FAILED_DNE", "the remote procedure call failed and was not executed";
    RPC_S_PROTOCOL_ERROR = 1728, "RPC_S_PROTOCOL_ERROR", "an RPC protocol error";
    RPC_S_INVALID_TAG = 1733, "RPC_S_INVALID_TAG", "the server does not know the arm of a union in the call";
    RPC_S_PROCNUM_OUT_OF_RANGE = 1745, "RPC_S_PROCNUM_OUT_OF_RANGE", "the server does not have the procedure";
    RPC_X_ENUM_VALUE_OUT_OF_RANGE = 1781, "RPC_X_ENUM_VALUE_OUT_OF_RANGE", "the server does not know a value in the call";
    RPC_X_BAD_STUB_DATA = 1783, "RPC_X_BAD_STUB_DATA", "one side could not read what the other sent";
    TRUSTED_DOMAIN_FAILURE = 1788, "ERROR_TRUSTED_DOMAIN_FAILURE", "the trust between the domains failed";
    TRUSTED_RELATIONSHIP_FAILURE = 1789, "ERROR_TRUSTED_RELATIONSHIP_FAILURE", "the trust between the server and its domain failed";
    TRUST_FAILURE = 1790, "ERROR_TRUST_FAILURE", "the log-on failed because of a trust relationship";
    NETLOGON_NOT_STARTED = 1792, "ERROR_NETLOGON_NOT_STARTED", "the Netlogon service is not started";
    ACCOUNT_EXPIRED = 1793, "ERROR_ACCOUNT_EXPIRED", "the account has expired";
    PASSWORD_MUST_CHANGE = 1907, "ERROR_PASSWORD_MUST_CHANGE", "the password must be changed before the first log-on";
    DOMAIN_CONTROLLER_NOT_FOUND = 1908, "ERROR_DOMAIN_CONTROLLER_NOT_FOUND", "no domain controller was found";
    ACCOUNT_LOCKED_OUT = 1909, "ERROR_ACCOUNT_LOCKED_OUT", "the account is locked after too many wrong passwords";

    NERR_NET_NOT_STARTED = 2102, "NERR_NetNotStarted", "the network software is not started";
    NERR_UNKNOWN_SERVER = 2103, "NERR_UnknownServer", "the server was not found";
    NERR_SHARE_MEM = 2104, "NERR_ShareMem", "an internal error: no access to shared memory";
    NERR_NO_NETWORK_RESOURCE = 2105, "NERR_NoNetworkResource", "the network software is short of resources";
    NERR_REMOTE_ONLY = 2106, "NERR_RemoteOnly", "workstations do not support the operation";
    NERR_DEV_NOT_REDIRECTED = 2107, "NERR_DevNotRedirected", "the device is not connected";
    NERR_SERVER_NOT_STARTED = 2114, "NERR_ServerNotStarted", "the Server service is not started";
    NERR_ITEM_NOT_FOUND = 2115, "NERR_ItemNotFound", "the queue is empty";
    NERR_UNKNOWN_DEV_DIR = 2116, "NERR_UnknownDevDir", "the device or directory does not exist";
    NERR_REDIRECTED_PATH = 2117, "NERR_RedirectedPath", "the operation is not valid on a redirected resource";
    NERR_DUPLICATE_SHARE = 2118, "NERR_DuplicateShare", "the name is shared already";
    NERR_NO_ROOM = 2119, "NERR_NoRoom", "the server is out of the requested resource";
    NERR_TOO_MANY_ITEMS = 2121, "NERR_TooManyItems", "there are more items than allowed";
    NERR_INVALID_MAX_USERS = 2122, "NERR_InvalidMaxUsers", "the server supports two users at a time";
    NERR_BUF_TOO_SMALL = 2123, "NERR_BufTooSmall", "the buffer for the answer is too small";
    NERR_REMOTE_ERR = 2127, "NERR_RemoteErr", "an error in a remote call";
    NERR_LANMAN_INI_ERROR = 2131, "NERR_LanmanIniError", "the configuration file could not be read";
    NERR_NETWORK_ERROR = 2136, "NERR_NetworkError", "a general network error";
    NERR_WKSTA_INCONSISTENT_STATE = 2137, "NERR_WkstaInconsistentState", "the Workstation service is in an inconsistent state";
    NERR_WKSTA_NOT_STARTED = 2138, "NERR_WkstaNotStarted", "the Workstation service is not started";
    NERR_BROWSER_NOT_STARTED = 2139, "NERR_BrowserNotStarted", "the requested information is not available";
    NERR_INTERNAL_ERROR = 2140, "NERR_InternalError", "an internal error";
    NERR_BAD_TRANSACT_CONFIG = 2141, "NERR_BadTransactConfig", "the server is not set up for transactions";
    NERR_INVALID_API = 2142, "NERR_InvalidAPI", "the server does not support the call";
    NERR_BAD_EVENT_NAME = 2143, "NERR_BadEventName", "the name of the event is not valid";
    NERR_DUP_NAME_REBOOT = 2144, "NERR_DupNameReboot", "the computer name exists on the network already";
    NERR_ALREADY_LOGGED_ON = 2200, "NERR_AlreadyLoggedOn", "the workstation is logged on already";
    NERR_NOT_LOGGED_ON = 2201, "NERR_NotLoggedOn", "the workstation is not logged on";
    NERR_BAD_USERNAME = 2202, "NERR_BadUsername", "the user or group name is not valid";
    NERR_BAD_PASSWORD = 2203, "NERR_BadPassword", "the password is not valid";
    NERR_LOGONS_PAUSED = 2209, "NERR_LogonsPaused", "network log-ons are paused";
    NERR_LOGON_SERVER_CONFLICT = 2210, "NERR_LogonServerConflict", "a conflict between log-on servers";
    NERR_LOGON_SERVER_NOT_FOUND = 2215, "NERR_LogonServerNotFound", "the log-on server was not found";
    NERR_NON_VALIDATED_LOGON = 2217, "NERR_NonValidatedLogon", "the log-on server could not validate the log-on";
    NERR_GROUP_NOT_FOUND = 2220, "NERR_GroupNotFound", "the group was not found";
    NERR_USER_NOT_FOUND = 2221, "NERR_UserNotFound", "the user was not found";
    NERR_RESOURCE_NOT_FOUND = 2222, "NERR_ResourceNotFound", "the resource was not found";
    NERR_NOT_PRIMARY = 2226, "NERR_NotPrimary", "only the primary domain controller allows the operation";
    NERR_USER_LOGON = 2231, "NERR_UserLogon", "a user with a session cannot be deleted";
    NERR_NOT_IN_CACHE = 2235, "NERR_NotInCache", "the user is not in the session cache of the account database";
    NERR_ACCOUNT_UNDEFINED = 2238, "NERR_AccountUndefined", "the account is not defined";
    NERR_ACCOUNT_EXPIRED = 2239, "NERR_AccountExpired", "the account has expired";
    NERR_INVALID_WORKSTATION = 2240, "NERR_InvalidWorkstation", "the user may not log on from this computer";
    NERR_INVALID_LOGON_HOURS = 2241, "NERR_InvalidLogonHours", "the user may not log on at this hour";
    NERR_PASSWORD_EXPIRED = 2242, "NERR_PasswordExpired", "the password has expired";
    NERR_USE_NOT_FOUND = 2250, "NERR_UseNotFound", "the network connection was not found";
    NERR_NAME_NOT_FOUND = 2273, "NERR_NameNotFound", "the message alias was not found on the network";
    NERR_NOT_LOCAL_NAME = 2285, "NERR_NotLocalName", "the name is not on the local computer";
    NERR_DUPLICATE_NAME = 2297, "NERR_DuplicateName", "the name exists twice on the network";
    NERR_MULTIPLE_NETS = 2300, "NERR_MultipleNets", "computers with several networks do not support the operation";
    NERR_NET_NAME_NOT_FOUND = 2310, "NERR_NetNameNotFound", "there is no share of that name";
    NERR_DEVICE_NOT_SHARED = 2311, "NERR_DeviceNotShared", "the device is not shared";
    NERR_CLIENT_NAME_NOT_FOUND = 2312, "NERR_ClientNameNotFound", "there is no session from that computer";
    NERR_FILE_ID_NOT_FOUND = 2314, "NERR_FileIdNotFound", "there is no open file with that number";
    NERR_EXEC_FAILURE = 2315, "NERR_ExecFailure", "a remote administration command failed";
    NERR_TMP_FILE = 2316, "NERR_TmpFile", "a remote temporary file could not be opened";
    NERR_TOO_MUCH_DATA = 2317, "NERR_TooMuchData", "the answer was cut to 64 KB";
    NERR_DEVICE_SHARE_CONFLICT = 2318, "NERR_DeviceShareConflict", "the device cannot be shared with and without a queue";
    NERR_BROWSER_TABLE_INCOMPLETE = 2319, "NERR_BrowserTableIncomplete", "the list of servers may be incorrect";
    NERR_NOT_LOCAL_DOMAIN = 2320, "NERR_NotLocalDomain", "the computer is not active in this domain";
    NERR_IS_DFS_SHARE = 2321, "NERR_IsDfsShare", "the share belongs to DFS";
    NERR_DEV_NOT_FOUND = 2332, "NERR_DevNotFound", "the device cannot be shared";
    NERR_DEV_NOT_OPEN = 2333, "NERR_DevNotOpen", "the device was not open";
    NERR_INVALID_COMPUTER = 2351, "NERR_InvalidComputer", "the computer name is not valid";
    NERR_MAX_LEN_EXCEEDED = 2354, "NERR_MaxLenExceeded", "the string is too long";
    NERR_BAD_COMPONENT = 2356, "NERR_BadComponent", "a part of the path is not valid";
    NERR_TOO_MANY_ENTRIES = 2362, "NERR_TooManyEntries", "there are more entries than fit";
    NERR_SHARE_NOT_FOUND = 2392, "NERR_ShareNotFound", "the connected share was not found";
    NERR_OPEN_FILES = 2401, "NERR_OpenFiles", "there are open files on the connection";
    NERR_ACTIVE_CONNS = 2402, "NERR_ActiveConns", "there are active connections";
    NERR_BAD_PASSWORD_CORE = 2403, "NERR_BadPasswordCore", "the share name or its password is not valid";
    NERR_DEV_IN_USE = 2404, "NERR_DevInUse", "an active process uses the device";
    NERR_ACCT_LIMIT_EXCEEDED = 2434, "NERR_AcctLimitExceeded", "the server has ended the session of the user";
    NERR_DC_NOT_FOUND = 2453, "NERR_DCNotFound", "no domain controller was found";
    NERR_NETLOGON_NOT_STARTED = 2455, "NERR_NetlogonNotStarted", "the Netlogon service is not started";
    NERR_TIME_DIFF_AT_DC = 2457, "NERR_TimeDiffAtDC", "the clocks of server and domain controller differ too much";
    NERR_PASSWORD_MISMATCH = 2458, "NERR_PasswordMismatch", "the passwords do not match";
    NERR_NO_SUCH_SERVER = 2460, "NERR_NoSuchServer", "there is no server with that number";
    NERR_NO_SUCH_SESSION = 2461, "NERR_NoSuchSession", "there is no session with that number";
    NERR_NO_SUCH_CONNECTION = 2462, "NERR_NoSuchConnection", "there is no connection with that number";
    NERR_TOO_MANY_SERVERS = 2463, "NERR_TooManyServers", "the table of servers is full";
    NERR_TOO_MANY_SESSIONS = 2464, "NERR_TooManySessions", "the server has as many sessions as it supports";
    NERR_TOO_MANY_CONNECTIONS = 2465, "NERR_TooManyConnections", "the server has as many connections as it supports";
    NERR_TOO_MANY_FILES = 2466, "NERR_TooManyFiles", "the server has as many open files as it supports";
    NERR_NO_ALTERNATE_SERVERS = 2467, "NERR_NoAlternateServers", "the server knows no alternate server";
    NERR_TRY_DOWN_LEVEL = 2470, "NERR_TryDownLevel", "the server wants the older remote administration protocol";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_with_its_name_and_number() {
        assert_eq!(Win32Error::ACCESS_DENIED.to_string(), "ERROR_ACCESS_DENIED 5");
        assert_eq!(Win32Error(2221).to_string(), "NERR_UserNotFound 2221");
        assert_eq!(Win32Error(12345).to_string(), "12345");
    }

    #[test]
    fn the_network_codes_have_texts() {
        assert_eq!(Win32Error(2114).text(), Some("the Server service is not started"));
        assert_eq!(Win32Error(2312).text(), Some("there is no session from that computer"));
        assert_eq!(Win32Error(12345).text(), None);
    }

    #[test]
    fn more_data_is_no_success() {
        assert!(Win32Error::SUCCESS.is_success());
        assert!(!Win32Error::MORE_DATA.is_success());
    }

    #[test]
    fn names_are_unique_and_texts_are_plain() {
        let mut names: Vec<_> = Win32Error::ALL.iter().map(|code| code.name().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Win32Error::ALL.len());
        assert!(Win32Error::ALL.iter().all(|code| !code.text().unwrap().ends_with('.')));
    }
}
